"""Changes that mrbot has seen: enough to find those that an event concerns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, select

from mrbot.change.snapshot import ChangeState
from mrbot.ids import ChangeId, RepoId, Sha
from mrbot.store.moments import change_from, moment, seconds
from mrbot.store.schema import changes
from mrbot.store.transaction import insert, reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChange:
    """A change as it was when it was last read. `verdict` is `name_of` its verdict, or empty."""

    id: ChangeId
    state: ChangeState
    head: Sha
    target_branch: str
    title: str
    verdict: str
    updated_at: datetime


class Changes:
    """The changes that are known."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(self, change: KnownChange) -> None:
        """The change is known as it is now."""
        values = {
            "repo": str(change.id.repo), "state": change.state, "head": change.head,
            "target_branch": change.target_branch, "title": change.title,
            "verdict": change.verdict, "updated_at": seconds(change.updated_at),
        }  # fmt: skip
        with writing(self._engine) as connection:
            connection.execute(
                insert(connection, changes)
                .values(change=str(change.id), **values)
                .on_conflict_do_update(index_elements=["change"], set_=values)
            )

    def get(self, change: ChangeId) -> KnownChange | None:
        """The change, if it is known."""
        found = self._find(changes.c.change == str(change))
        return found[0] if found else None

    def still_open(self, repo: RepoId | None = None) -> tuple[KnownChange, ...]:
        """Open changes of one repository or of all, the most recently read first."""
        here = () if repo is None else (changes.c.repo == str(repo),)
        return self._find(changes.c.state == ChangeState.OPEN, *here)

    def open_into(self, repo: RepoId, target_branch: str) -> tuple[KnownChange, ...]:
        """Open changes that target the branch."""
        return self._find(
            changes.c.repo == str(repo), changes.c.target_branch == target_branch,
            changes.c.state == ChangeState.OPEN,
        )  # fmt: skip

    def open_with_head(self, repo: RepoId, head: Sha) -> tuple[KnownChange, ...]:
        """Open changes that propose the commit: with two, a status on it speaks for both."""
        return self._find(
            changes.c.repo == str(repo), changes.c.head == head,
            changes.c.state == ChangeState.OPEN,
        )  # fmt: skip

    def _find(self, *where: ColumnElement[bool]) -> tuple[KnownChange, ...]:
        query = (
            select(changes)
            .where(*where)
            .order_by(changes.c.updated_at.desc(), changes.c.change)
        )  # fmt: skip
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            KnownChange(
                id=change_from(row.change), state=ChangeState(row.state), head=Sha(row.head),
                target_branch=row.target_branch, title=row.title, verdict=row.verdict,
                updated_at=moment(row.updated_at),
            )
            for row in rows
        )  # fmt: skip
