"""A bare git repository on disk, read and written with git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GIT_TIMEOUT_S = 30
"""Longest time for one git command that moves no pack over the network."""

NO_COMMIT = "0" * 40

_FIELDS = ("%H", "%P", "%T", "%an", "%ae", "%aI", "%cn", "%ce", "%cI", "%B")


class GitError(Exception):
    """git ended with an error; the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit as git shows it; dates are ISO 8601 with an offset."""

    sha: str
    parents: tuple[str, ...]
    tree: str
    author_name: str
    author_email: str
    author_date: str
    committer_name: str
    committer_email: str
    committer_date: str
    message: str

    @property
    def title(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One path that differs between two trees; `status` is git's letter (A, M, D, R, T)."""

    status: str
    old_path: str
    path: str
    old_mode: str
    mode: str
    blob: str
    additions: int = 0
    deletions: int = 0


def git_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every git process: no configuration of this machine or user takes part."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        **(extra or {}),
    }


class Repository:
    """The repository at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(
        self, *args: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> bytes:
        """What git printed.

        Raises:
            GitError: git ended with an error or took longer than `GIT_TIMEOUT_S`.
        """
        try:
            done = subprocess.run(
                ("git", *args),
                cwd=self.path,
                env=git_environment(env),
                input=stdin if stdin is not None else b"",
                capture_output=True,
                timeout=GIT_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise GitError(f"git {args[0]} took longer than {GIT_TIMEOUT_S} s") from late
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip()
            raise GitError(f"git {args[0]} ended with {done.returncode}: {said}")
        return done.stdout

    def text(self, *args: str, stdin: bytes | None = None) -> str:
        """Like `git`, as text without the last newline."""
        return self.git(*args, stdin=stdin).decode(errors="replace").rstrip("\n")

    def resolve(self, revision: str) -> str | None:
        """The full id of the commit that `revision` names, or None."""
        if revision.startswith("-"):
            return None
        try:
            return self.text("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        except GitError:
            return None

    def branch(self, name: str) -> str | None:
        """The head of a branch, or None."""
        return self.resolve(f"refs/heads/{name}")

    def branches(self) -> dict[str, str]:
        """Branch name -> head."""
        lines = self.text("for-each-ref", "--format=%(objectname) %(refname:short)", "refs/heads")
        pairs = (line.split(" ", 1) for line in lines.splitlines())
        return {name: sha for sha, name in pairs}

    def commits(self, *revisions: str, limit: int = 1000) -> list[Commit]:
        """Commits reachable from `revisions` (git's range notation), newest first."""
        form = "--format=tformat:" + "%x00".join(_FIELDS)
        out = self.text("log", "-z", f"--max-count={limit}", form, *revisions, "--")
        values = out.split("\0")  # a commit holds no NUL, so fields and records both end with one
        step = len(_FIELDS)
        return [_parse(values[at : at + step]) for at in range(0, len(values) - step + 1, step)]

    def commit(self, sha: str) -> Commit:
        """One commit.

        Raises:
            GitError: there is none.
        """
        return self.commits(sha, limit=1)[0]

    def merge_base(self, left: str, right: str) -> str | None:
        """The best common ancestor, or None."""
        try:
            return self.text("merge-base", left, right)
        except GitError:
            return None

    def contains(self, ancestor: str, descendant: str) -> bool:
        """Whether `ancestor` is reachable from `descendant`."""
        return self.merge_base(ancestor, descendant) == ancestor

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of merging `theirs` into `ours`, or None when they conflict."""
        try:
            return self.text("merge-tree", "--write-tree", ours, theirs).splitlines()[0]
        except GitError:
            return None

    def changed_files(self, base: str, head: str) -> list[FileChange]:
        """The paths that differ, renames followed."""
        raw = self.text("diff", "--raw", "-z", "-M", "--no-abbrev", base, head).split("\0")
        counts = self._line_counts(base, head)
        found: list[FileChange] = []
        at = 0
        while at < len(raw) and raw[at]:
            old_mode, mode, _, blob, status = raw[at].lstrip(":").split(" ")
            renamed = status[0] in "RC"
            old_path, path = raw[at + 1], raw[at + 2] if renamed else raw[at + 1]
            added, deleted = counts.get(path, (0, 0))
            found.append(
                FileChange(
                    status=status[0], old_path=old_path, path=path, old_mode=old_mode, mode=mode,
                    blob=blob, additions=added, deletions=deleted,
                )
            )  # fmt: skip
            at += 3 if renamed else 2
        return found

    def _line_counts(self, base: str, head: str) -> dict[str, tuple[int, int]]:
        parts = self.text("diff", "--numstat", "-z", "-M", base, head).split("\0")
        counts: dict[str, tuple[int, int]] = {}
        at = 0
        while at < len(parts) and parts[at]:
            added, deleted, path = parts[at].split("\t", 2)
            if not path:  # a rename: old and new path follow as their own fields
                path, at = parts[at + 2], at + 2
            counts[path] = (0, 0) if added == "-" else (int(added), int(deleted))
            at += 1
        return counts

    def patch(self, base: str, head: str, path: str) -> str:
        """The hunks of one path, without git's header."""
        out = self.text("diff", "-M", base, head, "--", path)
        start = out.find("@@")
        return out[start:] if start >= 0 else ""

    def read(self, revision: str, path: str) -> bytes | None:
        """A file at a revision, or None."""
        try:
            return self.git("cat-file", "blob", f"{revision}:{path}")
        except GitError:
            return None

    def names(self, revision: str, folder: str) -> list[str]:
        """The files directly in a folder at a revision; none where there is no such folder."""
        try:
            out = self.text("ls-tree", "-z", "--name-only", revision, f"{folder.rstrip('/')}/")
        except GitError:
            return []
        return [path.rpartition("/")[2] for path in out.split("\0") if path]

    def move(self, ref: str, new: str, *, old: str | None = None) -> None:
        """`ref` points to `new`; with `old`, only if it pointed there before.

        Raises:
            GitError: it had moved.
        """
        self.git("update-ref", ref, new, *([old] if old is not None else []))

    def delete(self, ref: str) -> None:
        """`ref` is gone."""
        self.git("update-ref", "-d", ref)

    def commit_tree(
        self, tree: str, parents: Sequence[str], message: str, *, name: str, email: str
    ) -> str:
        """Store a commit and return its id; no ref moves."""
        person = {
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email,
        }  # fmt: skip
        flags = [flag for parent in parents for flag in ("-p", parent)]
        out = self.git("commit-tree", tree, *flags, stdin=message.encode(), env=person)
        return out.decode().strip()

    def tree_with(self, parent: str | None, files: Mapping[str, str | bytes | None]) -> str:
        """The id of a stored tree: that of `parent` with `files` written over it (None deletes)."""
        index = self.path / "sandbox-index"
        env = {"GIT_INDEX_FILE": str(index)}
        try:
            self.git("read-tree", *([parent] if parent else ["--empty"]), env=env)
            lines = []
            for path, content in files.items():
                if content is None:
                    lines.append(f"0 {NO_COMMIT}\t{path}")
                    continue
                data = content.encode() if isinstance(content, str) else content
                blob = self.git("hash-object", "-w", "--stdin", stdin=data).decode().strip()
                lines.append(f"100644 {blob}\t{path}")
            entries = "\0".join(lines).encode() + b"\0" if lines else b""
            self.git("update-index", "-z", "--index-info", stdin=entries, env=env)
            return self.git("write-tree", env=env).decode().strip()
        finally:
            index.unlink(missing_ok=True)


def _parse(values: Sequence[str]) -> Commit:
    sha, parents, tree, an, ae, ad, cn, ce, cd, message = values
    return Commit(
        sha=sha, parents=tuple(parents.split()), tree=tree,
        author_name=an, author_email=ae, author_date=ad,
        committer_name=cn, committer_email=ce, committer_date=cd,
        message=message.rstrip("\n") + "\n",
    )  # fmt: skip
