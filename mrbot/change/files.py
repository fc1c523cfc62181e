"""Which files a change touches, as git says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FileStatus(StrEnum):
    """The status letter of `git diff --raw`, in words."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type-changed"


MODE_ABSENT = "000000"
MODE_SYMLINK = "120000"
MODE_SUBMODULE = "160000"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file between the merge base and the head.

    `path` is the path at the head (for a deletion: at the base); `old_path` is the path at the base
    when it differs, else None. Bytes that are not UTF-8 are kept as lone surrogates
    (`surrogateescape`), so `os.fsencode(path)` is git's exact name. Modes are six octal digits,
    `000000` where the file is absent; blobs are object ids, None where absent (for a submodule: the
    commit).
    """

    path: str
    old_path: str | None
    status: FileStatus
    old_mode: str
    new_mode: str
    old_blob: str | None
    new_blob: str | None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path this change answers for: the new one, and the old one where it differs."""
        return (self.path,) if self.old_path is None else (self.path, self.old_path)


def shown(path: str) -> str:
    """`path` as text that any reader can print: bytes that are not UTF-8 become `\\xNN`."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
