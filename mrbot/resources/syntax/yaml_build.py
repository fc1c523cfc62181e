"""YAML's events made into JSON values with their lines; counted as they come, never recursing.

`yaml_text` feeds it and is what others call.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn

import yaml

from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.syntax.yaml_scalars import NotThatTypeError, Scalars, resolve, resolve_as

MAX_DOCUMENTS = 5_000
"""Most documents (`---`) in one file."""
MAX_DEPTH = 100
"""Deepest nesting of mappings and sequences, aliases followed."""
MAX_NODES = 500_000
"""Most values in one file, each alias counted as all that it stands for."""
MAX_CHARACTERS = 16 * 2**20
"""Most characters of text in one file's values, each alias counted as all that it stands for."""
INTERNED_CHARACTERS = 64
"""Of a key that is kept once however often it occurs."""
MAX_PROBLEMS = 50
"""Most problems reported for one file."""

_TAG_LIKE = re.compile(r"!+[A-Za-z]")
_STANDARD = "tag:yaml.org,2002:"
_NOTHING_INSIDE: Mapping[str | int, Place] = MappingProxyType({})
_LONGEST_QUOTED_KEY = 100  # characters of a key shown in a message


@dataclass(frozen=True, slots=True)
class Place:
    """The line a value starts on (in a mapping: its key's), and the places inside it."""

    line: int
    inside: Mapping[str | int, Place] = field(default_factory=lambda: _NOTHING_INSIDE)


@dataclass(frozen=True, slots=True)
class Built:
    """A finished value, and what it weighs with every alias expanded."""

    value: Json
    place: Place
    nodes: int
    characters: int
    height: int


@dataclass(slots=True)
class _Open:
    """A mapping or sequence whose end has not been reached."""

    line: int
    anchor: str | None
    tag: str | None
    places: dict[str | int, Place] = field(default_factory=dict)
    nodes: int = 1
    characters: int = 0
    height: int = 1


@dataclass(slots=True)
class _Sequence(_Open):
    value: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class _Mapping(_Open):
    """`key` is the key whose value comes next; `merged` are the keys that only `<<` gave."""

    value: dict[str, Json] = field(default_factory=dict)
    key: str | None = None
    key_line: int = 0
    key_merges: bool = False
    merged: set[str] = field(default_factory=set)


