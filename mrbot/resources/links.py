"""What a directory of configuration draws from elsewhere in its repository: modules, files that it
reads, bases and patches, local charts. A change there is a change of whatever draws on it.

Errs on the side of too much: whatever in a file of configuration could be a path is a word of it, and
a word that leads to something that is there is a reference. A reference that was missed would let a
change to a shared module pass as nobody's.

Source: https://developer.hashicorp.com/terraform/language/modules/sources#local-paths
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from mrbot.change.directories import above
from mrbot.resources.kustomize import build as kustomize_build
from mrbot.resources.kustomize import reader as kustomization
from mrbot.resources.syntax.hcl_text import BadEscapeError, unescaped

LONGEST_WORD = 4 << 10
"""Bytes of a text that could be a path; one that is longer is searched only at its beginning."""

MAX_PAIRS = 1_000_000
"""Most pairs of a directory and a changed path that it draws on."""

_CONFIGURATION = (".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl")
_CHARTS = frozenset({"Chart.yaml", "requirements.yaml"})
_FROM_ROOT = re.compile(r"^\$\{\s*get_(?:path_to_)?repo_root\(\)\s*\}/*")
_HERE = re.compile(
    r"^(?:\$\{[^{}]*(?:path\.(?:module|root|cwd)|get_terragrunt_dir\(\))[^{}]*\}|%s)/+"
)
_PARENT_FOLDERS = b"find_in_parent_folders"
_IN_YAML = re.compile(rb"[\s\"',\[\]{}]+")
_FILE_URL = re.compile(r"^file:/{0,2}", re.IGNORECASE)
_SOURCE = re.compile(
    rb"(?m)^[ \t]*source[ \t]*=[ \t]*\"(\.{1,2}/[^\"\n]{0,1000})\""
    rb"|\"source\"[ \t]*:[ \t]*\"(\.{1,2}/[^\"\n]{0,1000})\""
)


def configures(path: str) -> bool:
    """Whether a file by this path makes its directory one that draws on others."""
    name = PurePosixPath(path).name
    terraform = path.endswith(_CONFIGURATION) and name != ".terraform.lock.hcl"
    return terraform or name in _CHARTS or kustomization.reads(path)


def words(path: str, text: bytes) -> frozenset[str]:
    """Everything in the file at `path` that could be a path: relative to its directory, or, with a
    `/` before it, to the repository's root."""
    if not path.endswith(_CONFIGURATION):
        pieces = [*_IN_YAML.split(text), *re.split(rb"[\"'\n]", text)]
        found = {_yaml_word(piece) for piece in pieces if 0 < len(piece) < LONGEST_WORD}
        return frozenset(found | {word.partition("?")[0] for word in found})
    pieces = [piece for piece in text.split(b'"') if b"." in piece or b"/" in piece]
    pieces += [line for line in text.split(b"\n") if line.lstrip().startswith((b"./", b"../"))]
    texts = (_unescaped(piece[:LONGEST_WORD].decode("utf-8", "replace")) for piece in pieces)
    found = {word for text in texts for word in _cleaned(text)}
    if _PARENT_FOLDERS in text:
        named = {"terragrunt.hcl", *(word for word in found if "/" not in word)}
        depth = len(PurePosixPath(path).parents) - 1
        found |= {"../" * up + word for word in named for up in range(1, depth + 1)}
    return frozenset(word for word in found if word and "\n" not in word)


def _yaml_word(piece: bytes) -> str:
    return _FILE_URL.sub("", _unescaped(piece.decode("utf-8", "replace").strip()))


def _unescaped(word: str) -> str:
    """`word` as its parser would read it, JSON's escapes and HCL's alike."""
    if "\\" not in word:
        return word
    try:
        return str(json.loads(f'"{word}"'))
    except ValueError:
        pass
    try:
        return unescaped(word, quoted=True)
    except BadEscapeError:
        return word.replace("\\", "")


