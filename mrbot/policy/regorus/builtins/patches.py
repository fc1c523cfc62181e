"""`json.patch`: RFC 6902 over objects and arrays.

Source: https://www.rfc-editor.org/rfc/rfc6902
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind

_INDEX = re.compile(r"0|[1-9]\d*", re.ASCII)


def _patch(document: Value, operations: Value) -> Value:
    if not isinstance(operations, list):
        raise BadArgument(f"argument 2 must be an array, not {kind(operations)}")
    holder = {"": deepcopy(document)}
    for operation in operations:
        if not isinstance(operation, dict):
            raise BadArgument("an operation must be an object")
        _apply(holder, operation)
    return holder[""]


def _apply(holder: dict[str, Value], operation: dict[str, Value]) -> None:
    path = _path(operation, "path")
    match operation.get("op"):
        case "add":
            _insert(holder, path, _needed(operation, "value"))
        case "remove" if len(path) == 1:
            raise BadArgument("the whole document cannot be removed")
        case "remove":
            _delete(holder, path)
        case "replace":
            _delete(holder, path)
            _insert(holder, path, _needed(operation, "value"))
        case "move":
            origin = _path(operation, "from")
            if path[: len(origin)] == origin != path:
                raise BadArgument("nothing can be moved into itself")
            moved = deepcopy(_at(holder, origin))
            _delete(holder, origin)
            _insert(holder, path, moved)
        case "copy":
            _insert(holder, path, deepcopy(_at(holder, _path(operation, "from"))))
        case "test":
            if not _same(_at(holder, path), _needed(operation, "value")):
                raise BadArgument("the value is not what the patch tests for")
        case other:
            raise BadArgument(f"there is no operation {other!r:.40}")


def _needed(operation: dict[str, Value], name: str) -> Value:
    if name not in operation:
        raise BadArgument(f"missing required attribute {name!r}")
    return operation[name]


def _path(operation: dict[str, Value], name: str) -> list[Value]:
    match _needed(operation, name):
        case "":
            return [""]
        case str() as text:
            parts = text.lstrip("/").split("/")
            return ["", *(part.replace("~1", "/").replace("~0", "~") for part in parts)]
        case list() as parts if all(isinstance(part, str) for part in parts):
            return ["", *parts]
        case _:
            raise BadArgument("a path is a string, or an array of strings")


def _at(holder: Any, path: list[Value]) -> Value:  # noqa: ANN401
    for part in path:
        holder = holder[_place(holder, part)]
    return holder


def _place(holder: Value, part: str, *, beyond: bool = False) -> Value:
    """The key, or the index; one `beyond` the end where something is added."""
    match holder:
        case dict() if beyond or part in holder:
            return part
        case list():
            end = len(holder) + beyond
            if part == "-" and beyond:
                return len(holder)
            if _INDEX.fullmatch(part) and int(part) < end:
                return int(part)
        case _:
            pass
    raise BadArgument(f"there is no {part[:100]!r} at this path")


def _insert(holder: Value, path: list[Value], value: Value) -> None:
    parent = _at(holder, path[:-1])
    place = _place(parent, path[-1], beyond=True)
    if isinstance(parent, list):
        parent.insert(place, value)
    else:
        parent[place] = value


def _delete(holder: Value, path: list[Value]) -> None:
    if len(path) == 1:
        return  # the whole document: what comes next takes its place
    parent = _at(holder, path[:-1])
    del parent[_place(parent, path[-1])]


def _same(one: Value, other: Value) -> bool:
    """Equal, and a boolean is no number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)


FUNCTIONS = {"json.patch": (2, _patch)}
