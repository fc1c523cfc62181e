"""How many lines each file gains and loses: for display, and for nothing else.

Which files changed is git's raw diff to say; a patch is text that a file's content can imitate, so a
path that cannot be matched is left without counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from mrbot.errors import GitFailure
from mrbot.git.command import Git
from mrbot.ids import Sha

PATCH_LIMIT_BYTES = 4 << 20
"""Bytes of patch that are read for counting: 4 MiB. Beyond that nothing is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCount:
    """Lines of one file."""

    added: int
    removed: int


def line_counts(git: Git, base: Sha, head: Sha) -> dict[str, LineCount]:
    """The counts by path at the head (at the base where it is gone); a path without is not known."""
    arguments = ["diff", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv"]
    arguments += ["--src-prefix=a/", "--dst-prefix=b/", base, head, "--"]
    try:
        patch = git.run(arguments)
    except GitFailure:
        return {}
    return counted(patch)


def counted(patch: bytes) -> dict[str, LineCount]:
    """The counts in a patch; none when it is too long or cannot be read."""
    if len(patch) > PATCH_LIMIT_BYTES:
        return {}
    try:
        files = PatchSet(patch.decode("utf-8", "surrogateescape"))
    except (UnidiffParseError, ValueError, IndexError):
        return {}
    return {
        file.path: LineCount(added=file.added, removed=file.removed)
        for file in files
        if not file.is_binary_file
    }
