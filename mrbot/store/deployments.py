"""Deployments: at most one a merged commit and environment, followed to its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Row, Select, select, update

from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.ids import ChangeId, Digest, RepoId
from mrbot.store.intent_json import dump_intent, load_intent
from mrbot.store.moments import moment, seconds
from mrbot.store.schema import deployments
from mrbot.store.transaction import insert, reading, writing

_ACTIVE = sorted(state for state in DeploymentState if not state.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeployment:
    """A deployment as last seen. `run` is the host's id, None until it is known."""

    intent: Intent
    state: DeploymentState
    run: str | None
    url: str
    detail: str
    intended_at: datetime
    next_check_at: datetime


class Deployments:
    """The deployments of every repository."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, intent: Intent, now: datetime) -> StoredDeployment:
        """The deployment is stored, pending unless it was stored before; as it stands now."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(connection, deployments)
                .values(
                    key=intent.key, change=str(intent.change), repo=str(intent.repo),
                    sha=intent.sha, environment=intent.environment, intent=dump_intent(intent),
                    state=DeploymentState.PENDING, run=None, url="", detail="",
                    intended_at=seconds(now), next_check_at=seconds(now),
                )
                .on_conflict_do_nothing(index_elements=["key"])
            )  # fmt: skip
            row = connection.execute(_query(deployments.c.key == intent.key)).one()
        return _stored(row)

    def get(self, key: Digest) -> StoredDeployment | None:
        """The deployment, if it was ever intended."""
        found = self._find(deployments.c.key == key)
        return found[0] if found else None

    def advance(
        self,
        key: Digest,
        was: Iterable[DeploymentState],
        becomes: DeploymentState,
        *,
        next_check_at: datetime,
        detail: str = "",
    ) -> bool:
        """The state is `becomes`, and it was us who moved it: of two who dispatch, one gets True.
        False: the state was none of `was`."""
        return self._move(
            key, was, state=becomes, detail=detail, next_check_at=seconds(next_check_at)
        )

    def follow(
        self, key: Digest, was: Iterable[DeploymentState], run: Run, next_check_at: datetime
    ) -> bool:
        """The deployment stands as `run` does. False: its state was none of `was`."""
        return self._move(
            key, was, state=run.state, run=run.id, url=run.url, detail=run.detail,
            next_check_at=seconds(next_check_at),
        )  # fmt: skip

    def of(self, change: ChangeId) -> tuple[StoredDeployment, ...]:
        """The change's deployments, oldest first."""
        return self._find(deployments.c.change == str(change))

    def active(self, repo: RepoId | None = None) -> tuple[StoredDeployment, ...]:
        """Deployments that have not ended, of one repository or of all, oldest first."""
        here = () if repo is None else (deployments.c.repo == str(repo),)
        return self._find(deployments.c.state.in_(_ACTIVE), *here)

    def due(self, now: datetime) -> tuple[StoredDeployment, ...]:
        """Active deployments that are to be looked at now, oldest first."""
        return self._find(
            deployments.c.state.in_(_ACTIVE), deployments.c.next_check_at <= seconds(now)
        )

    def _move(self, key: Digest, was: Iterable[DeploymentState], **values: str | float) -> bool:
        moved = (
            update(deployments)
            .where(deployments.c.key == key, deployments.c.state.in_(sorted(was)))
            .values(**values)
        )
        with writing(self._engine) as connection:
            return connection.execute(moved).rowcount == 1

    def _find(self, *where: ColumnElement[bool]) -> tuple[StoredDeployment, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(_query(*where)).all()
        return tuple(_stored(row) for row in rows)


def _query(*where: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    order = (deployments.c.intended_at, deployments.c.key)
    return select(deployments).where(*where).order_by(*order)


def _stored(row: Row[*tuple[object, ...]]) -> StoredDeployment:
    return StoredDeployment(
        intent=load_intent(row.intent), state=DeploymentState(row.state), run=row.run,
        url=row.url, detail=row.detail, intended_at=moment(row.intended_at),
        next_check_at=moment(row.next_check_at),
    )  # fmt: skip
