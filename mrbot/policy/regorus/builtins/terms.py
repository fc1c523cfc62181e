"""A value as OPA writes it in Rego: `{"a": [1, 2]}`, `{1, 2}`, `set()`."""

from __future__ import annotations

import unicodedata
from functools import cmp_to_key

from mrbot.policy.regorus.builtins.values import BadArgument, Value

MAX_DIGITS = 15
"""A fraction with more digits than these was computed, and OPA computes with more."""

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v",
    "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def term(value: Value) -> str:
    """The text of `value`.

    Raises: BadArgument when a character's place in Unicode may not be settled.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int():
            return str(value)
        case float():
            return number(value)
        case list() | tuple():
            return f"[{', '.join(map(term, value))}]"
        case set() | frozenset():
            if not value:
                return "set()"
            return f"{{{', '.join(map(term, ordered(value)))}}}"
        case _:
            fields = (f"{term(key)}: {term(value[key])}" for key in ordered(value))
            return f"{{{', '.join(fields)}}}"


def number(value: float) -> str:
    """A fraction's digits as OPA keeps them, which is as they were written.

    Raises: BadArgument for what may have been written or computed otherwise: an exponent, and so
    many digits that it was computed.
    """
    text = repr(value)
    if "e" in text or len(text) > MAX_DIGITS + len("-0."):
        raise BadArgument(f"the number {text} may have other digits in OPA")
    return text


def quoted(text: str) -> str:
    """`text` as a Go string literal: what cannot be printed is escaped."""
    if text.isascii() and text.isprintable() and not {"\\", '"'} & set(text):
        return f'"{text}"'
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if (known := _ESCAPES.get(character)) is not None:
        return known
    code = ord(character)
    if character.isprintable():
        return character
    if code < ord(" ") or code == 0x7F:
        return f"\\x{code:02x}"
    if unicodedata.category(character) == "Cn":
        raise BadArgument(f"U+{code:04X} is not a character that this engine knows")
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_ORDER = ("null", "boolean", "number", "string", "array", "object", "set")


def ordered(values: Value) -> list[Value]:
    """The members of a set, or an object's keys, in OPA's order."""
    return sorted(values, key=cmp_to_key(_compare))


def _compare(one: Value, other: Value) -> int:
    ranks = _rank(one), _rank(other)
    if ranks[0] != ranks[1]:
        return ranks[0] - ranks[1]
    if isinstance(one, list | tuple):
        for left, right in zip(one, other, strict=False):
            if result := _compare(left, right):
                return result
        return len(one) - len(other)
    if one is None:
        return 0
    if isinstance(one, str):
        left, right = one.encode(), other.encode()
        return int(left > right) - int(left < right)
    return int(one > other) - int(one < other)


def _rank(value: Value) -> int:
    match value:
        case None:
            return 0
        case bool():
            return 1
        case int() | float():
            return 2
        case str():
            return 3
        case list() | tuple():
            return 4
        case _:
            raise BadArgument("a set of sets or objects cannot be written here")
