"""Reads `git diff --raw -z`: pure.

Source: git-diff(1), "RAW OUTPUT FORMAT".
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from mrbot.change.files import FileChange, FileStatus
from mrbot.errors import GitFailure

_STATUS = {
    "A": FileStatus.ADDED,
    "M": FileStatus.MODIFIED,
    "D": FileStatus.DELETED,
    "R": FileStatus.RENAMED,
    "C": FileStatus.COPIED,
    "T": FileStatus.TYPE_CHANGED,
}


def parse_raw_diff(output: bytes) -> tuple[FileChange, ...]:
    """Every entry of git's output, in its order.

    Raises: GitFailure for a status letter or a form that git's manual does not name: a file that
    cannot be understood must not be left out.
    """
    fields = iter(output.split(b"\0"))
    changes: list[FileChange] = []
    for header in fields:
        if header:
            try:
                changes.append(_entry(header, fields))
            except (StopIteration, ValueError) as error:
                message = f"git's raw diff has an entry mrbot cannot read: {header[:80]!r}"
                raise GitFailure(message) from error
    return tuple(changes)


def _entry(header: bytes, fields: Iterator[bytes]) -> FileChange:
    if not header.startswith(b":"):
        raise ValueError("not a header")
    old_mode, new_mode, old_blob, new_blob, letter = header[1:].decode("ascii").split(" ")
    status = _STATUS.get(letter[:1])
    if status is None:
        raise GitFailure(f"git's raw diff has a status mrbot does not know: {letter!r}")
    first = os.fsdecode(next(fields))
    two = status in {FileStatus.RENAMED, FileStatus.COPIED}
    second = os.fsdecode(next(fields)) if two else None
    return FileChange(
        path=first if second is None else second,
        old_path=None if second is None else first,
        status=status,
        old_mode=old_mode,
        new_mode=new_mode,
        old_blob=None if set(old_blob) == {"0"} else old_blob,
        new_blob=None if set(new_blob) == {"0"} else new_blob,
    )
