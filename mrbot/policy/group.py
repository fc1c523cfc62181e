"""The end of a process that leads a group of its own, and of all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_LEADER_SECONDS = 5.0
_REST_SECONDS = 2.0
_POLL_SECONDS = 0.005


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Every process of the group that `process` leads was killed, and `process` has ended."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LEADER_SECONDS)


def await_end(groups: Iterable[int]) -> None:
    """What was killed in these groups has ended: giving back much memory takes a moment."""
    killed, end = frozenset(groups), time.monotonic() + _REST_SECONDS
    while killed & _living() and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)


def _living() -> frozenset[int]:
    """The groups that have a process which has not ended, buried or not; none where the system
    does not say. A process that was killed is there until its last thread is not.
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            fields = path.read_text().rpartition(")")[2].split()
            state, group, threads = fields[0], int(fields[2]), int(fields[17])
            found |= set() if state in {"Z", "X"} and threads <= 1 else {group}
    return frozenset(found)
