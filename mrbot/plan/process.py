"""One command, run apart from the bot and ended for certain.

What `run` promises, whatever the command does:

* it sees no environment but the one passed in, and nothing on stdin;
* of each output stream the last bytes are kept and the dropped ones counted;
* it ends at its time limit or when it is cancelled: SIGINT, then SIGTERM, then SIGKILL, each after
  a grace period, so that Terraform can free the state's lock;
* nothing of its process group outlives it, and SIGKILL reaches it when the bot itself dies.

Linux only: it needs pidfds (kernel 5.3) and the `setpriv` and `prlimit` of util-linux.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

MAX_FILE_BYTES = 2 * 1024**3
"""The largest file that a command may write; the largest providers are below 1 GiB."""
POLL_SECONDS = 0.05
"""How often a cancellation is looked for."""
KILL_SECONDS = 5.0
"""How long a killed process is waited for; only one stuck in the kernel takes longer."""
_READ_BYTES = 64 * 1024
_DRAIN_READS = 64
_INFO_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An argument list whose first member is an absolute path.

    `tells_child`: it is bubblewrap, which dies of the signals that should reach the command in it.
    It is given `--info-fd`, and signals go to the child process that it names there.
    """

    argv: tuple[str, ...]
    tells_child: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`seconds` until SIGINT, then two grace periods; `output_bytes` kept of each stream."""

    seconds: float
    interrupt_grace: float = 15.0
    terminate_grace: float = 5.0
    output_bytes: int = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """The end of one output stream; `dropped` bytes came before it."""

    data: bytes = b""
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exited:
    """It ended by itself; `code` is negative when a signal ended it."""

    code: int
    stdout: Captured
    stderr: Captured


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedOut:
    """It was ended at its time limit."""

    stdout: Captured
    stderr: Captured


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """It was ended because somebody asked for it."""

    stdout: Captured
    stderr: Captured


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    """There is no such program, or the machine refused to start it."""

    reason: str


Outcome = Exited | TimedOut | Cancelled | NotStarted


def never() -> bool:
    """Not cancelled, ever."""
    return False


def run(
    command: Command,
    *,
    directory: Path,
    environment: Mapping[str, str],
    limits: Limits,
    cancelled: Callable[[], bool] = never,
) -> Outcome:
    """The command has ended, and so has everything in its process group.

    `cancelled` is asked every `POLL_SECONDS`; a `threading.Event`'s `is_set` will do.
    """
    program = Path(command.argv[0])
    if not (program.is_absolute() and os.access(program, os.X_OK)):
        return NotStarted(reason=f"{program} is not an absolute path of a program that can be run")
    wrapper = _wrapper()
    if wrapper is None:
        return NotStarted(reason="setpriv or prlimit is missing: install util-linux")
    if cancelled():
        return Cancelled(stdout=Captured(), stderr=Captured())
    info, told = os.pipe() if command.tells_child else (-1, -1)
    argv = command.argv
    if command.tells_child:
        argv = (argv[0], "--info-fd", str(told), *argv[1:])
    try:
        process = subprocess.Popen(
            wrapper + argv,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            pass_fds=(told,) if command.tells_child else (),
        )
    except OSError as error:
        _close(info, told)
        return NotStarted(reason=f"{program} could not be started: {error.strerror}")
    _close(told)
    with _Watched(process, info, limits.output_bytes) as watched:
        return _supervise(watched, limits, cancelled)


def _supervise(watched: _Watched, limits: Limits, cancelled: Callable[[], bool]) -> Outcome:
    if watched.wait(limits.seconds, cancelled):
        code = watched.end()
        return Exited(code=code, stdout=watched.stdout.captured, stderr=watched.stderr.captured)
    ending = Cancelled if cancelled() else TimedOut
    watched.send(signal.SIGINT)
    if not watched.wait(limits.interrupt_grace, never):
        watched.send(signal.SIGTERM)
        watched.wait(limits.terminate_grace, never)
    watched.end()
    return ending(stdout=watched.stdout.captured, stderr=watched.stderr.captured)


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


class _Watched:
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
        _close(self._pidfd, self._info_fd, -1 if self._child is None else self._child)
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


def _wrapper() -> tuple[str, ...] | None:
    """What makes a command die with the bot, write no core file and no endless one."""
    prlimit, setpriv = shutil.which("prlimit"), shutil.which("setpriv")
    if prlimit is None or setpriv is None:
        return None
    limits = ("--core=0:0", f"--fsize={MAX_FILE_BYTES}:{MAX_FILE_BYTES}")
    return (prlimit, *limits, "--", setpriv, "--pdeathsig", "KILL", "--")


def _close(*fds: int) -> None:
    for fd in fds:
        if fd >= 0:
            os.close(fd)
