"""Keeps one OPA server: it lives no longer than its parent, and has no more memory than allowed.

Run by path in a fresh interpreter (`python -I -S keeper.py BYTES PROGRAM ARGUMENT...`), never
imported by mrbot. The server ends when this program's stdin ends, which it does when the parent
closes it or dies in any way; and the kernel kills the server when this program is killed. (The
kernel's parent-death signal alone would not do: it is sent when the parent's *thread* ends.)
"""

import ctypes
import os
import resource
import signal
import sys
import threading

PR_SET_PDEATHSIG = 1
"""prctl(2)."""
MAX_FILES = 256
"""Open files and sockets of the server."""


def main() -> int:
    """The server's exit code, a signal's number negated."""
    memory = int(sys.argv[1])
    libc = ctypes.CDLL(None)
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_FILES, MAX_FILES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execve(sys.argv[2], sys.argv[2:], dict(os.environ))  # noqa: S606
    threading.Thread(target=_kill_at_end_of_input, args=(child,), daemon=True).start()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _kill_at_end_of_input(child: int) -> None:
    while os.read(0, 4096):
        pass
    os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    code = main()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    sys.exit(code)
