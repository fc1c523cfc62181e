"""The port through which content is read from git."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mrbot.change.commits import Commit
from mrbot.change.files import FileChange
from mrbot.change.hunks import Hunks
from mrbot.change.notes import FileNote
from mrbot.ids import Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """A file's content, whole. `oid` is git's object id."""

    oid: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobSkipped:
    """A file's content that was not read, and why (its size, or that it is not a blob)."""

    oid: str
    size: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeEntry:
    """One file of a tree."""

    path: str
    mode: str
    oid: str


class Repository(Protocol):
    """One repository's content. Every method raises `GitFailure` or `BadReference` only."""

    def resolve(self, ref: str) -> Sha:
        """The commit that `ref` names."""
        ...

    def merge_base(self, one: Sha, other: Sha) -> Sha:
        """The best common ancestor. Raises `BadReference` where there is none."""
        ...

    def merge_bases(self, one: Sha, other: Sha) -> tuple[Sha, ...]:
        """Every best common ancestor, `merge_base` first: branches that merged each other have
        several. Raises `BadReference` where there is none."""
        ...

    def files(self, base: Sha, head: Sha) -> tuple[FileChange, ...]:
        """What `git diff --raw -z -M base head` lists, in git's order."""
        ...

    def blobs(self, oids: Iterable[str], limit_bytes: int) -> dict[str, Blob | BlobSkipped]:
        """The content of each object, whole, or why it was not read."""
        ...

    def tree(self, commit: Sha, directory: str) -> tuple[TreeEntry, ...]:
        """Every file below `directory` (`""`: all), in git's order; empty where it does not exist."""
        ...

    def entry(self, commit: Sha, path: str) -> TreeEntry | None:
        """The one file at exactly `path`, None where there is none."""
        ...

    def commits(self, base: Sha, head: Sha) -> tuple[Commit, ...]:
        """Every commit reachable from head and not from base, the newest first."""
        ...

    def is_ancestor(self, older: Sha, newer: Sha) -> bool:
        """Whether `older` is `newer` or reachable from it."""
        ...

    def hunks(self, files: Sequence[FileChange]) -> Hunks:
        """The changed lines of each of `files`, whose own pairs of blobs are compared."""
        ...

    def notes(
        self, head: Sha, files: Sequence[FileChange], contents: Mapping[str, bytes]
    ) -> tuple[FileNote, ...]:
        """What a reviewer must know of `files` beside their text; `contents` by object id."""
        ...
