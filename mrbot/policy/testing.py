"""The tests that policies bring along: `test_` rules in `*_test.rego`, for `mrbot policy test`.

OPA runs them with `opa test`; without OPA the embedded engine evaluates each rule by itself. A test
passes when its rule is true, as in OPA. `todo_test_` rules are skipped, and counted as that.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from mrbot.errors import BadPolicy
from mrbot.ids import Json
from mrbot.policy.bundle import MAX_DATA_BYTES, bundle, is_data, is_rego
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import Bundle, EvaluationFault
from mrbot.policy.opa import check
from mrbot.policy.opa_binary import Binary, loads, tool
from mrbot.policy.opa_folder import refusal, write
from mrbot.policy.question import sources_of
from mrbot.policy.regorus import RegorusJudge, settle_confinement
from mrbot.policy.regorus_process import Confinement
from mrbot.policy.source import Source, dotted

MAX_FILES = 10_000
"""Most files of a folder that are looked at."""

_TODO = "todo_"
_FALSE = "it is not true"


class Outcome(StrEnum):
    """How a test ended."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One test: its package and rule, where it is, and what was said when it did not pass."""

    package: str
    name: str
    outcome: Outcome
    path: str
    line: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Every test of a folder, in order of file and line."""

    engine: str
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether there is a test, and none failed. A skipped test is not one that passed."""
        outcomes = {result.outcome for result in self.results}
        return Outcome.PASS in outcomes and not outcomes & {Outcome.FAIL, Outcome.ERROR}


def read_folder(directory: Path) -> dict[str, bytes]:
    """The policies, tests and data of a folder by path relative to it; links are not followed.

    Raises: BadPolicy when it is no folder, cannot be read or holds more than `MAX_FILES`.
    """
    if not directory.is_dir():
        raise BadPolicy(f"{directory} is not a folder")
    found: dict[str, bytes] = {}
    seen = 0
    for folder, _, names in os.walk(directory):
        for name in sorted(names):
            seen += 1
            if seen > MAX_FILES:
                raise BadPolicy(
                    f"{directory} holds more than {MAX_FILES} files: name a folder in it"
                )
            path = Path(folder, name)
            relative = path.relative_to(directory).as_posix()
            if (is_rego(relative, tests=True) or is_data(relative)) and path.is_file():
                found[relative] = _read(path)
    return found


def run_tests(directory: Path, engine: Binary | None, *, seconds: float) -> Run | Failure:
    """Every test of the folder was run, by OPA's `engine` or, without one, by the embedded engine.

    Each test is given `seconds`. A failure when the folder's policies do not load at all.

    Raises: BadPolicy for files that cannot be used, BadSettings when there is no embedded engine.
    """
    tested = bundle(str(directory), read_folder(directory), (), tests=True)
    sources = sources_of(tested)
    if isinstance(sources, Failure):
        return sources
    if engine is None:
        return _with_regorus(tested, sources, seconds)
    return _with_opa(engine, tested, sources, seconds)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_DATA_BYTES + 1)
    except OSError as error:
        raise BadPolicy(f"{path} cannot be read: {error.strerror}") from error


def _in_order(engine: str, results: Iterable[Result]) -> Run:
    ordered = sorted(results, key=lambda one: (one.path, one.line, one.name))
    return Run(engine=engine, results=tuple(ordered))


def _with_opa(
    binary: Binary, tested: Bundle, sources: tuple[Source, ...], seconds: float
) -> Run | Failure:
    count = sum(len(source.tests) for source in sources)
    deadline = Deadline(seconds * (count + 1))
    with tempfile.TemporaryDirectory(prefix="mrbot-opa-") as made:
        where = Path(made, "bundle")
        where.mkdir()
        folder = write(where, sources, tested.data, {})
        refused = check(binary, folder, deadline)
        if refused is not None:
            return refused
        options = ("--bundle", "--format=json", f"--timeout={seconds}s", "--parallel=1")
        told = tool(binary, ("test", *options, str(where)), deadline)
        if isinstance(told, Failure):
            return told
        answer = loads(told.stdout.data.decode(errors="replace") or "[]")
        if not isinstance(answer, list):
            said = told.stderr.data.decode(errors="replace")
            return refusal(folder, loads(said), f"opa test failed: {said[-500:]}")
        results = [_result(one, folder.names.path_of) for one in answer]
    run = _in_order(f"opa {binary.version}", (one for one in results if one is not None))
    return _complete(run, sources)


