"""regorus: Rego in a worker process of our own, for machines without OPA. One worker a bundle.

It is a third-party build of Microsoft's engine, so it gets no secret, no network, no environment,
and as little else as this machine allows (`RegorusEngine.isolation` says how little that is).
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from mrbot.errors import BadSettings
from mrbot.ids import Json
from mrbot.policy.answer import Answer
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import Engine, EvaluationFault
from mrbot.policy.module_names import ModuleNames
from mrbot.policy.notice import Watch, unwatched
from mrbot.policy.question import PACKAGE, RULE, Question
from mrbot.policy.regorus.process import Confinement, RegorusProcess, confinements
from mrbot.policy.source import Dialect, Source
from mrbot.policy.supervised import DEFAULT_JUDGES, SupervisedEngine

DISTRIBUTION = "gordon-to-regorus"
"""The build that mrbot is tested with, on PyPI."""
INSTALL = "pip install 'mrbot[embedded]'"
"""How it gets there."""

_PROBE_SECONDS = 10.0
_PLACE = re.compile(r"--> (m\d{4}\.rego):(\d+):\d+")
_REASON = re.compile(r"^error: (.*)", re.MULTILINE | re.DOTALL)
_RECURSION = re.compile(
    r"^error: recursion detected(.*)^depends on: cyclic", re.MULTILINE | re.DOTALL
)
_UNSAFE = re.compile(r"^var \w+ is unsafe|is unsafe$")
_PROOF = "regorus"
"""The answer comes through a pipe that only the worker holds, so that it needs no secret."""


class RegorusEngine(SupervisedEngine):
    """A `PolicyEngine`. `isolation` says in words how its workers are kept apart."""

    def __init__(
        self, *, seconds: float, judges: int = DEFAULT_JUDGES, watch: Watch = unwatched
    ) -> None:
        """Raises: BadSettings when regorus is not installed or does not run here."""
        try:
            engine = Engine(name="regorus", version=version(DISTRIBUTION))
        except PackageNotFoundError as error:
            raise BadSettings(f"the embedded Rego engine is missing: {INSTALL}") from error
        self._confinement = settle_confinement()
        super().__init__(engine, self._begin, seconds=seconds, judges=judges, watch=watch)

    @property
    def isolation(self) -> str:
        """What the worker may not do on this machine."""
        return self._confinement.words

    def _begin(self, asked: Question, deadline: Deadline) -> RegorusJudge | Failure:
        judge = RegorusJudge(self._confinement, asked.sources)
        refused = judge.load(asked.bundle.data, asked.packages, deadline, asked.module(_PROOF))
        if refused is not None:
            judge.close()
            return refused
        return judge


def is_installed() -> bool:
    """Whether there is an embedded engine."""
    return importlib.util.find_spec("regorus") is not None


def settle_confinement() -> Confinement:
    """The strongest confinement in which a worker answers here.

    Raises: BadSettings when none answers.
    """
    said = ""
    for confinement in confinements():
        process = RegorusProcess(confinement)
        try:
            answer = _probed(process, Deadline(_PROBE_SECONDS))
        finally:
            process.close()
        if answer == {"value": 2}:
            return confinement
        said = answer.detail if isinstance(answer, Failure) else json.dumps(answer)
    raise BadSettings(f"the embedded Rego engine does not run here: {said}")


def _probed(process: RegorusProcess, deadline: Deadline) -> dict[str, Json] | Failure:
    """What the worker says of a policy, with everything loaded that any policy needs."""
    modules: Json = [["m0000.rego", "package probe\n\nvalue := count([1, 2])\n", False]]
    loaded = process.exchange({"load": {"modules": modules, "data": "{}"}}, deadline)
    if isinstance(loaded, Failure) or "loaded" not in loaded:
        return loaded
    return process.exchange({"ask": "data.probe.value"}, deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A value and how it came about: by module, the lines that ran and those that did not."""

    value: Json
    ran: Mapping[str, frozenset[int]]
    idle: Mapping[str, frozenset[int]]
    printed: str


