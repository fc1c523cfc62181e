"""The change, pinned to its commits, with every file that differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mrbot.change.commits import COMMITS_LIMIT, signatures_of
from mrbot.change.files import MODE_ABSENT, FileChange, FileStatus
from mrbot.change.people import Contributors, Review
from mrbot.change.repository import Repository
from mrbot.change.snapshot import Change, HostChange
from mrbot.errors import BadReference, Problem
from mrbot.ids import Person, Sha

MERGE_BASE_LIMIT = 16
"""Merge bases of one change, each of which is compared with the head."""


def pinned(
    host: HostChange,
    repository: Repository,
    target: Sha,
    *,
    people: frozenset[Person],
    reviews: tuple[Review, ...],
) -> Change:
    """The change, joined from what the host says and what git holds.

    Raises: GitFailure, BadReference when the commits cannot be read.
    """
    bases = repository.merge_bases(target, host.head)
    if len(bases) > MERGE_BASE_LIMIT:
        message = f"{len(bases)} merge bases with {host.target_branch}: rebase the change"
        raise BadReference(Problem("", 0, message))
    base = bases[0]
    commits = repository.commits(base, host.head)
    return Change(
        host=host,
        base=base,
        target=target,
        files=_since([repository.files(one, host.head) for one in bases]),
        contributors=Contributors(people=people | {host.author}, signatures=signatures_of(commits)),
        reviews=reviews,
        commits=commits[:COMMITS_LIMIT],
        commits_left_out=max(0, len(commits) - COMMITS_LIMIT),
    )


def _since(by_base: Iterable[tuple[FileChange, ...]]) -> tuple[FileChange, ...]:
    """What differs from any of the merge bases; of a path in several, what the first says.

    Branches that merged each other have several, and git merges from all of them together: what
    equals one of them, chosen by the dates of commits, can still undo what is on the target branch.
    """
    found: list[FileChange] = []
    known: set[str] = set()
    for files in by_base:
        new = [part for file in files for part in _unknown(file, known)]
        found += new
        known.update(path for file in new for path in file.paths)
    return tuple(found)


def _unknown(file: FileChange, known: set[str]) -> Iterable[FileChange]:
    """`file`, or that half of a renaming whose path is not `known`."""
    if file.old_path is None or not known & set(file.paths):
        return () if file.path in known else (file,)
    if file.path not in known:
        added = replace(file, status=FileStatus.ADDED, old_path=None, old_blob=None)
        return (replace(added, old_mode=MODE_ABSENT),)
    if file.old_path not in known:
        gone = replace(file, status=FileStatus.DELETED, path=file.old_path, old_path=None)
        return (replace(gone, new_blob=None, new_mode=MODE_ABSENT),)
    return ()
