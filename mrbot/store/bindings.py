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

    def shown_by(self, change: ChangeId, record: str) -> Binding | None:
        """What `record` showed, None when it showed nothing of this change."""
        query = select(bindings.c.document).where(
            bindings.c.change == str(change), bindings.c.record == record
        )
        with reading(self._engine) as connection:
            document = connection.execute(query).scalar_one_or_none()
        return None if document is None else load_binding(document)

    def shown_of(self, change: ChangeId, head: Sha) -> tuple[Binding, ...]:
        """All that was ever shown of `head`, oldest first, each binding once."""
        query = (
            select(bindings.c.digest, bindings.c.document)
            .where(bindings.c.change == str(change), bindings.c.head == head)
            .order_by(bindings.c.id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        distinct: dict[str, str] = {}
        for row in rows:
            distinct.setdefault(row.digest, row.document)
        return tuple(load_binding(document) for document in distinct.values())
