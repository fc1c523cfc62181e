"""Values under secret names within one line of text, in whatever language it is.

What ends a value depends on the language: what belongs to it in one is code in another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mrbot.resources.secret_names import is_secret_name
from mrbot.resources.secrets.credential_shapes import Span, is_reference

MAX_NAME = 200
"""Most characters of a name that are looked at."""


class Style(StrEnum):
    """How far a value reaches."""

    REST = "rest"
    """To the end of the line: settings."""
    WORD = "word"
    """To the next blank or operator, unless quoted: shells, and what quotes like them."""
    TEMPLATE = "template"
    """As `WORD` after a bare `=`, else as `REST`: it may become either."""
    QUOTED = "quoted"
    """Only what is quoted: programming languages."""
    NAMELESS = "nameless"
    """Names tell nothing (`NOPASSWD: ALL`)."""
    ALL = "all"
    """Every line is secret."""


@dataclass(frozen=True, slots=True)
class NamedValue:
    """What stands after a secret name, from `start` to `end`, as far as `style` says."""

    name: str
    start: int
    end: int
    style: Style


def named_values(line: str, style: Style, named: str = "") -> Iterator[NamedValue]:
    """The values under secret names in `line`; with `named`, that of a `value:` too, whose name
    the line before told."""
    if style in (Style.NAMELESS, Style.ALL):
        return
    comment = is_comment(line)
    cursor = _Cursor(line)
    done = 0
    for found in _starts(line, Style.REST if comment else style, named, comment=comment):
        if found.start < done:
            continue
        for start, end in _ENDS[found.style](line, found.start, cursor):
            done = max(done, end)
            yield NamedValue(found.name, start, end, found.style)


def elements(line: str) -> Iterator[NamedValue]:
    """The text of XML elements that are called, or keyed by, a secret name; up to the end of
    `line` where it goes on."""
    for found in _ELEMENT.finditer(line):
        keyed = _KEYED.search(found["attributes"] or "")
        for name in (found["element"], keyed[1] if keyed else ""):
            if is_secret_name(name):
                yield NamedValue(name, *found.span("text"), Style.REST)
                break


def name_alone(line: str) -> str:
    """The secret name that is all of `line` (`- name: DB_PASSWORD`): its value comes next."""
    found = _NAME_LINE.fullmatch(line)
    return found[1] if found and is_secret_name(found[1]) else ""


def literal(line: str, value: NamedValue) -> Iterator[Span]:
    """What of `value` is secret: not its quotes, and nothing of a reference, a word that is no
    secret, or a command whose output becomes the value."""
    text = line[value.start : value.end]
    start = value.start + len(text) - len(text.lstrip())
    text = text.strip()
    if text[:1] in ('"', "'"):
        start += 1
        text = text[1:].removesuffix(text[0])
    bare = text.rstrip(";,").strip()
    shown = is_reference(bare) or _NO_SECRET.fullmatch(bare) or bare.startswith(_COMMAND)
    if bare and not shown:
        yield start, start + len(text), value.name


def is_comment(line: str) -> bool:
    """Whether most languages would not run `line`."""
    return line.lstrip().startswith(("#", "//", "--", ";")) and not line.startswith("#!")


_NO_SECRET = re.compile(r"true|false|yes|no|on|off|null|none|nil", re.IGNORECASE)
_COMMAND = ("$(", "`")
_WORD = re.compile(r"[\w.-]+")
_SIGN = re.compile(r"[\"'\])]{0,3}([ \t]*+)(:=|=>|\?=|\+=|==|=|:)([ \t]*+)")
_AFTER_FLAG = re.compile(r"[\"']?(?:[ \t]++|,[ \t]*+)(?!-)")
_BLANKS = re.compile(r"[\"']?[ \t]++(?=[^\s=:])")
_BEFORE_QUOTE = re.compile(r"[ \t]++(?=[\"'])")
_DIRECTIVE = re.compile(r"pass|(?:proxy|[a-z]{0,9}cgi|grpc|memcached)_?pass", re.IGNORECASE)
"""Names that are followed by no secret: `proxy_pass http://backend`, `pass in quick`."""
_PAIR = re.compile(
    r"\b(?:name|key)[\"']?[ \t]{0,20}[:=][ \t]{0,20}[\"']?([\w.\-]{1,200}+)[\"']?[^<>{}]{0,100}?"
    r"\bvalue[\"']?[ \t]{0,20}[:=][ \t]{0,20}"
)
_NAME_LINE = re.compile(
    r"[\s{-]*+[\"']?(?:name|key)[\"']?[ \t]*+[:=][ \t]*+[\"']?([\w.\-]{1,200}+)[\"']?,?[ \t]*+"
)
_VALUE_LINE = re.compile(r"\s*+[\"']?value[\"']?[ \t]*+[:=][ \t]*+")
_ELEMENT = re.compile(
    r"<(?P<element>[\w.:\-]{1,100}+)(?P<attributes>\s[^<>]{0,300}+)?(?<!/)>(?P<text>[^<]*+)"
)
_KEYED = re.compile(r"\b(?:name|key|id)\s?=\s?[\"']([\w.:\-]{1,200}+)[\"']")


def _starts(line: str, style: Style, named: str, *, comment: bool) -> Iterator[NamedValue]:
    """Each secret name in `line`, and where its value starts."""
    value = _VALUE_LINE.match(line) if named else None
    if value:
        yield NamedValue(named, value.end(), value.end(), _style(style, bare=False))
    for pair in _PAIR.finditer(line):
        if is_secret_name(pair[1]):
            yield NamedValue(pair[1], pair.end(), pair.end(), _style(style, bare=False))
    for word in _WORD.finditer(line):
        name = word[0][-MAX_NAME:].strip("-._")
        sign = _SIGN.match(line, word.end())
        gap = None if sign else _gap(line, word, style, comment=comment)
        if not (sign or gap) or not is_secret_name(name):
            continue
        if sign:
            bare = sign[2] == "=" and not sign[1] + sign[3]
            yield NamedValue(name, sign.end(), sign.end(), _style(style, bare=bare))
        elif gap:
            reach = style if style is Style.QUOTED else Style.WORD
            yield NamedValue(name, gap.end(), gap.end(), reach)


def _style(style: Style, *, bare: bool) -> Style:
    if style is Style.TEMPLATE:
        return Style.WORD if bare else Style.REST
    return style


def _gap(line: str, word: re.Match[str], style: Style, *, comment: bool) -> re.Match[str] | None:
    """What separates a name from its value where it is no `=` or `:`."""
    if word[0].startswith("-"):
        return _AFTER_FLAG.match(line, word.end())
    if style is Style.QUOTED:
        return _BEFORE_QUOTE.match(line, word.end())
    if style is Style.REST and not comment and not _DIRECTIVE.fullmatch(word[0]):
        return _BLANKS.match(line, word.end())
    return None


class _Cursor:
    """What is known of a line while it is read from left to right. From where it was read last, no
    literal is before `barren`: else long lines would be read once for each name."""

    def __init__(self, line: str) -> None:
        self.barren = 0
        self._marks = ((mark.start(), mark[0]) for mark in re.finditer(r"[\"']", line))
        self._next = next(self._marks, None)
        self._open = ""

    def quote(self, at: int) -> str:
        """The quote that `at` stands within, if any."""
        while self._next is not None and self._next[0] < at:
            mark = self._next[1]
            if not self._open:
                self._open = mark
            elif self._open == mark:
                self._open = ""
            self._next = next(self._marks, None)
        return self._open


HEREDOC = re.compile(r"<<[-~]?[\"']?(\w{1,100})[\"']?")
"""What a value begins with whose text is in the lines up to a word."""
TRIPLE = ('"""', "'''")
"""Quotes around text of many lines."""
_Places = Iterator[tuple[int, int]]
_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?|'(?:[^'\\]|\\.)*+'?")
_TOKEN = re.compile(rf"{_STRING.pattern}|[(\[{{]|[)\]}}]|[,;]")
_SHELL_WORD = re.compile(
    r"(?:\"(?:[^\"\\`$]|\\.|\$(?!\())*+\"?|'[^']*+'?|[^\s;|&<>()`\"'$\\]|\\.|\$(?!\())++"
)
_NUMBER = re.compile(r"[0-9]++")
_WITHIN_QUOTES = re.compile(r"[^\s;&\"'`]++")


