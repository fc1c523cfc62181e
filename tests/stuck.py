"""What hangs, told from what is slow: for input that a hostile author chose."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

STUCK_SECONDS = 5.0
"""CPU time of this thread. What is tested takes a hundredth of it, so that a busy machine changes
nothing; work that grows with the square of such an input takes longer."""


@contextmanager
def not_stuck() -> Iterator[None]:
    """The block ended, and its work did not grow out of proportion."""
    started = time.thread_time()
    yield
    taken = time.thread_time() - started
    assert taken < STUCK_SECONDS, f"{taken:.1f} s of CPU time: this is stuck, not slow"
