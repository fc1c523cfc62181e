"""Which directories a change reaches beyond those it is in, and which of them look like projects.

Read at the head and at the tip of the target branch: what either draws on is drawn on after the
merge.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, FileChange
from mrbot.change.repository import Blob, Repository, TreeEntry
from mrbot.config.detect import detect
from mrbot.decision.material import Link, Links
from mrbot.decision.ruleset import PlanWhen, Project
from mrbot.ids import Sha
from mrbot.resources.links import configures, reaching, references

CONFIGURATION_LIMIT_FILES = 50_000
"""Files of configuration in which references are looked for."""

CONFIGURATION_LIMIT_BYTES = 4 << 20
"""Bytes of one of them: 4 MiB."""

_BATCH_FILES = 2_000
_TELLING = (".tf", ".tf.json", ".tofu", ".yaml", ".yml", "Kustomization")
"""How the names of files end that tell what a directory is."""


def links_of(repository: Repository, commits: Iterable[Sha], files: Sequence[FileChange]) -> Links:
    """What each directory of configuration in any of `commits` draws on of the changed `files`, and
    the projects that are found by the look of the tree.

    Raises: GitFailure, BadReference when the trees cannot be read.
    """
    changed = {path for file in files for path in file.paths}
    trees = [repository.tree(commit, "") for commit in dict.fromkeys(commits)]
    entries = {(entry.path, entry.oid): entry for tree in trees for entry in tree}
    wanted = [one for one in entries.values() if _is_configuration(one)]
    if len(wanted) > CONFIGURATION_LIMIT_FILES:
        limit = f"{CONFIGURATION_LIMIT_FILES:,}"
        return Links(unknown=f"the repository has more than {limit} files of configuration")
    graph, unread = _graph(repository, wanted)
    drawn = reaching(graph, changed)
    named = {target for targets in graph.values() for target in targets}
    paths = {entry.path for entry in entries.values()} | changed
    return Links(
        found=tuple(
            Link(directory=one, paths=drawn[one], root=one not in named) for one in sorted(drawn)
        ),
        discovered=tuple(_discovered(paths, named, changed, drawn)),
        unknown=None if unread is None else f"{unread} is too large to look for references in",
    )


def _is_configuration(entry: TreeEntry) -> bool:
    return configures(entry.path) and entry.mode not in {MODE_SYMLINK, MODE_SUBMODULE}


def _graph(
    repository: Repository, entries: Sequence[TreeEntry]
) -> tuple[dict[str, set[str]], str | None]:
    """What each directory refers to, and a file that could not be looked into."""
    graph: dict[str, set[str]] = defaultdict(set)
    unread: str | None = None
    for batch in _batches(entries):
        oids = {entry.oid for entry in batch}
        blobs = repository.blobs(oids, CONFIGURATION_LIMIT_BYTES)
        for entry in batch:
            blob = blobs[entry.oid]
            if isinstance(blob, Blob):
                found = references(entry.path, blob.content)
                graph[posixpath.dirname(entry.path)].update(found)
            else:
                unread = entry.path
    return graph, unread


def _batches(entries: Sequence[TreeEntry]) -> Iterator[Sequence[TreeEntry]]:
    for start in range(0, len(entries), _BATCH_FILES):
        yield entries[start : start + _BATCH_FILES]


def _discovered(
    paths: Iterable[str], named: set[str], changed: set[str], drawn: dict[str, tuple[str, ...]]
) -> Iterator[Project]:
    """What looks like a project, is no other's part, and is reached by the change."""
    for one in detect(path for path in paths if path.endswith(_TELLING)):
        directory = "" if one.directory == "." else one.directory
        prefix = f"{directory}/" if directory else ""
        touched = directory in drawn or any(path.startswith(prefix) for path in changed)
        if touched and directory not in named:
            yield Project(
                name=one.name,
                directory=directory,
                kind=one.kind,
                environment=one.environment,
                plan=PlanWhen.ON_REQUEST if one.kind == "terraform" else PlanWhen.NEVER,
                discovered=True,
            )
