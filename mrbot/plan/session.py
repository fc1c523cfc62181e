"""Terraform in one project's directory: one command after the other, within one time limit.

Every command runs in the isolation with the same clean environment; the first that fails stops
the session with its fault and the end of its output.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mrbot.errors import MrbotError
from mrbot.ids import Json
from mrbot.plan.artefact import LOCK_BYTES, PLAN_FILE_BYTES
from mrbot.plan.document import problem_of
from mrbot.plan.isolation import Isolation, confine, label, refused
from mrbot.plan.plan import ApplyFault, PlanFault
from mrbot.plan.precheck import PlanTimeRules, listed, provider_problems, source_problems
from mrbot.plan.process import Cancelled, Exited, Limits, NotStarted, TimedOut, run
from mrbot.plan.scrub import detail
from mrbot.plan.sources import module_sources
from mrbot.plan.tool import FoundTool
from mrbot.plan.watched import Captured
from mrbot.plan.workplace import Unusable, Workplace, read_inside, replace_inside

DOCUMENT_BYTES = 64 * 1024 * 1024
"""Of a plan's JSON, read at most."""
STATE_BYTES = 128 * 1024 * 1024
"""Of a state, read at most, to learn which one it is."""
LOCK_FILE = ".terraform.lock.hcl"
PLAN_FILE = "plan.tfplan"

_STALE = "Saved plan is stale"
_UNTOUCHED = (_STALE, "Error acquiring the state lock", "Inconsistent dependency lock file")


