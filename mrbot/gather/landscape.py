"""The lie of a repository: which directories of configuration there are, and what each refers to.

Read at the head and at the tip of the target branch: what either draws on is drawn on after the
merge. Only the target branch says what is a mere part of something: a change cannot make less of a
project by naming it.
"""

from __future__ import annotations

import os
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from mrbot.change.directories import above, holding
from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, FileChange, shown
from mrbot.change.repository import Blob, Repository, TreeEntry
from mrbot.ids import Sha
from mrbot.resources.links import configures, reaching, resolved, sources, words

CONFIGURATION_LIMIT_FILES = 50_000
"""Files of configuration in which references are looked for, links included."""

CONFIGURATION_LIMIT_BYTES = 4 << 20
"""Bytes of one of them: 4 MiB."""

TREE_LIMIT_FILES = 500_000
"""Files of the repository, at the head and on the target branch."""

TREE_LIMIT_DEPTH = 100
"""Directories that one of them lies in."""

WORDS_LIMIT = 5_000_000
"""Words that are tried as paths, each from every directory that its own is used from."""

_BATCH_FILES = 2_000
_DOORS = frozenset({MODE_SYMLINK, MODE_SUBMODULE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """`head` are the files of the head by path, `target` the paths of the target branch; `drawn` are
    the changed paths that each directory of configuration draws on elsewhere, `named` those that
    the target branch makes parts of others, `used` those that are parts of others anywhere,
    `around` the directories that hold changed paths, at any depth. `unknown`: why that is not all."""

    head: Mapping[str, TreeEntry]
    target: frozenset[str]
    changed: frozenset[str]
    drawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    named: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    unknown: str | None = None

    def touched(self, directory: str) -> bool:
        """Whether the change is in `directory`, or in something that it draws on."""
        return directory in self.drawn or directory in self.around


def landscape_of(
    repository: Repository, head: Sha, target: Sha, files: Sequence[FileChange]
) -> Landscape:
    """The lie of the repository around the changed `files`.

    Raises: GitFailure, BadReference when the trees cannot be read.
    """
    at_head = repository.tree(head, "")
    at_target = at_head if target == head else repository.tree(target, "")
    changed = frozenset(path for file in files for path in file.paths)
    paths = changed.union(*({entry.path for entry in one} for one in (at_head, at_target)))
    known = Landscape(
        head={entry.path: entry for entry in at_head},
        target=frozenset(entry.path for entry in at_target),
        changed=changed,
        unknown=_beyond(paths),
    )
    if known.unknown is not None:
        return known
    survey = _Survey(paths)
    unknown = survey.read(repository, at_head, at_target)
    coarse = {
        path for file in files if _DOORS & {file.old_mode, file.new_mode} for path in file.paths
    }
    drawn = reaching(survey.graph, changed, coarse)
    return replace(
        known,
        drawn=drawn or {},
        named=frozenset(survey.named),
        used=frozenset(target for targets in survey.graph.values() for target in targets),
        around=holding(changed),
        unknown="too much draws on too much" if drawn is None else unknown,
    )


def _beyond(paths: frozenset[str]) -> str | None:
    """Why the tree is more than is searched."""
    if len(paths) > TREE_LIMIT_FILES:
        return f"the repository has more than {TREE_LIMIT_FILES:,} files"
    deep = next((path for path in paths if path.count("/") > TREE_LIMIT_DEPTH), None)
    if deep is not None:
        return f"{shown(deep[:100])} lies in more than {TREE_LIMIT_DEPTH} directories"
    return None


@dataclass(slots=True)
class _Survey:
    """What is found out, file by file. `paths` are all files there are."""

    paths: frozenset[str]
    graph: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    named: set[str] = field(default_factory=set)
    words: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    places: set[str] = field(default_factory=set)
    doors: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.places = {*self.paths, *holding(self.paths)}

    def read(
        self, repository: Repository, at_head: Sequence[TreeEntry], at_target: Sequence[TreeEntry]
    ) -> str | None:
        """Both trees are searched. Returns why not, or not wholly."""
        targets = {(entry.path, entry.oid) for entry in at_target}
        entries = {(entry.path, entry.oid): entry for entry in (*at_head, *at_target)}
        doors = (one.path for one in entries.values() if one.mode in _DOORS)
        self.doors = {*doors}
        links = [one for one in entries.values() if one.mode == MODE_SYMLINK]
        wanted = [one for one in entries.values() if _is_configuration(one)]
        if len(wanted) + len(links) > CONFIGURATION_LIMIT_FILES:
            limit = f"{CONFIGURATION_LIMIT_FILES:,}"
            return f"the repository has more than {limit} files of configuration and links"
        unread: str | None = None
        for entry, text in _contents(repository, wanted):
            if text is None:
                unread = f"{entry.path} is too large to look for references in"
                continue
            directory = posixpath.dirname(entry.path)
            self.words[directory] |= words(entry.path, text)
            if (entry.path, entry.oid) in targets:
                self.named |= sources(entry.path, text) - {directory}
        for directory, found in self.words.items():
            self.graph[directory] |= self._there(directory, found)
        for entry, text in _contents(repository, links):
            self._link(entry.path, text or b"")
        return unread or self._from_callers()

    def _there(self, directory: str, found: Iterable[str]) -> set[str]:
        """The places that there are among those that words lead to; of one within a link or a
        submodule, that."""
        places = {place for word in found for place in resolved(directory, word)}
        missing = places - self.places if self.doors else ()
        within = {door for place in missing for door in self._door(place)}
        return (places & self.places) - {directory} | within

    def _door(self, place: str) -> Iterator[str]:
        """The link or submodule through which one would get to `place`."""
        yield from islice((one for one in (place, *above(place)) if one in self.doors), 1)

    def _link(self, path: str, target: bytes) -> None:
        """What a link leads to is drawn on by the directory of configuration that it lies in, and by
        the project that has it for its directory."""
        directory = posixpath.dirname(path)
        holder = next((place for place in above(path) if place in self.words), directory)
        places = self._there(directory, [os.fsdecode(target)])
        self.graph[holder] |= places - {holder}
        self.graph[path] |= places

    def _from_callers(self) -> str | None:
        """Words of a module that are paths from where it is used: `path.root`, `file("../x")`."""
        users: dict[str, set[str]] = defaultdict(set)
        for directory, targets in self.graph.items():
            for target in targets & self.words.keys():
                users[target].add(directory)
        tried = 0
        for directory in list(users):
            leading = {word for word in self.words[directory] if "/" in word or "." in word}
            for caller in _all_users(directory, users):
                tried += len(leading)
                if tried > WORDS_LIMIT:
                    return "too many modules use too many others"
                self.graph[caller] |= self._there(caller, leading)
        return None


def _all_users(directory: str, users: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = [directory]
    while pending:
        for user in users.get(pending.pop(), ()):
            if user not in found:
                found.add(user)
                pending.append(user)
    return found - {directory}


def _is_configuration(entry: TreeEntry) -> bool:
    return configures(entry.path) and entry.mode not in _DOORS


def _contents(
    repository: Repository, entries: Sequence[TreeEntry]
) -> Iterator[tuple[TreeEntry, bytes | None]]:
    """Each file's content, None where it was not read."""
    for start in range(0, len(entries), _BATCH_FILES):
        batch = entries[start : start + _BATCH_FILES]
        blobs = repository.blobs({entry.oid for entry in batch}, CONFIGURATION_LIMIT_BYTES)
        for entry in batch:
            blob = blobs[entry.oid]
            yield entry, blob.content if isinstance(blob, Blob) else None
