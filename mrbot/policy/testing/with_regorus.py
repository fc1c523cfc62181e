"""Tests of policies, run by the embedded engine: one rule after the other in one worker."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.regorus.engine import RegorusJudge, Watched, settle_confinement
from mrbot.policy.regorus.process import Confinement
from mrbot.policy.source import Source, dotted
from mrbot.policy.syntax import Parser, expression_lines
from mrbot.policy.testing.coverage import Lines, coverage_of, merged
from mrbot.policy.testing.result import (
    TODO,
    Outcome,
    Result,
    Run,
    Tested,
    definitions,
    full_name,
    in_order,
)

_SHOWN = 200
_FATAL = {EvaluationFault.TIME, EvaluationFault.MEMORY, EvaluationFault.ENGINE}
"""What a worker does not survive."""


def run_with_regorus(tested: Tested) -> Run | Failure:
    """Every test was run; a test that takes the worker along ends nothing but itself.

    Raises: BadSettings when there is no embedded engine.
    """
    confinement = settle_confinement()
    results: list[Result] = []
    ran: Lines = {}
    idle: Lines = {}
    places = definitions(tested.sources)
    judge = _loaded(confinement, tested)
    for source, name, line in tested.tests:
        if isinstance(judge, RegorusJudge) and not judge.alive():  # the last test took it along
            judge = _loaded(confinement, tested)
        if isinstance(judge, Failure):
            return judge
        where = places[source.package, name]
        result, seen = _tested(judge, tested, source, name, line, where)
        results.append(result)
        if seen is not None and tested.coverage:
            ran, idle = merged(ran, seen.ran), merged(idle, seen.idle)
    if isinstance(judge, Failure):
        return judge
    judge.close()
    run = in_order("regorus", results)
    if not tested.coverage or not run.passed:
        return run
    untouched = _untouched(confinement, tested, ran.keys() | idle.keys())
    if isinstance(untouched, Failure):
        return untouched
    coverage = coverage_of(tested.policies, ran, merged(idle, untouched))
    return in_order("regorus", results, coverage)


def _untouched(
    confinement: Confinement, tested: Tested, touched: AbstractSet[str]
) -> Lines | Failure:
    """The lines of policies of which nothing ran: the engine leaves those out of its reports."""
    lines: dict[str, frozenset[int]] = {}
    parser = Parser(confinement, seconds=tested.seconds)
    try:
        for source in tested.sources:
            if source.module.path not in touched:
                tree = parser.tree(source)
                if isinstance(tree, Failure):
                    return tree
                lines[source.module.path] = expression_lines(tree)
    finally:
        parser.close()
    return lines


def _loaded(confinement: Confinement, tested: Tested) -> RegorusJudge | Failure:
    judge = RegorusJudge(confinement, tested.sources)
    packages = frozenset(source.package for source in tested.sources)
    refused = judge.load(tested.bundle.data, packages, Deadline(tested.seconds))
    if refused is None:
        return judge
    judge.close()
    return refused


def _tested(
    judge: RegorusJudge,
    tested: Tested,
    source: Source,
    name: str,
    line: int,
    places: list[tuple[str, int]],
) -> tuple[Result, Watched | None]:
    path = source.module.path
    seen: Watched | Failure | None = None
    if not name.startswith(TODO) and len(places) == 1:
        seen = judge.watched(f"[v | v := {full_name(source, name)}]", Deadline(tested.seconds))
    if isinstance(seen, Failure) and seen.fault in _FATAL:
        judge.close()
    if len(places) > 1:
        where = " and ".join(f"{file}:{row}" for file, row in places[:3])
        outcome, detail = Outcome.ERROR, f"{where} define it together: give each a name of its own"
    else:
        outcome, detail = _ended(seen, tested, path, line, name)
    found = Result(
        package=dotted(source.package),
        name=name,
        outcome=outcome,
        path=path,
        line=line,
        detail=detail,
        printed=seen.printed if isinstance(seen, Watched) else "",
    )
    return found, seen if isinstance(seen, Watched) else None


def _ended(
    seen: Watched | Failure | None, tested: Tested, path: str, line: int, name: str
) -> tuple[Outcome, str]:
    match seen:
        case None:
            return Outcome.SKIP, ""
        case Failure():
            return Outcome.ERROR, _failed(seen)
        case Watched(value=[True]):
            return Outcome.PASS, ""
        case Watched(value=[dict()]):
            detail = f"a test with cases ({name}[case]) needs OPA, which sees the cases that fail"
            return Outcome.ERROR, detail
        case Watched(value=[value]) if value is not False:
            return Outcome.FAIL, f"it is {_said(value)}, not true"
        case _:
            return Outcome.FAIL, _reached(seen, tested, path, line)


def _failed(said: Failure) -> str:
    return f"{said.path}:{said.line or 1}: {said.detail}" if said.path else said.detail


def _said(value: Json) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _reached(seen: Watched, tested: Tested, path: str, line: int) -> str:
    """Where a test that is not true ended: the last line of it that ran did not hold."""
    end = tested.end(path, line)
    ran = [one for one in seen.ran.get(path, frozenset()) if line <= one < end]
    if not ran:
        return "it is not true"
    return f"not true: line {max(ran)}: {tested.text(path, max(ran))}"
