"""Docker Compose files: services and what they use.

Kinds: `service` (address `path/name`), `volume`, `network`, `secret`, `config`, `model` (address
`path/volumes/name`, ...), `include` (`path/include[0] file`) and `settings` (`path`): everything
else on the top level, as `name` and `x-*`. Each file is read by itself: `extends`, `include` and
what other files are merged into it are listed, not followed. Tags that steer the merging are taken
out of the values: under `!override` and `!reset` stand the paths that had them. Lists of names and
values (`environment`, `labels`, ...) are told as the mappings that they mean.

Source: https://docs.docker.com/reference/compose-file/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.compose.values import (
    OVERRIDE,
    RESET,
    Taken,
    hidden_paths,
    taken,
    variable_paths,
)
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.masking import dotted
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import Scalars, YamlDocument, untagged

FORMAT = "compose"

_SECTIONS: Mapping[str, str] = {
    "services": "service",
    "volumes": "volume",
    "networks": "network",
    "secrets": "secret",
    "configs": "config",
    "models": "model",
}
"""Each section of named things, and the kind of these."""
_SETTINGS = frozenset({"name", "version"})
_API_OBJECT = frozenset({"apiVersion", "kind"})
_FROM_OUTSIDE = (("environment",), ("build", "args"))
"""Where a name without a value takes that of the environment Compose is run in."""


def reads(path: str) -> bool:
    """Whether a file by this path is a Compose file, by Docker's or common naming."""
    name = PurePosixPath(path).name.lower()
    return name.endswith((".yml", ".yaml")) and (
        name.startswith(("docker-compose", "compose.", "compose-", "compose_"))
    )


def looks_like(file: TextFile) -> bool:
    """Whether a YAML file by any name has services as only Compose files have."""
    try:
        documents = file.documents()
    except BadInput:
        return False
    return any(_has_services(untagged(document.value)) for document in documents)


def _has_services(value: Json) -> bool:
    services = untagged(value.get("services")) if isinstance(value, dict) else None
    found = map(untagged, services.values()) if isinstance(services, dict) else ()
    return any(
        isinstance(service, dict) and not service.keys().isdisjoint({"image", "build", "extends"})
        for service in found
    )


def declare(files: Sequence[TextFile]) -> Side:
    """What each of `files` declares, by itself."""
    side = Side()
    for file in files:
        try:
            found = _read(file)
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
            continue
        for resource in _resources(found, side) if found else ():
            side.add(resource)
    return side


@dataclass(frozen=True, slots=True)
class _File:
    """A Compose file: its top level, where its lines are, and the paths with tags by whose they
    are (`()`: the file's)."""

    path: str
    content: dict[str, Json]
    document: YamlDocument
    tags: Mapping[Path, Mapping[str, list[Json]]]


def _read(file: TextFile) -> _File | None:
    """The only document of `file`; None where it is empty, or API objects by such a name.

    Raises: BadInput.
    """
    documents = [document for document in file.documents() if document.value is not None]
    if all(_is_object(document.value) for document in documents):
        return None
    document = documents[0]
    if len(documents) > 1:
        reason = "a second document, which Compose merges into the first: that is not read"
        raise _refused(file.path, documents[1].line, reason)
    for tag, line in document.tags:
        if tag not in {OVERRIDE, RESET}:
            raise _refused(file.path, line, f"the tag {tag[:100]}, which Compose does not know")
    core = [other for other in file.documents(Scalars.CORE) if other.value is not None]
    found = taken(document.value, core[0].value, tagged=bool(document.tags))
    content = {} if found.value is None else found.value
    if not isinstance(content, dict):
        raise _refused(file.path, document.line, "not a mapping")
    return _File(file.path, content, document, _tags(content, found))


def _is_object(value: Json) -> bool:
    """Whether `value` is an API object with nothing of a Compose file: `kubernetes` reads it."""
    return (
        isinstance(value, dict)
        and value.keys() >= _API_OBJECT
        and value.keys().isdisjoint({*_SECTIONS, "include"})
    )


def _refused(path: str, line: int, reason: str) -> BadInput:
    return BadInput(Problem(shown(path), line, reason))


