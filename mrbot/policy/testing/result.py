"""Values of `mrbot policy test`: what is to be tested, and how each test ended."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from mrbot.policy.bundle import is_rego
from mrbot.policy.finding import Bundle
from mrbot.policy.source import Source, dotted
from mrbot.policy.testing.coverage import Coverage
from mrbot.policy.tokens import tokens

TODO = "todo_"
"""How the name of a test begins that is not run yet."""

_BEGINS = re.compile(r"[A-Za-z_]")


class Outcome(StrEnum):
    """How a test ended."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One test: its package and rule, where it is, what was said when it did not pass, and what it
    printed."""

    package: str
    name: str
    outcome: Outcome
    path: str
    line: int
    detail: str = ""
    printed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Every test of a folder, in order of file and line. `coverage` is there when it was asked for
    and all tests passed."""

    engine: str
    results: tuple[Result, ...]
    coverage: Coverage | None = None

    def count(self, outcome: Outcome) -> int:
        """How many tests ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def passed(self) -> bool:
        """Whether there is a test, and none failed. A skipped test is not one that passed."""
        return self.count(Outcome.PASS) > 0 and not self.failed

    @property
    def failed(self) -> int:
        """How many tests failed or ended with an error."""
        return self.count(Outcome.FAIL) + self.count(Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What is to be tested: the folder's bundle, its modules, and the tests to run as module, name
    and line. `pattern` is the expression that chose them, empty for all; each has `seconds`."""

    bundle: Bundle
    sources: tuple[Source, ...]
    tests: tuple[tuple[Source, str, int], ...]
    pattern: str
    seconds: float
    coverage: bool

    @property
    def policies(self) -> tuple[str, ...]:
        """The paths of the modules that are not tests."""
        paths = (source.module.path for source in self.sources)
        return tuple(path for path in paths if is_rego(path))

    def text(self, path: str, line: int) -> str:
        """That line of that module, without space around it."""
        lines = self._lines(path)
        return lines[line - 1].strip() if 0 < line <= len(lines) else ""

    def end(self, path: str, line: int) -> int:
        """The line after the rule that begins at `line`: where text stands in the first column."""
        lines = self._lines(path)
        following = (at for at in range(line + 1, len(lines) + 1) if _BEGINS.match(lines[at - 1]))
        return next(following, len(lines) + 1)

    def _lines(self, path: str) -> list[str]:
        for source in self.sources:
            if source.module.path == path:
                return source.module.text.split("\n")
        return []


def full_name(source: Source, name: str) -> str:
    """A rule's path below `data`, as Rego writes it."""
    return dotted(("data", *source.package, name))


def in_order(engine: str, results: Iterable[Result], coverage: Coverage | None = None) -> Run:
    """The run with these results."""
    ordered = sorted(results, key=lambda one: (one.path, one.line, one.name))
    return Run(engine=engine, results=tuple(ordered), coverage=coverage)


def definitions(
    sources: Iterable[Source],
) -> dict[tuple[tuple[str, ...], str], list[tuple[str, int]]]:
    """Where each test is defined (path, line), by package and name. Bodies of one name are one rule,
    which is true when any of them is."""
    found: dict[tuple[tuple[str, ...], str], list[tuple[str, int]]] = {}
    for source in sources:
        names = {name for name, _ in source.tests}
        for token in tokens(source.module.text, source.module.path) if names else ():
            if token.first and not token.depth and token.text in names:
                place = source.module.path, token.line
                found.setdefault((source.package, token.text), []).append(place)
    return found
