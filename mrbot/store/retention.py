"""What may be forgotten, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, exists

from mrbot.store.moments import seconds
from mrbot.store.schema import commands, deliveries, reviews


def forget_deliveries(connection: Connection, before: datetime) -> int:
    """See `StoredInbox.forget`."""
    used = exists().where(reviews.c.delivery == deliveries.c.id)
    read = exists().where(commands.c.delivery == deliveries.c.id)
    return connection.execute(
        delete(deliveries).where(
            deliveries.c.received_at < seconds(before),
            ~deliveries.c.unread_comment,
            ~used,
            ~read,
        )
    ).rowcount