def _tags(content: dict[str, Json], found: Taken) -> dict[Path, dict[str, list[Json]]]:
    """The tagged paths, each under its section and name where that is declared."""
    tags: dict[Path, dict[str, list[Json]]] = {}
    for tag, paths in ((OVERRIDE, found.override), (RESET, found.reset)):
        for path in paths:
            section = content.get(str(path[0])) if len(path) > 1 else None
            named = isinstance(section, dict) and path[0] in _SECTIONS and path[1] in section
            owner = path[:2] if named else ()
            listed = tags.setdefault(owner, {}).setdefault(tag, [])
            listed.append(dotted(path[len(owner) :]))
    return tags


def _resources(file: _File, side: Side) -> Iterator[Declared]:
    foreign = _foreign(file.content)
    if foreign is not None:
        reason = f'"{foreign[:100]}" is no section of a Compose file (of its first format, perhaps)'
        side.fault(file.path, file.document.line_of((foreign,)), reason)
    yield from _settings(file)
    yield from _includes(file)
    for section in _SECTIONS:
        yield from _section(file, section, side)


def _foreign(content: dict[str, Json]) -> str | None:
    """The key that tells that this is another thing under the name of a Compose file."""
    if content.keys() >= _API_OBJECT:
        return "apiVersion"
    if "services" in content:
        return None
    own = {*_SECTIONS, *_SETTINGS, "include"}
    others = (key for key in content if key not in own and not key.startswith("x-"))
    return next((key for key in others if isinstance(content[key], dict)), None)


def _settings(file: _File) -> Iterator[Declared]:
    """All that is neither a section nor an include, and the tags on what is in no resource."""
    value = {
        key: inner
        for key, inner in file.content.items()
        if key not in _SECTIONS and key != "include"
    }
    if value or () in file.tags:
        first = next(iter(value), "")
        yield _declared(file, "settings", shown(file.path), value, (), line_at=(first,))


def _includes(file: _File) -> Iterator[Declared]:
    include = file.content.get("include")
    entries = include if isinstance(include, list) else [] if include is None else [include]
    for index, entry in enumerate(entries):
        value: dict[str, Json] = entry if isinstance(entry, dict) else {"path": entry}
        words = value.get("path")
        named = " ".join(map(str, words)) if isinstance(words, list) else str(words)
        address = f"{shown(file.path)}/include[{index}] {named[:500]}"
        yield _declared(file, "include", address, value, ("include", index))


def _section(file: _File, section: str, side: Side) -> Iterator[Declared]:
    entries = file.content.get(section)
    if entries is None:
        return
    if not isinstance(entries, dict):
        line = file.document.line_of((section,))
        side.fault(file.path, line, f"{section} is not a mapping of names")
        return
    within = "" if section == "services" else f"{section}/"
    for name, entry in entries.items():
        place = (section, name)
        value = {} if entry is None else entry
        if "/" in name or not isinstance(value, dict):
            wrong = "is not a mapping" if "/" not in name else "is not a name that Compose takes"
            side.fault(
                file.path, file.document.line_of(place), f'{section}: "{name[:100]}" {wrong}'
            )
            continue
        address = f"{shown(file.path)}/{within}{name}"
        yield _declared(file, _SECTIONS[section], address, value, place)


def _declared(
    file: _File,
    kind: str,
    address: str,
    value: dict[str, Json],
    place: Path,
    *,
    line_at: Path = (),
) -> Declared:
    content: list[Path] = [("content",)] if kind == "secret" else []
    external = value.get("external")
    return Declared(
        key=(file.path, kind, address),
        address=address,
        kind=kind,
        value={**value, **file.tags.get(place, {})},
        source=Source(path=file.path, line=file.document.line_of(line_at or place)),
        unknown=(*variable_paths(value), *_from_outside(value)),
        sensitive=(*hidden_paths(value), *content),
        # What is external is there before Compose runs, and stays.
        stateful=kind == "volume" and external is not True and not isinstance(external, dict),
    )


def _from_outside(value: dict[str, Json]) -> Iterator[Path]:
    """The paths of names that have no value of their own."""
    for path in _FROM_OUTSIDE:
        place: Json = value
        for step in path:
            place = place.get(step) if isinstance(place, dict) else None
        if isinstance(place, dict):
            yield from ((*path, name) for name, inner in place.items() if inner is None)
