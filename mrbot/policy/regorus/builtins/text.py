"""Functions on strings, with Go's letters and places."""

from __future__ import annotations

from mrbot.policy.regorus.builtins.values import BadArgument, Value, integer, kind, string


def _count(text: Value, part: Value) -> int:
    """Matches do not overlap; the empty string is between all characters."""
    return string(text, 1).count(string(part, 2))


def _upper(value: Value) -> str:
    text = string(value, 1)
    return text.upper() if text.isascii() else "".join(map(_upper_letter, text))


def _upper_letter(letter: str) -> str:
    """The one letter that Unicode maps it to: `ß` has none, `ᾳ` has one for titles."""
    found = letter.upper()
    if len(found) != 1:
        found = letter.title()
    return found if len(found) == 1 else letter


def _lower(value: Value) -> str:
    text = string(value, 1)
    return text.lower() if text.isascii() else "".join(letter.lower()[0] for letter in text)


def _replace(text: Value, old: Value, new: Value) -> str:
    whole, part = string(text, 1), string(old, 2)
    if not part and not whole.isascii():
        raise BadArgument("an empty string cannot be replaced in a text that is not ASCII")
    return whole.replace(part, string(new, 3))


def _replace_n(patterns: Value, text: Value) -> str:
    """At every place, the first of the patterns in alphabetical order that is there."""
    if not isinstance(patterns, dict):
        raise BadArgument(f"argument 1 must be an object, not {kind(patterns)}")
    for old, new in patterns.items():
        if not isinstance(old, str) or not isinstance(new, str) or not old:
            raise BadArgument("patterns are strings that are not empty, and replaced by strings")
    whole = string(text, 2)
    ordered = sorted(patterns, key=str.encode)
    out, at = [], 0
    while at < len(whole):
        old = next((one for one in ordered if whole.startswith(one, at)), None)
        out.append(whole[at] if old is None else patterns[old])
        at += 1 if old is None else len(old)
    return "".join(out)


def _substring(text: Value, start: Value, length: Value) -> str:
    first, number = integer(start, 2), integer(length, 3)
    if first < 0:
        raise BadArgument("negative offset")
    return string(text, 1)[first : None if number < 0 else first + number]


def _indexof(text: Value, part: Value) -> int:
    return string(text, 1).find(_sought(part))


def _indexof_n(text: Value, part: Value) -> list[int]:
    whole, sought = string(text, 1), _sought(part)
    found, at = [], whole.find(sought)
    while at >= 0:
        found.append(at)
        at = whole.find(sought, at + 1)
    return found


def _sought(part: Value) -> str:
    if not string(part, 2):
        raise BadArgument("empty search character")
    return str(part)


FUNCTIONS = {
    "indexof": (2, _indexof),
    "indexof_n": (2, _indexof_n),
    "lower": (1, _lower),
    "replace": (3, _replace),
    "strings.count": (2, _count),
    "strings.replace_n": (2, _replace_n),
    "substring": (3, _substring),
    "upper": (1, _upper),
}
