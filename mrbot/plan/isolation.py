"""What stands between a planned project's code and the bot.

A plan runs code that the change's author chose: providers, data sources, modules. A clean
environment alone does not hold it back, since a process of the bot's own user reads the bot's
memory, keys and database. So it runs

* in **bubblewrap**: it sees the system's programs read-only, its own directories and nothing else,
  in its own process, user, IPC and (unless providers need it) network namespace; or
* as **another user** in its own process and mount namespace: it sees what that user may read; or
* with **no isolation**, when the operator wrote so.

What is promised here is proved on this very machine before it is relied on: `settle_isolation`
in `mrbot.plan.settle` runs a probe in it.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from mrbot.plan.process import Command

SYSTEM_PATHS = tuple(
    Path(path)
    for path in (
        *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store"),
        *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/ca-certificates.conf"),
        *("/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf"),
        *("/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/passwd", "/etc/group"),
        *("/etc/alternatives", "/etc/localtime"),
        *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d"),
    )
)
"""What bubblewrap shows of the system, where it exists: programs, certificates and names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bubblewrap:
    """Only `SYSTEM_PATHS` and `readable` (read-only) and `writable` exist for the command."""

    program: str
    network: bool
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherUser:
    """The command runs as `uid` and `gid`, without any capability, and sees no other process.

    Weaker than bubblewrap: it sees every file that is open to everybody, and two plans at the same
    time share a user. The bot must be root for it.
    """

    uid: int
    gid: int
    network: bool
    unshare: str
    setpriv: str


@dataclass(frozen=True, slots=True)
class NoIsolation:
    """The command could read all that the bot can. Only its environment is clean."""


Isolation = Bubblewrap | OtherUser | NoIsolation


def confine(
    isolation: Isolation, argv: tuple[str, ...], *, directory: Path, writable: tuple[Path, ...]
) -> Command:
    """`argv` as a command that runs inside `isolation`, in `directory`.

    `writable` are this run's own directories; `hand_over` has prepared them.
    """
    match isolation:
        case Bubblewrap():
            return _in_bubblewrap(isolation, argv, directory, writable)
        case OtherUser(uid=uid, gid=gid):
            inside = (
                *(isolation.setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups"),
                *("--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"),
                # A change of user clears the death signal that unshare set: set it again.
                *("--pdeathsig", "KILL", "--"),
            )
            net = () if isolation.network else ("--net",)
            outside = ("--pid", "--ipc", "--fork", "--mount-proc", "--kill-child", *net, "--")
            return Command(argv=(isolation.unshare, *outside, *inside, *argv))
        case NoIsolation():
            return Command(argv=argv)


def _in_bubblewrap(
    isolation: Bubblewrap, argv: tuple[str, ...], directory: Path, writable: tuple[Path, ...]
) -> Command:
    """Later mounts hide earlier ones: /tmp comes first, since directories may lie below it."""
    options = ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts"]
    options += ["--unshare-cgroup-try", "--die-with-parent", "--as-pid-1", "--cap-drop", "ALL"]
    options += [] if isolation.network else ["--unshare-net"]
    for path in SYSTEM_PATHS:
        options += ["--ro-bind-try", str(path), str(path)]
    options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108
    for path in isolation.readable:
        options += ["--ro-bind", str(path), str(path)]
    for path in (*isolation.writable, *writable):
        options += ["--bind", str(path), str(path)]
    options += ["--remount-ro", "/", "--chdir", str(directory), "--"]
    return Command(argv=(isolation.program, *options, *argv), tells_child=True)


def hand_over(isolation: Isolation, top: Path) -> str | None:
    """The isolated command may read and write all of `top`; else why it may not.

    A file with a second name is refused: handing it over would hand over the other name as well.
    """
    match isolation:
        case OtherUser(uid=uid, gid=gid):
            return _give(top, uid, gid)
        case Bubblewrap() | NoIsolation():
            return None


def _give(top: Path, uid: int, gid: int) -> str | None:
    for folder, _, files, fd in os.fwalk(top, follow_symlinks=False):
        for name in files:
            found = os.stat(name, dir_fd=fd, follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
                where = Path(folder, name).relative_to(top)
                return f"{where} is a hard link: it must be checked out as a copy"
            os.chown(name, uid, gid, dir_fd=fd, follow_symlinks=False)
        os.chown(fd, uid, gid)
    return None


def refused(isolation: Isolation, stderr: bytes) -> bool:
    """Whether the isolation itself failed, so that the command in it never ran."""
    match isolation:
        case Bubblewrap():
            return stderr.startswith(b"bwrap: ")
        case OtherUser():
            return stderr.startswith((b"unshare: ", b"setpriv: "))
        case NoIsolation():
            return False


def label(isolation: Isolation) -> str:
    """What a person is told about it, in a few words."""
    match isolation:
        case Bubblewrap(network=network):
            return "bubblewrap" + ("" if network else ", no network")
        case OtherUser(uid=uid, network=network):
            return f"user {uid} in its own namespaces" + ("" if network else ", no network")
        case NoIsolation():
            return "none: a plan's code can read all that the bot can"