def _to_end(line: str, start: int, cursor: _Cursor) -> _Places:
    """What is quoted, else the rest of the line or of the quotes around it."""
    quote = cursor.quote(start)
    string = None if quote or line.startswith(TRIPLE, start) else _STRING.match(line, start)
    if string:
        yield string.span()
    else:
        closed = line.find(quote, start) if quote else -1
        yield start, closed if closed >= 0 else len(line)


def _to_blank(line: str, start: int, cursor: _Cursor) -> _Places:
    """A word, quoted parts of it included; the rest of the quotes around it up to a command."""
    if quote := cursor.quote(start):
        closed = line.find(quote, start)
        end = closed if closed >= 0 else len(line)
        commands = (line.find(command, start, end) for command in _COMMAND)
        yield start, min((at for at in commands if at >= 0), default=end)
    elif found := _SHELL_WORD.match(line, start):
        yield found.span()


def _strings(line: str, start: int, cursor: _Cursor) -> _Places:
    """The literals up to the end of the expression."""
    alone = (_WITHIN_QUOTES if cursor.quote(start) else _NUMBER).match(line, start)
    if found := alone or HEREDOC.match(line, start):
        yield found.span()
    elif start >= cursor.barren:
        cursor.barren = len(line)
        yield from _until_end(line, start, cursor)


def _until_end(line: str, start: int, cursor: _Cursor) -> _Places:
    depth = 0
    for token in _TOKEN.finditer(line, start):
        mark = token[0][0]
        if mark in "\"'":
            yield token.span()
        depth += (mark in "([{") - (mark in ")]}")
        if depth < 0 or (depth == 0 and mark in ",;"):
            cursor.barren = token.start()
            return


_ENDS: dict[Style, Callable[[str, int, _Cursor], _Places]] = {
    Style.REST: _to_end,
    Style.WORD: _to_blank,
    Style.QUOTED: _strings,
}
