"""How long there is left."""

from __future__ import annotations

import time


class Deadline:
    """A moment `seconds` from when it was made, by the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether none are left."""
        return self.left == 0.0
