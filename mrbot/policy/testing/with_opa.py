"""Tests of policies, run by `opa test`."""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.opa.binary import Binary, loads, tool
from mrbot.policy.opa.engine import check
from mrbot.policy.opa.folder import Folder, refusal, write
from mrbot.policy.source import dotted
from mrbot.policy.testing.coverage import Coverage, coverage_of, merged
from mrbot.policy.testing.result import Outcome, Result, Run, Tested, in_order

MAX_EXPLAINED = 20
"""Failed tests that are run again to see where they failed."""

_FALSE = "it is not true"
_TEST = re.compile(r"^(data\..*): FAIL \([^()]*\)$")
_FAIL = re.compile(r"^  (\S+):(\d+)\s+(?:\| )+(?:Fail) ")


def run_with_opa(binary: Binary, tested: Tested) -> Run | Failure:
    """Every test was run, and none that mrbot sees in the files was left out."""
    deadline = Deadline(tested.seconds * (len(tested.tests) + 1))
    with tempfile.TemporaryDirectory(prefix="mrbot-opa-") as made:
        where = Path(made, "bundle")
        where.mkdir()
        folder = write(where, tested.sources, tested.bundle.data, {})
        refused = check(binary, folder, deadline)
        if refused is not None:
            return refused
        if not tested.tests:
            return in_order(f"opa {binary.version}", ())
        run = _results(binary, tested, folder, deadline)
        if isinstance(run, Failure):
            return run
        if run.failed:
            return _explained(binary, tested, folder, run)
        if not tested.coverage or not run.passed:
            return run
        coverage = _coverage(binary, tested, folder, Deadline(deadline.seconds))
        return coverage if isinstance(coverage, Failure) else replace(run, coverage=coverage)


def _options(tested: Tested, *more: str) -> tuple[str, ...]:
    chosen = (f"--run={tested.pattern}",) if tested.pattern else ()
    return ("test", "--bundle", f"--timeout={tested.seconds}s", "--parallel=1", *chosen, *more)


def _results(binary: Binary, tested: Tested, folder: Folder, deadline: Deadline) -> Run | Failure:
    told = tool(binary, (*_options(tested, "--format=json"), str(folder.path)), deadline)
    if isinstance(told, Failure):
        return told
    answer = loads(told.stdout.data.decode(errors="replace") or "[]")
    if not isinstance(answer, list):
        said = told.stderr.data.decode(errors="replace")
        return refusal(folder, loads(said), f"opa test failed: {said[-500:]}")
    results = [_result(one, folder.names.path_of, tested.seconds) for one in answer]
    run = in_order(f"opa {binary.version}", (one for one in results if one is not None))
    wanted = {(dotted(source.package), name) for source, name, _ in tested.tests}
    missing = wanted - {(one.package, one.name) for one in run.results}
    if missing:
        names = ", ".join(sorted(f"{package}.{name}" for package, name in missing))
        return failure(EvaluationFault.ENGINE, f"the engine did not report these tests: {names}")
    return run


def _result(one: Json, path_of: Callable[[str], str | None], seconds: float) -> Result | None:
    place = one.get("location") if isinstance(one, dict) else None
    if not isinstance(one, dict) or not isinstance(place, dict):
        return None
    outcome, detail = _ended(one, seconds)
    row = place.get("row")
    return Result(
        package=str(one.get("package")).removeprefix("data."),
        name=str(one.get("name")),
        outcome=outcome,
        path=path_of(str(place.get("file"))) or "",
        line=row if isinstance(row, int) else 0,
        detail=detail,
        printed=base64.b64decode(str(one.get("output") or "")).decode(errors="replace"),
    )


def _ended(one: dict[str, Json], seconds: float) -> tuple[Outcome, str]:
    if one.get("skip"):
        return Outcome.SKIP, ""
    if error := one.get("error"):
        said = error.get("message", error) if isinstance(error, dict) else error
        timed_out = isinstance(error, dict) and error.get("code") == "eval_cancel_error"
        return Outcome.ERROR, f"it did not end within {seconds:g} s" if timed_out else str(said)
    if not one.get("fail"):
        return Outcome.PASS, ""
    cases = one.get("sub_results")
    failed = [
        name
        for name, case in (cases if isinstance(cases, dict) else {}).items()
        if isinstance(case, dict) and case.get("fail")
    ]
    return Outcome.FAIL, f"cases that fail: {', '.join(sorted(failed))}" if failed else _FALSE


def _explained(binary: Binary, tested: Tested, folder: Folder, run: Run) -> Run:
    """The same run, with the line at which each failed test ended, as far as OPA's trace tells."""
    failed = [one for one in run.results if one.detail == _FALSE][:MAX_EXPLAINED]
    if not failed:
        return run
    names = "|".join(re.escape(_name(one).split("#")[0]) for one in failed)
    options = (
        "test",
        "--bundle",
        "--verbose",
        f"--timeout={tested.seconds}s",
        f"--run=^({names})$",
    )
    deadline = Deadline(tested.seconds * (len(failed) + 1))
    told = tool(binary, (*options, str(folder.path)), deadline)
    if isinstance(told, Failure):
        return run
    places = _places(told.stdout.data.decode(errors="replace"), folder.names.path_of)
    results = tuple(
        replace(one, detail=f"not true: line {line}: {tested.text(one.path, line)}")
        if one.detail == _FALSE and (line := places.get((_name(one), one.path))) is not None
        else one
        for one in run.results
    )
    return replace(run, results=results)


def _name(one: Result) -> str:
    return f"data.{one.package}.{one.name}"


def _places(trace: str, path_of: Callable[[str], str | None]) -> dict[tuple[str, str], int]:
    """By test and file, the last line of that file that the trace calls a failure."""
    found: dict[tuple[str, str], int] = {}
    test = ""
    for line in trace.splitlines():
        if matched := _TEST.match(line):
            test = matched.group(1)
        elif (matched := _FAIL.match(line)) and (path := path_of(matched.group(1))) is not None:
            found[test, path] = int(matched.group(2))
    return found


def _coverage(
    binary: Binary, tested: Tested, folder: Folder, deadline: Deadline
) -> Coverage | Failure:
    arguments = _options(tested, "--coverage", "--format=json")
    told = tool(binary, (*arguments, str(folder.path)), deadline)
    if isinstance(told, Failure):
        return told
    answer = loads(told.stdout.data.decode(errors="replace"))
    files = answer.get("files") if isinstance(answer, dict) else None
    if not isinstance(files, dict):
        return failure(EvaluationFault.ENGINE, "opa test did not report the coverage")
    ran, idle = [], []
    for (
        name,
        one,
    ) in files.items():  # a bundle's file is there twice, with what ran and what did not
        path = folder.names.path_of(name)
        if path is not None and isinstance(one, dict):
            ran.append({path: _rows(one.get("covered"))})
            idle.append({path: _rows(one.get("not_covered"))})
    return coverage_of(tested.policies, merged(*ran), merged(*idle))


def _rows(ranges: Json) -> frozenset[int]:
    rows: set[int] = set()
    for one in ranges if isinstance(ranges, list) else []:
        match one:
            case {"start": {"row": int(first)}, "end": {"row": int(last)}}:
                rows.update(range(first, last + 1))
            case _:
                pass
    return frozenset(rows)
