"""INI files: sections of names and values.

Source: https://ini.unknwon.io/docs/howto/work_with_values, whose reading conftest takes
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.policy.parsers.text import decoded, refuse

_DEFAULT = "DEFAULT"
_NUMBER = re.compile(r"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d++)?", re.ASCII)
_HEX_FLOAT = re.compile(
    r"[-+]?0[xX](?:[0-9a-fA-F]++(?:\.[0-9a-fA-F]*+)?|\.[0-9a-fA-F]++)[pP][-+]?[0-9]{1,3}"
)
_TRUE = frozenset({"t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"f", "F", "FALSE", "false", "False"})
_NAME = re.compile(r'"""(.+?)"""\s*[=:]|"([^"]*)"\s*[=:]|`([^`]*)`\s*[=:]|([^=:]+)[=:]')
_LARGEST = 10**300
_LONGEST_NUMBER = 100  # characters; longer ones are text


def ini(text: bytes, path: str) -> Json:
    """Sections by name. Numbers and booleans are what they are; what stands before the first section
    or in DEFAULT is left out, as conftest does."""
    lines = _Lines(decoded(text, path))
    sections: dict[str, dict[str, Json]] = {}
    section = sections.setdefault(_DEFAULT, {})
    automatic = 1
    for number, line in lines:
        bare = line.strip()
        if not bare or bare[0] in "#;":
            continue
        if bare[0] == "[":
            name, closing, _ = bare[1:].rpartition("]")
            if not closing:
                refuse(path, number, "a section without its ]")
            if not name:
                refuse(path, number, "a section without a name")
            section = sections.setdefault(name, {})
            automatic = 1
            continue
        found = _NAME.match(bare)
        name = next((one for one in (found.groups() if found else ()) if one is not None), "")
        if found is None or not name.strip():
            refuse(path, number, "this is no name = value")
        name = name.strip()
        if name == "-":
            name, automatic = f"#{automatic}", automatic + 1
        section[name] = _typed(_value(bare[found.end() :].strip(), lines, number, path))
    del sections[_DEFAULT]
    return dict(sections)


class _Lines:
    """The lines with their numbers, from 1; whoever reads a value takes those that it goes on in."""

    def __init__(self, text: str) -> None:
        self._lines = iter(enumerate(text.split("\n"), start=1))

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self._lines

    def take(self) -> str | None:
        return next(self._lines, (0, None))[1]


def _value(text: str, lines: _Lines, number: int, path: str) -> str:
    quote = '"""' if text.startswith('"""') and len(text) > 3 else "`" if text[:1] == "`" else ""
    if quote:
        return _quoted(text[len(quote) :], quote, lines, number, path)
    if text.endswith("\\"):
        return _continued(text[:-1], lines)
    comment = re.search("[#;]", text)
    if comment is not None:
        text = text[: comment.start()].rstrip()
    for mark in ("'", '"'):
        if len(text) > 1 and text[0] == text[-1] == mark and mark not in text[1:-1]:
            return text[1:-1]
    return text


def _quoted(text: str, quote: str, lines: _Lines, number: int, path: str) -> str:
    """What stands up to the last `quote` of the line that has one."""
    parts: list[str] = []
    line: str | None = text
    while quote not in (line or ""):
        if line is None:
            refuse(path, number, f"the quote {quote} does not end")
        parts.append(line)
        line = lines.take()
    return "\n".join((*parts, (line or "").rpartition(quote)[0]))


def _continued(text: str, lines: _Lines) -> str:
    parts = [text]
    while line := (lines.take() or "").strip():
        going_on = line.endswith("\\")
        parts.append(line.removesuffix("\\"))
        if not going_on:
            break
    return "".join(parts)


def _typed(text: str) -> Json:
    """A number as Go's ParseFloat takes it, a boolean as its ParseBool, else the text."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if len(text) > _LONGEST_NUMBER:
        return text
    if _HEX_FLOAT.fullmatch(text):
        return float.fromhex(text)
    if not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    if abs(number) > _LARGEST:
        return text
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
