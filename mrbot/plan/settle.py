"""Which isolation plans run in, settled once at start by trying it on this machine.

A probe runs in the isolation and answers for what is promised: it is in another process namespace,
none of the bot's own paths can be read, its own directories can be written, and the tool starts.
An isolation that exists and does not hold counts as none.
"""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mrbot.errors import BadSettings
from mrbot.plan.isolation import (
    Bubblewrap,
    Isolation,
    NoIsolation,
    OtherUser,
    confine,
    hand_over,
    label,
)
from mrbot.plan.process import Cancelled, Exited, Limits, NotStarted, Outcome, TimedOut, run

Choice = Literal["auto", "bubblewrap", "user", "none"]

DEFAULT_USER = "nobody"
"""Whom another user's isolation becomes, unless the settings name a user made for it."""
WORK_MODE = 0o711
"""Of the directory that holds all plans' directories: their names can be used, not listed."""
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH of everything that runs in the isolation."""

_PROBE_LIMITS = Limits(seconds=60, output_bytes=16 * 1024)
_PROBE = """
own=$1; shift
[ "$(readlink /proc/self/ns/pid)" != "$own" ] || echo "it shares the bot's process namespace"
while [ "$1" != -- ]; do
  if [ -r "$1" ] || { [ -d "$1" ] && [ -x "$1" ]; }; then echo "it can read $1"; fi; shift
done; shift
for path in "$@"; do [ -w "$path" ] && [ -x "$path" ] || echo "it cannot write $path"; done
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """What the isolated command may and may not touch; all absolute.

    `work` holds every plan's own directories and is made here. `private` are the bot's: state,
    database, key files, settings. `readable` and `writable` are for every plan: the tool's own
    files, the state of a local backend, a plugin cache.
    """

    work: Path
    private: tuple[Path, ...]
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


def settle_isolation(
    choice: Choice,
    paths: Paths,
    *,
    network: bool,
    must_run: tuple[str, ...],
    user: str = DEFAULT_USER,
) -> Isolation:
    """The isolation that was asked for, or the strongest that works here, proved by a probe.

    `network`: whether plans may reach one at all (most providers must). `must_run` is a command
    that has to succeed inside, such as the tool printing its version. `none` is never chosen by
    itself.

    Raises: BadSettings when nothing that may be chosen works here, saying why for each.
    """
    _check_apart(paths)
    paths.work.mkdir(mode=WORK_MODE, parents=True, exist_ok=True)
    paths.work.chmod(WORK_MODE)
    if choice == "none":
        return NoIsolation()
    reasons = []
    for name in ("bubblewrap", "user") if choice == "auto" else (choice,):
        found = _bubblewrap(paths, network) if name == "bubblewrap" else _other_user(user, network)
        problems = [found] if isinstance(found, str) else _probe(found, paths, must_run)
        if isinstance(found, Bubblewrap | OtherUser) and not problems:
            return found
        reasons.append(f"isolation {name!r} does not work here: {'; '.join(map(str, problems))}")
    advice = "install bubblewrap where user namespaces are allowed, or run mrbot's planner as root"
    last = "write `isolation: none` only when you trust everybody who can open a change"
    raise BadSettings(*reasons, f"plans need an isolation from the bot: {advice}; {last}")


def _check_apart(paths: Paths) -> None:
    """No directory that plans see holds, or lies in, one of the bot's own."""
    private = tuple(path.resolve() for path in paths.private)
    clashes = [
        f"plans may see {seen}, and {own} must be kept from them: put one of the two elsewhere"
        for seen in (paths.work, *paths.readable, *paths.writable)
        for own in private
        if own.is_relative_to(seen.resolve()) or seen.resolve().is_relative_to(own)
    ]
    if clashes:
        raise BadSettings(*clashes)


def _bubblewrap(paths: Paths, network: bool) -> Bubblewrap | str:
    program = shutil.which("bwrap")
    if program is None:
        return "bwrap is not on PATH (apt-get install bubblewrap)"
    return Bubblewrap(
        program=program, network=network, readable=paths.readable, writable=paths.writable
    )


def _other_user(name: str, network: bool) -> OtherUser | str:
    if os.geteuid() != 0:
        return "mrbot is not root, so it cannot become another user"
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    if unshare is None or setpriv is None:
        return "unshare or setpriv is not on PATH (apt-get install util-linux)"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return f"there is no user {name!r} on this machine (useradd --system {name})"
    if entry.pw_uid == 0:
        return f"{name!r} is root: name an unprivileged user"
    return OtherUser(
        uid=entry.pw_uid, gid=entry.pw_gid, network=network, unshare=unshare, setpriv=setpriv
    )


def _probe(isolation: Isolation, paths: Paths, must_run: tuple[str, ...]) -> list[str]:
    """What does not hold; empty when all does."""
    with tempfile.TemporaryDirectory(dir=paths.work, prefix="probe-") as made:
        own = Path(made)
        reason = hand_over(isolation, own)
        if reason is not None:
            return [reason]
        namespace = str(Path("/proc/self/ns/pid").readlink())
        private, writable = map(_texts, (paths.private, (own, *paths.writable)))
        script = ("/bin/sh", "-c", _PROBE, "probe", namespace, *private, "--", *writable)
        said = _inside(isolation, script, own)
        return said or _inside(isolation, must_run, own, quiet=True)


def _texts(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(str(path) for path in paths)


def _inside(
    isolation: Isolation, argv: tuple[str, ...], own: Path, *, quiet: bool = False
) -> list[str]:
    """The complaints of one command run inside; its own output is one unless `quiet`."""
    command = confine(isolation, argv, directory=own, writable=(own,))
    environment = {"PATH": SEARCH_PATH, "HOME": str(own), "TMPDIR": str(own)}
    outcome = run(command, directory=own, environment=environment, limits=_PROBE_LIMITS)
    if isinstance(outcome, Exited) and outcome.code == 0:
        return [] if quiet else outcome.stdout.data.decode(errors="replace").splitlines()
    return [f"{Path(argv[0]).name} under {label(isolation)} {_why(outcome)}"]


def _why(outcome: Outcome) -> str:
    match outcome:
        case Exited(code=code, stderr=stderr):
            last = stderr.data.decode(errors="replace").strip().splitlines()[-1:]
            return f"ended with {code}: {' '.join(last)}"
        case TimedOut() | Cancelled():
            return f"did not end within {_PROBE_LIMITS.seconds:.0f} s"
        case NotStarted(reason=reason):
            return f"did not start: {reason}"
