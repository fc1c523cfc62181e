"""What may be forgotten, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, exists

from mrbot.store.moments import seconds
from mrbot.store.schema import commands, deliveries, reviews
from mrbot.store.transaction import writing


def forget_deliveries(engine: Engine, before: datetime) -> int:
    """Deliveries accepted before then are gone, save comments that nobody has read yet and those
    that a review or a command rests on. Returns how many went.

    A redelivery of one that is gone is new again, so keep them longer than anybody redelivers
    (GitHub offers it for 3 days, GitLab for 7).
    """
    reviewed = exists().where(reviews.c.delivery == deliveries.c.id)
    commanded = exists().where(commands.c.delivery == deliveries.c.id)
    with writing(engine) as connection:
        return connection.execute(
            delete(deliveries).where(
                deliveries.c.received_at < seconds(before),
                ~deliveries.c.unread_comment,
                ~reviewed,
                ~commanded,
            )
        ).rowcount
