"""Which lines of policies their tests reach.

A line counts when an expression on it was evaluated by a test. The engines differ a little: OPA does
not evaluate the rules that its index excludes, regorus evaluates them up to what does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

Lines = Mapping[str, frozenset[int]]
"""Line numbers by module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCoverage:
    """The lines of one policy that ran, and those that did not, in order. A line is in one of them."""

    path: str
    covered: tuple[int, ...]
    not_covered: tuple[int, ...]

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """First and last line of every gap: what did not run, up to the next line that did."""
        return _ranges(self.not_covered, frozenset(self.covered))


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Every policy, in order of path; tests themselves are not counted."""

    files: tuple[FileCoverage, ...]

    @property
    def covered(self) -> int:
        """How many lines ran."""
        return sum(len(one.covered) for one in self.files)

    @property
    def lines(self) -> int:
        """How many lines could have run."""
        return sum(len(one.covered) + len(one.not_covered) for one in self.files)

    @property
    def percent(self) -> float:
        """How many of a hundred lines ran; 100 when there is none."""
        return percent(self.covered, self.lines)


def percent(covered: int, lines: int) -> float:
    """How many of a hundred, to a tenth that is never more than is so: all is 100, one short is not."""
    return (1000 * covered // lines) / 10 if lines else 100.0


def coverage_of(policies: Iterable[str], ran: Lines, idle: Lines) -> Coverage:
    """The coverage of `policies`. A line that ran once ran, whatever else is said of it."""
    return Coverage(
        files=tuple(
            FileCoverage(
                path=path,
                covered=tuple(sorted(ran.get(path, frozenset()))),
                not_covered=tuple(sorted(idle.get(path, frozenset()) - ran.get(path, frozenset()))),
            )
            for path in sorted(policies)
        )
    )


def merged(*parts: Lines) -> Lines:
    """The lines of all parts."""
    paths = {path for part in parts for path in part}
    return {
        path: frozenset[int]().union(*(part.get(path, frozenset()) for part in parts))
        for path in paths
    }


def _ranges(lines: tuple[int, ...], others: frozenset[int]) -> tuple[tuple[int, int], ...]:
    """Lines with nothing but empty lines, comments and brackets between them are one range."""
    if not lines:
        return ()
    starts, ends = [lines[0]], []
    for one, following in pairwise(lines):
        if any(between in others for between in range(one + 1, following)):
            ends.append(one)
            starts.append(following)
    ends.append(lines[-1])
    return tuple(zip(starts, ends, strict=True))
