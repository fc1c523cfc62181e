"""The list of changed files: what mrbot adds to git's own list."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.sample import git, many_files
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha


def measure(work: Path, effort: Effort) -> list[Row]:
    """`git diff --raw` against `GitRepository.files`, which reads what git prints into values."""
    found = []
    for count in effort.changed_files:
        sample = many_files(work / f"files-{count}", count)
        repository = GitRepository(Git(directory=sample.directory))
        ends = (Sha(sample.base), Sha(sample.head))
        # -l0: mrbot looks for renames however many files there are, so git must here as well.
        raw = ("diff", "--raw", "-z", "-M", "-l0", *ends)
        found += compared(
            {
                f"{count:,} changed files: git diff --raw": partial(git, sample.directory, *raw),
                f"{count:,} changed files: mrbot's list": partial(repository.files, *ends),
            },
            effort,
        )
    found.append(_growth(effort.changed_files, [row for row in found if "mrbot" in row.name]))
    return found


def _growth(counts: tuple[int, ...], listed: list[Row]) -> Row:
    """How the time grows with the number of files: 1 is in proportion, 2 with its square."""
    times = [row.samples.median for row in listed if row.samples is not None]
    exponent = math.log(times[-1] / times[0]) / math.log(counts[-1] / counts[0])
    note = f"exponent {exponent:.2f} from {counts[0]:,} to {counts[-1]:,} files"
    return Row(name="changed files: growth", samples=None, note=note)
