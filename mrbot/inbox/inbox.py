"""The port through which deliveries are accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from mrbot.inbox.delivery import Delivery


class Inbox(Protocol):
    """Keeps deliveries. What it accepted is committed to disk when the call returns."""

    def put(self, delivery: Delivery, now: datetime) -> bool:
        """The delivery is stored and everything it concerns is dirty. False: it was stored before,
        and what it concerns is dirty once more; nothing else happened.

        Raises: StoreFailure when nothing was stored.
        """
        ...