class Stopped(MrbotError):
    """A command of the session failed; `detail` is bounded and without secrets."""

    def __init__(self, fault: PlanFault, detail: str) -> None:
        super().__init__(f"{fault.value}: {detail}")
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class StateId:
    """Which state, and which version of it; both None when there is none yet."""

    lineage: str | None
    serial: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplied:
    """`apply` did not succeed. `started` False: it was refused before anything could change."""

    fault: ApplyFault
    started: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What all commands share. `deadline` is on the clock of `time.monotonic`; `secrets` are kept
    out of every text that leaves."""

    tool: FoundTool
    isolation: Isolation
    environment: Mapping[str, str]
    rules: PlanTimeRules
    limits: Limits
    deadline: float
    lock_timeout: int
    checkout: Path
    directory: Path
    place: Workplace
    secrets: frozenset[str]
    cancelled: Callable[[], bool]

    @property
    def plan_file(self) -> Path:
        """Where the saved plan lies, as the tool and the bot see it."""
        return self.place.out / PLAN_FILE

    def init(self) -> None:
        """Modules and providers are there, held to the lock file if there is one, and allowed."""
        # What an earlier run or the repository left there is never used.
        _remove(self.directory / ".terraform")
        locked = read_inside(self.directory, LOCK_FILE, LOCK_BYTES) is not None
        held = ("-lockfile=readonly",) if locked else ()
        self._run("init", *held, fault=PlanFault.INIT)
        problems = source_problems(module_sources(self.checkout, self.directory), self.rules)
        if problems:
            raise Stopped(PlanFault.PROJECT, listed(problems))
        if self.read_lock() is not None:
            self._check_providers()

    def _check_providers(self) -> None:
        done = self._run("version", "-json", fault=PlanFault.INIT, asks=False)
        document = _parsed(done, PlanFault.INIT)
        selected = document.get("provider_selections") if isinstance(document, dict) else None
        if not isinstance(selected, dict):
            raise Stopped(PlanFault.INIT, "the tool does not tell which providers it selected")
        problems = provider_problems(selected, self.rules)
        if problems:
            raise Stopped(PlanFault.PROJECT, listed(problems))

    def plan(self, arguments: tuple[str, ...]) -> None:
        """The plan is saved in `plan_file`."""
        saved = f"-out={self.plan_file}"
        wait = f"-lock-timeout={self.lock_timeout}s"
        self._run("plan", saved, wait, *arguments, fault=PlanFault.PLAN)

    def show(self) -> Json:
        """The saved plan as Terraform's JSON, whole and of a known form, secrets in clear text."""
        done = self._run(
            "show", "-json", str(self.plan_file), fault=PlanFault.SHOW, keep=DOCUMENT_BYTES,
            asks=False,
        )  # fmt: skip
        document = _parsed(done, PlanFault.SHOW)
        problem = problem_of(document)
        if problem is not None:
            raise Stopped(PlanFault.SHOW, self.told(Captured(data=problem.encode())))
        return document

    def state(self) -> StateId:
        """The identity of the state as it is now; the state itself is not kept."""
        done = self._run("state", "pull", fault=PlanFault.SHOW, keep=STATE_BYTES, asks=False)
        if not done.stdout.data.strip():
            return StateId(lineage=None, serial=None)
        document = _parsed(done, PlanFault.SHOW)
        lineage, serial = (
            (document.get("lineage"), document.get("serial"))
            if isinstance(document, dict)
            else (None, None)
        )
        if not isinstance(lineage, str) or not isinstance(serial, int):
            raise Stopped(PlanFault.SHOW, "the state has no lineage and serial")
        return StateId(lineage=lineage, serial=serial)

    def apply(self) -> str | NotApplied:
        """The saved plan is applied, whole: the end of the output; else what is known."""
        if self.cancelled():
            return NotApplied(fault=ApplyFault.CANCELLED, started=False, detail="")
        if self.deadline <= time.monotonic():
            return NotApplied(fault=ApplyFault.TIME, started=False, detail="")
        wait = f"-lock-timeout={self.lock_timeout}s"
        outcome = self._outcome("apply", ("-input=false", wait, str(self.plan_file)), self.limits)
        match outcome:
            case Exited(code=0, stdout=stdout, stderr=stderr):
                return self.told(stdout, stderr)
            case Exited(stdout=stdout, stderr=stderr):
                return _refusal(stderr, self.told(stdout, stderr))
            case TimedOut(stdout=stdout, stderr=stderr):
                said = self.told(stdout, stderr)
                return NotApplied(fault=ApplyFault.TIME, started=True, detail=said)
            case Cancelled(stdout=stdout, stderr=stderr):
                said = self.told(stdout, stderr)
                return NotApplied(fault=ApplyFault.CANCELLED, started=True, detail=said)
            case NotStarted(reason=reason):
                return NotApplied(fault=ApplyFault.TOOL, started=False, detail=reason)

    def read_plan_file(self) -> bytes:
        """The saved plan's bytes."""
        data = read_inside(self.place.out, PLAN_FILE, PLAN_FILE_BYTES)
        if data is None:
            raise Stopped(PlanFault.SHOW, "the tool saved no plan")
        return data

    def read_lock(self) -> bytes | None:
        """The provider lock file's bytes; None when no provider needs one."""
        return read_inside(self.directory, LOCK_FILE, LOCK_BYTES)

    def restore(self, plan_file: bytes, lock: bytes | None) -> None:
        """The saved plan and its provider lock lie where `init` and `apply` look for them."""
        replace_inside(self.place.out, PLAN_FILE, plan_file)
        if lock is not None:
            replace_inside(self.directory, LOCK_FILE, lock)

    def told(self, *streams: Captured) -> str:
        """The end of the streams as people may see it."""
        return detail(*streams, secrets=self.secrets)

    def _run(
        self, *words: str, fault: PlanFault, keep: int | None = None, asks: bool = True
    ) -> Exited:
        """The command succeeded and its output fits. `asks`: it would ask if it were let.

        Raises: Stopped.
        """
        limits = self.limits if keep is None else replace(self.limits, output_bytes=keep)
        command, rest = words[0], words[1:]
        outcome = self._outcome(command, ("-input=false", *rest) if asks else rest, limits)
        if not isinstance(outcome, Exited):
            raise self._stopped(outcome)
        if outcome.code != 0:
            if refused(self.isolation, outcome.stderr.data):
                raise Stopped(PlanFault.ISOLATION, self._isolation_failed(outcome))
            raise Stopped(fault, self.told(outcome.stdout, outcome.stderr))
        if keep is not None and outcome.stdout.dropped:
            raise Stopped(
                PlanFault.TOO_LARGE, f"`{' '.join(words[:2])}` gives more than {keep} bytes"
            )
        return outcome

    def _outcome(
        self, command: str, arguments: tuple[str, ...], limits: Limits
    ) -> Exited | TimedOut | Cancelled | NotStarted:
        left = self.deadline - time.monotonic()
        if left <= 0:
            return TimedOut(stdout=Captured(), stderr=Captured())
        colour = () if command in {"state", "version"} else ("-no-color",)
        argv = (*self.tool.command, command, *colour, *arguments)
        return run(
            confine(
                self.isolation,
                argv,
                directory=self.directory,
                writable=(self.checkout, *self.place.writable),
            ),
            directory=self.directory,
            environment=self.environment,
            limits=replace(limits, seconds=left),
            cancelled=self.cancelled,
        )

    def _stopped(self, outcome: TimedOut | Cancelled | NotStarted) -> Stopped:
        match outcome:
            case TimedOut(stdout=stdout, stderr=stderr):
                return Stopped(PlanFault.TIME, self.told(stdout, stderr))
            case Cancelled(stdout=stdout, stderr=stderr):
                return Stopped(PlanFault.CANCELLED, self.told(stdout, stderr))
            case NotStarted(reason=reason):
                return Stopped(PlanFault.TOOL, reason)

    def _isolation_failed(self, outcome: Exited) -> str:
        return f"{label(self.isolation)} does not start: {self.told(outcome.stderr)}"


def _refusal(stderr: Captured, told: str) -> NotApplied:
    """Only the first words count: text of providers and provisioners comes after them."""
    said = stderr.data.decode(errors="replace").lstrip(" \n\r│╷╵")
    untouched = said.startswith(tuple(f"Error: {head}" for head in _UNTOUCHED))
    stale = said.startswith(f"Error: {_STALE}")
    fault = ApplyFault.STALE if stale else ApplyFault.FAILED
    return NotApplied(fault=fault, started=not untouched, detail=told)


def _parsed(done: Exited, fault: PlanFault) -> Json:
    try:
        document: Json = json.loads(done.stdout.data, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Stopped(fault, "the tool's answer is not JSON") from error
    return document


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no number in JSON")


def _remove(path: Path) -> None:
    """Nothing is at `path`; a link is removed and not followed."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
    if path.exists():
        raise Unusable(f"{path.name} cannot be removed")
