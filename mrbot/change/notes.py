"""What a reviewer must know of a changed file that its content does not show.

Links, submodules and modes are git's own; a Large File Storage pointer stands for content that lies
elsewhere; attributes hide a file from the host's diff. Names have a module of their own.

Sources: https://git-scm.com/docs/gitattributes,
https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md,
https://docs.github.com/en/repositories/working-with-files/managing-files/customizing-how-changed-files-appear-on-github,
https://docs.gitlab.com/user/project/merge_requests/changes/#collapse-generated-files
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mrbot.change.files import MODE_ABSENT, MODE_SUBMODULE, MODE_SYMLINK, FileChange, shown

NOTES_LIMIT = 200
"""Notes of one kind; of more, the rest are counted."""

LFS_LIMIT_BYTES = 1024
"""A pointer is shorter than this; anything longer is content."""

BINARY_PROBE_BYTES = 8000
"""Bytes at a file's start in which git looks for a NUL."""

_TEXT_LIMIT = 200
"""Characters of a link's target or an attribute's value that a note repeats."""


class NoteKind(StrEnum):
    """What a note is about."""

    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    MODE = "mode"
    TYPE_CHANGED = "type-changed"
    LFS = "lfs"
    BINARY = "binary"
    HIDDEN = "hidden"
    NAME = "name"
    COLLISION = "collision"
    RESERVED = "reserved"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileNote:
    """One thing to know of the changed file at `path`, as `FileChange.path` has it.

    `text` is one line of printable characters. `path` is `""` in one that is of no file: that counts
    the notes of its kind which are left out, or says why they are not known.
    """

    path: str
    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LfsPointer:
    """A file that stands for content in Large File Storage."""

    oid: str
    size: int


_LFS = re.compile(
    rb"version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/v1\n"
    rb"(?:ext-[^\n]*\n)*oid (sha256:[0-9a-f]{64})\nsize ([0-9]{1,18})\n?"
)


def lfs_pointer(content: bytes) -> LfsPointer | None:
    """The pointer that `content` is; None when it is content itself."""
    found = _LFS.fullmatch(content) if len(content) < LFS_LIMIT_BYTES else None
    return None if found is None else LfsPointer(oid=found[1].decode(), size=int(found[2]))


def is_binary(content: bytes) -> bool:
    """Whether git takes it for binary."""
    return b"\0" in content[:BINARY_PROBE_BYTES]


def leaves(path: str, target: str) -> bool:
    """Whether the link at `path` leads out of the repository, or may: `..` after a name can follow
    another link."""
    parts = [part for part in target.split("/") if part not in {"", "."}]
    up = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    return target.startswith("/") or up > path.count("/") or ".." in parts[up:]


def mode_notes(file: FileChange) -> Iterator[FileNote]:
    """What the modes of `file` say: its type, that it is a program, which commit of a submodule."""
    old, new = _noun(file.old_mode), _noun(file.new_mode)
    if old and new and old != new:
        yield _note(file, NoteKind.TYPE_CHANGED, f"{old} becomes {new}")
    elif old == new == _FILE and file.old_mode != file.new_mode:
        what = "becomes executable" if _runs(file.new_mode) else "is no longer executable"
        if _runs(file.old_mode) == _runs(file.new_mode):
            what = "has another mode"
        yield _note(file, NoteKind.MODE, f"{what}: {file.old_mode} before, {file.new_mode} now")
    elif not old and _runs(file.new_mode):
        yield _note(file, NoteKind.MODE, f"a new file that is executable: {file.new_mode}")
    before = file.old_blob if file.old_mode == MODE_SUBMODULE else None
    after = file.new_blob if file.new_mode == MODE_SUBMODULE else None
    if before != after:
        text = _turned("a submodule at commit", before, after)
        yield _note(file, NoteKind.SUBMODULE, text)


def content_notes(file: FileChange, contents: Mapping[str, bytes]) -> Iterator[FileNote]:
    """What the contents of `file` are, when they are no text. `contents` is by object id; one that
    is not there is told nothing of."""
    before, after = contents.get(file.old_blob or ""), contents.get(file.new_blob or "")
    if MODE_SYMLINK in {file.old_mode, file.new_mode}:
        yield from _link_notes(file, before, after)
    before = before if _noun(file.old_mode) == _FILE else None
    after = after if _noun(file.new_mode) == _FILE else None
    if before == after:
        return
    pointers = [None if one is None else lfs_pointer(one) for one in (before, after)]
    if any(pointers):
        stored = [None if one is None else f"{one.oid} ({one.size:,} bytes)" for one in pointers]
        text = _turned("a pointer to a file that is not in git:", *stored)
        yield _note(file, NoteKind.LFS, text)
    if any(one is not None and is_binary(one) for one in (before, after)):
        sizes = [None if one is None else f"{len(one):,} bytes" for one in (before, after)]
        yield _note(file, NoteKind.BINARY, _turned("binary,", *sizes))


