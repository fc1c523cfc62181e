"""The worker's process: as alone as this machine allows, asked with a deadline, killed past it."""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import mrbot
from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.group import end_group
from mrbot.policy.regorus import worker as regorus_worker
from mrbot.policy.tail import Tail, ending

MAX_ANSWER_BYTES = 32 * 2**20
"""Longest answer that is read."""
ALONE_ID = 64_913
"""User and group of a worker whose parent is root: nobody's, not even `nobody`'s."""

_CHUNK_BYTES = 64 * 1024
_PIPE_BYTES = 2**20
_ENVIRONMENT = {"RUST_BACKTRACE": "0"}
_OWN = ("--net", "--pid", "--fork", "--mount-proc", "--kill-child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """How the worker is kept apart: what stands before its command, and the same in words."""

    prefix: tuple[str, ...]
    words: str


def confinements() -> tuple[Confinement, ...]:
    """What may work here, the strongest first; the last is none at all and always works."""
    found = []
    unshare, setpriv = shutil.which("unshare"), shutil.which("setpriv")
    root = os.geteuid() == 0
    if unshare is not None and root and setpriv is not None:
        user = (f"--reuid={ALONE_ID}", f"--regid={ALONE_ID}", "--clear-groups", "--no-new-privs")
        capabilities = ("--inh-caps=-all", "--bounding-set=-all")
        prefix = (unshare, *_OWN, "--", setpriv, *user, *capabilities, "--")
        words = "no network, its own process namespace, a user of its own"
        found.append(Confinement(prefix=prefix, words=words))
    if unshare is not None:
        mapped = () if root else ("--map-root-user",)
        words = "no network, its own process namespace, mrbot's own user"
        found.append(Confinement(prefix=(unshare, *mapped, *_OWN, "--"), words=words))
        words = "no network, mrbot's own user"
        found.append(Confinement(prefix=(unshare, *mapped, "--net", "--"), words=words))
    found.append(Confinement(prefix=(), words="none but a clean environment and memory limits"))
    return tuple(found)


class RegorusProcess:
    """A running worker. Used by one thread at a time."""

    def __init__(self, confinement: Confinement) -> None:
        self._process = subprocess.Popen(
            (*confinement.prefix, *_command()),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            bufsize=0,
            start_new_session=True,
        )
        process = self._process
        assert process.stdin is not None  # noqa: S101  for mypy: it was started with pipes
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self._stdin, self._stdout = process.stdin, process.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):  # Linux; a user who has many pipes may be refused
            with suppress(OSError):
                fcntl.fcntl(self._stdin, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._tail = Tail(process.stderr)

    @property
    def pid(self) -> int:
        """Of the process group that the worker is in."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def words(self) -> str:
        """The end of what it said on stderr."""
        return self._tail.text()

    def exchange(
        self, request: dict[str, Json], deadline: Deadline, document: bytes = b""
    ) -> dict[str, Json] | Failure:
        """The worker's answer; after a failure of time, memory or engine it must be closed.

        `document` is the input, as JSON, of a question.
        """
        request = request | {"seconds": deadline.left, "bytes": len(document)}
        line = self._line((json.dumps(request).encode() + b"\n", document), deadline)
        if isinstance(line, Failure):
            return line
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            detail = f"the engine's answer cannot be read: {type(error).__name__}"
            return failure(EvaluationFault.ENGINE, detail)
        match answer:
            case {"memory": str(detail)}:
                return failure(EvaluationFault.MEMORY, detail)
            case dict():
                return answer
            case _:
                return failure(EvaluationFault.ENGINE, "the engine's answer cannot be read")

    def close(self) -> None:
        """The worker has ended."""
        end_group(self._process)
        self._stdin.close()
        self._stdout.close()

    def _line(self, request: tuple[bytes, ...], deadline: Deadline) -> bytes | Failure:
        waiting, answer = [memoryview(part) for part in request if part], bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            selector.register(self._stdin, selectors.EVENT_WRITE)
            while not deadline.passed:
                ready = {key.fileobj for key, _ in selector.select(deadline.left)}
                if self._stdin in ready:
                    with suppress(BlockingIOError):
                        try:
                            _pass(waiting, os.writev(self._stdin.fileno(), waiting))
                        except BrokenPipeError:
                            return self._lost()
                    if not waiting:
                        selector.unregister(self._stdin)
                if self._stdout in ready:
                    chunk = os.read(self._stdout.fileno(), _CHUNK_BYTES)
                    answer += chunk
                    if not chunk:
                        return self._lost()
                    if chunk.endswith(b"\n"):
                        return bytes(answer)
                    if len(answer) > MAX_ANSWER_BYTES:
                        detail = f"the answer is longer than {MAX_ANSWER_BYTES} bytes"
                        return failure(EvaluationFault.MEMORY, detail)
        detail = f"the policy did not answer within {deadline.seconds:g} s"
        return failure(EvaluationFault.TIME, detail)

    def _lost(self) -> Failure:
        """Why the worker ended, by its last words and its exit code."""
        code = ending(self._process)
        said = self._tail.text()
        if "memory allocation of" in said or "MemoryError" in said:
            limit = regorus_worker.MEMORY_BYTES // 2**20
            return failure(EvaluationFault.MEMORY, f"the engine needed more than {limit} MiB")
        number = -code if code is not None and code < 0 else (code or 0) - 128
        if number == signal.SIGXCPU:
            return failure(EvaluationFault.TIME, "the policy used up its CPU time")
        if number in {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL}:
            detail = f"the engine crashed on the policy (signal {number}); does it nest deeply?"
            return failure(EvaluationFault.RUNTIME, detail)
        last = said.splitlines()[-1] if said else ""
        detail = f"the engine's process ended while it was asked (exit code {code}): {last}"
        return failure(EvaluationFault.ENGINE, detail)


def _pass(waiting: list[memoryview], written: int) -> None:
    """What was written waits no longer."""
    while waiting and written >= len(waiting[0]):
        written -= len(waiting.pop(0))
    if waiting:
        waiting[0] = waiting[0][written:]


def _command() -> tuple[str, ...]:
    """The worker's command line, with the folders that it needs and no others on its path."""
    found = importlib.util.find_spec("regorus")
    origin = Path(found.origin) if found is not None and found.origin else Path()
    folders = dict.fromkeys(
        str(path.resolve().parent.parent) for path in (origin, Path(mrbot.__file__))
    )
    worker = str(Path(regorus_worker.__file__))
    return (sys.executable, "-I", "-S", worker, *folders)
