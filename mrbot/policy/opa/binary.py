"""The `opa` program: found, examined once, and run as a tool."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from mrbot.errors import BadSettings
from mrbot.ids import Json
from mrbot.plan.process import Cancelled, Command, Exited, Limits, NotStarted, TimedOut, run
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.refused import REFUSED

OLDEST = (1, 0)
"""Oldest OPA that is used: the first whose default dialect is Rego v1."""
MEMORY_BYTES = 4 * 2**30
"""Address space of one process. Go reserves about 1.8 GiB of it before it does anything."""
HEAP_BYTES = 1536 * 2**20
"""Where Go's collector starts to work harder."""
ENVIRONMENT = {
    "HOME": "/nonexistent",
    "GOMEMLIMIT": str(HEAP_BYTES),
    "GOTRACEBACK": "none",
}
"""All that `opa` sees of the environment."""

_EXAMINE_SECONDS = 10.0
_OUTPUT_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """An `opa` program as it was found. `capabilities` is what policies may use, as JSON text."""

    path: str
    version: str
    capabilities: str
    identity: tuple[int, int, int]

    def changed(self) -> bool:
        """Whether there is another file now."""
        return _identity(self.path) != self.identity


def find_opa(path: str | None) -> str | None:
    """The absolute path of the `opa` that was named, else of the one on PATH."""
    found = shutil.which(path or "opa")
    return None if found is None else str(Path(found).resolve())


def examine(path: str) -> Binary:
    """What the `opa` at `path` is, by asking it.

    Raises: BadSettings when it does not run, is not OPA or is too old.
    """
    version = ""
    for line in _told(path, ("version",)).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "Version":
            version = value.strip()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if len(numbers) < 2:
        raise BadSettings(f"{path} did not say its version: is it OPA?")
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise BadSettings(f"{path} is OPA {version}: mrbot needs {oldest} or newer")
    allowed = _allowed(_told(path, ("capabilities", "--current")), path)
    return Binary(path=path, version=version, capabilities=allowed, identity=_identity(path))


def _identity(path: str) -> tuple[int, int, int]:
    try:
        found = Path(path).stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _told(path: str, arguments: tuple[str, ...]) -> str:
    limits = Limits(seconds=_EXAMINE_SECONDS, output_bytes=_OUTPUT_BYTES)
    command = Command(argv=(path, *arguments))
    outcome = run(command, directory=Path("/"), environment=ENVIRONMENT, limits=limits)
    match outcome:
        case Exited(code=0, stdout=stdout):
            return stdout.data.decode(errors="replace")
        case Exited(code=code):
            raise BadSettings(f"{path} {arguments[0]} ended with {code}: is it OPA?")
        case TimedOut() | Cancelled():
            raise BadSettings(f"{path} {arguments[0]} did not end within {_EXAMINE_SECONDS:g} s")
        case NotStarted(reason=reason):
            raise BadSettings(f"{path}: {reason}")


def _allowed(current: str, path: str) -> str:
    try:
        capabilities = json.loads(current)
        builtins = [one for one in capabilities["builtins"] if one["name"] not in REFUSED]
    except (ValueError, KeyError, TypeError) as error:
        raise BadSettings(f"{path} did not say its capabilities: is it OPA?") from error
    return json.dumps(capabilities | {"builtins": builtins})


def tool(binary: Binary, arguments: tuple[str, ...], deadline: Deadline) -> Exited | Failure:
    """`opa` with these arguments has ended by itself, within the deadline and the memory limit."""
    prlimit = shutil.which("prlimit")
    if prlimit is None:
        return failure(EvaluationFault.ENGINE, "prlimit is missing: install util-linux")
    argv = (prlimit, f"--as={MEMORY_BYTES}", "--", binary.path, *arguments)
    limits = Limits(
        seconds=deadline.left, interrupt_grace=0.1, terminate_grace=0.1, output_bytes=_OUTPUT_BYTES
    )
    outcome = run(Command(argv=argv), directory=Path("/"), environment=ENVIRONMENT, limits=limits)
    match outcome:
        case Exited(stdout=stdout, stderr=stderr) if stdout.dropped or stderr.dropped:
            return failure(EvaluationFault.MEMORY, f"opa {arguments[0]} said too much to be read")
        case Exited(stderr=stderr) if out_of_memory(stderr.data.decode(errors="replace")):
            return failure(EvaluationFault.MEMORY, f"opa {arguments[0]} ran out of memory")
        case Exited():
            return outcome
        case TimedOut() | Cancelled():
            detail = f"opa {arguments[0]} did not end within {deadline.seconds:g} s"
            return failure(EvaluationFault.TIME, detail)
        case NotStarted(reason=reason):
            return failure(EvaluationFault.ENGINE, reason)


def loads(text: str) -> Json:
    """What OPA wrote, None when it is not JSON."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def out_of_memory(said: str) -> bool:
    """Whether a Go program ended for want of memory, by the end of its stderr."""
    return "out of memory" in said or "cannot allocate memory" in said
