"""Reads one repository on disk, a work tree or a bare mirror: the `Repository` port over git."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from mrbot.change.commits import Commit
from mrbot.change.files import MODE_SUBMODULE, FileChange
from mrbot.change.hunks import Hunks
from mrbot.change.notes import FileNote
from mrbot.change.repository import Blob, BlobSkipped, TreeEntry
from mrbot.errors import BadReference, GitFailure, Problem
from mrbot.git.command import Git
from mrbot.git.commits import commits
from mrbot.git.file_notes import file_notes
from mrbot.git.hunks import hunks
from mrbot.git.objects import MISSING, contents, kinds
from mrbot.git.raw_diff import parse_raw_diff
from mrbot.git.unpack import unpack
from mrbot.ids import Sha

TOTAL_LIMIT_BYTES = 128 << 20
"""Bytes of all objects that are read at once: 128 MiB."""


class GitRepository:
    """The content of one repository. Objects are read by id; nothing is ever checked out or run."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def resolve(self, ref: str) -> Sha:
        """The commit that `ref` names.

        Raises: BadReference when it names none.
        """
        if ref.startswith("-") or not ref:
            raise BadReference(Problem("", 0, f"not a commit or branch: {ref!r}"))
        try:
            out = self._git.run(
                ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]
            )
        except GitFailure as error:
            where = self._git.directory
            message = f"{ref!r} names no commit in {where}: give a branch, tag or commit id"
            raise BadReference(Problem("", 0, message)) from error
        return Sha(out.decode().strip())

    def merge_base(self, one: Sha, other: Sha) -> Sha:
        """The best common ancestor, the same that `git diff A...B` uses."""
        return self.merge_bases(one, other)[0]

    def merge_bases(self, one: Sha, other: Sha) -> tuple[Sha, ...]:
        """Every best common ancestor, in git's order."""
        try:
            out = self._git.run(["merge-base", "--all", one, other])
        except GitFailure as error:
            message = f"{one[:12]} and {other[:12]} have no common ancestor"
            raise BadReference(Problem("", 0, message)) from error
        return tuple(Sha(line) for line in out.decode().split())

    def files(self, base: Sha, head: Sha) -> tuple[FileChange, ...]:
        """What git itself lists between the two, renames found, submodules and modes included."""
        return self._listed(base, head, "-M")

    def _listed(self, base: Sha, head: Sha, renames: str) -> tuple[FileChange, ...]:
        # diff-tree is diff without the settings that a repository may have made for it.
        arguments = ["diff-tree", "-r", "--raw", "-z", renames, "--no-abbrev", "--no-relative"]
        arguments += ["-O/dev/null", "--ignore-submodules=none", base, head, "--"]
        return parse_raw_diff(self._git.run(arguments))

    def blobs(self, oids: Iterable[str], limit_bytes: int) -> dict[str, Blob | BlobSkipped]:
        """Each object's content, or why it was not read: `limit_bytes` is for one object, and
        TOTAL_LIMIT_BYTES for all."""
        wanted = sorted(set(oids))
        found_kinds = kinds(self._git, wanted)
        found: dict[str, Blob | BlobSkipped] = {}
        small: list[str] = []
        total = 0
        for oid in wanted:
            kind, size = found_kinds.get(oid, (MISSING, 0))
            if kind != "blob":
                found[oid] = BlobSkipped(oid=oid, size=0, reason=f"not a file but {kind}")
            elif size > limit_bytes:
                reason = f"{size:,} bytes, more than the {limit_bytes:,} that mrbot reads of a file"
                found[oid] = BlobSkipped(oid=oid, size=size, reason=reason)
            elif total + size > TOTAL_LIMIT_BYTES:
                reason = (
                    f"the change has more than the {TOTAL_LIMIT_BYTES:,} bytes that mrbot reads"
                )
                found[oid] = BlobSkipped(oid=oid, size=size, reason=reason)
            else:
                total += size
                small.append(oid)
        found.update(contents(self._git, small))
        return found

    def tree(self, commit: Sha, directory: str) -> tuple[TreeEntry, ...]:
        """Every file below `directory`; empty where it does not exist."""
        arguments = ["ls-tree", "-r", "-z", "--full-tree", commit]
        if directory:
            arguments += ["--", directory.rstrip("/") + "/"]
        entries = []
        for line in self._git.run(arguments).split(b"\0"):
            if line:
                meta, _, path = line.partition(b"\t")
                mode, _, oid = meta.decode().split(" ")
                entries.append(TreeEntry(path=os.fsdecode(path), mode=mode, oid=oid))
        return tuple(entries)

    def entry(self, commit: Sha, path: str) -> TreeEntry | None:
        """The one file at `path`, or None."""
        out = self._git.run(["ls-tree", "-z", "--full-tree", commit, "--", path])
        if not out:
            return None
        meta, _, name = out.rstrip(b"\0").partition(b"\t")
        mode, kind, oid = meta.decode().split(" ")
        found = os.fsdecode(name)
        return (
            TreeEntry(path=found, mode=mode, oid=oid) if kind == "blob" and found == path else None
        )

    def commits(self, base: Sha, head: Sha) -> tuple[Commit, ...]:
        """Every commit between the two, over the whole graph, merges included."""
        return commits(self._git, base, head)

    def is_ancestor(self, older: Sha, newer: Sha) -> bool:
        """Whether `older` is `newer` or reachable from it."""
        out = self._git.run(["rev-list", "--count", "--max-count=1", older, f"^{newer}", "--"])
        return out.strip() == b"0"

    def hunks(self, files: Sequence[FileChange]) -> Hunks:
        """The changed lines of each of `files`."""
        return hunks(self._git, files)

    def notes(
        self, head: Sha, files: Sequence[FileChange], contents: Mapping[str, bytes]
    ) -> tuple[FileNote, ...]:
        """What a reviewer must know of `files` beside their text."""
        return file_notes(self._git, self, head, files, contents)

    def checkout(self, commit: Sha, directory: Path) -> None:
        """`directory`, which must be empty, holds the commit's files, byte for byte.

        Raises: GitFailure when the tree is too large or holds what must not be unpacked.
        """
        entries = self.tree(commit, "")
        oids = sorted({entry.oid for entry in entries if entry.mode != MODE_SUBMODULE})
        found = kinds(self._git, oids)
        lost = [oid for oid in oids if found[oid][0] != "blob"]
        if lost:
            raise GitFailure(
                f"{len(lost)} files of {commit[:12]} are not here, {lost[0]} among them"
            )
        sizes = {oid: size for oid, (_, size) in found.items()}
        unpack(entries, sizes, partial(contents, self._git), directory)
