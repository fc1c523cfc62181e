"""Who said what about a change, on which commit, and what mrbot was showing then: evidence.

The host's API says who approves now; this says what their approval was given for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, func, select

from mrbot.change.people import ReviewSource, ReviewState
from mrbot.ids import ChangeId, Person, Sha
from mrbot.store.moments import moment, seconds
from mrbot.store.schema import reviews
from mrbot.store.transaction import insert, reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvidence:
    """One review as it was accepted. `publication` is the record that was on show, None when
    nothing was; `delivery` is the row of the webhook that told of it."""

    person: Person
    state: ReviewState
    source: ReviewSource
    head: Sha | None
    publication: str | None
    delivery: int
    given_at: datetime


class Reviews:
    """The evidence of every change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def approve_by_code(
        self,
        change: ChangeId,
        person: Person,
        head: Sha,
        publication: str,
        delivery: int,
        now: datetime,
    ) -> None:
        """`person` approved, by its code, exactly what record `publication` showed of `head`. The
        same delivery approves once."""
        with writing(self._engine) as connection:
            same = select(reviews.c.id).where(
                reviews.c.delivery == delivery, reviews.c.source == ReviewSource.CODE
            )
            if connection.execute(same).first() is None:
                add_review(
                    connection, change, person, ReviewState.APPROVED, ReviewSource.CODE, head,
                    publication, delivery, now,
                )  # fmt: skip

    def latest(self, change: ChangeId, source: ReviewSource) -> tuple[ReviewEvidence, ...]:
        """Everybody's latest review from `source`, in the order in which they were accepted."""
        newest = (
            select(func.max(reviews.c.id))
            .where(reviews.c.change == str(change), reviews.c.source == source)
            .group_by(reviews.c.person)
        )
        return self._found(change, newest)

    def history(self, change: ChangeId) -> tuple[ReviewEvidence, ...]:
        """Every review, oldest first."""
        return self._found(change, select(reviews.c.id).where(reviews.c.change == str(change)))

    def _found(self, change: ChangeId, ids: Select[int]) -> tuple[ReviewEvidence, ...]:
        query = (
            select(reviews)
            .where(reviews.c.change == str(change), reviews.c.id.in_(ids))
            .order_by(reviews.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return tuple(
            ReviewEvidence(
                person=Person(id=row.person, login=row.login, is_bot=row.is_bot),
                state=ReviewState(row.state), source=ReviewSource(row.source),
                head=None if row.head is None else Sha(row.head), publication=row.publication,
                delivery=row.delivery, given_at=moment(row.given_at),
            )
            for row in rows
        )  # fmt: skip


def add_review(
    connection: Connection,
    change: ChangeId,
    person: Person,
    state: ReviewState,
    source: ReviewSource,
    head: Sha | None,
    publication: str | None,
    delivery: int,
    now: datetime,
) -> None:
    """One more review, within a transaction of the caller's."""
    connection.execute(
        insert(connection, reviews).values(
            change=str(change), person=person.id, login=person.login, is_bot=person.is_bot,
            state=state, source=source, head=head, publication=publication, delivery=delivery,
            given_at=seconds(now),
        )
    )  # fmt: skip
