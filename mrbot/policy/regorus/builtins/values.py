"""Values on their way between regorus and Python, where some of them change without a word.

regorus gives a Rego set as a Python set and an object as a dict, so that `true` and `1` fall
together in a set or among keys; it takes a whole number beyond 64 bits for a float, and half of a
surrogate pair kills the process. Whatever could have changed is refused here. (A set of arrays or
objects, and a number beyond 64 bits, are errors of regorus itself.)
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

Value = Any
"""A Rego value as regorus gives it: None, bool, int, float, str, list, set or dict."""

_LOWEST, _HIGHEST = -(2**63), 2**64 - 1


class BadArgument(Exception):
    """What a function was given is not what it takes, or cannot be told exactly in this engine."""


def exact(value: Value) -> None:
    """Nothing in `value` can have changed on its way here.

    Raises: BadArgument
    """
    waiting = [value]
    while waiting:
        match waiting.pop():
            case list() as items:
                waiting.extend(items)
            case set() | frozenset() as items:
                _no_truth_in(items)
                waiting.extend(items)
            case dict() as fields:
                _no_truth_in(fields)
                waiting.extend(fields)
                waiting.extend(fields.values())
            case bool():
                pass
            case int() | float() as number if not _LOWEST < number < _HIGHEST:
                raise BadArgument(f"a number of more than 64 bits arrives here as {number!r}")
            case _:
                pass


def _no_truth_in(items: set[Value] | frozenset[Value] | dict[Value, Value]) -> None:
    if any(isinstance(item, bool) for item in items):
        message = "a set or an object's keys with booleans in them cannot be given to this function"
        raise BadArgument(message)


def returned(value: Value) -> Value:
    """`value`, which regorus takes as it is.

    Raises: BadArgument when it does not.
    """
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if not _is_unicode(text):
                raise BadArgument("the result holds half of a surrogate pair, not a character")
            case bool() | None | str():
                pass
            case int() as number if not _LOWEST <= number <= _HIGHEST:
                raise BadArgument("the result holds a number of more than 64 bits")
            case float() as number if not math.isfinite(number):
                raise BadArgument("the result holds a number that is not finite")
            case list() | tuple() | set() | frozenset() as items:
                waiting.extend(items)
            case dict() as fields:
                waiting.extend(fields)
                waiting.extend(fields.values())
            case _:
                pass
    return value


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def string(value: Value, position: int) -> str:
    """`value` when it is a string.

    Raises: BadArgument
    """
    if not isinstance(value, str):
        raise BadArgument(f"argument {position} must be a string, not {kind(value)}")
    return value


def integer(value: Value, position: int) -> int:
    """`value` when it is a whole number of Go's `int`.

    Raises: BadArgument
    """
    if isinstance(value, bool) or not isinstance(value, int) or not _LOWEST <= value < -_LOWEST:
        raise BadArgument(f"argument {position} must be an integer, not {kind(value)}")
    return value


def fraction(text: str) -> float:
    """The number that `text` is written as.

    Raises: BadArgument when it has more digits than are kept.
    """
    number = float(text)
    if not math.isfinite(number) or Decimal(repr(number)) != Decimal(text):
        raise BadArgument(f"the number {text[:60]} has more digits than this engine keeps")
    return number


def kind(value: Value) -> str:
    """What Rego calls the type of `value`."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case set() | frozenset():
            return "set"
        case _:
            return "object"
