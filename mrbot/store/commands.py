"""Commands in comments: read once, carried out at most once.

PENDING -> RUNNING -> DONE | FAILED | REFUSED
              `-> UNCERTAIN     a crash came between, and the verb is not safe to repeat
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, select, update

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId
from mrbot.inbox.cause_json import cause_from
from mrbot.inbox.delivery import Commented
from mrbot.inbox.worklist import Claim
from mrbot.store.document import Document
from mrbot.store.moments import moment
from mrbot.store.schema import commands, deliveries
from mrbot.store.transaction import insert, reading, writing
from mrbot.store.worklist import require_held

REPEATABLE = frozenset({"plan", "recheck", "help", "discard"})
"""Verbs that may be carried out again after a crash: twice is as good as once."""
ANSWER_LIMIT = 10_000
"""Characters of an answer that are kept."""


class CommandState(StrEnum):
    """Where a command stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedComment:
    """A new comment, as first seen. `publication` is the record that was on show when it came."""

    delivery: int
    comment: Commented
    publication: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """One command as somebody wrote it. `line` counts from 1 within the comment."""

    line: int
    verb: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand:
    """One command, the comment it came in, and how it went."""

    id: int
    source: AcceptedComment
    command: CommandLine
    state: CommandState
    answer: str


class Commands:
    """The commands of every change. What moves one needs the claim on its change, and raises
    Superseded, changing nothing, when that is lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unread(self, change: ChangeId) -> tuple[AcceptedComment, ...]:
        """Comments whose commands have not been recorded, in the order they came."""
        query = (
            select(deliveries)
            .where(deliveries.c.change == str(change), deliveries.c.unread_comment)
            .order_by(deliveries.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(_accepted(row.id, row.cause, row.publication, row.received_at) for row in rows)

    def record(self, claim: Claim, comment: AcceptedComment, found: Iterable[CommandLine]) -> None:
        """The comment is read, and its commands, if any, are pending."""
        with writing(self._engine) as connection:
            require_held(connection, claim)
            connection.execute(
                update(deliveries)
                .where(deliveries.c.id == comment.delivery)
                .values(unread_comment=False)
            )
            for one in found:
                connection.execute(
                    insert(connection, commands)
                    .values(
                        delivery=comment.delivery, line=one.line, change=str(claim.subject),
                        verb=one.verb, text=one.text, state=CommandState.PENDING,
                    )
                    .on_conflict_do_nothing(index_elements=["delivery", "line"])
                )  # fmt: skip

    def pending(self, change: ChangeId) -> tuple[StoredCommand, ...]:
        """What waits to be carried out, in the order it was asked for."""
        return self._find(change, commands.c.state == CommandState.PENDING)

    def history(self, change: ChangeId) -> tuple[StoredCommand, ...]:
        """Every command, oldest first."""
        return self._find(change)

    def start(self, claim: Claim, command: int) -> bool:
        """The command is running, and it was us who started it. False: it was not pending."""
        with writing(self._engine) as connection:
            require_held(connection, claim)
            started = (
                update(commands)
                .where(
                    commands.c.id == command,
                    commands.c.change == str(claim.subject),
                    commands.c.state == CommandState.PENDING,
                )
                .values(state=CommandState.RUNNING, epoch=claim.epoch)
            )
            return connection.execute(started).rowcount == 1

    def finish(self, claim: Claim, command: int, state: CommandState, answer: str) -> None:
        """The command ended as `state`, and `answer` tells people how. It need not have been
        started (one that is refused never is), and an ended one stays as it ended."""
        if state in {CommandState.PENDING, CommandState.RUNNING}:
            raise StoreFailure(f"a command does not end as {state}")
        cut = len(answer) - ANSWER_LIMIT
        kept = answer if cut <= 0 else f"{answer[:ANSWER_LIMIT]} ({cut} more characters)"
        with writing(self._engine) as connection:
            require_held(connection, claim)
            connection.execute(
                update(commands)
                .where(
                    commands.c.id == command,
                    commands.c.change == str(claim.subject),
                    commands.c.state.in_([CommandState.PENDING, CommandState.RUNNING]),
                )
                .values(state=state, answer=kept)
            )

    def recover(self, claim: Claim) -> tuple[StoredCommand, ...]:
        """What an earlier holder left running is pending again where that is safe, and uncertain
        where it is not. Call it first after a claim. Returns those that became uncertain."""
        left = (
            (commands.c.change == str(claim.subject))
            & (commands.c.state == CommandState.RUNNING)
            & (commands.c.epoch < claim.epoch)
        )
        safe = commands.c.verb.in_(sorted(REPEATABLE))
        with writing(self._engine) as connection:
            require_held(connection, claim)
            connection.execute(
                update(commands).where(left, safe).values(state=CommandState.PENDING)
            )
            lost = connection.scalars(
                update(commands)
                .where(left)
                .values(
                    state=CommandState.UNCERTAIN,
                    answer="mrbot stopped while this ran: whether it took effect is not known, and "
                    "it will not be repeated by itself",
                )
                .returning(commands.c.id)
            ).all()
        if not lost or not isinstance(claim.subject, ChangeId):
            return ()
        return self._find(claim.subject, commands.c.id.in_(lost))

    def _find(self, change: ChangeId, *where: ColumnElement[bool]) -> tuple[StoredCommand, ...]:
        query = (
            select(commands, deliveries.c.cause, deliveries.c.publication, deliveries.c.received_at)
            .join(deliveries, deliveries.c.id == commands.c.delivery)
            .where(commands.c.change == str(change), *where)
            .order_by(commands.c.delivery, commands.c.line)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            StoredCommand(
                id=row.id,
                source=_accepted(row.delivery, row.cause, row.publication, row.received_at),
                command=CommandLine(line=row.line, verb=row.verb, text=row.text),
                state=CommandState(row.state), answer=row.answer,
            )
            for row in rows
        )  # fmt: skip


def _accepted(
    delivery: int, cause: str, publication: str | None, received_at: float
) -> AcceptedComment:
    try:
        found = cause_from(Document.read(cause, "delivery").whole)
    except ValueError as error:
        raise StoreFailure(f"a stored delivery is damaged: {error}") from error
    if not isinstance(found, Commented):
        raise StoreFailure("a stored delivery is damaged: it is not a comment")
    return AcceptedComment(
        delivery=delivery, comment=found, publication=publication, received_at=moment(received_at)
    )
