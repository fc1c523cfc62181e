"""A run of policy tests as text for a terminal, and as JUnit's XML for a CI's own view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from xml.etree import ElementTree as ET

from mrbot.policy.testing.coverage import Coverage, FileCoverage, percent
from mrbot.policy.testing.result import Outcome, Result, Run

PRINTED_LINES = 20
"""Most lines that are shown of what one test printed."""
RANGES = 12
"""Most gaps that are listed for one file."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def lines(run: Run, *, verbose: bool) -> Iterator[str]:
    """What does not pass, the coverage when there is one, and the counts last."""
    for one in run.results:
        if verbose or one.outcome is not Outcome.PASS:
            yield from _result(one)
    if run.coverage is not None:
        yield from _coverage(run.coverage)
    skipped = run.count(Outcome.SKIP)
    counts = f"{run.count(Outcome.PASS)} passed, {run.failed} failed"
    yield f"{counts}{f', {skipped} skipped' if skipped else ''} ({run.engine})"


def junit(run: Run, faults: list[str]) -> str:
    """One test suite a file. What is wrong with the run as a whole is a failed case of its own."""
    root = ET.Element("testsuites")
    for path in sorted({one.path for one in run.results}):
        results = [one for one in run.results if one.path == path]
        suite = _suite(root, path, results)
        for one in results:
            _case(suite, one)
    if faults:
        attributes = {"name": "mrbot policy test", "tests": "1", "failures": "1"}
        suite = ET.SubElement(root, "testsuite", attributes)
        case = ET.SubElement(suite, "testcase", {"classname": "mrbot", "name": "policy test"})
        ET.SubElement(case, "failure", {"message": _plain("; ".join(faults))})
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _result(one: Result) -> Iterator[str]:
    yield f"{one.outcome.value.upper():<5} {_plain(one.path)}:{one.line}  {one.package}.{one.name}"
    if one.detail:
        yield f"      {_plain(one.detail)}"
    printed = one.printed.splitlines()
    for line in printed[:PRINTED_LINES]:
        yield f"      printed: {_plain(line)}"
    if len(printed) > PRINTED_LINES:
        yield f"      ... and {len(printed) - PRINTED_LINES} more lines"


def _coverage(coverage: Coverage) -> Iterator[str]:
    paths = [_plain(one.path) for one in coverage.files]
    width = max([len(path) for path in paths] + [len("all policies")])
    yield f"{'coverage':<{width}}  percent      lines  not reached"
    for path, one in zip(paths, coverage.files, strict=True):
        yield f"{path:<{width}}  {_share(len(one.covered), len(one.not_covered))}  {_gaps(one)}".rstrip()
    idle = coverage.lines - coverage.covered
    yield f"{'all policies':<{width}}  {_share(coverage.covered, idle)}"


def _share(covered: int, idle: int) -> str:
    lines = covered + idle
    share = f"{percent(covered, lines):6.1f}%" if lines else f"{'-':>7}"
    return f"{share}  {f'{covered}/{lines}':>9}"


def _gaps(one: FileCoverage) -> str:
    ranges = one.ranges
    shown = ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in islice(ranges, RANGES)
    )
    more = len(ranges) - RANGES
    return f"{shown} and {more} more" if more > 0 else shown


def _suite(root: ET.Element, path: str, results: list[Result]) -> ET.Element:
    ended = [one.outcome for one in results]
    return ET.SubElement(
        root,
        "testsuite",
        {
            "name": _plain(path),
            "tests": str(len(results)),
            "failures": str(ended.count(Outcome.FAIL)),
            "errors": str(ended.count(Outcome.ERROR)),
            "skipped": str(ended.count(Outcome.SKIP)),
        },
    )


def _case(suite: ET.Element, one: Result) -> None:
    attributes = {
        "classname": _plain(one.package),
        "name": _plain(one.name),
        "file": _plain(one.path),
        "line": str(one.line),
    }
    case = ET.SubElement(suite, "testcase", attributes)
    match one.outcome:
        case Outcome.PASS:
            pass
        case Outcome.SKIP:
            ET.SubElement(case, "skipped")
        case Outcome.FAIL:
            ET.SubElement(case, "failure", {"message": _plain(one.detail)})
        case Outcome.ERROR:
            ET.SubElement(case, "error", {"message": _plain(one.detail)})
    if one.printed:
        ET.SubElement(case, "system-out").text = _plain(one.printed)


def _plain(text: str) -> str:
    """Without characters that move a terminal's cursor, or that XML cannot hold."""
    return _CONTROL.sub("\ufffd", text)
