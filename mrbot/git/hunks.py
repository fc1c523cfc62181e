"""The changed lines of each file: git makes the patch, unidiff reads it.

A patch is text in which a file's name and content can imitate the patch itself. So git compares two
trees made for it, in which each changed file has a number for its name, and a patch is told by its
place among the others. The pairs are those of the change's own list of files, renamed ones included:
git is not asked to find them a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import Literal

from unidiff.constants import LINE_TYPE_NO_NEWLINE
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from mrbot.change.files import FileChange
from mrbot.change.hunks import Hunk, HunkLine, Hunks
from mrbot.errors import GitFailure
from mrbot.git.command import Git
from mrbot.git.neutral import neutral
from mrbot.git.objects import kinds

FILE_LIMIT_BYTES = 1 << 20
"""Bytes of one version of a file that is compared line by line: 1 MiB.

Files made to have no two lines in order take git 2 s at this size.
"""

TOTAL_LIMIT_BYTES = 32 << 20
"""Bytes of all versions that are compared: 32 MiB."""

PATCH_LIMIT_BYTES = 1 << 20
"""Bytes of one file's patch that is read: 1 MiB."""

PATCHES_LIMIT_BYTES = 16 << 20
"""Bytes of all patches that are read: 16 MiB."""

LINES_LIMIT = 400_000
"""Lines of all patches that are read."""

_REGULAR = "100"
"""How the mode of a file begins that is neither a link nor a submodule."""

_Pair = tuple[str | None, str | None]
"""Object ids of one file before and after, None where it is absent."""

_KINDS: Mapping[str, Literal["+", "-", " "]] = {"+": "+", "-": "-", " ": " "}


def hunks(git: Git, files: Sequence[FileChange]) -> Hunks:
    """The hunks of `files`; those that cannot be had are counted as unreadable, never left out.

    Raises: GitFailure when git cannot compare them at all.
    """
    pairs = {file.path: _pair(file) for file in files}
    differing = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
    with neutral(git) as plain:
        fitting = _fitting(plain, differing)
        patches = _patches(plain, [differing[path] for path in fitting])
    found = dict(zip(fitting, _read(patches), strict=True))
    by_path = {path: found.get(path) if path in differing else () for path in pairs}
    return Hunks(
        by_path={path: read for path, read in by_path.items() if read is not None},
        unreadable=tuple(path for path, read in by_path.items() if read is None),
    )


def _pair(file: FileChange) -> _Pair:
    old = file.old_blob if file.old_mode.startswith(_REGULAR) else None
    return old, file.new_blob if file.new_mode.startswith(_REGULAR) else None


def _fitting(git: Git, pairs: Mapping[str, _Pair]) -> list[str]:
    """The paths whose versions are here and within the limits, in their order."""
    found = kinds(git, (oid for pair in pairs.values() for oid in pair if oid))
    fitting, total = [], 0
    for path, pair in pairs.items():
        versions = [found[oid] for oid in pair if oid]
        size = sum(one for _, one in versions)
        small = all(kind == "blob" and one <= FILE_LIMIT_BYTES for kind, one in versions)
        if small and total + size <= TOTAL_LIMIT_BYTES:
            total += size
            fitting.append(path)
    return fitting


def _patches(git: Git, pairs: Sequence[_Pair]) -> list[bytes]:
    """One patch for each pair, in their order.

    Raises: GitFailure when git printed anything else.
    """
    if not pairs:
        return []
    before = _tree(git, [old for old, _ in pairs])
    after = _tree(git, [new for _, new in pairs])
    arguments = ["diff-tree", "-r", "-p", "-U3", "--no-renames", "--no-color", "--no-ext-diff"]
    arguments += ["--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", before, after, "--"]
    # Within a patch no line starts so: those of the files have a sign before them.
    out = git.run(arguments).removesuffix(b"\n")
    first, *patches = (b"\n" + out).split(b"\ndiff --git ")
    expected = [b"a/%s b/%s\n" % (name, name) for name in map(_name, range(len(pairs)))]
    if first or len(patches) != len(pairs) or not all(map(bytes.startswith, patches, expected)):
        raise GitFailure(f"git made {len(patches)} patches of {len(pairs)} changed files")
    return [b"diff --git " + patch + b"\n" for patch in patches]


def _tree(git: Git, oids: Iterable[str | None]) -> str:
    entries = [b"100644 blob %s\t%s\0" % (o.encode(), _name(n)) for n, o in enumerate(oids) if o]
    return git.run(["mktree", "-z"], stdin=b"".join(entries)).decode().strip()


def _name(number: int) -> bytes:
    # Of one width, so that git's order, by name, is that of the numbers.
    return b"%09d" % number


def _read(patches: Iterable[bytes]) -> Iterator[tuple[Hunk, ...] | None]:
    size = lines = 0
    for patch in patches:
        count = patch.count(b"\n")
        fits = size + len(patch) <= PATCHES_LIMIT_BYTES and lines + count <= LINES_LIMIT
        if not fits or len(patch) > PATCH_LIMIT_BYTES:
            yield None
        else:
            size, lines = size + len(patch), lines + count
            yield parsed(patch)


def parsed(patch: bytes) -> tuple[Hunk, ...] | None:
    """The hunks in one file's patch; None when it is binary or cannot be read."""
    # StringIO parts lines at line feeds only, as git does.
    text = StringIO(patch.decode("utf-8", "surrogateescape"), newline="\n")
    try:
        (file,) = PatchSet(text)
        found = tuple(_hunk(one) for one in file)
    except (UnidiffParseError, ValueError, LookupError, AssertionError):
        return None
    # What follows a hunk that says it is shorter, unidiff passes over.
    body = patch[patch.find(b"\n@@ ") + 1 :] if found else b""
    whole = body.count(b"\n") == sum(1 + len(one) for one in file)
    return found if whole and not file.is_binary_file else None


def _hunk(found: ParsedHunk) -> Hunk:
    lines: list[HunkLine] = []
    for line in found:
        if line.line_type == LINE_TYPE_NO_NEWLINE:
            lines[-1] = replace(lines[-1], ends=False)
        else:
            lines.append(
                HunkLine(
                    kind=_KINDS[line.line_type],
                    text=line.value.removesuffix("\n"),
                    old_line=line.source_line_no,
                    new_line=line.target_line_no,
                )
            )
    return Hunk(
        old_start=found.source_start,
        old_lines=found.source_length,
        new_start=found.target_start,
        new_lines=found.target_length,
        lines=tuple(lines),
    )
