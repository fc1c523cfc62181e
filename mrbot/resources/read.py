"""Every changed file, read by the reader of its format, or listed as not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from mrbot.resources.declared import Side, TextFile, compare
from mrbot.resources.formats import (
    FALLBACKS,
    FORMATS,
    KUBERNETES,
    PLAIN_TEXT,
    Format,
    claimants,
    fallback,
    is_prose,
    possible,
)
from mrbot.resources.known_secrets import without_secrets
from mrbot.resources.model import FileVersions, NotUnderstood, Reading, ResourceChange

MAX_BYTES = 64 * 2**20
"""Most bytes read in one change, both versions of each file counted."""
MAX_RESOURCES = 20_000
"""Most resource changes that one reading holds."""


@dataclass(slots=True)
class _Tree:
    """One side of a change: its files, and what each reader found in them."""

    files: list[TextFile] = field(default_factory=list)
    sides: dict[str, Side] = field(default_factory=dict)
    formats: dict[str, tuple[Format, ...]] = field(default_factory=dict)
    """By path, the formats of each file."""

    def doubt(self, paths: Iterable[str]) -> bool:
        """Resources may be in `paths` that no reader found: of every format that they may be of.
        Whether there is one."""
        formats = [(one.name, path) for path in paths for one in possible(path)]
        for name, path in formats:
            self.sides[name].unread.add(path)
        return bool(formats)


def read(files: Sequence[FileVersions], skipped: Mapping[str, str]) -> Reading:
    """What `files` change, each version read as what it is.

    `skipped` gives the reason for each path whose contents were not fetched (too large, a symbolic
    link, a submodule); of a format with a reader, that is a file which could not be understood.
    """
    skipped = {**skipped, **_too_much(files, skipped)}
    read_files = [file for file in files if not _skipped(file, skipped)]
    before = _tree((file.old_path, file.before) for file in read_files)
    after = _tree((file.path, file.after) for file in read_files)
    lost: list[NotUnderstood] = []
    for file in files:
        if reason := _skipped(file, skipped):
            paths = {file.path, file.old_path}
            doubted = [tree.doubt(paths) for tree in (before, after)]
            lost.append(NotUnderstood(path=file.path, line=0, reason=reason, relevant=any(doubted)))
    heads = {file.old_path: file.path for file in read_files if file.after is not None}
    resources: list[ResourceChange] = []
    for format_ in (*FORMATS, KUBERNETES, *FALLBACKS):
        old, new = (tree.sides[format_.name] for tree in (before, after))
        resources.extend(compare(format_.name, old, new))
        lost.extend(new.faults)
        lost.extend(_faults_before(format_, old, new, heads))
    lost.extend(_unknown_kinds(read_files, before, after))
    resources.sort(key=_place)
    lost.extend(beyond(resources))
    told = {change.source.path for change in resources if change.source}
    told |= {item.path for item in lost}
    return Reading(
        resources=tuple(resources[:MAX_RESOURCES]),
        not_understood=each_once(lost),
        plain=tuple(sorted(f.path for f in files if not told & {f.path, f.old_path})),
    )


def _skipped(file: FileVersions, skipped: Mapping[str, str]) -> str | None:
    return skipped.get(file.path) or skipped.get(file.old_path)


def _tree(contents: Iterable[tuple[str, bytes | None]]) -> _Tree:
    """One side, read: by the readers of each file's formats, then, where none of those found
    anything, or not all that there will be, by one that reads it as it stands."""
    tree = _Tree()
    tree.files = [TextFile(path=path, text=text) for path, text in contents if text is not None]
    for file in tree.files:
        tree.formats[file.path] = claimants(file)
    for format_ in (*FORMATS, KUBERNETES):
        own = [file for file in tree.files if format_ in tree.formats[file.path]]
        tree.sides[format_.name] = format_.declare(own)
    unread = {path for side in tree.sides.values() for path in side.unread}
    tree.doubt(unread)
    found = {one.source.path for side in tree.sides.values() for one in side.declared.values()}
    found |= unread
    known = [*tree.sides.values()]
    opaque = {path for side in known for path in side.opaque}
    for format_ in FALLBACKS:
        rest = [file for file in tree.files if _left_to(file, found, opaque) is format_]
        tree.sides[format_.name] = format_.declare([*without_secrets(rest, known)])
        for file in rest:
            tree.formats[file.path] += (format_,)
    for file in tree.files:
        file.forget()
    return tree


def _left_to(file: TextFile, found: AbstractSet[str], opaque: AbstractSet[str]) -> Format | None:
    if file.path in opaque:
        return PLAIN_TEXT
    return None if file.path in found else fallback(file)


def _unknown_kinds(
    files: Sequence[FileVersions], before: _Tree, after: _Tree
) -> Iterator[NotUnderstood]:
    """The files that no reader is for."""
    for file in files:
        known = before.formats.get(file.old_path) or after.formats.get(file.path)
        if not known and not is_prose(file.path):
            what = "no reader for this kind of file"
            yield NotUnderstood(path=file.path, line=0, reason=what, relevant=False)


def _too_much(files: Sequence[FileVersions], skipped: Mapping[str, str]) -> dict[str, str]:
    """The files, in order, from which on the change is larger than what is read."""
    over: dict[str, str] = {}
    total = 0
    for file in files:
        if file.path not in skipped:
            total += len(file.before or b"") + len(file.after or b"")
        if total > MAX_BYTES:
            over[file.path] = f"not read: the change is larger than {MAX_BYTES} bytes in all"
    return over


def _faults_before(
    format_: Format, before: Side, after: Side, heads: Mapping[str, str]
) -> Iterator[NotUnderstood]:
    """What could not be read of the state before the change.

    A file that can be read now was repaired, and stops nothing; one that is gone, or is of another
    format now, took with it nobody knows what.
    """
    broken = {fault.path for fault in after.faults}
    for fault in before.faults:
        head = heads.get(fault.path)
        if head is not None and format_ not in (*possible(head), *FALLBACKS):
            head = None
        if head is None or head not in broken:
            relevant = fault.relevant and head is None
            reason = f"before the change: {fault.reason}"
            yield replace(fault, path=head or fault.path, reason=reason, relevant=relevant)


def each_once(lost: Sequence[NotUnderstood]) -> tuple[NotUnderstood, ...]:
    """In order of place; what several readers say of one place, once, and as the strictest says it."""
    strictest: dict[tuple[str, int, str], NotUnderstood] = {}
    for one in lost:
        key = (one.path, one.line, one.reason)
        if key not in strictest or one.relevant:
            strictest[key] = one
    return tuple(strictest[key] for key in sorted(strictest))


def _place(change: ResourceChange) -> tuple[str, int, str, str]:
    path, line = (change.source.path, change.source.line) if change.source else ("", 0)
    return path, line, change.format, change.address


def beyond(resources: Sequence[ResourceChange]) -> Iterator[NotUnderstood]:
    """That there are more resources than a reading holds, with the first file of those left out."""
    left_out = Counter(
        change.source.path if change.source else "" for change in resources[MAX_RESOURCES:]
    )
    if left_out:
        first = next(iter(left_out))
        many = f"{left_out.total():,} resources in {len(left_out):,} files are left out"
        reason = f"{many}, this file's among them: there are more than {MAX_RESOURCES:,}"
        yield NotUnderstood(path=first, line=0, reason=reason, relevant=True)
