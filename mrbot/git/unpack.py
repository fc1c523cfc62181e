"""Writes a commit's files to disk by their object ids: no attribute, filter or hook has a say.

`git archive` and `git checkout` obey the repository: a `.gitattributes` can leave files out of them
(`export-ignore`), rewrite them (`export-subst`) or name a program that does (`filter`). What is
planned would then not be what is merged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from mrbot.change.directories import holding
from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, shown
from mrbot.change.notes import leaves
from mrbot.change.repository import Blob, TreeEntry
from mrbot.errors import GitFailure

MODE_EXECUTABLE = "100755"

UNPACK_LIMIT_BYTES = 1 << 30
"""Bytes of a tree that is unpacked for planning: 1 GiB."""

UNPACK_LIMIT_FILES = 200_000
"""Files of a tree that is unpacked for planning."""

BATCH_BYTES = 64 << 20
"""Bytes of content that are in memory at once, beside the largest file."""

_LINK_LIMIT_BYTES = 4096


def unpack(
    entries: Sequence[TreeEntry],
    sizes: Mapping[str, int],
    contents: Callable[[list[str]], Mapping[str, Blob]],
    directory: Path,
) -> None:
    """`directory`, which must be empty, holds the files; a submodule is an empty directory.

    Symbolic links come last, so that nothing is written through one.

    Raises: GitFailure when there is too much, or what must not be unpacked: a name that leaves the
        directory, a `.git`, a link that leads outside.
    """
    _check(entries, sizes)
    files = [entry for entry in entries if entry.mode not in {MODE_SUBMODULE, MODE_SYMLINK}]
    links = [entry for entry in entries if entry.mode == MODE_SYMLINK]
    try:
        _make_directories(entries, directory)
        for batch in _batches(files, sizes):
            found = contents(sorted({entry.oid for entry in batch}))
            for entry in batch:
                _write(directory / entry.path, found[entry.oid].content, entry.mode)
        targets = contents(sorted({entry.oid for entry in links}))
        for entry in links:
            (directory / entry.path).symlink_to(_target(entry.path, targets[entry.oid].content))
    except OSError as error:
        raise GitFailure(f"the tree cannot be unpacked for planning: {error}") from error


def _check(entries: Sequence[TreeEntry], sizes: Mapping[str, int]) -> None:
    total = 0
    if len(entries) > UNPACK_LIMIT_FILES:
        raise GitFailure(f"the tree has more than the {UNPACK_LIMIT_FILES:,} files mrbot plans")
    for entry in entries:
        if any(part in {"", ".", ".."} or part.lower() == ".git" for part in entry.path.split("/")):
            raise GitFailure(f"the tree holds a name that no file may have: {shown(entry.path)!r}")
        if entry.mode == MODE_SUBMODULE:
            continue
        size = sizes[entry.oid]
        if entry.mode == MODE_SYMLINK and size > _LINK_LIMIT_BYTES:
            raise GitFailure(f"{shown(entry.path)!r} is a link with {size:,} bytes")
        total += size
    if total > UNPACK_LIMIT_BYTES:
        limit = f"{UNPACK_LIMIT_BYTES:,}"
        raise GitFailure(f"the tree has {total:,} bytes, more than the {limit} mrbot plans")


def _make_directories(entries: Iterable[TreeEntry], directory: Path) -> None:
    # A submodule is a directory itself.
    wanted = holding(e.path + "/" if e.mode == MODE_SUBMODULE else e.path for e in entries)
    for path in sorted(wanted - {""}):
        (directory / path).mkdir()
        (directory / path).chmod(0o755)


def _batches(entries: Iterable[TreeEntry], sizes: Mapping[str, int]) -> Iterator[list[TreeEntry]]:
    batch: list[TreeEntry] = []
    total = 0
    for entry in entries:
        if batch and total + sizes[entry.oid] > BATCH_BYTES:
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += sizes[entry.oid]
    if batch:
        yield batch


def _write(path: Path, content: bytes, mode: str) -> None:
    with path.open("xb") as file:
        file.write(content)
        os.fchmod(file.fileno(), 0o755 if mode == MODE_EXECUTABLE else 0o644)


def _target(path: str, content: bytes) -> str:
    """Where the link at `path` leads: up at most to the root, and then only down.

    Going up again after going down is refused, for what lies below may be a link itself.
    """
    target = os.fsdecode(content)
    if leaves(path, target) or not target or "\0" in target:
        raise GitFailure(f"the link {shown(path)!r} leads out of the tree: {shown(target)!r}")
    return target
