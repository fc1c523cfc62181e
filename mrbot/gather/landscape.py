"""The lie of a repository: which directories of configuration there are, and what each refers to.

Read at the head and at the tip of the target branch: what either draws on is drawn on after the
merge.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, FileChange
from mrbot.change.repository import Blob, Repository, TreeEntry
from mrbot.ids import Sha
from mrbot.resources.links import configures, reaching, references

CONFIGURATION_LIMIT_FILES = 50_000
"""Files of configuration in which references are looked for."""

CONFIGURATION_LIMIT_BYTES = 4 << 20
"""Bytes of one of them: 4 MiB."""

_BATCH_FILES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """`head` are the files of the head by path, `paths` those of the target and the changed ones
    too; `graph` is what each directory of configuration refers to, `drawn` the changed paths that
    it draws on elsewhere. `unknown`: why that is not all of it."""

    head: Mapping[str, TreeEntry]
    paths: frozenset[str]
    changed: frozenset[str]
    graph: Mapping[str, set[str]]
    named: frozenset[str]
    drawn: Mapping[str, tuple[str, ...]]
    unknown: str | None = None

    def touched(self, directory: str) -> bool:
        """Whether the change is in `directory`, or in something that it draws on."""
        prefix = f"{directory}/" if directory else ""
        return directory in self.drawn or any(path.startswith(prefix) for path in self.changed)


def landscape_of(
    repository: Repository, head: Sha, target: Sha, files: Sequence[FileChange]
) -> Landscape:
    """The lie of the repository around the changed `files`.

    Raises: GitFailure, BadReference when the trees cannot be read.
    """
    at_head = {entry.path: entry for entry in repository.tree(head, "")}
    entries = {(entry.path, entry.oid): entry for entry in at_head.values()}
    if target != head:
        entries |= {(entry.path, entry.oid): entry for entry in repository.tree(target, "")}
    changed = frozenset(path for file in files for path in file.paths)
    wanted = [one for one in entries.values() if _is_configuration(one)]
    graph, unknown = _graph(repository, wanted)
    return Landscape(
        head=at_head,
        paths=changed | {path for path, _ in entries},
        changed=changed,
        graph=graph,
        named=frozenset(target for targets in graph.values() for target in targets),
        drawn=reaching(graph, changed),
        unknown=unknown,
    )


def _is_configuration(entry: TreeEntry) -> bool:
    return configures(entry.path) and entry.mode not in {MODE_SYMLINK, MODE_SUBMODULE}


def _graph(
    repository: Repository, entries: Sequence[TreeEntry]
) -> tuple[dict[str, set[str]], str | None]:
    """What each directory refers to, and why that is not all."""
    graph: dict[str, set[str]] = defaultdict(set)
    if len(entries) > CONFIGURATION_LIMIT_FILES:
        limit = f"{CONFIGURATION_LIMIT_FILES:,}"
        return graph, f"the repository has more than {limit} files of configuration"
    unknown: str | None = None
    for batch in _batches(entries):
        blobs = repository.blobs({entry.oid for entry in batch}, CONFIGURATION_LIMIT_BYTES)
        for entry in batch:
            blob = blobs[entry.oid]
            if isinstance(blob, Blob):
                found = references(entry.path, blob.content)
                graph[posixpath.dirname(entry.path)].update(found)
            else:
                unknown = f"{entry.path} is too large to look for references in"
    return graph, unknown


def _batches(entries: Sequence[TreeEntry]) -> Iterator[Sequence[TreeEntry]]:
    for start in range(0, len(entries), _BATCH_FILES):
        yield entries[start : start + _BATCH_FILES]
