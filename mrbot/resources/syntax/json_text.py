"""JSON read strictly: what two parsers could read differently is refused."""

from __future__ import annotations

import json
from typing import NoReturn

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.syntax.yaml_scalars import Scalars, resolve

MAX_BYTES = 4 * 2**20
"""Largest JSON file that is read, in bytes."""
MAX_DEPTH = 100
"""Deepest nesting of objects and arrays."""


class _RefusedError(ValueError):
    """Something that JSON allows and mrbot does not."""


def load_json(text: bytes, path: str, *, max_bytes: int = MAX_BYTES) -> Json:
    """The value of `text`.

    Raises: BadInput, with the line where it is known, for what is not JSON, duplicate keys, NaN and
    infinities, halves of surrogate pairs, and what is over the limits; `path` only names the file.
    """
    if len(text) > max_bytes:
        _refuse(path, 0, f"larger than the {max_bytes} bytes of JSON that are read")
    try:
        value: Json = json.loads(
            text.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_number,
            parse_float=_number,
        )
        _check(value)
    except UnicodeDecodeError as error:
        _refuse(path, text.count(b"\n", 0, error.start) + 1, "not UTF-8 text", error)
    except json.JSONDecodeError as error:
        _refuse(path, error.lineno, f"not JSON: {error.msg}", error)
    except _RefusedError as error:
        _refuse(path, 0, str(error), error)
    except RecursionError as error:
        _refuse(path, 0, f"nested deeper than {MAX_DEPTH} levels", error)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RefusedError(f'the key "{twice[:100]}" is twice in one object')
    return found


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is not JSON")


def _number(word: str) -> Json:
    number = resolve(word, Scalars.CORE)
    if isinstance(number, str):  # too large for a float
        raise _RefusedError("a number too large to be read")
    return number


def _check(root: Json) -> None:
    """Depth and text, level by level so that no nesting exhausts the stack."""
    level = [root]
    for _ in range(MAX_DEPTH + 1):
        following: list[Json] = []
        for value in level:
            match value:
                case str():
                    _whole(value)
                case list():
                    following.extend(value)
                case dict():
                    for key, inner in value.items():
                        _whole(key)
                        following.append(inner)
                case None | bool() | int() | float():
                    pass
        if not following:
            return
        level = following
    raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels")


def _whole(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _RefusedError("half of a surrogate pair in a string") from error


def _refuse(path: str, line: int, message: str, cause: Exception | None = None) -> NoReturn:
    raise BadInput(Problem(shown(path), line, message)) from cause
