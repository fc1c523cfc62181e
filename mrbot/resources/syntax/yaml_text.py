"""YAML as JSON with line numbers, read strictly.

Refused, with the line: duplicate keys, keys that are not plain words, aliases that expand without
bound or contain themselves, unknown standard tags, line breaks that parsers disagree about, and
whatever is over the limits here and in `yaml_build`. Custom tags are kept: `!Sub x` is
`{"!Sub": "x"}`, and is listed in `YamlDocument.tags` for readers whose consumer ignores tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import yaml

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.syntax.yaml_build import Builder, Place
from mrbot.resources.syntax.yaml_scalars import Scalars

__all__ = ["MAX_BYTES", "Scalars", "YamlDocument", "load_documents", "load_one", "untagged"]

MAX_BYTES = 4 * 2**20
"""Largest YAML file that is read, in bytes."""

_DISPUTED_BREAKS = {"\x85": "U+0085", "\u2028": "U+2028", "\u2029": "U+2029"}


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlDocument:
    """One YAML document. `line` is where its content starts, from 1; `tags` are its custom tags
    with their lines, in order."""

    value: Json
    line: int
    tags: tuple[tuple[str, int], ...] = ()
    _place: Place = field(repr=False, compare=False)

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of the value at `path` (keys and indices from the root): of its key in a
        mapping, of its start in a sequence; where there is no such value, of the nearest value
        around it."""
        place = self._place
        for step in path:
            inner = place.inside.get(step)
            if inner is None:
                break
            place = inner
        return place.line


def load_documents(
    text: bytes | str, path: str, *, scalars: Scalars = Scalars.CORE
) -> tuple[YamlDocument, ...]:
    """Every document of `text`, in order; an empty file holds none.

    Raises: BadInput with the line of each problem; `path` only names the file in it.
    """
    decoded = _decode(text, path)
    builder = Builder(shown(path), scalars)
    try:
        parser = yaml.CSafeLoader(decoded)
        while parser.check_event():
            event = parser.get_event()
            assert event is not None  # noqa: S101  for mypy: check_event() said there is one
            builder.take(event)
    except yaml.YAMLError as error:
        raise BadInput(*builder.problems, _told(error, decoded, path)) from error
    if builder.problems:
        raise BadInput(*builder.problems)
    return tuple(
        YamlDocument(value=built.value, line=built.place.line, tags=tags, _place=built.place)
        for built, tags in builder.documents
    )


def load_one(text: bytes | str, path: str, *, scalars: Scalars = Scalars.CORE) -> YamlDocument:
    """The only document of `text`; that of an empty file is null.

    Raises: BadInput as `load_documents`, and when there is more than one document.
    """
    documents = load_documents(text, path, scalars=scalars)
    if len(documents) > 1:
        message = "a second document starts here (---); this file takes one"
        raise BadInput(Problem(shown(path), documents[1].line, message))
    return documents[0] if documents else YamlDocument(value=None, line=1, _place=Place(1))


def untagged(value: Json) -> Json:
    """`value` without the custom tags on it, behind which its shape would hide."""
    while isinstance(value, dict) and len(value) == 1:
        tag, inner = next(iter(value.items()))
        if not tag.startswith("!"):
            break
        value = inner
    return value


def _decode(text: bytes | str, path: str) -> str:
    """`text` as a string that can be written as UTF-8 and whose lines every parser counts alike."""
    if len(text) > MAX_BYTES:
        raise BadInput(
            Problem(shown(path), 0, f"larger than the {MAX_BYTES} bytes of YAML that are read")
        )
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        decoded.encode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(path, error.object.count(b"\n", 0, error.start) + 1, "not UTF-8 text")
    except UnicodeEncodeError as error:
        _refuse(path, error.object.count("\n", 0, error.start) + 1, "not UTF-8 text")
    for character, name in _DISPUTED_BREAKS.items():
        at = decoded.find(character)
        if at >= 0:
            message = f"parsers disagree whether the character {name} ends a line: escape it"
            _refuse(path, decoded.count("\n", 0, at) + 1, message)
    return decoded


def _refuse(path: str, line: int, message: str) -> NoReturn:
    raise BadInput(Problem(shown(path), line, message))


def _told(error: yaml.YAMLError, text: str, path: str) -> Problem:
    """A syntax error in libyaml's words, with its line where libyaml tells it."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        what = getattr(error, "problem", None) or "syntax error"
        return Problem(shown(path), mark.line + 1, f"not YAML: {what}")
    position = getattr(error, "position", None)
    line = text.encode().count(b"\n", 0, position) + 1 if isinstance(position, int) else 0
    return Problem(shown(path), line, f"not YAML: {getattr(error, 'reason', 'syntax error')}")
