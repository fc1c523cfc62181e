"""What policies said of files: the same figures as conftest's."""

from __future__ import annotations

from dataclasses import dataclass, field

from mrbot.policy.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """A rule that an exception took back: the exception, and what the rule had found."""

    query: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """What one package said of one file, all its documents together.

    `successes` are the package's rules that said nothing, counted for each document.
    """

    filename: str
    namespace: str
    successes: int = 0
    warnings: tuple[Finding, ...] = ()
    failures: tuple[Finding, ...] = ()
    exceptions: tuple[Exempted, ...] = ()

    @property
    def tests(self) -> int:
        """Everything that was counted."""
        told = len(self.warnings) + len(self.failures) + len(self.exceptions)
        return self.successes + told


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The last line of a report."""

    tests: int = 0
    passed: int = 0
    warnings: int = 0
    failures: int = 0
    exceptions: int = 0

    def __str__(self) -> str:
        told = (
            (self.tests, "test"),
            (self.warnings, "warning"),
            (self.failures, "failure"),
            (self.exceptions, "exception"),
        )
        tests, *rest = (f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in told)
        return ", ".join((tests, f"{self.passed} passed", *rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Every file was judged by every package that was asked. `demands` are approvals that policies
    would ask for (`require`), in words: no part of a check's outcome."""

    results: tuple[FileResult, ...]
    engine: str
    demands: tuple[str, ...] = field(default=())

    @property
    def counts(self) -> Counts:
        """The sums."""
        return Counts(
            tests=sum(one.tests for one in self.results),
            passed=sum(one.successes for one in self.results),
            warnings=sum(len(one.warnings) for one in self.results),
            failures=sum(len(one.failures) for one in self.results),
            exceptions=sum(len(one.exceptions) for one in self.results),
        )

    def exit_code(self, *, fail_on_warn: bool) -> int:
        """conftest's: 1 for a failure; where warnings count, 2 for a failure and 1 for a warning."""
        counts = self.counts
        if counts.failures:
            return 2 if fail_on_warn else 1
        return 1 if fail_on_warn and counts.warnings else 0
