"""The commits that a change would bring, as git holds them: anybody can write anything there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mrbot.change.people import Signature
from mrbot.ids import Sha

COMMITS_LIMIT = 1_000
"""Commits of one change that are kept, the newest; the rest is counted."""
MESSAGE_LIMIT = 4_096
"""Characters of one commit's message that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit. `parents` counts them: 2 for a merge. `committed_at` is the committer's clock, as
    ISO 8601, empty where git cannot read it. `message` is its first `MESSAGE_LIMIT` characters;
    `co_authors` are of the whole of it."""

    sha: Sha
    parents: int
    author: Signature
    committer: Signature
    committed_at: str
    message: str
    co_authors: frozenset[Signature] = frozenset()


def signatures_of(commits: Iterable[Commit]) -> frozenset[Signature]:
    """Author, committer and co-authors of every one of them."""
    return frozenset(
        signature for one in commits for signature in (one.author, one.committer, *one.co_authors)
    )