def _link_notes(file: FileChange, before: bytes | None, after: bytes | None) -> Iterator[FileNote]:
    if (file.old_mode, file.old_blob, file.old_path) == (file.new_mode, file.new_blob, None):
        return
    old = _target(before) if file.old_mode == MODE_SYMLINK else None
    new = _target(after) if file.new_mode == MODE_SYMLINK else None
    quoted = [None if one is None else _quoted(one) for one in (old, new)]
    far = new is not None and leaves(file.path, new)
    out = ", which may lead out of the repository" if far else ""
    yield _note(file, NoteKind.SYMLINK, _turned("a symbolic link to", *quoted) + out)


_HIDDEN_BY = {
    "diff": "its diff is not shown",
    "linguist-generated": "its diff is folded away on GitHub, as of a generated file",
    "linguist-vendored": "GitHub does not count it, as somebody else's file",
    "gitlab-generated": "its diff is folded away on GitLab, as of a generated file",
    "export-ignore": "archives of the repository leave it out",
    "export-subst": "archives of the repository hold it with other content",
    "working-tree-encoding": "a checkout holds it with other content",
    "filter": "a checkout may hold it with other content",
}
"""What each attribute does; `-diff` is what the macro `binary` comes to as well."""

_GITS_DRIVERS = frozenset(
    {"ada", "bash", "bibtex", "cpp", "csharp", "css", "dts", "elixir", "fortran"}
    | {"fountain", "golang", "html", "java", "kotlin", "markdown", "matlab", "objc", "pascal"}
    | {"perl", "php", "python", "ruby", "rust", "scheme", "tex"}
)
"""Values of `diff` that only choose how git names the place of a hunk."""


def attribute_note(file: FileChange, attributes: Mapping[str, str]) -> FileNote | None:
    """How `.gitattributes` at the head hide `file`, as git names their values; None when not."""
    told = [
        f"{_effect(name, attributes[name])} ({name} is {_quoted(attributes[name])})"
        for name in _HIDDEN_BY
        if _works(name, attributes.get(name, "unspecified"))
    ]
    return _note(file, NoteKind.HIDDEN, ".gitattributes: " + "; ".join(told)) if told else None


def attributes_unknown(why: str) -> FileNote:
    """That nobody knows which files `.gitattributes` hide."""
    text = f"which files .gitattributes hide is not known: {why}"
    return FileNote(path="", kind=NoteKind.HIDDEN, text=text)


def _effect(name: str, value: str) -> str:
    named = name == "diff" and value != "unset"
    return "a program may make its diff on somebody's machine" if named else _HIDDEN_BY[name]


def _works(name: str, value: str) -> bool:
    if name == "diff":
        return value not in {"unspecified", "set", "lfs"} | _GITS_DRIVERS
    # Files of Large File Storage have that filter all of them, and a note that says more.
    return value not in {"unspecified", "unset", "false", "lfs"}


def bounded(notes: Iterable[FileNote]) -> tuple[FileNote, ...]:
    """In order of path and kind; of each kind NOTES_LIMIT, and one that counts the others."""
    order = {kind: at for at, kind in enumerate(NoteKind)}
    kept: list[FileNote] = []
    counts: Counter[NoteKind] = Counter()
    for note in sorted(notes, key=lambda one: (one.path, order[one.kind], one.text)):
        counts[note.kind] += 1
        if counts[note.kind] <= NOTES_LIMIT:
            kept.append(note)
    over = [(kind, counts[kind] - NOTES_LIMIT) for kind in NoteKind if counts[kind] > NOTES_LIMIT]
    left = [FileNote(path="", kind=kind, text=f"{count:,} more files") for kind, count in over]
    return (*kept, *left)


_FILE = "a file"


def _noun(mode: str) -> str:
    special = {MODE_SYMLINK: "a symbolic link", MODE_SUBMODULE: "a submodule", MODE_ABSENT: ""}
    return special.get(mode, _FILE)


def _runs(mode: str) -> bool:
    return mode.startswith("100") and mode[3] in "1357"


def _target(content: bytes | None) -> str:
    return "(too long)" if content is None else content.decode("utf-8", "surrogateescape")


def _quoted(text: str) -> str:
    """`text` on one line, whatever is in it."""
    cut = text if len(text) <= _TEXT_LIMIT else text[:_TEXT_LIMIT] + "…"
    return repr(shown(cut))


def _turned(what: str, before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return f"{what} {after}" if before is None else f"no longer {what} {before}"
    return f"{what} {after}, before: {before}"


def _note(file: FileChange, kind: NoteKind, text: str) -> FileNote:
    return FileNote(path=file.path, kind=kind, text=text)
