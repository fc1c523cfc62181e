"""`.env` files: names and values for a process's environment.

A `$NAME` is what the file itself has set before; never anything of the environment of mrbot.

Source: https://github.com/subosito/gotenv#readme
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.policy.parsers.text import decoded, refuse

MAX_PUT_IN = 2**20
"""Most characters that variables stand for in one file."""

# Every repetition is possessive: a line of a megabyte is read in one go.
_LINE = re.compile(
    r"""(?:export\s++)?([\w.]++)(?:\s*+=\s*+|:\s++)
    ('[^']*+'|"(?:\\.|[^"\\]++)*+"|[^#\n]*+)\s*+(?:\#.*+)?""",
    re.DOTALL | re.ASCII | re.VERBOSE,
)
_VARIABLE = re.compile(r"(\\)?\$(?:\{([A-Z0-9_]+)\}?|([A-Z0-9_]+)|\{?)")
_ESCAPED = re.compile(r"\\([^$])", re.DOTALL)


def dotenv(text: bytes, path: str) -> Json:
    """Names and values, all text. What the file does not set stays as it stands, `$NAME`."""
    found: dict[str, str] = {}
    put_in = _PutIn(found, path)
    for number, line in _logical(decoded(text, path), path):
        matched = _LINE.fullmatch(line)
        if matched is None:
            refuse(path, number, "this is no NAME=value")
        name, value = matched[1], matched[2].strip()
        quote = value[0] if len(value) > 1 and value[0] == value[-1] else ""
        if quote in {'"', "'"}:
            value = value[1:-1]
        if quote == '"':
            value = value.replace("\\n", "\n").replace("\\r", "\r")
            value = _ESCAPED.sub(r"\1", value)
        if quote != "'":
            put_in.line = number
            value = _VARIABLE.sub(put_in.value, value)
        found[name] = value
    return dict(found)


class _PutIn:
    """Puts values in the place of their names. `known` is what is set so far."""

    def __init__(self, known: dict[str, str], path: str) -> None:
        self._known, self._path = known, path
        self._left = MAX_PUT_IN
        self.line = 0

    def value(self, found: re.Match[str]) -> str:
        if found[1]:
            return found[0][1:]
        value = self._known.get(found[2] or found[3] or "", found[0])
        self._left -= len(value)
        if self._left < 0:
            what = f"more than {MAX_PUT_IN} characters are put in the place of variables"
            refuse(self._path, self.line, what)
        return value


def _logical(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Every line that says something; one whose quoted value goes on, with those lines."""
    lines = iter(enumerate(re.split(r"\r\n|\n|\r", text), start=1))
    for number, first in lines:
        line = first.strip()
        if not line or line.startswith("#"):
            continue
        parts = [line]
        quote = _opened(line)
        while quote:
            _, following = next(lines, (0, None))
            if following is None:
                refuse(path, number, f"the quote {quote} does not end")
            parts.append(following)
            if re.search(rf"(?<!\\){quote}", following):
                quote = ""
        yield number, "\n".join(parts)


def _opened(line: str) -> str:
    """The quote that the value on this line opens and does not close; else nothing."""
    name, equals, value = line.partition("=")
    if not equals:
        name, _, value = line.partition(":")
    value = value.strip()
    quote = value[:1]
    if not name or quote not in {'"', "'"}:
        return ""
    return "" if re.search(rf"(?<!\\){quote}", value[1:]) else quote
