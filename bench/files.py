"""The list of changed files: what mrbot adds to git's own list."""

from __future__ import annotations

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
    return found
