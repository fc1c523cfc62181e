"""JSON as Go reads and writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from mrbot.policy.regorus.builtins.terms import number, ordered, term
from mrbot.policy.regorus.builtins.values import BadArgument, Value, fraction

_ESCAPED = re.compile(r'[\x00-\x1f"\\<>&\u2028\u2029]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}

Fields = Callable[[list[tuple[str, Any]]], dict[str, Any]]


def loads(text: str, fields: Fields | None = None) -> Any:  # noqa: ANN401
    """The value; half a surrogate pair becomes U+FFFD. An object is what `fields` makes of it, and
    without it has the last of what is there twice.

    Raises: BadArgument
    """
    try:
        return _whole(
            json.loads(
                text, parse_constant=_not_json, parse_float=fraction, object_pairs_hook=fields
            )
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise BadArgument("invalid JSON") from error


def _not_json(constant: str) -> None:
    raise BadArgument(f"invalid JSON: {constant}")


def _whole(value: Any) -> Any:  # noqa: ANN401
    match value:
        case str():
            return value if value.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", value)
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(key): _whole(one) for key, one in value.items()}
        case _:
            return value


def dumps(value: Value) -> str:
    """One line without spaces; keys in order, and `<`, `>` and `&` escaped.

    Raises: BadArgument for a number that OPA may write otherwise.
    """
    match value:
        case None | bool():
            return term(value)
        case int():
            return str(value)
        case float():
            return number(value)
        case str():
            return _string(value)
        case list() | tuple():
            return f"[{','.join(map(dumps, value))}]"
        case set() | frozenset():
            return f"[{','.join(map(dumps, ordered(value)))}]"
        case _:
            return _object(value)


def _object(value: dict[Value, Value]) -> str:
    """Keys that are no strings are written as JSON, and all are put in order as text."""
    keys = {key if isinstance(key, str) else dumps(key): one for key, one in value.items()}
    if len(keys) != len(value):
        raise BadArgument("two keys are the same as text")
    fields = sorted(keys.items(), key=lambda field: field[0].encode())
    return f"{{{','.join(f'{_string(key)}:{dumps(one)}' for key, one in fields)}}}"


def _string(text: str) -> str:
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
