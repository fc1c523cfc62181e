"""The worklist: one row a subject. A row is dirty while `dirty` is beyond `settled`.

Both only grow, so a mark that is set while its subject is being worked on cannot be lost.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    String,
    Update,
    case,
    func,
    literal,
    or_,
    select,
    update,
)

from mrbot.change.snapshot import ChangeState
from mrbot.errors import Superseded
from mrbot.inbox.worklist import Backlog, Claim, Parked, Subject
from mrbot.store.moments import repo_of, seconds, subject_from
from mrbot.store.schema import changes, turns, worklist
from mrbot.store.transaction import insert, reading, writing

ERROR_LIMIT = 2000
"""Characters of an error that are kept."""

_dirty = worklist.c.dirty > worklist.c.settled


class StoredWorklist:
    """The `Worklist` port over the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self, subject: Subject, now: datetime) -> None:
        """See `Worklist.mark`."""
        with writing(self._engine) as connection:
            mark(connection, subject, now)

    def requeue_open(self, now: datetime) -> int:
        """See `Worklist.requeue_open`."""
        still_open = select(changes.c.change, changes.c.repo).where(
            changes.c.state == ChangeState.OPEN
        )
        with writing(self._engine) as connection:
            return mark_selected(connection, still_open, now)

    def claim(self, worker: str, now: datetime, lease_s: float) -> Claim | None:
        """See `Worklist.claim`."""
        at = seconds(now)
        with writing(self._engine) as connection:
            row = connection.execute(_next(at)).one_or_none()
            if row is None:
                return None
            connection.execute(
                update(worklist)
                .where(worklist.c.subject == row.subject)
                .values(epoch=row.epoch + 1, holder=worker, lease_until=at + lease_s)
            )
            _serve(connection, row.repo)
        return Claim(
            subject=subject_from(row.subject, row.repo), worker=worker, epoch=row.epoch + 1,
            dirty=row.dirty, attempts=row.attempts,
        )  # fmt: skip

    def renew(self, claim: Claim, now: datetime, lease_s: float) -> None:
        """See `Worklist.renew`."""
        self._held(claim, _of(claim).values(lease_until=seconds(now) + lease_s))

    def check(self, claim: Claim) -> None:
        """See `Worklist.check`."""
        with reading(self._engine) as connection:
            require_held(connection, claim)

    def done(self, claim: Claim) -> None:
        """See `Worklist.done`."""
        self._held(claim, _free(claim).values(settled=claim.dirty, attempts=0, error=""))

    def retry(self, claim: Claim, not_before: datetime, error: str) -> None:
        """See `Worklist.retry`."""
        self._held(
            claim,
            _free(claim).values(
                attempts=worklist.c.attempts + 1, error=_bounded(error),
                not_before=seconds(not_before),
            ),
        )  # fmt: skip

    def release(self, claim: Claim, not_before: datetime) -> None:
        """See `Worklist.release`."""
        self._held(claim, _free(claim).values(not_before=seconds(not_before)))

    def park(self, claim: Claim, error: str) -> None:
        """See `Worklist.park`. A mark that came meanwhile has not been tried: it is not parked."""
        self._held(
            claim,
            _free(claim).values(
                attempts=worklist.c.attempts + 1, error=_bounded(error),
                parked=worklist.c.dirty == claim.dirty,
            ),
        )  # fmt: skip

    def parked(self) -> tuple[Parked, ...]:
        """See `Worklist.parked`."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(worklist).where(worklist.c.parked).order_by(worklist.c.subject)
            ).all()
        return tuple(
            Parked(
                subject=subject_from(row.subject, row.repo), attempts=row.attempts, error=row.error
            )
            for row in rows
        )

    def backlog(self, now: datetime) -> Backlog:
        """See `Worklist.backlog`."""
        at = seconds(now)
        held = (worklist.c.holder.is_not(None)) & (worklist.c.lease_until > at)
        with reading(self._engine) as connection:
            row = connection.execute(
                select(
                    func.count(case((_dirty, 1))),
                    func.count(case((held, 1))),
                    func.count(case((worklist.c.parked, 1))),
                    func.min(case((_dirty & ~worklist.c.parked, worklist.c.marked_at))),
                )
            ).one()
        oldest = 0.0 if row[3] is None else max(0.0, at - row[3])
        return Backlog(dirty=row[0], held=row[1], parked=row[2], oldest_s=oldest)

    def _held(self, claim: Claim, statement: Update) -> None:
        with writing(self._engine) as connection:
            if connection.execute(statement).rowcount != 1:
                raise _superseded(claim)


def mark(connection: Connection, subject: Subject, now: datetime) -> None:
    """The subject is dirty, within a transaction of the caller's."""
    one = select(
        literal(str(subject), String).label("subject"),
        literal(str(repo_of(subject)), String).label("repo"),
    ).where(literal(1) == 1)
    mark_selected(connection, one, now)


