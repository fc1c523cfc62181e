"""What an unquoted YAML word means: a string, a number, a boolean or null.

Source: https://yaml.org/spec/1.2.2/#103-core-schema and, for `Scalars.LEGACY`,
https://yaml.org/type/ as go-yaml v2 (kubectl) and Psych (GitLab) apply it.
"""

from __future__ import annotations

import math
import re
from enum import StrEnum

from mrbot.ids import Json


class Scalars(StrEnum):
    """Which words are not strings.

    A file must be read as its consumer reads it: kubectl takes `privileged: yes` for true, and a
    policy that saw the string "yes" would let it pass.
    """

    CORE = "yaml 1.2"
    """The 1.2 core schema: `yes`, `on`, dates and `12:30:45` are strings; octal is `0o17`."""
    LEGACY = "yaml 1.1"
    """Also `yes/no/on/off/y/n` as booleans, `017` and `0b1` as integers, `_` within numbers.
    Keys, dates and `12:30:45` stay strings here too."""
    LEGACY_KEYS = "yaml 1.1, keys too"
    """As `LEGACY`, and a key is what its word means, written as JSON: `on:` is the key "true". As
    sigs.k8s.io/yaml makes JSON of YAML."""


class NotThatTypeError(ValueError):
    """A word that an explicit tag (`!!int`) calls a type it cannot have."""


_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_LEGACY_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"})
_LEGACY_FALSE = frozenset({"n", "N", "no", "No", "NO", "off", "Off", "OFF"})
_NUMBER_START = frozenset("0123456789+-.")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_LEGACY_BASED = re.compile(r"[-+]?(0o?[0-7]+|0x[0-9a-fA-F]+|0b[01]+)")
_LARGEST_INTEGER = 2**64
_LONGEST_INTEGER = 80  # characters; int() refuses thousands of digits, and no consumer takes them


def resolve(word: str, scalars: Scalars) -> Json:
    """What the plain (unquoted, untagged) `word` stands for. Infinities and NaN, which JSON cannot
    hold, stay strings; integers beyond 64 bits become floats, as in every JSON consumer."""
    if word in _NULL:
        return None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if scalars is not Scalars.CORE and (word in _LEGACY_TRUE or word in _LEGACY_FALSE):
        return word in _LEGACY_TRUE
    if word[0] not in _NUMBER_START:
        return word
    number = _number(word.replace("_", ""), _LEGACY_BASED) if scalars is not Scalars.CORE else None
    if number is None:
        number = _number(word, _BASED)
    return word if number is None else number


def resolve_as(tag: str, word: str) -> Json:
    """What `word` stands for under the standard tag `!!<tag>`, quoted or not.

    Raises: NotThatTypeError when it cannot be that, or when `tag` is none of str, null, bool, int,
    float.
    """
    value: Json = word if tag == "str" else resolve(word, Scalars.LEGACY)
    if tag == "float" and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    wanted = {"str": str, "null": type(None), "bool": bool, "int": int, "float": float}.get(tag)
    if wanted is None or type(value) is not wanted:
        raise NotThatTypeError(f"this is not a !!{tag} that can be read")
    return value


def _number(word: str, based: re.Pattern[str]) -> int | float | None:
    """`word` as a finite number, None when it is none."""
    if len(word) <= _LONGEST_INTEGER:
        integer = _integer(word, based)
        if integer is not None and abs(integer) <= _LARGEST_INTEGER:
            return integer
        if integer is not None:
            return float(integer)
    if not _FLOAT.fullmatch(word):
        return None
    value = float(word)
    return value if math.isfinite(value) else None


def _integer(word: str, based: re.Pattern[str]) -> int | None:
    """`word` as an integer, in a base by its prefix where `based` matches, else decimal."""
    if based.fullmatch(word):
        sign, digits = (-1, word[1:]) if word[0] == "-" else (1, word.lstrip("+"))
        octal = digits[1:] if digits[1] not in "oxb" else ""
        return sign * (int(octal, 8) if octal else int(digits, 0))
    return int(word) if _DECIMAL.fullmatch(word) else None
