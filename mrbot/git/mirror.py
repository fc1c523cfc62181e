"""A bare mirror of a host's repository: fetched, never pushed, one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mrbot.errors import GitFailure
from mrbot.git.command import Git, Remote
from mrbot.git.repository import GitRepository
from mrbot.ids import RepoId, Sha


class Mirror(GitRepository):
    """One repository's mirror. Heads once seen are kept under `refs/mrbot/seen/`, so that what an
    approval was given for can be read again after a force push."""

    def __init__(self, directory: Path, remote: Remote) -> None:
        git = Git(directory=directory, remote=remote)
        super().__init__(git)
        self._directory = directory
        self._remote = remote
        self._commands = git

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._directory / "mrbot.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def fetch(self, refs: Sequence[str]) -> None:
        """The commits that `refs` (`refs/heads/main`, a full object id) name are here, whole.

        Raises: GitFailure when the repository cannot be reached or a ref is not there.
        """
        with self._locked():
            if not (self._directory / "HEAD").exists():
                self._commands.run(["init", "--bare", "--quiet", "."])
            specs = [f"+{ref}:refs/mrbot/{_name(ref)}" for ref in refs]
            arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", self._remote.url]
            self._commands.run([*arguments, *specs])

    def has(self, sha: Sha) -> bool:
        """Whether the commit is already here."""
        if not (self._directory / "HEAD").exists():
            return False
        try:
            self._commands.run(["cat-file", "-e", f"{sha}^{{commit}}"])
        except GitFailure:
            return False
        return True

    def fetched(self, ref: str) -> Sha:
        """The commit that `ref` named when it was last fetched."""
        return self.resolve(f"refs/mrbot/{_name(ref)}")

    def keep(self, sha: Sha) -> None:
        """The commit stays here even when no branch holds it any more."""
        self._commands.run(["update-ref", f"refs/mrbot/seen/{sha}", sha])


def _name(ref: str) -> str:
    # A digest, for a branch `a` that went and a branch `a/b` that came could not both be kept.
    return f"fetched/{hashlib.sha256(ref.encode()).hexdigest()[:40]}"


def mirror_directory(root: Path, repo: RepoId) -> Path:
    """Where the mirror of `repo` is kept: a name that no two repositories share on any disk."""
    digest = hashlib.sha256(str(repo).encode()).hexdigest()[:16]
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in repo.path)
    return root / f"{safe[-60:]}-{digest}.git"
