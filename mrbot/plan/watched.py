"""A running process: what it writes, the ways to signal it, and its certain end."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

POLL_SECONDS = 0.05
"""How often a cancellation is looked for."""
KILL_SECONDS = 5.0
"""How long a killed process is waited for; only one stuck in the kernel takes longer."""
_READ_BYTES = 64 * 1024
_DRAIN_READS = 64
_INFO_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """The end of one output stream; `dropped` bytes came before it."""

    data: bytes = b""
    dropped: int = 0


class _Tail:
    """The last `limit` bytes of a stream, and how many were dropped before them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: deque[bytes] = deque()
        self._kept = 0
        self._dropped = 0

    def feed(self, data: bytes) -> None:
        self._chunks.append(data)
        self._kept += len(data)
        while self._kept - len(self._chunks[0]) >= self._limit:
            gone = len(self._chunks.popleft())
            self._kept -= gone
            self._dropped += gone

    @property
    def captured(self) -> Captured:
        data = b"".join(self._chunks)
        excess = max(0, len(data) - self._limit)
        return Captured(data=data[excess:], dropped=self._dropped + excess)


class Watched:
    """A running process with everything that is read from it, and the ways to signal it."""

    def __init__(self, process: subprocess.Popen[bytes], info: int, limit: int) -> None:
        self._process = process
        self.stdout, self.stderr, self._info = _Tail(limit), _Tail(limit), _Tail(_INFO_BYTES)
        self._inside = info >= 0
        self._child: int | None = None
        self._code: int | None = None
        self._pidfd = os.pidfd_open(process.pid)
        self._pipes = [pipe for pipe in (process.stdout, process.stderr) if pipe is not None]
        self._streams = dict(
            zip((pipe.fileno() for pipe in self._pipes), (self.stdout, self.stderr), strict=True)
        )
        if self._inside:
            self._streams[info] = self._info
        self._info_fd = info
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pidfd, selectors.EVENT_READ)
        for fd in self._streams:
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever happened, interrupts of the bot included, nothing is left running or open."""
        self.end()
        self._selector.close()
        close(self._pidfd, self._info_fd, -1 if self._child is None else self._child)
        for pipe in self._pipes:
            pipe.close()

    def wait(self, seconds: float, stop: Callable[[], bool]) -> bool:
        """Whether it exited before `seconds` passed and before `stop()` was true."""
        deadline = time.monotonic() + seconds
        while not stop():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            ready = {key.fd for key, _ in self._selector.select(min(left, POLL_SECONDS))}
            for fd in ready - {self._pidfd}:
                self._read(fd)
            if self._pidfd in ready:
                return True
        return False

    def send(self, number: signal.Signals) -> None:
        """`number` reaches the command: the child that bubblewrap named, else the group."""
        if self._inside and number is not signal.SIGKILL:
            if self._child is not None:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._child, number)
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def end(self) -> int:
        """Nothing of the group is left and its last output was read; the exit code.

        The leader is reaped last: until then its number cannot name another process group.
        """
        if self._code is not None:
            return self._code
        self.send(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._code = self._process.wait(timeout=KILL_SECONDS)
        for fd in tuple(self._streams):
            for _ in range(_DRAIN_READS):
                if not self._read(fd):
                    break
        return -signal.SIGKILL if self._code is None else self._code

    def _read(self, fd: int) -> bool:
        """Whether there was something to read; a stream that ended is watched no longer."""
        if fd not in self._streams:
            return False
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return False
        if data:
            self._streams[fd].feed(data)
            return True
        self._selector.unregister(fd)
        if self._streams.pop(fd) is self._info:
            self._child = _child_pidfd(self._info.captured.data)
        return False


def _child_pidfd(info: bytes) -> int | None:
    """A handle on the process that bubblewrap's info document names, while it lives."""
    try:
        document = json.loads(info)
        return os.pidfd_open(int(document["child-pid"]))
    except (ValueError, KeyError, TypeError, OSError):
        return None


def close(*fds: int) -> None:
    """Those of the descriptors that there are (not negative) are closed."""
    for fd in fds:
        if fd >= 0:
            os.close(fd)
