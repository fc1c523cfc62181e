"""Effects on a host: the intent is stored before, the outcome after.

INTENDED -> DONE
    `-----> UNCERTAIN    it may have happened and cannot be looked up: for people to settle
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine, Row, select, update

from mrbot.errors import StoreFailure
from mrbot.ids import Digest
from mrbot.inbox.worklist import Claim
from mrbot.store.moments import moment, seconds
from mrbot.store.schema import effects
from mrbot.store.transaction import insert, reading, writing
from mrbot.store.worklist import require_held


class EffectState(StrEnum):
    """Where an effect stands."""

    INTENDED = "intended"
    DONE = "done"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEffect:
    """One effect. `digest` says what it makes so; `reference` is what the host called the result
    the last time it was done."""

    key: str
    kind: str
    epoch: int
    digest: Digest
    state: EffectState
    reference: str | None
    intended_at: datetime


class Effects:
    """The effects of every subject. What changes one needs the claim on its subject, and raises
    Superseded, changing nothing, when that is lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def outcome(self, key: str) -> StoredEffect | None:
        """The effect, if it was ever intended."""
        with reading(self._engine) as connection:
            return _find(connection, key)

    def open(self, claim: Claim) -> tuple[StoredEffect, ...]:
        """Everything of the subject that was intended and not settled, oldest first."""
        query = (
            select(effects)
            .where(effects.c.subject == str(claim.subject), effects.c.state == EffectState.INTENDED)
            .order_by(effects.c.intended_at)
        )
        with reading(self._engine) as connection:
            return tuple(_effect(row) for row in connection.execute(query).all())

    def intend(
        self, claim: Claim, key: str, kind: str, digest: Digest, now: datetime
    ) -> StoredEffect | None:
        """None: the intent is stored, and the effect may be attempted.

        Otherwise what stands in the way: the same effect, `DONE` (nothing is left to do); an
        earlier one that is still `INTENDED` (look it up, then `complete` it or `repeat` it); one
        that is `UNCERTAIN` (people must settle it). An effect that was done with another digest
        is intended anew and keeps its reference.
        """
        with writing(self._engine) as connection:
            require_held(connection, claim)
            found = _find(connection, key)
            if found and (found.state is not EffectState.DONE or found.digest == digest):
                return found
            values = {
                "kind": kind, "subject": str(claim.subject), "epoch": claim.epoch,
                "digest": digest, "state": EffectState.INTENDED, "intended_at": seconds(now),
            }  # fmt: skip
            connection.execute(
                insert(connection, effects)
                .values(key=key, **values)
                .on_conflict_do_update(index_elements=["key"], set_=values)
            )
            return None

    def repeat(self, claim: Claim, key: str, digest: Digest, now: datetime) -> None:
        """The effect was looked up and had certainly not happened: it may be attempted, as
        `digest` says."""
        self._move(
            claim, key, {EffectState.INTENDED},
            epoch=claim.epoch, digest=digest, intended_at=seconds(now),
        )  # fmt: skip

    def complete(self, claim: Claim, key: str, reference: str) -> None:
        """The effect has happened."""
        self._move(
            claim, key, {EffectState.INTENDED, EffectState.UNCERTAIN},
            state=EffectState.DONE, reference=reference,
        )  # fmt: skip

    def mark_uncertain(self, claim: Claim, key: str) -> None:
        """Nobody can tell whether the effect has happened."""
        self._move(claim, key, {EffectState.INTENDED}, state=EffectState.UNCERTAIN)

    def withdraw(self, claim: Claim, key: str) -> None:
        """The effect certainly did not happen and is no longer wanted, or people settled one that
        was uncertain: the key is free."""
        with writing(self._engine) as connection:
            require_held(connection, claim)
            connection.execute(
                effects.delete().where(
                    effects.c.key == key,
                    effects.c.subject == str(claim.subject),
                    effects.c.state != EffectState.DONE,
                )
            )

    def _move(self, claim: Claim, key: str, was: set[EffectState], **values: str | float) -> None:
        with writing(self._engine) as connection:
            require_held(connection, claim)
            moved = connection.execute(
                update(effects)
                .where(
                    effects.c.key == key,
                    effects.c.subject == str(claim.subject),
                    effects.c.state.in_(sorted(was)),
                )
                .values(**values)
            ).rowcount
            if moved != 1:
                raise StoreFailure(
                    f"effect {key} is not {' or '.join(sorted(was))}: it must be intended first"
                )


def _find(connection: Connection, key: str) -> StoredEffect | None:
    row = connection.execute(select(effects).where(effects.c.key == key)).one_or_none()
    return None if row is None else _effect(row)


def _effect(row: Row[*tuple[object, ...]]) -> StoredEffect:
    return StoredEffect(
        key=row.key, kind=row.kind, epoch=row.epoch, digest=Digest(row.digest),
        state=EffectState(row.state), reference=row.reference,
        intended_at=moment(row.intended_at),
    )  # fmt: skip
