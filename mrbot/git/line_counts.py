"""How many lines each file gains and loses: for display, and for nothing else."""

from __future__ import annotations

import os
from dataclasses import dataclass

from mrbot.errors import GitFailure
from mrbot.git.command import Git
from mrbot.git.neutral import neutral
from mrbot.ids import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCount:
    """Lines of one file."""

    added: int
    removed: int


def line_counts(git: Git, base: Sha, head: Sha) -> dict[str, LineCount]:
    """The counts by path at the head (at the base where it is gone); a path without is not known."""
    arguments = ["diff-tree", "-r", "--numstat", "-z", "-M", "--no-ext-diff", "--no-textconv"]
    try:
        with neutral(git) as plain:
            return counted(plain.run([*arguments, base, head, "--"]))
    except GitFailure:
        return {}


def counted(output: bytes) -> dict[str, LineCount]:
    """The counts in what `git diff --numstat -z` printed; a binary file has none.

    Raises: GitFailure when it is not in that form.
    """
    counts: dict[str, LineCount] = {}
    fields = iter(output.split(b"\0")[:-1])
    try:
        for field in fields:
            added, removed, path = field.split(b"\t", 2)
            if not path:  # renamed: the old name and the new one are fields of their own
                _, path = next(fields), next(fields)
            if added != b"-":
                counts[os.fsdecode(path)] = LineCount(added=int(added), removed=int(removed))
    except (ValueError, StopIteration) as error:
        raise GitFailure("git's line counts are in a form mrbot cannot read") from error
    return counts