def _complete(run: Run, sources: tuple[Source, ...]) -> Run | Failure:
    """No test that mrbot sees in the files was left out."""
    wanted = {(dotted(source.package), name) for source in sources for name, _ in source.tests}
    missing = wanted - {(one.package, one.name) for one in run.results}
    if missing:
        names = ", ".join(sorted(f"{package}.{name}" for package, name in missing))
        return failure(EvaluationFault.ENGINE, f"the engine did not report these tests: {names}")
    return run


def _result(one: Json, path_of: Callable[[str], str | None]) -> Result | None:
    place = one.get("location") if isinstance(one, dict) else None
    if not isinstance(one, dict) or not isinstance(place, dict):
        return None
    outcome, detail = _ended(one.get("skip"), one.get("error"), one.get("fail"))
    row = place.get("row")
    return Result(
        package=str(one.get("package")).removeprefix("data."),
        name=str(one.get("name")),
        outcome=outcome,
        path=path_of(str(place.get("file"))) or "",
        line=row if isinstance(row, int) else 0,
        detail=detail,
    )


def _ended(skip: Json, error: Json, fail: Json) -> tuple[Outcome, str]:
    if skip:
        return Outcome.SKIP, ""
    if error:
        return Outcome.ERROR, str(error.get("message", error) if isinstance(error, dict) else error)
    return (Outcome.FAIL, _FALSE) if fail else (Outcome.PASS, "")


def _with_regorus(tested: Bundle, sources: tuple[Source, ...], seconds: float) -> Run | Failure:
    confinement = settle_confinement()
    results: list[Result] = []
    judge = _loaded(confinement, tested, sources, seconds)
    for source in sources:
        for name, line in source.tests:
            if isinstance(judge, RegorusJudge) and not judge.alive():  # the last test took it along
                judge = _loaded(confinement, tested, sources, seconds)
            if isinstance(judge, Failure):
                return judge
            outcome, detail = _evaluated(judge, source, name, seconds)
            results.append(
                Result(
                    package=dotted(source.package),
                    name=name,
                    outcome=outcome,
                    path=source.module.path,
                    line=line,
                    detail=detail,
                )
            )
    if isinstance(judge, Failure):
        return judge
    judge.close()
    return _in_order("regorus", results)


def _loaded(
    confinement: Confinement, tested: Bundle, sources: tuple[Source, ...], seconds: float
) -> RegorusJudge | Failure:
    judge = RegorusJudge(confinement, sources)
    packages = frozenset(source.package for source in sources)
    refused = judge.load(tested.data, packages, Deadline(seconds))
    if refused is None:
        return judge
    judge.close()
    return refused


def _evaluated(
    judge: RegorusJudge, source: Source, name: str, seconds: float
) -> tuple[Outcome, str]:
    if name.startswith(_TODO):
        return Outcome.SKIP, ""
    rule = dotted(("data", *source.package, name))
    said = judge.value(f"[v | v := {rule}]", None, Deadline(seconds))
    match said:
        case Failure(fault=EvaluationFault.TIME | EvaluationFault.MEMORY | EvaluationFault.ENGINE):
            judge.close()
            return Outcome.ERROR, said.detail
        case Failure():
            return Outcome.ERROR, said.detail
        case [True]:
            return Outcome.PASS, ""
        case _:
            return Outcome.FAIL, _FALSE
