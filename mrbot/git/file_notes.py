"""Gathers what a reviewer must know of changed files: small contents, the head's names, attributes.

Which pattern of which `.gitattributes` is in force, git says itself: it is asked about an index that
holds the head's `.gitattributes` and nothing else, in a repository without any attributes of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mrbot.change.directories import holding
from mrbot.change.files import MODE_ABSENT, MODE_SUBMODULE, FileChange
from mrbot.change.names import collision_notes, name_notes
from mrbot.change.notes import (
    FileNote,
    attribute_note,
    attributes_unknown,
    bounded,
    content_notes,
    mode_notes,
)
from mrbot.change.repository import Blob, Repository, TreeEntry
from mrbot.errors import GitTimedOut
from mrbot.git.command import Git
from mrbot.git.neutral import neutral
from mrbot.ids import Sha

SMALL_BYTES = 4096
"""Bytes of a link or pointer that is read: no path is longer, and no pointer."""

ATTRIBUTES_LIMIT_S = 10
"""Seconds in which git must tell the attributes: a pattern can be made that takes it years."""

ATTRIBUTES_NAME = ".gitattributes"


def file_notes(
    git: Git,
    repository: Repository,
    head: Sha,
    files: Sequence[FileChange],
    contents: Mapping[str, bytes],
) -> tuple[FileNote, ...]:
    """The notes on `files`, bounded and in order. `contents`, by object id, are those that the
    caller has read: only of them is a large file known to be binary.

    Raises: GitFailure when the head cannot be read.
    """
    if not files:
        return ()
    tree = repository.tree(head, "")
    rules = _rules(tree, files)
    known = {**contents, **_small(repository, files, contents, rules)}
    found: list[FileNote] = []
    attributes: dict[str, dict[str, str]] = {}
    try:
        attributes = _attributes(git, rules, [file.path for file in files])
    except GitTimedOut:
        found.append(attributes_unknown(f"git took longer than {ATTRIBUTES_LIMIT_S} s to tell"))
    new = [one.path for one in files if one.new_mode != MODE_ABSENT and _is_new(one)]
    found += collision_notes(new, (entry.path for entry in tree))
    for file in files:
        found += [*mode_notes(file), *content_notes(file, known), *name_notes(file)]
        hidden = attribute_note(file, attributes.get(file.path, {}))
        found += [] if hidden is None else [hidden]
    return bounded(found)


def _is_new(file: FileChange) -> bool:
    return file.old_path is not None or file.old_mode == MODE_ABSENT


def _rules(tree: Iterable[TreeEntry], files: Iterable[FileChange]) -> list[TreeEntry]:
    """The `.gitattributes` of the directories above `files`; git reads no link in their place."""
    places = holding(file.path for file in files)
    rules = [one for one in tree if one.path.rpartition("/")[2] == ATTRIBUTES_NAME]
    return [r for r in rules if r.path.rpartition("/")[0] in places and r.mode.startswith("100")]


def _small(
    repository: Repository,
    files: Iterable[FileChange],
    contents: Mapping[str, bytes],
    rules: Iterable[TreeEntry],
) -> dict[str, bytes]:
    sides = [side for f in files for side in ((f.old_blob, f.old_mode), (f.new_blob, f.new_mode))]
    oids = {oid for oid, mode in sides if oid and mode != MODE_SUBMODULE} - set(contents)
    # The rules with them, so that a mirror without their contents fetches all of it at once.
    blobs = repository.blobs(oids | {one.oid for one in rules}, SMALL_BYTES)
    return {oid: blob.content for oid, blob in blobs.items() if isinstance(blob, Blob)}


def _attributes(
    git: Git, rules: Sequence[TreeEntry], paths: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Every attribute of each path, by name, as `rules` say.

    Raises: GitTimedOut, GitFailure.
    """
    if not rules:
        return {}
    entries = [f"{one.mode} {one.oid}\t".encode() + os.fsencode(one.path) for one in rules]
    asked = b"".join(os.fsencode(path) + b"\0" for path in paths)
    with neutral(git) as plain:
        index = b"\0".join([*entries, b""])
        plain.run(["update-index", "-z", "--index-info"], stdin=index, limit_s=ATTRIBUTES_LIMIT_S)
        out = plain.run(
            ["check-attr", "-z", "--stdin", "--cached", "--all"],
            stdin=asked,
            limit_s=ATTRIBUTES_LIMIT_S,
        )
    found: dict[str, dict[str, str]] = {}
    for path, name, value in _triples(out):
        found.setdefault(path, {})[name] = value
    return found


def _triples(output: bytes) -> Iterator[tuple[str, str, str]]:
    fields = map(os.fsdecode, output.split(b"\0")[:-1])
    return zip(fields, fields, fields, strict=True)
