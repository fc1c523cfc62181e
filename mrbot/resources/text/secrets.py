"""Secrets in text that is read line by line: taken out, so that the rest can be shown.

A secret is a literal under a telling name (`DB_PASSWORD=...`, `<token>...</token>`, `--password x`),
a credential by its shape, or a private key. It is a guess that errs on the side of hiding, with one
limit: a reference (`$TOKEN`, `{{ token }}`) and a command whose output is the value (`$(...)`) stay,
for hiding code would blind those who judge it.

A secret is told by its name and not by its line: else a line would be hidden because on the other
side of a change a secret was where it is now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.model import SENSITIVE
from mrbot.resources.secrets.credential_shapes import Span, credentials
from mrbot.resources.text.named_values import (
    HEREDOC,
    TRIPLE,
    NamedValue,
    Style,
    elements,
    is_comment,
    literal,
    name_alone,
    named_values,
)

MAX_KEY_LINES = 1_000
"""Most lines of a private key that are hidden, should its end be missing."""
MAX_VALUE_LINES = 100
"""Most further lines of one value that are hidden, should its end be missing."""
MAX_ELEMENT_LINES = 3
"""Likewise of an XML element: what looks like one may be prose (`usage: login <password>`)."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """Lines with `SENSITIVE` in the place of each secret, and the secrets by name, in order."""

    lines: list[Json]
    secrets: dict[str, Json]


def redacted(
    lines: Sequence[str], style: Style, known: Mapping[int, Sequence[Span]] | None = None
) -> Redacted:
    """`lines` without their secrets; `known` are more of those, by the index of their line."""
    scan = _Scan(style)
    secrets: dict[str, list[Json]] = {}
    shown: list[Json] = []
    for index, line in enumerate(lines):
        parts: list[str] = []
        at = 0
        more = known.get(index, ()) if known else ()
        for start, end, name in _merged((*scan.spans(line), *more)):
            secrets.setdefault(name, []).append(line[start:end])
            parts += line[at:start], SENSITIVE
            at = end
        shown.append("".join((*parts, line[at:])))
    return Redacted(shown, {**secrets})


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The same characters in as few spans, in order."""
    held: Span | None = None
    for start, end, name in sorted(spans):
        if held is not None and start < held[1]:
            held = held[0], max(held[1], end), held[2]
            continue
        if held is not None:
            yield held
        held = start, end, name
    if held is not None:
        yield held


@dataclass(slots=True)
class _Open:
    """A value that goes on in at most `left` more lines: up to `stop`, or while they are indented
    deeper than `indent`."""

    name: str
    left: int
    stop: str | None = None
    indent: int = -1


class _Scan:
    """What a line means after the lines before it."""

    def __init__(self, style: Style) -> None:
        self._style = style
        self._key_left = 0
        self._open: _Open | None = None
        self._named = ""

    def spans(self, line: str) -> Iterator[Span]:
        """The secrets in the next line; they may overlap."""
        if self._style is Style.ALL:
            yield from _whole(line, "text", 0, len(line))
            return
        value = self._open
        carried = self._carried(line, value) if value else 0
        if value:
            yield from _whole(line, value.name, 0, carried)
        if carried == 0 or carried < len(line):
            yield from (span for span in self._own(line) if span[0] >= carried)

    def _own(self, line: str) -> Iterator[Span]:
        yield from self._key(line)
        yield from credentials(line)
        if self._style is Style.NAMELESS:
            return
        for value in elements(line):
            yield from literal(line, value)
            if value.end == len(line) and self._style is Style.REST:
                self._open = _Open(value.name, MAX_ELEMENT_LINES, stop="<")
        for value in named_values(line, self._style, self._named):
            self._open = self._opened(line, value) or self._open
            yield from literal(line, value)
        self._named = name_alone(line)

    def _key(self, line: str) -> Iterator[Span]:
        """What is in `line` of a private key, be it on one line or on many."""
        begins = _KEY_BEGINS.search(line)
        if begins:
            self._key_left = MAX_KEY_LINES
        elif self._key_left == 0:
            return
        start = begins.end() if begins else 0
        end = line.find(_KEY_ENDS, start)
        self._key_left = 0 if end >= 0 else self._key_left - 1
        stop = end if end >= 0 else len(line)
        if (_KEY_ON_ONE_LINE if begins and end >= 0 else _KEY_LINE).fullmatch(line, start, stop):
            yield from _whole(line, _KEY, start, stop)
            return
        for found in _KEY_TEXT.finditer(line, start, stop):
            yield *found.span(), _KEY

    def _opened(self, line: str, value: NamedValue) -> _Open | None:
        """What of `value` is in the lines to come, if anything is."""
        text = line[value.start : value.end].strip()
        if is_comment(line):
            return None
        if value.style is Style.QUOTED and (heredoc := HEREDOC.fullmatch(text)):
            return _Open(value.name, MAX_VALUE_LINES, stop=heredoc[1])
        if value.style is not Style.REST:
            return None
        if _BLOCK.fullmatch(text):
            return _Open(value.name, MAX_VALUE_LINES, indent=_indent(line))
        if text in TRIPLE:
            return _Open(value.name, MAX_VALUE_LINES, stop=text)
        return _Open(value.name, 1) if line.endswith("\\") else None

    def _carried(self, line: str, value: _Open) -> int:
        """How much of `line` is part of `value`, which is closed where it ends."""
        value.left -= 1
        at = line.find(value.stop) if value.stop else -1
        deeper = not line.strip() or _indent(line) > value.indent
        if value.stop is None and value.indent < 0 and line.endswith("\\"):
            value.left += 1
        if at >= 0 or value.left <= 0 or not deeper:
            self._open = None
        if at >= 0:
            return at
        return len(line) if deeper else 0


_BLOCK = re.compile(r"[|>][+-]?[0-9]?[+-]?")  # a YAML block scalar's head
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----")
_KEY_ENDS = "-----END"
_KEY = "private key"
_KEY_ON_ONE_LINE = re.compile(r"[A-Za-z0-9+/=\\\s]*+")  # `\` as in `\n`
_KEY_LINE = re.compile(r"[\s\"'#>|*]*+[A-Za-z0-9+/=]*+(?:\\[nr])*+[\"',;+\\\s]*+")
_KEY_TEXT = re.compile(r"[A-Za-z0-9+/=]{16,}")  # what is shorter, among others, may be code


def _whole(line: str, name: str, start: int, end: int) -> Iterator[Span]:
    """What is between the places, without the blanks around it."""
    text = line[start:end]
    start += len(text) - len(text.lstrip())
    if text.strip():
        yield start, start + len(text.strip()), name


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
