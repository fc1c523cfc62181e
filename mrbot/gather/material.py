"""Gathers the content side of a change from git: the files, the rules, the policies.

Everything is read by commit: the change at its merge base and head, what judges it at the tip of
the target branch. Nothing is read from a work tree, and nothing that is read is run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Literal

from mrbot.change.files import (
    MODE_SUBMODULE,
    MODE_SYMLINK,
    FileChange,
    shown,
)
from mrbot.change.notes import lfs_pointer
from mrbot.change.repository import Blob, BlobSkipped, Repository
from mrbot.change.snapshot import Change
from mrbot.decision.material import Material, Organisation, PolicyFolder, TextFile
from mrbot.decision.protected import CODEOWNERS_PLACES, RULE_FILE
from mrbot.errors import BadReference, Problem
from mrbot.gather.builds import builds_of
from mrbot.gather.landscape import Landscape, landscape_of
from mrbot.gather.links import links_of
from mrbot.ids import HostKind, Sha
from mrbot.judgement import policy_sets
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.bundle import is_data, is_rego
from mrbot.resources.formats import is_text
from mrbot.resources.model import FileVersions

FILE_LIMIT_BYTES = 5 << 20
"""Bytes of one file that mrbot reads: 5 MiB. A larger one is listed as not read."""

_TOFU = re.compile(r"\.tofu(\.json)?$")

TEXT_LIMIT_FILES = 200
"""Files of which the changed lines are shown as lines; of more, they are shown as attributes."""

_Named = Literal["directory", "data", "either"]
"""What `policies:` entries call a path: of two rule files, each may call it something else."""

STEERING_LIMIT_BYTES = 4 << 20
"""Bytes of one rule, policy, data or CODEOWNERS file: 4 MiB."""


def gather(
    change: Change,
    repository: Repository,
    *,
    dialect: HostKind,
    organisation: Organisation,
    plans: tuple[Plan | PlanFailed, ...],
    planning: bool,
    now: datetime,
    rules: TextFile | None = None,
) -> Material:
    """The material of `change`. `rules` takes the place of the target branch's rule file.

    Raises: GitFailure, BadReference when content cannot be read.
    """
    target_rules = rules or _text(repository, change.target, RULE_FILE)
    touches = any(RULE_FILE in file.paths for file in change.files)
    head_rules = _text(repository, change.head, RULE_FILE) if touches else None
    steering = _steering(target_rules, head_rules)
    touched = {path: file for path, file in steering.items() if _touches(change.files, path)}
    blobs = _blobs(repository, change.files)
    versions, unread = _versions(blobs, change.files)
    landscape = landscape_of(repository, change.head, change.target, change.files)
    versions += tuple(_shadowed(repository, landscape, versions))
    kustomize, unchanged = builds_of(repository, landscape, versions)
    return Material(
        dialect=dialect,
        versions=versions,
        unread=unread,
        organisation=organisation,
        target_rules=target_rules,
        head_rules=head_rules,
        touches_rules=touches,
        target_policies=_folders(repository, change.target, steering, "target branch"),
        head_policies=_folders(repository, change.head, touched, "this change"),
        codeowners=_codeowners(repository, change.target, dialect),
        plans=plans,
        planning=planning,
        now=now,
        links=links_of(landscape),
        kustomize=kustomize,
        unchanged=unchanged,
        notes=repository.notes(change.head, change.files, _contents(blobs)),
        hunks=repository.hunks(_as_text(change.files)),
    )


def _as_text(files: Iterable[FileChange]) -> list[FileChange]:
    """The files that people are shown line by line, as many as one would read."""
    found = (file for file in files if file.old_blob and file.new_blob and is_text(file.path))
    return list(islice(found, TEXT_LIMIT_FILES))


def _steering(*rules: TextFile | None) -> dict[str, _Named]:
    """The paths of every `policies:` entry, in order, and what each is called."""
    sets = [entry for one in rules for entry in policy_sets(one, RULE_FILE)]
    found: dict[str, _Named] = dict.fromkeys((entry.directory for entry in sets), "directory")
    for path in (path for entry in sets for path in entry.data):
        found[path] = "data" if found.get(path, "data") == "data" else "either"
    return dict(sorted(found.items()))


def _touches(files: Iterable[FileChange], directory: str) -> bool:
    # A link or submodule in the directory's place has the directory's own name.
    return any(
        not directory or path == directory or path.startswith(f"{directory}/")
        for file in files
        for path in file.paths
    )


def _text(repository: Repository, commit: Sha, path: str) -> TextFile | None:
    entry = repository.entry(commit, path)
    if entry is None:
        return None
    if entry.mode == MODE_SYMLINK:
        raise BadReference(Problem(path, 0, "is a symbolic link: put the file itself there"))
    match repository.blobs([entry.oid], STEERING_LIMIT_BYTES)[entry.oid]:
        case Blob(content=content):
            return TextFile(path=path, content=content)
        case BlobSkipped(reason=reason):
            raise BadReference(Problem(path, 0, f"cannot be read: {reason}"))


def _codeowners(repository: Repository, commit: Sha, dialect: HostKind) -> TextFile | None:
    places = CODEOWNERS_PLACES["gitlab" if dialect == HostKind.GITLAB else "github"]
    for path in places:
        entry = repository.entry(commit, path)
        if entry is not None and entry.mode == MODE_SYMLINK:
            continue  # its content is a path, which would read as a file that names nobody
        if (found := _text(repository, commit, path)) is not None:
            return found
    return None


def _folders(
    repository: Repository, commit: Sha, steering: Mapping[str, _Named], where: str
) -> tuple[PolicyFolder, ...]:
    # A file of data on the target branch may be a directory of policies at the head. What lies there
    # at this commit decides then, so that neither is taken for missing.
    return tuple(
        _data_file(repository, commit, path, where)
        if named == "data" or (named == "either" and repository.entry(commit, path) is not None)
        else policy_folder(repository, commit, path, where)
        for path, named in steering.items()
    )


def _data_file(repository: Repository, commit: Sha, path: str, where: str) -> PolicyFolder:
    """A file that is not there is a folder without files, like a directory that is not.

    Raises: BadReference when it cannot be read whole.
    """
    found = _text(repository, commit, path)
    files = () if found is None else (replace(found, path=shown(path)),)
    return PolicyFolder(directory=path, origin=f"{path} of {where}", files=files)


def policy_folder(repository: Repository, commit: Sha, directory: str, where: str) -> PolicyFolder:
    """The policies in `directory` (`""`: everywhere) at `commit`; `where` names the commit to people. A
    directory that is not there is a folder without files: asking it then fails, and says so.

    Raises: BadReference when a file cannot be read whole.
    """
    entries = [
        entry
        for entry in repository.tree(commit, directory)
        if is_rego(entry.path) or is_data(entry.path)
    ]
    blobs = repository.blobs([entry.oid for entry in entries], STEERING_LIMIT_BYTES)
    files = []
    for entry in entries:
        match blobs[entry.oid]:
            case Blob(content=content):
                files.append(TextFile(path=shown(entry.path), content=content))
            case BlobSkipped(reason=reason):
                raise BadReference(Problem(shown(entry.path), 0, f"cannot be read: {reason}"))
    return PolicyFolder(directory=directory, origin=f"{directory} of {where}", files=tuple(files))


def _blobs(repository: Repository, files: tuple[FileChange, ...]) -> dict[str, Blob | BlobSkipped]:
    """The contents of all versions of the files."""
    oids = {
        oid
        for file in files
        for oid, mode in ((file.old_blob, file.old_mode), (file.new_blob, file.new_mode))
        if oid is not None and mode not in {MODE_SUBMODULE, MODE_SYMLINK}
    }
    return repository.blobs(oids, FILE_LIMIT_BYTES)


def _contents(blobs: Mapping[str, Blob | BlobSkipped]) -> dict[str, bytes]:
    return {oid: blob.content for oid, blob in blobs.items() if isinstance(blob, Blob)}


def _versions(
    blobs: dict[str, Blob | BlobSkipped], files: tuple[FileChange, ...]
) -> tuple[tuple[FileVersions, ...], tuple[tuple[str, str], ...]]:
    versions: list[FileVersions] = []
    unread: dict[str, str] = {}
    for file in files:
        before, why_before = _content(file.old_blob, file.old_mode, blobs)
        after, why_after = _content(file.new_blob, file.new_mode, blobs)
        if why := why_after or why_before:
            unread[file.path] = why
        versions.append(
            FileVersions(
                path=file.path, old_path=file.old_path or file.path, before=before, after=after
            )
        )
    return tuple(versions), tuple(unread.items())


def _shadowed(
    repository: Repository, landscape: Landscape, versions: Iterable[FileVersions]
) -> Iterator[FileVersions]:
    """OpenTofu reads `x.tofu` in the place of `x.tf`: where the one comes or goes, the other goes or
    comes back, unaltered as it is.

    Source: https://opentofu.org/docs/language/files/#override-files
    """
    for file in versions:
        twin = _TOFU.sub(r".tf\1", file.path)
        if twin == file.path or twin in landscape.changed or twin not in landscape.head:
            continue
        if (file.before is None) != (file.after is None):
            oid = landscape.head[twin].oid
            blob = repository.blobs([oid], FILE_LIMIT_BYTES)[oid]
            text = blob.content if isinstance(blob, Blob) else b""
            before, after = (text, None) if file.before is None else (None, text)
            yield FileVersions(path=twin, old_path=twin, before=before, after=after)


def _content(
    oid: str | None, mode: str, blobs: dict[str, Blob | BlobSkipped]
) -> tuple[bytes | None, str | None]:
    if oid is None:
        return None, None
    if mode == MODE_SYMLINK:
        return None, "a symbolic link"
    if mode == MODE_SUBMODULE:
        return None, "a submodule, whose content lies in another repository"
    match blobs[oid]:
        case Blob(content=content) if lfs_pointer(content) is not None:
            return None, "a pointer to Large File Storage, whose content is not in git"
        case Blob(content=content):
            return content, None
        case BlobSkipped(reason=reason):
            return None, reason
