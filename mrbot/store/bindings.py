"""What mrbot showed of a change, each time it published: what an approval can be bound to."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Engine, select

from mrbot.change.people import Binding
from mrbot.ids import ChangeId, Sha
from mrbot.store.binding_json import dump_binding, load_binding
from mrbot.store.moments import seconds
from mrbot.store.schema import bindings
from mrbot.store.transaction import insert, reading, writing


class Bindings:
    """Every binding that was shown, under the record that showed it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def show(self, change: ChangeId, binding: Binding, record: str, now: datetime) -> None:
        """`record` shows `binding`; a record shows one binding, and the first stays. Call it before
        the record is published, so that no approval can name a record that is not here."""
        document = dump_binding(binding)
        with writing(self._engine) as connection:
            connection.execute(
                insert(connection, bindings)
                .values(
                    change=str(change), head=binding.head, record=record, document=document,
                    digest=hashlib.sha256(document.encode()).hexdigest(), shown_at=seconds(now),
                )
                .on_conflict_do_nothing(index_elements=["change", "record"])
            )  # fmt: skip

    def seen(self, change: ChangeId, head: Sha, publication: str | None) -> tuple[Binding, ...]:
        """What a reviewer of `head` may have seen, oldest first, each binding once.

        That of `publication`, the record that was on show, if it was of `head`; otherwise, all that
        was ever shown of `head`.
        """
        query = (
            select(bindings.c.record, bindings.c.digest, bindings.c.document)
            .where(bindings.c.change == str(change), bindings.c.head == head)
            .order_by(bindings.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        exact = [row for row in rows if publication is not None and row.record == publication]
        distinct: dict[str, str] = {}
        for row in exact or rows:
            distinct.setdefault(row.digest, row.document)
        return tuple(load_binding(document) for document in distinct.values())
