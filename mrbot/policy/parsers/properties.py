"""Java's properties files. `${name}` in a value stays as it stands.

Source: https://docs.oracle.com/javase/8/docs/api/java/util/Properties.html#load-java.io.Reader-
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.policy.parsers.text import decoded, refuse

_BLANK = " \f\t"
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.?)", re.DOTALL)
_CONTROL = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_KEY = re.compile(r"(?:\\.|[^\\ \f\t:=])*", re.DOTALL)
_BETWEEN = re.compile(r"[ \f\t]*[:=]?[ \f\t]*")


def properties(text: bytes, path: str) -> Json:
    """Names and values, all text; of a name that is set twice, the last value."""
    found: dict[str, Json] = {}
    for number, line in _logical(decoded(text, path)):
        key = _KEY.match(line)
        rest = line[key.end() :] if key else line
        between = _BETWEEN.match(rest)
        value = rest[between.end() :] if between else rest
        name = _unescaped(key[0] if key else "", path, number)
        if not name:
            refuse(path, number, "a value without a name")
        found[name] = _unescaped(value, path, number)
    return found


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Every line that says something, joined with those that continue it, and its number."""
    lines = iter(enumerate(re.split(r"\r\n|\n|\r", text), start=1))
    for number, line in lines:
        joined = line.lstrip(_BLANK)
        if not joined or joined[0] in "#!":
            continue
        parts = []
        while (len(joined) - len(joined.rstrip("\\"))) % 2:
            parts.append(joined[:-1])
            _, following = next(lines, (0, ""))
            joined = following.lstrip(_BLANK)
        yield number, "".join((*parts, joined))


def _unescaped(text: str, path: str, line: int) -> str:
    def character(found: re.Match[str]) -> str:
        code = found[1]
        if len(code) == len("u0000"):
            point = int(code[1:], 16)
            if 0xD800 <= point <= 0xDFFF:
                refuse(path, line, "half of a surrogate pair in a value")
            return chr(point)
        if code == "u":
            refuse(path, line, "\\u takes four hexadecimal digits")
        return _CONTROL.get(code, code)

    return _ESCAPE.sub(character, text)