class Builder:
    """Takes the events of one file. `documents` holds what is finished, with its custom tags;
    `problems` what was wrong and did not stop the reading.

    Raises: BadInput from `take` for what does.
    """

    def __init__(self, path: str, scalars: Scalars) -> None:
        self.documents: list[tuple[Built, tuple[tuple[str, int], ...]]] = []
        self.problems: list[Problem] = []
        self._path = path
        self._scalars = scalars
        self._stack: list[_Mapping | _Sequence] = []
        self._anchors: dict[str, Built | None] = {}  # None while its value is still open
        self._tags: list[tuple[str, int]] = []
        self._nodes = 0
        self._characters = 0

    def take(self, event: yaml.Event) -> None:
        """`event` is part of what is being built."""
        line = event.start_mark.line + 1 if event.start_mark else 0
        match event:
            case yaml.ScalarEvent():
                self._scalar(event, line)
            case yaml.CollectionStartEvent():
                self._begin(event, line)
            case yaml.CollectionEndEvent():
                self._end()
            case yaml.AliasEvent():
                self._alias(event.anchor or "", line)
            case yaml.DocumentStartEvent():
                if len(self.documents) >= MAX_DOCUMENTS:
                    self._stop(line, f"more than {MAX_DOCUMENTS} documents")
                self._anchors.clear()
                self._tags.clear()
            case _:
                pass  # the ends of documents and of the stream say nothing more

    def _awaiting_key(self) -> _Mapping | None:
        """The innermost open mapping when a key comes next in it."""
        holder = self._stack[-1] if self._stack else None
        return holder if isinstance(holder, _Mapping) and holder.key is None else None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        text, tag = event.value, event.tag
        built = Built(self._resolved(event, line), Place(line), 1, len(text), 0)
        if event.anchor is not None:
            self._anchors[event.anchor] = built
        holder = self._awaiting_key()
        if holder is None:
            self._add(built, line)
            return
        if tag is not None and tag != _STANDARD + "str":
            self._problem(line, "a key takes no tag")
        merges = event.implicit[0] and text == "<<"
        key = text if merges else self._key_text(built.value, text, line)
        self._key(holder, key, line, merges=merges)

    def _key_text(self, value: Json, text: str, line: int) -> str:
        """What the key whose word is `text` and means `value` is called."""
        if self._scalars is not Scalars.LEGACY_KEYS or isinstance(value, str | dict):
            return text
        if value is None:
            self._problem(line, "a key that is null: put it in quotes")
        return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)

    def _resolved(self, event: yaml.ScalarEvent, line: int) -> Json:
        tag = event.tag
        if tag is None:
            return resolve(event.value, self._scalars) if event.implicit[0] else event.value
        if not tag.startswith(_STANDARD):
            self._custom(tag, line)
            return {tag: event.value}
        try:
            return resolve_as(tag.removeprefix(_STANDARD), event.value)
        except NotThatTypeError as error:
            self._problem(line, str(error))
            return None

    def _custom(self, tag: str, line: int) -> None:
        if tag == "!":
            self._problem(line, "the tag ! is not read here: parsers disagree what it means")
        self._tags.append((tag, line))

    def _begin(self, event: yaml.CollectionStartEvent, line: int) -> None:
        if self._awaiting_key() is not None:
            self._stop(line, "a key must be a plain word, not a mapping or a sequence")
        if len(self._stack) >= MAX_DEPTH:
            self._stop(line, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        mapping = isinstance(event, yaml.MappingStartEvent)
        tag = event.tag
        if tag is not None and tag.startswith(_STANDARD):
            if tag != _STANDARD + ("map" if mapping else "seq"):
                self._problem(line, f"the tag !!{tag.removeprefix(_STANDARD)} is not read here")
            tag = None
        elif tag is not None:
            self._custom(tag, line)
        opened = _Mapping if mapping else _Sequence
        self._stack.append(opened(line, event.anchor, tag))
        self._count(1, 0, line)

    def _end(self) -> None:
        done = self._stack.pop()
        value: Json = done.value if done.tag is None else {done.tag: done.value}
        place = Place(done.line, done.places)
        built = Built(value, place, done.nodes, done.characters, done.height)
        if done.anchor is not None:
            self._anchors[done.anchor] = built
        self._put(built, done.line)

    def _alias(self, name: str, line: int) -> None:
        built = self._anchors.get(name)
        if built is None:
            what = "stands inside what it names" if name in self._anchors else "names nothing"
            self._stop(line, f"the alias *{name} {what}")
        holder = self._awaiting_key()
        if holder is None:
            if len(self._stack) + built.height > MAX_DEPTH:
                self._stop(line, f"nested deeper than {MAX_DEPTH} levels")
            self._add(built, line)
        elif isinstance(built.value, str):
            self._key(holder, built.value, line, merges=False)
        else:
            self._stop(line, "a key must be a plain word")

    def _key(self, holder: _Mapping, key: str, line: int, *, merges: bool) -> None:
        if _TAG_LIKE.match(key):
            self._problem(line, f"the key {_quoted(key)} would be taken for a tag")
        if not merges and key in holder.value and key not in holder.merged:
            first = holder.places[key].line
            self._problem(line, f"the key {_quoted(key)} is here again (first: line {first})")
        self._count(0, len(key), line)
        holder.characters += len(key)
        # A large file has few keys, many times.
        holder.key = sys.intern(key) if len(key) <= INTERNED_CHARACTERS else key
        holder.key_line, holder.key_merges = line, merges

    def _add(self, built: Built, line: int) -> None:
        """A scalar or an alias's value is counted, and put where it belongs."""
        self._count(built.nodes, built.characters, line)
        self._put(built, line)

    def _put(self, built: Built, line: int) -> None:
        if not self._stack:
            self.documents.append((built, tuple(self._tags)))
            return
        holder = self._stack[-1]
        holder.nodes += built.nodes
        holder.characters += built.characters
        holder.height = max(holder.height, built.height + 1)
        if isinstance(holder, _Sequence):
            holder.places[len(holder.value)] = Place(line, built.place.inside)
            holder.value.append(built.value)
            return
        key, holder.key = holder.key or "", None
        if holder.key_merges:
            self._merge(holder, built, line)
        else:
            holder.value[key] = built.value
            holder.places[key] = Place(holder.key_line, built.place.inside)
            holder.merged.discard(key)

    def _merge(self, holder: _Mapping, built: Built, line: int) -> None:
        """`<<: value`: the entries of `value` become the holder's; of several, the first wins.

        Where the holder has the key already with another value, some parsers (go-yaml v2, Psych)
        take the last and others (go-yaml v3, PyYAML) the first: that is refused.
        """
        if isinstance(built.value, list):
            sources = [(v, built.place.inside[i].inside) for i, v in enumerate(built.value)]
        else:
            sources = [(built.value, built.place.inside)]
        ours: set[str] = set()
        for source, places in sources:
            if not isinstance(source, dict):
                self._problem(line, "<< takes a mapping or a sequence of mappings")
                continue
            for key in [key for key in source if key not in ours]:
                if key not in holder.value:
                    ours.add(key)
                    holder.merged.add(key)
                    holder.value[key] = source[key]
                    holder.places[key] = places.get(key, Place(line))
                elif holder.value[key] != source[key]:
                    message = f"<< would replace the key {_quoted(key)}: set it after the <<"
                    self._problem(line, message)

    def _count(self, nodes: int, characters: int, line: int) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > MAX_NODES:
            self._stop(line, f"more than {MAX_NODES} values, aliases expanded")
        if self._characters > MAX_CHARACTERS:
            self._stop(line, f"more than {MAX_CHARACTERS} characters, aliases expanded")

    def _problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self._path, line, message))
        if len(self.problems) >= MAX_PROBLEMS:
            self._stop(line, f"{MAX_PROBLEMS} problems so far; reading stopped here")

    def _stop(self, line: int, message: str) -> NoReturn:
        raise BadInput(*self.problems, Problem(self._path, line, message))


def _quoted(key: str) -> str:
    return f'"{key[:_LONGEST_QUOTED_KEY]}"'