def _cleaned(word: str) -> Iterator[str]:
    """`word` up to what is not known of it; where it begins with an expression about a module's own
    place, from there, and from around it, as the expression may be `dirname(path.module)`."""
    word = _FROM_ROOT.sub("/", word.strip())
    here = _HERE.match(word)
    starts = [word] if here is None else [f"{up}{word[here.end() :]}" for up in ("./", "../")]
    for start in starts:
        yield start.partition("${")[0].partition("*")[0]


def resolved(directory: str, word: str) -> Iterator[str]:
    """Where `word` leads from `directory`, as paths of the repository: past a `//`, and up to it.
    Nothing where it leads out of the repository."""
    for part in dict.fromkeys((word, word.partition("//")[0])):
        start = "" if word.startswith("/") else directory
        path = posixpath.normpath(posixpath.join(start, part.lstrip("/")))
        if path != ".." and not path.startswith(("../", "/")):
            yield "" if path == "." else path


def sources(path: str, text: bytes) -> frozenset[str]:
    """The directories that the file at `path` is made of by its format's own word for it: what is
    named so is a part of something, and no project by itself."""
    directory = posixpath.dirname(path)
    if kustomization.reads(path):
        return frozenset(kustomize_build.references(path, text))
    if not path.endswith(_CONFIGURATION):
        return frozenset()
    named = (found[1] or found[2] for found in _SOURCE.finditer(text))
    return frozenset(
        place for word in named for place in resolved(directory, word.decode("utf-8", "replace"))
    )


def reaching(
    graph: Mapping[str, Iterable[str]], changed: Iterable[str], coarse: Collection[str] = ()
) -> dict[str, tuple[str, ...]] | None:
    """For each directory of `graph` (a directory of configuration and what it refers to) the
    `changed` paths that it draws on, at any remove, and that are not its own. `coarse` are those in
    whose place a whole directory may stand: a link, a submodule.

    None when that is more than `MAX_PAIRS`.
    """
    users: dict[str, set[str]] = defaultdict(set)
    for directory, targets in graph.items():
        for target in targets:
            users[target].add(directory)
    below = sorted({*users, *graph})
    closures: dict[frozenset[str], frozenset[str]] = {}
    found: dict[str, list[str]] = defaultdict(list)
    pairs = 0
    for path in sorted(set(changed)):
        own = _owner(path, graph)
        direct = set(_direct(path, own, users, graph))
        if path in coarse:
            direct |= _standing_on(path, below, users, graph)
        start = frozenset(direct)
        if start not in closures:
            closures[start] = _closure(start, users)
        pairs += len(closures[start])
        if pairs > MAX_PAIRS:
            return None
        for directory in closures[start]:
            if directory != own:
                found[directory].append(path)
    return {directory: tuple(paths) for directory, paths in found.items()}


def _owner(path: str, graph: Mapping[str, Iterable[str]]) -> str | None:
    """The nearest directory of configuration that holds `path`."""
    return next((directory for directory in above(path) if directory in graph), None)


def _direct(
    path: str, own: str | None, users: Mapping[str, set[str]], graph: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    """The directories of configuration that `path` is part of or that name it: itself, what holds it
    up to the next directory of configuration, and directories around that which are none."""
    if own is not None:
        yield own
    for place in (path, *above(path)):
        if place in {path, own} or place not in graph:
            yield from users.get(place, ())


def _standing_on(
    path: str,
    below: list[str],
    users: Mapping[str, set[str]],
    graph: Mapping[str, Iterable[str]],
) -> set[str]:
    """The directories of configuration at `path` or below it, and those that name anything there."""
    found: set[str] = set()
    for start, exact in ((path, True), (f"{path}/", False)):
        for place in below[bisect_left(below, start) :]:
            if place != start if exact else not place.startswith(start):
                break
            found |= users.get(place, set())
            found |= {place} if place in graph else set()
    return found


def _closure(start: frozenset[str], users: Mapping[str, set[str]]) -> frozenset[str]:
    """`start`, and whatever draws on it."""
    found, pending = set(start), deque(start)
    while pending:
        for user in users.get(pending.popleft(), ()):
            if user not in found:
                found.add(user)
                pending.append(user)
    return frozenset(found)
