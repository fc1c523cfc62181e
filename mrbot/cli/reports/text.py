"""For a terminal: a line for each finding and the sums, as conftest prints them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from mrbot.cli.reports.clean import line
from mrbot.policy.checking.result import Checked, FileResult

_YELLOW, _RED, _CYAN, _GREEN = "33", "31", "36", "32"


def report(checked: Checked, exit_code: int) -> str:
    """Findings by package and file; coloured on a terminal that takes colours."""
    del exit_code
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    told = [one for result in checked.results for one in _lines(result, coloured=coloured)]
    counts = checked.counts
    colour = (
        _RED
        if counts.failures
        else _YELLOW
        if counts.warnings
        else _CYAN
        if counts.exceptions
        else _GREEN
    )
    return "\n".join((*told, "", _painted(str(counts), colour, coloured=coloured), ""))


def _lines(result: FileResult, *, coloured: bool) -> Iterator[str]:
    name = line(result.filename)
    where = f"{'-' if name == '-' else f'- {name}'} - {line(result.namespace)} -"
    for finding in result.warnings:
        yield f"{_painted('WARN', _YELLOW, coloured=coloured)} {where} {line(finding.msg)}"
    for finding in result.failures:
        yield f"{_painted('FAIL', _RED, coloured=coloured)} {where} {line(finding.msg)}"
    for exempted in result.exceptions:
        yield f"{_painted('EXCP', _CYAN, coloured=coloured)} {where} {line(exempted.query)}"


def _painted(text: str, colour: str, *, coloured: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if coloured else text
