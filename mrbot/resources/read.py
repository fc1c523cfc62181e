"""Every changed file, read by the reader of its format, or listed as not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from mrbot.resources import github_workflow, gitlab_ci, kubernetes, terraform
from mrbot.resources.declared import Declare, Side, TextFile, compare
from mrbot.resources.model import FileVersions, NotUnderstood, Reading, ResourceChange

MAX_BYTES = 64 * 2**20
"""Most bytes read in one change, both versions of each file counted."""
MAX_RESOURCES = 20_000
"""Most resource changes that one reading holds."""

_PLAIN_SUFFIXES = frozenset({".md", ".markdown", ".txt", ".rst", ".adoc", ".rego"})
_PLAIN_NAMES = frozenset(
    {".mrbot.yml", ".mrbot.yaml", "CODEOWNERS", "LICENSE", "NOTICE", "README", "CHANGELOG"}
    | {".gitignore", ".gitattributes", ".editorconfig"}
)


@dataclass(frozen=True, slots=True)
class _Format:
    """A format's name, the paths it reads, and its reader."""

    name: str
    reads: Callable[[str], bool]
    declare: Declare


_FORMATS = (
    _Format(terraform.FORMAT, terraform.reads, terraform.declare),
    _Format(gitlab_ci.FORMAT, gitlab_ci.reads, gitlab_ci.declare),
    _Format(github_workflow.FORMAT, github_workflow.reads, github_workflow.declare),
    # Last: it takes every YAML and JSON file that no other format claims.
    _Format(kubernetes.FORMAT, kubernetes.reads, kubernetes.declare),
)


@dataclass(slots=True)
class _Sorted:
    """The files of one format, by side; `unread` could not be had on either."""

    before: list[TextFile] = field(default_factory=list)
    after: list[TextFile] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)


def read(files: Sequence[FileVersions], skipped: Mapping[str, str]) -> Reading:
    """What `files` change, each version read as its own path says.

    `skipped` gives the reason for each path whose contents were not fetched (too large, a symbolic
    link, a submodule); of a format with a reader, that is a file which could not be understood.
    """
    skipped = {**skipped, **_too_much(files, skipped)}
    by_format = {format_.name: _Sorted() for format_ in _FORMATS}
    lost: list[NotUnderstood] = []
    for file in files:
        lost.extend(_sort(file, skipped, by_format))
    resources: list[ResourceChange] = []
    for format_ in _FORMATS:
        sides = by_format[format_.name]
        before, after = format_.declare(sides.before), format_.declare(sides.after)
        before.unread |= sides.unread
        after.unread |= sides.unread
        resources.extend(compare(format_.name, before, after))
        lost.extend(after.faults)
        lost.extend(_faults_before(before, after, _heads(files, format_)))
    resources.sort(key=_place)
    lost.extend(_beyond(resources))
    resources = resources[:MAX_RESOURCES]
    told = {change.source.path for change in resources if change.source}
    told |= {item.path for item in lost}
    return Reading(
        resources=tuple(resources),
        not_understood=tuple(sorted(lost, key=lambda item: (item.path, item.line, item.reason))),
        plain=tuple(sorted(f.path for f in files if not told & {f.path, f.old_path or f.path})),
    )


def _sort(
    file: FileVersions, skipped: Mapping[str, str], by_format: Mapping[str, _Sorted]
) -> Iterator[NotUnderstood]:
    """Each version of `file` is with the files of its format, or told as not read."""
    old_path = file.old_path or file.path
    formats = {path: _format_of(path) for path in (file.path, old_path)}
    reason = skipped.get(file.path) or skipped.get(old_path)
    if reason is not None:
        for format_ in formats.values():
            if format_ is not None:
                by_format[format_.name].unread |= {file.path, old_path}
        relevant = any(formats.values())
        yield NotUnderstood(path=file.path, line=0, reason=reason, relevant=relevant)
        return
    for path, text, is_after in ((old_path, file.before, False), (file.path, file.after, True)):
        format_ = formats[path]
        if format_ is not None and text is not None:
            sides = by_format[format_.name]
            (sides.after if is_after else sides.before).append(TextFile(path=path, text=text))
    if formats[file.path] is None and not _is_plain(file.path):
        what = "no reader for this kind of file"
        yield NotUnderstood(path=file.path, line=0, reason=what, relevant=False)


def _format_of(path: str) -> _Format | None:
    if _is_plain(path):
        return None
    return next((format_ for format_ in _FORMATS if format_.reads(path)), None)


def _is_plain(path: str) -> bool:
    name = PurePosixPath(path)
    return name.name in _PLAIN_NAMES or name.suffix.lower() in _PLAIN_SUFFIXES


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


def _heads(files: Sequence[FileVersions], format_: _Format) -> dict[str, str]:
    """For each old path whose file is still there in the same format: its path now."""
    return {
        file.old_path or file.path: file.path
        for file in files
        if file.after is not None and _format_of(file.path) is format_
    }


def _faults_before(before: Side, after: Side, heads: Mapping[str, str]) -> Iterator[NotUnderstood]:
    """What could not be read of the state before the change.

    A file that can be read now was repaired, and stops nothing; one that is gone, or is of another
    format now, took with it nobody knows what.
    """
    broken = {fault.path for fault in after.faults}
    for fault in before.faults:
        head = heads.get(fault.path)
        if head is None or head not in broken:
            relevant = fault.relevant and head is None
            reason = f"before the change: {fault.reason}"
            yield replace(fault, path=head or fault.path, reason=reason, relevant=relevant)


def _place(change: ResourceChange) -> tuple[str, int, str, str]:
    path, line = (change.source.path, change.source.line) if change.source else ("", 0)
    return path, line, change.format, change.address


def _beyond(resources: Sequence[ResourceChange]) -> Iterator[NotUnderstood]:
    """The files whose resources are more than a reading holds."""
    left_out: dict[str, int] = {}
    for change in resources[MAX_RESOURCES:]:
        path = change.source.path if change.source else ""
        left_out[path] = left_out.get(path, 0) + 1
    for path, count in left_out.items():
        reason = f"{count} resources left out: the change has more than {MAX_RESOURCES}"
        yield NotUnderstood(path=path, line=0, reason=reason, relevant=True)
