"""mrbot's values as JSON and back, losslessly: pure.

Only the classes named here are ever made from a record, so a record can hold nothing but facts.
"""

from __future__ import annotations

import base64
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import ModuleType

from mrbot import ids
from mrbot.change import commits, files, hunks, notes, people, snapshot
from mrbot.decision import material, ruleset
from mrbot.errors import BadReference
from mrbot.ids import Json
from mrbot.plan import plan
from mrbot.policy import finding
from mrbot.resources import model

_MODULES: tuple[ModuleType, ...] = (
    ids, commits, files, hunks, notes, people, snapshot, material, ruleset, plan, finding, model,
)  # fmt: skip

_CLASSES: dict[str, type] = {
    name: value
    for module in _MODULES
    for name, value in vars(module).items()
    if isinstance(value, type)
    and value.__module__ == module.__name__
    and (is_dataclass(value) or issubclass(value, Enum))
}

_RAW = "\x00bytes:"
"""Marks text that is not Unicode (a path that is not UTF-8): base64 of it, lone surrogates kept."""


def encode(value: object) -> Json:
    """`value` as JSON that `decode` turns into an equal value."""
    match value:
        case Enum():
            return {"$enum": type(value).__name__, "value": encode(value.value)}
        case str():
            return _text(value)
        case None | bool() | int() | float():
            return value
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"$time": value.isoformat()}
        case tuple():
            return [encode(item) for item in value]
        case list():
            return {"$list": [encode(item) for item in value]}
        case frozenset():
            return {"$set": [encode(item) for item in sorted(value)]}
        case dict():
            return {"$map": {_text(key): encode(item) for key, item in value.items()}}
        case _:
            return _encode_value(value)


def _encode_value(value: object) -> Json:
    if is_dataclass(value) and type(value).__name__ in _CLASSES:
        members = {field.name: encode(getattr(value, field.name)) for field in fields(value)}
        return {"$": type(value).__name__, **members}
    raise TypeError(f"a record cannot hold a {type(value).__name__}")


def decode(document: Json) -> object:
    """The value that `encode` made `document` of.

    Raises: BadReference when it is not such a document.
    """
    try:
        return _decode(document)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise BadReference(f"the record holds something it cannot: {error}") from error


def _decode(document: Json) -> object:
    match document:
        case str():
            return _untext(document)
        case list():
            return tuple(_decode(item) for item in document)
        case dict():
            return _decode_object(document)
        case _:
            return document


def _decode_object(document: dict[str, Json]) -> object:
    match document:
        case {"$enum": str(name), "value": value}:
            return _CLASSES[name](_decode(value))
        case {"$bytes": str(text)}:
            return base64.b64decode(text, validate=True)
        case {"$time": str(text)}:
            return _moment(text)
        case {"$list": list(items)}:
            return [_decode(item) for item in items]
        case {"$set": list(items)}:
            return frozenset(_decode(item) for item in items)
        case {"$map": dict(items)}:
            return {_untext(key): _decode(item) for key, item in items.items()}
        case {"$": str(name), **members}:
            return _CLASSES[name](**{key: _decode(item) for key, item in members.items()})
        case _:
            raise ValueError("an object of no known kind")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError("a time in another spelling than is written")
    return found


def _text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return _RAW + base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    return _RAW + base64.b64encode(text.encode()).decode() if text.startswith(_RAW) else text


def _untext(text: str) -> str:
    if not text.startswith(_RAW):
        return text
    return base64.b64decode(text.removeprefix(_RAW), validate=True).decode("utf-8", "surrogatepass")
