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

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mrbot.plan.watched import Captured, Watched, close

MAX_FILE_BYTES = 2 * 1024**3
"""The largest file that a command may write; the largest providers are below 1 GiB."""


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
        close(info, told)
        return NotStarted(reason=f"{program} could not be started: {error.strerror}")
    close(told)
    with Watched(process, info, limits.output_bytes) as watched:
        return _supervise(watched, limits, cancelled)


def _supervise(watched: Watched, limits: Limits, cancelled: Callable[[], bool]) -> Outcome:
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


def _wrapper() -> tuple[str, ...] | None:
    """What makes a command die with the bot, write no core file and no endless one."""
    prlimit, setpriv = shutil.which("prlimit"), shutil.which("setpriv")
    if prlimit is None or setpriv is None:
        return None
    limits = ("--core=0:0", f"--fsize={MAX_FILE_BYTES}:{MAX_FILE_BYTES}")
    return (prlimit, *limits, "--", setpriv, "--pdeathsig", "KILL", "--")
