"""A bare mirror of a host's repository: fetched, never pushed, one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mrbot.change.files import MODE_SUBMODULE, FileChange
from mrbot.change.hunks import Hunks
from mrbot.change.repository import Blob, BlobSkipped
from mrbot.errors import GitFailure
from mrbot.git import partial
from mrbot.git.command import Git, Remote
from mrbot.git.repository import GitRepository
from mrbot.ids import RepoId, Sha


class Mirror(GitRepository):
    """One repository's mirror. Heads once seen are kept under `refs/mrbot/seen/`, so that what an
    approval was given for can be read again after a force push.

    Where the server can do it, the contents of files are fetched only when they are read, all that
    one call reads in one request. Which it is, is settled when the mirror is made: a file of its own
    says so, and a mirror that was made whole stays whole.
    """

    def __init__(self, directory: Path, remote: Remote) -> None:
        git = Git(directory=directory, remote=remote)
        super().__init__(git)
        self._directory = directory
        self._remote = remote
        self._commands = git
        self._mark = directory / "mrbot.partial"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._directory / "mrbot.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def fetch(self, refs: Sequence[str]) -> None:
        """The commits that `refs` (`refs/heads/main`, a full object id) name are here, with their
        history and trees.

        Raises: GitFailure when the repository cannot be reached or a ref is not there.
        """
        with self._locked():
            if not (self._directory / "HEAD").exists():
                self._mark.unlink(missing_ok=True)
                if partial.is_served(self._remote, refs[0]):
                    self._mark.touch()
                self._commands.run(["init", "--bare", "--quiet", "."])
            specs = [f"+{ref}:refs/mrbot/{_name(ref)}" for ref in refs]
            if self._mark.exists():
                partial.fetch(self._commands, specs)
            else:
                arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"]
                self._commands.run([*arguments, self._remote.url, *specs])

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

    def files(self, base: Sha, head: Sha) -> tuple[FileChange, ...]:
        """What git itself lists between the two; the contents of all of it are here afterwards, for
        by them git finds what was renamed."""
        if self._mark.exists():
            self._bring_files(self._listed(base, head, "--no-renames"))
        return super().files(base, head)

    def blobs(self, oids: Iterable[str], limit_bytes: int) -> dict[str, Blob | BlobSkipped]:
        """Each object's content, or why it was not read; how large one is shows when it is here."""
        wanted = set(oids)
        self._bring(wanted)
        return super().blobs(wanted, limit_bytes)

    def hunks(self, files: Sequence[FileChange]) -> Hunks:
        """The changed lines of each of `files`."""
        self._bring_files(files)
        return super().hunks(files)

    def checkout(self, commit: Sha, directory: Path) -> None:
        """`directory`, which must be empty, holds the commit's files, byte for byte."""
        self._bring(one.oid for one in self.tree(commit, "") if one.mode != MODE_SUBMODULE)
        super().checkout(commit, directory)

    def _bring_files(self, files: Iterable[FileChange]) -> None:
        sides = [s for f in files for s in ((f.old_blob, f.old_mode), (f.new_blob, f.new_mode))]
        self._bring(oid for oid, mode in sides if oid and mode != MODE_SUBMODULE)

    def _bring(self, oids: Iterable[str]) -> None:
        if self._mark.exists():
            with self._locked():
                partial.bring(self._commands, oids)


def _name(ref: str) -> str:
    # A digest, for a branch `a` that went and a branch `a/b` that came could not both be kept.
    return f"fetched/{hashlib.sha256(ref.encode()).hexdigest()[:40]}"


def mirror_directory(root: Path, repo: RepoId) -> Path:
    """Where the mirror of `repo` is kept: a name that no two repositories share on any disk."""
    digest = hashlib.sha256(str(repo).encode()).hexdigest()[:16]
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in repo.path)
    return root / f"{safe[-60:]}-{digest}.git"
