"""Lists and counts over the whole store, for pages and metrics. Each is one query."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, ColumnElement, Row, Select, func, select

from mrbot.change.snapshot import ChangeState
from mrbot.deployment.deployment import DeploymentState
from mrbot.ids import Sha
from mrbot.store.changes import KnownChange
from mrbot.store.effects import EffectState
from mrbot.store.moments import change_from, moment
from mrbot.store.schema import changes, deployments, effects, ledger_entries
from mrbot.store.store import Store
from mrbot.store.transaction import reading

Count = tuple[tuple[str, ...], int]
"""Labels and how many rows have them."""


class Glance:
    """Reads across subjects. Every method raises StoreFailure when the database cannot be read."""

    def __init__(self, store: Store) -> None:
        self._engine = store.engine

    def recent_changes(self, most: int) -> tuple[KnownChange, ...]:
        """The changes read last, the newest first."""
        query = select(changes).order_by(changes.c.updated_at.desc(), changes.c.change).limit(most)
        return tuple(
            KnownChange(
                id=change_from(row.change), state=ChangeState(row.state), head=Sha(row.head),
                target_branch=row.target_branch, title=row.title, verdict=row.verdict,
                updated_at=moment(row.updated_at),
            )
            for row in self._rows(query)
        )  # fmt: skip

    def changes_by_verdict(self) -> list[Count]:
        """Open changes by verdict, `none` for those that are being judged."""
        found = self._counts(changes.c.verdict, where=changes.c.state == ChangeState.OPEN)
        return [((labels[0] or "none",), count) for labels, count in found]

    def changes_known(self) -> int:
        """All changes, ended ones too."""
        return self._number(select(func.count().label("number")).select_from(changes))

    def deployments_ended(self) -> list[Count]:
        """Deployments that ended, by environment and state."""
        ended = sorted(state for state in DeploymentState if state.ended)
        return self._counts(
            deployments.c.environment, deployments.c.state, where=deployments.c.state.in_(ended)
        )

    def effects_open(self) -> tuple[int, int, float | None]:
        """Effects that are intended and not settled, those that are uncertain, and when the oldest
        of the first was intended, in seconds since 1970."""
        by_state = {
            labels[0]: count
            for labels, count in self._counts(
                effects.c.state, where=effects.c.state != EffectState.DONE
            )
        }
        oldest = self._rows(
            select(func.min(effects.c.intended_at).label("at")).where(
                effects.c.state == EffectState.INTENDED
            )
        )
        intended = by_state.get(EffectState.INTENDED, 0)
        return intended, by_state.get(EffectState.UNCERTAIN, 0), oldest[0].at

    def ledger_size(self) -> int:
        """Entries of the ledger."""
        return self._number(select(func.max(ledger_entries.c.number).label("number")))

    def _counts(self, *by: Column[str], where: ColumnElement[bool]) -> list[Count]:
        query = select(*by, func.count().label("number")).where(where).group_by(*by).order_by(*by)
        return [(tuple(map(str, row[: len(by)])), row.number) for row in self._rows(query)]

    def _number(self, query: Select[int]) -> int:
        return self._rows(query)[0].number or 0

    def _rows(self, query: Select[*tuple[object, ...]]) -> Sequence[Row[*tuple[object, ...]]]:
        with reading(self._engine) as connection:
            return connection.execute(query).all()
