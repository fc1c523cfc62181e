"""Project locks: while one change's plan may be applied, no other change plans the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, RepoId
from mrbot.store.moments import change_from, moment, seconds
from mrbot.store.schema import locks
from mrbot.store.transaction import insert, reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectLock:
    """That `change` holds `project` of its repository, and why."""

    project: str
    change: ChangeId
    reason: str
    taken_at: datetime


class Locks:
    """The locks of every repository."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def acquire(self, project: str, change: ChangeId, reason: str, now: datetime) -> ProjectLock:
        """The lock as it stands now: `change` holds it exactly when the result says so. Taking a
        lock one holds already alters nothing."""
        with writing(self._engine) as connection:
            connection.execute(
                insert(connection, locks)
                .values(
                    repo=str(change.repo), project=project, change=str(change), reason=reason,
                    taken_at=seconds(now),
                )
                .on_conflict_do_nothing(index_elements=["repo", "project"])
            )  # fmt: skip
            row = connection.execute(
                select(locks).where(locks.c.repo == str(change.repo), locks.c.project == project)
            ).one_or_none()
        if row is None:
            raise StoreFailure(f"the lock on {project} was released at this moment: try again")
        return ProjectLock(
            project=row.project, change=change_from(row.change), reason=row.reason,
            taken_at=moment(row.taken_at),
        )  # fmt: skip

    def of(self, repo: RepoId | None = None) -> tuple[ProjectLock, ...]:
        """The locks of one repository or of all, in order of repository and project."""
        query = select(locks).order_by(locks.c.repo, locks.c.project)
        if repo is not None:
            query = query.where(locks.c.repo == str(repo))
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            ProjectLock(
                project=row.project, change=change_from(row.change), reason=row.reason,
                taken_at=moment(row.taken_at),
            )
            for row in rows
        )  # fmt: skip

    def release(self, change: ChangeId, project: str | None = None) -> tuple[str, ...]:
        """The change no longer holds the project, or any. Returns those it held."""
        statement = delete(locks).where(locks.c.change == str(change))
        if project is not None:
            statement = statement.where(locks.c.project == project)
        with writing(self._engine) as connection:
            gone = connection.scalars(statement.returning(locks.c.project)).all()
        return tuple(sorted(gone))