def mark_selected(connection: Connection, subjects: Select[str, str], now: datetime) -> int:
    """Every (subject, repository) that `subjects` finds is dirty. Returns how many there are. One
    statement, whatever their number. `subjects` needs a WHERE: https://sqlite.org/lang_upsert.html
    """
    at = seconds(now)
    rows = subjects.add_columns(literal(1), literal(at))
    statement = insert(connection, worklist).from_select(
        ["subject", "repo", "dirty", "marked_at"], rows
    )
    return connection.execute(
        statement.on_conflict_do_update(
            index_elements=[worklist.c.subject],
            set_={
                "dirty": worklist.c.dirty + 1,
                "parked": False,
                "marked_at": case((_dirty, worklist.c.marked_at), else_=at),
            },
        )
    ).rowcount


def require_held(connection: Connection, claim: Claim) -> None:
    """Nothing happens as long as the claim holds; until the transaction ends it goes on holding.

    Raises: Superseded otherwise.
    """
    row = connection.execute(
        select(worklist.c.subject)
        .where(
            worklist.c.subject == str(claim.subject),
            worklist.c.epoch == claim.epoch,
            worklist.c.holder == claim.worker,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise _superseded(claim)


def _next(at: float) -> Select[*tuple[object, ...]]:
    """The row to serve next. PostgreSQL passes by rows that another worker is just claiming."""
    return (
        select(worklist)
        .outerjoin(turns, turns.c.repo == worklist.c.repo)
        .where(
            _dirty,
            ~worklist.c.parked,
            worklist.c.not_before <= at,
            or_(worklist.c.lease_until.is_(None), worklist.c.lease_until <= at),
        )
        .order_by(func.coalesce(turns.c.served, 0), worklist.c.marked_at, worklist.c.subject)
        .limit(1)
        .with_for_update(of=worklist, skip_locked=True)
    )


def _serve(connection: Connection, repo: str) -> None:
    """The repository is the one served last."""
    last = select(func.coalesce(func.max(turns.c.served), 0) + 1).scalar_subquery()
    statement = insert(connection, turns).values(repo=repo, served=last)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[turns.c.repo], set_={"served": statement.excluded.served}
        )
    )


def _of(claim: Claim) -> Update:
    return update(worklist).where(
        worklist.c.subject == str(claim.subject),
        worklist.c.epoch == claim.epoch,
        worklist.c.holder == claim.worker,
    )


def _free(claim: Claim) -> Update:
    return _of(claim).values(holder=None, lease_until=None)


def _superseded(claim: Claim) -> Superseded:
    return Superseded(f"{claim.subject} is no longer held by {claim.worker} (epoch {claim.epoch})")


def _bounded(error: str) -> str:
    cut = len(error) - ERROR_LIMIT
    return error if cut <= 0 else f"{error[:ERROR_LIMIT]} ({cut} more characters)"
