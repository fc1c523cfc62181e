"""What a directory of configuration draws from elsewhere in its repository: modules, files that it
reads, bases and patches, local charts. A change there is a change of whatever draws on it.

Errs on the side of too much: any text in quotes that leads somewhere counts as a reference, whatever
it is an argument of, for a reference that was missed would let a change to a shared module pass as
nobody's.

Source: https://developer.hashicorp.com/terraform/language/modules/sources#local-paths
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from mrbot.resources import kustomization, kustomize_build
from mrbot.resources.hcl_text import BadEscapeError, unescaped

_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl")
_HERE = ("${path.module}/", "${path.root}/", "${path.cwd}/", "${get_terragrunt_dir()}/")
_PARENT_FOLDERS = b"find_in_parent_folders"
_LOCAL_CHART = b"file://"

LONGEST_REFERENCE = 1_000
"""Bytes of a reference; a longer text leads nowhere."""


def configures(path: str) -> bool:
    """Whether a file by this path makes its directory one that draws on others."""
    name = PurePosixPath(path).name
    terraform = path.endswith(_CONFIGURATION) and name != ".terraform.lock.hcl"
    return terraform or name == "Chart.yaml" or kustomization.reads(path)


def references(path: str, text: bytes) -> frozenset[str]:
    """The paths in the repository that the file at `path` names: of directories and of files, there
    or not."""
    directory = posixpath.dirname(path)
    if kustomization.reads(path):
        return frozenset(kustomize_build.references(path, text))
    words = _local_charts(text) if path.endswith(".yaml") else _relative(text)
    named = (_resolved(directory, word) for word in words)
    found = {one for one in named if one is not None}
    if _PARENT_FOLDERS in text:
        found |= {str(parent / "terragrunt.hcl") for parent in PurePosixPath(path).parents[1:]}
    return frozenset(found - {directory})


def _local_charts(text: bytes) -> Iterator[str]:
    for piece in text.split(_LOCAL_CHART)[1:]:
        word = re.split(rb"[\s\"'},\]]", piece[:LONGEST_REFERENCE], maxsplit=1)[0]
        yield word.decode("utf-8", "replace")


def _relative(text: bytes) -> Iterator[str]:
    """What stands between quotes and is a path from the file's own directory."""
    for piece in text.split(b'"'):
        if len(piece) > LONGEST_REFERENCE or not (b"." in piece or b"\\" in piece):
            continue
        word = _unescaped(piece.decode("utf-8", "replace"))
        for here in _HERE:
            if word.startswith(here):
                word = "./" + word.removeprefix(here)
        if word.startswith(("./", "../")) or word in {".", ".."}:
            yield word.partition("${")[0].partition("*")[0].partition("//")[0]


def _unescaped(word: str) -> str:
    try:
        return unescaped(word, quoted=True)
    except BadEscapeError:
        return word.replace("\\", "")


def _resolved(directory: str, word: str) -> str | None:
    """`word` from `directory` as a path of the repository, None where it leads out of it."""
    path = posixpath.normpath(posixpath.join(directory, word))
    if path == ".." or path.startswith(("../", "/")):
        return None
    return "" if path == "." else path


def reaching(
    graph: Mapping[str, Iterable[str]], changed: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """For each directory of `graph` (a directory of configuration and what it refers to) the
    `changed` paths that it draws on, at any remove, and that are not its own."""
    users: dict[str, set[str]] = defaultdict(set)
    for directory, targets in graph.items():
        for target in targets:
            users[target].add(directory)
    closures: dict[frozenset[str], frozenset[str]] = {}
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(set(changed)):
        own = _owner(path, graph)
        direct = frozenset(_direct(path, own, users))
        if direct not in closures:
            closures[direct] = _closure(direct, users)
        for directory in closures[direct]:
            if directory != own:
                found[directory].append(path)
    return {directory: tuple(paths) for directory, paths in found.items()}


def _owner(path: str, graph: Mapping[str, Iterable[str]]) -> str | None:
    """The nearest directory of configuration that holds `path`."""
    directory = posixpath.dirname(path)
    while directory not in graph:
        if not directory:
            return None
        directory = posixpath.dirname(directory)
    return directory


def _direct(path: str, own: str | None, users: Mapping[str, set[str]]) -> Iterator[str]:
    """The directories of configuration that `path` is part of or that name it: itself, or a
    directory around it that is no other's."""
    if own is not None:
        yield own
    place = path
    while True:
        yield from users.get(place, ())
        if not place or place == own:
            return
        place = posixpath.dirname(place)


def _closure(start: frozenset[str], users: Mapping[str, set[str]]) -> frozenset[str]:
    """`start`, and whatever draws on it."""
    found, pending = set(start), deque(start)
    while pending:
        for user in users.get(pending.popleft(), ()):
            if user not in found:
                found.add(user)
                pending.append(user)
    return frozenset(found)
