"""A real repository to work in, built as hostile as git allows."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha

KIM = ("Kim", "kim@example.com")


@dataclass(frozen=True, kw_only=True)
class Scratch:
    """A work tree; `git` runs the real git in it, and `read` is mrbot's reading of it."""

    path: Path

    def git(self, *arguments: str | bytes, stdin: bytes = b"", person: tuple[str, str] = KIM,
            committer: tuple[str, str] | None = None) -> bytes:  # fmt: skip
        name, email = person
        committer = committer or person
        environment = {
            "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email,
            "GIT_COMMITTER_NAME": committer[0], "GIT_COMMITTER_EMAIL": committer[1],
            "GIT_AUTHOR_DATE": "@1700000000 +0000", "GIT_COMMITTER_DATE": "@1700000000 +0000",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.path, env=environment, input=stdin, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def write(self, path: str | bytes, content: bytes | str = b"text\n", mode: int = 0o644) -> None:
        where = os.path.join(os.fsencode(self.path), os.fsencode(path))
        os.makedirs(os.path.dirname(where), exist_ok=True)
        with open(where, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(where, mode)

    def link(self, path: str, target: str | bytes) -> None:
        where = self.path / path
        where.parent.mkdir(parents=True, exist_ok=True)
        where.unlink(missing_ok=True)
        os.symlink(os.fsencode(target), os.fsencode(where))

    def commit(
        self,
        message: str = "A change",
        *,
        person: tuple[str, str] = KIM,
        committer: tuple[str, str] | None = None,
    ) -> Sha:
        self.git("add", "--all")
        self.git(
            "commit", "--quiet", "--allow-empty", "--message", message,
            person=person, committer=committer,
        )  # fmt: skip
        return self.head()

    def head(self, ref: str = "HEAD") -> Sha:
        return Sha(self.git("rev-parse", ref).decode().strip())

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def raw(self, kind: str, content: bytes) -> str:
        """An object with exactly these bytes, however malformed."""
        return (
            self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=content)
            .decode()
            .strip()
        )

    def raw_tree(self, *entries: tuple[str, bytes, str]) -> str:
        """A tree of these (mode, name, object id), in this order."""
        content = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries
        )
        return self.raw("tree", content)

    def commit_tree(self, tree: str) -> Sha:
        return Sha(self.git("commit-tree", tree, "-m", "A tree").decode().strip())

    def raw_commit(
        self, *, author: bytes = b"Kim <kim@example.com>", committer: bytes = b"Kim <kim@example.com>",
        message: bytes = b"A commit\n", parents: tuple[str, ...] = (),
    ) -> Sha:  # fmt: skip
        tree = self.git("rev-parse", "HEAD^{tree}").decode().strip()
        lines = [b"tree " + tree.encode(), *(b"parent " + one.encode() for one in parents)]
        lines += [b"author " + author + b" 1700000000 +0000"]
        lines += [b"committer " + committer + b" 1700000000 +0000", b"", message]
        return Sha(self.raw("commit", b"\n".join(lines)))

    @property
    def read(self) -> GitRepository:
        return GitRepository(Git(directory=self.path))


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    path = tmp_path / "scratch"
    path.mkdir()
    made = Scratch(path=path)
    made.git("init", "--quiet", "--initial-branch=main")
    made.write("README.md", "# infra\n")
    made.commit("The first")
    return made
