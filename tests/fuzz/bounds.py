"""One input given to one target, within bounds of time and memory."""

from __future__ import annotations

import signal
import sys
import time
import traceback
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from tests.fuzz.case import Case
from tests.fuzz.targets import Target

SECONDS = 2.0
"""Most CPU time that a target takes for one input of at most `mutate.MAX_BYTES` a text."""
HANG_SECONDS = 20.0
"""CPU time after which a target is interrupted."""
PEAK_BYTES = 256 * 2**20
"""Most memory that Python allocates for one such input."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a target did with an input that it must not do. `kind` tells like failures."""

    kind: str
    detail: str


class _HangError(BaseException):
    """Raised into a target that does not end; no target's `except` takes it."""


def failure_of(target: Target, case: Case, *, measured: bool = False) -> Failure | None:
    """What `target` does wrong with `case`; with `measured`, memory counts and time does not."""
    if measured:
        tracemalloc.start()
    start = time.process_time()
    try:
        with _interrupted_after(HANG_SECONDS * (4 if measured else 1)):
            target.run(case)
    except target.documented:
        pass
    except _HangError:
        return Failure("time", f"interrupted after {HANG_SECONDS} s\n{_tail()}")
    except MemoryError:
        return Failure("memory", _tail())
    except Exception as error:
        return Failure(_kind(error), _tail())
    finally:
        taken = time.process_time() - start
        peak = tracemalloc.get_traced_memory()[1] if measured else 0
        if measured:
            tracemalloc.stop()
    if peak > PEAK_BYTES:
        return Failure("memory", f"{peak:,} bytes at the peak, more than {PEAK_BYTES:,}")
    if taken > SECONDS and not measured:
        return Failure("time", f"{taken:.2f} s of CPU time, more than {SECONDS}")
    return None


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise _HangError

    previous = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _kind(error: Exception) -> str:
    """Its type and where in mrbot it was raised, or in what mrbot called."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/mrbot/" in frame.filename] or frames
    where = f"{own[-1].filename.rpartition('/mrbot/')[2]}:{own[-1].name}"
    assertion = f": {str(error)[:60]}" if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} in {where}{assertion}"


def _tail() -> str:
    frames = traceback.format_exception(*sys.exc_info(), limit=-6)
    return "".join(frames)[-2_000:]