class RegorusJudge:
    """One worker with one bundle."""

    def __init__(self, confinement: Confinement, sources: tuple[Source, ...]) -> None:
        self._process = RegorusProcess(confinement)
        self._sources = sources
        self._names = ModuleNames(paths=tuple(source.module.path for source in sources))

    @property
    def proof(self) -> str:
        """In every answer."""
        return _PROOF

    @property
    def pid(self) -> int:
        """Of the process group that the worker is in."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the worker runs."""
        return self._process.alive()

    def words(self) -> str:
        """The end of what the worker said on stderr."""
        return self._names.named(self._process.words())

    def load(
        self,
        data: Json,
        packages: frozenset[tuple[str, ...]],
        deadline: Deadline,
        own: str | None = None,
    ) -> Failure | None:
        """None when the bundle and mrbot's `own` module are loaded, and nothing is refused."""
        found = self.refusals(data, packages, deadline, own)
        if not found:
            return None
        first, more = found[0], len(found) - 1
        detail = f"{first.detail} (and {more} more)" if more else first.detail
        return failure(first.fault, detail, path=first.path, line=first.line)

    def refusals(
        self,
        data: Json,
        packages: frozenset[tuple[str, ...]],
        deadline: Deadline,
        own: str | None = None,
    ) -> tuple[Failure, ...]:
        """Why the bundle is not loaded, one by one; it is loaded when there is no reason."""
        for source in self._sources:
            if line := source.template_line:
                detail = "template strings are not in this engine: use sprintf, or OPA"
                path = source.module.path
                return (failure(EvaluationFault.UNSUPPORTED, detail, path=path, line=line),)
        modules: list[Json] = [
            [ModuleNames.name(number), source.module.text, source.dialect is Dialect.V0]
            for number, source in enumerate(self._sources)
        ]
        modules += [] if own is None else [["question.rego", own, False]]
        request: Json = {"modules": modules, "data": json.dumps(data)}
        answer = self._process.exchange({"load": request}, deadline)
        if isinstance(answer, Failure):
            return (answer,)
        match answer:
            case {"loaded": {"refused": [_, *_] as refused}}:
                return tuple(self._refused(one) for one in refused)
            case {"loaded": {"packages": list(found)}}:
                other = _same_packages(found, packages)
                return () if other is None else (other,)
            case _:
                return (self._refusal(answer, EvaluationFault.PARSE),)

    def answer(self, text: bytes, deadline: Deadline) -> Answer | Failure:
        """The value of the question's rule, or the engine's own reason why there is none."""
        value = self._value({"rule": RULE}, text, deadline)
        return value if isinstance(value, Failure) else Answer(value=value)

    def value(self, query: str, text: bytes | None, deadline: Deadline) -> Json | Failure:
        """The value of `query` for the input `text`; a failure when it is undefined."""
        return self._value({"ask": query}, text or b"", deadline)

    def _value(self, request: dict[str, Json], text: bytes, deadline: Deadline) -> Json | Failure:
        answer = self._process.exchange(request, deadline, text)
        (asked,) = request.values()
        match answer:
            case Failure():
                return answer
            case {"value": value}:
                return value
            case {"undefined": True}:
                return failure(EvaluationFault.UNDEFINED, f"{asked} is undefined")
            case _:
                return self._refusal(answer, EvaluationFault.RUNTIME)

    def watched(self, query: str, deadline: Deadline) -> Watched | Failure:
        """The value of `query` without an input, the lines that ran for it, and what they printed."""
        answer = self._process.exchange({"ask": query, "watch": True}, deadline)
        match answer:
            case Failure():
                return answer
            case {"value": value, "lines": dict(lines), "printed": list(printed)}:
                said = "".join(f"{self._names.named(str(line))}\n" for line in printed)
                ran, idle = self._lines(lines, 0), self._lines(lines, 1)
                return Watched(value=value, ran=ran, idle=idle, printed=said)
            case _:
                return self._refusal(answer, EvaluationFault.RUNTIME)

    def close(self) -> None:
        """The worker has ended."""
        self._process.close()

    def _lines(self, lines: dict[str, Json], side: int) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        for name, sides in lines.items():
            path = self._names.path_of(name)
            numbers = sides[side] if isinstance(sides, list) else None
            if path is not None and isinstance(numbers, list):
                found[path] = frozenset(one for one in numbers if isinstance(one, int))
        return found

    def _refused(self, refusal: Json) -> Failure:
        match refusal:
            case [str(file), int(row), str(message)]:
                where = self._names.path_of(file)
                return failure(EvaluationFault.UNSUPPORTED, message, path=where, line=row)
            case _:
                return failure(EvaluationFault.ENGINE, "the engine's answer cannot be read")

    def _refusal(self, answer: dict[str, Json], fault: EvaluationFault) -> Failure:
        return refusal_of(answer, fault, self._names)


def refusal_of(answer: Mapping[str, Json], fault: EvaluationFault, names: ModuleNames) -> Failure:
    """What the engine's error says, with the module's own path."""
    said = answer.get("error")
    if not isinstance(said, str):
        return failure(EvaluationFault.ENGINE, "the engine's answer cannot be read")
    place, reason = _PLACE.search(said), _REASON.search(said)
    detail = names.named(_circle(said) or (reason.group(1) if reason else said))
    if _UNSAFE.search(detail):  # found only when the rule is reached
        fault = EvaluationFault.PARSE
    if place is None:
        return failure(fault, detail)
    path = names.path_of(place.group(1))
    return failure(fault, detail, path=path, line=int(place.group(2)))


def _circle(said: str) -> str | None:
    """Which rules depend on each other, where that is what the engine says."""
    recursion = _RECURSION.search(said)
    if recursion is None:
        return None
    places = [f"{file}:{line}" for file, line in _PLACE.findall(recursion.group(1))]
    circle = places[places.index(places[-1]) :]
    return f"a rule depends on itself: {' -> '.join(circle)}"


def _same_packages(found: list[Json], packages: frozenset[tuple[str, ...]]) -> Failure | None:
    """regorus writes every part of a package's path behind a dot, whatever is in it."""
    theirs = {str(name).removeprefix("data.") for name in found} - {PACKAGE}
    ours = {".".join(package) for package in packages}
    if theirs == ours:
        return None
    detail = f"regorus and mrbot read different packages: {sorted(theirs ^ ours)}"
    return failure(EvaluationFault.PARSE, detail)
