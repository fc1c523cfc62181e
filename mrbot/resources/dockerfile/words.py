"""The words of a Dockerfile's instructions: what is quoted, escaped and assigned in them.

Source: https://docs.docker.com/reference/dockerfile/#env, #environment-replacement,
#shell-and-exec-form
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.syntax.json_text import load_json

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go takes for white space, as the builders are written in it."""

_QUOTES = frozenset("\"'")
_GAP = re.compile(r"[\t\v\f\r ]+")
_FLAG = re.compile(r"--[^\t\v\f\r ]*[\t\v\f\r ]+")
_BEGINS_VARIABLE = re.compile(r"\$[A-Za-z0-9_{@*#?!$-]")
_PLAIN_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_KNOWN_VARIABLE = re.compile(r"\$\{[A-Za-z0-9_]+(?::?[-+?][^{}\"'\\$<]*)?\}")


class MalformedError(ValueError):
    """Why words are not what their instruction takes."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes and escapes, and whether a variable is put in it."""

    text: str
    variable: bool = False

    @property
    def literal(self) -> bool:
        """Whether it says more than the name of a variable (`${TOKEN:-hunter2}` does)."""
        return bool(self.text) and not (self.variable and _PLAIN_VARIABLE.fullmatch(self.text))


def arguments(line: str) -> tuple[str, str]:
    """The first word of `line` in capitals, and the rest."""
    name, *rest = _GAP.split(line.strip(SPACES), maxsplit=1)
    return name.upper(), rest[0] if rest else ""


def blank_separated(text: str) -> list[str]:
    """The words of `text`, quotes meaning nothing."""
    return [word for word in _GAP.split(text) if word]


def json_array(text: str) -> list[Json] | None:
    """The JSON array that follows the flags (`--name=value`) in `text`; None when it is none."""
    at = 0
    while (flag := _FLAG.match(text, at)) is not None:
        at = flag.end()
    if not text.startswith("[", at):
        return None
    try:
        value = load_json(text[at:].encode("utf-8"), "")
    except BadInput:
        return None
    return value if isinstance(value, list) else None


def raw_words(text: str) -> list[str] | None:
    """The words of a shell's line as they stand; None where BuildKit's versions disagree, or the
    quotes do not end."""
    if "${" in _KNOWN_VARIABLE.sub("", text):
        return None
    try:
        return list(split_words(text, "\\"))
    except MalformedError:
        return None


def unquoted(word: str, escape: str) -> Word:
    """`word` as BuildKit takes it.

    Raises: MalformedError where a quote does not end.
    """
    variable = False
    plain: list[str] = []
    for piece in _pieces(word, escape):
        plain.append(piece.plain)
        variable = variable or piece.variable
    return Word("".join(plain), variable)


def assignments(text: str, escape: str) -> Iterator[tuple[str, Word]]:
    """The names and values of ENV and LABEL: `a=b c="d e"`, or `a b` in the old form.

    Raises: MalformedError for anything else.
    """
    words = list(split_words(text, escape))
    if words and "=" not in words[0]:
        name, *rest = _GAP.split(text, maxsplit=1)
        if not rest:
            raise MalformedError("a name without a value")
        yield unquoted(name, escape).text, unquoted(rest[0], escape)
        return
    for name, value in _defined(words, escape):
        if value is None:
            raise MalformedError("a name without a value")
        yield name, value


def definitions(text: str, escape: str) -> Iterator[tuple[str, Word | None]]:
    """The names and default values of ARG; None where there is no default.

    Raises: MalformedError for anything else.
    """
    yield from _defined(split_words(text, escape), escape)


def _defined(words: Iterable[str], escape: str) -> Iterator[tuple[str, Word | None]]:
    for word in words:
        name, equals, value = word.partition("=")
        if not name:
            raise MalformedError("a value without a name")
        yield unquoted(name, escape).text, unquoted(value, escape) if equals else None


def split_words(text: str, escape: str) -> Iterator[str]:
    """The words of `text` with their quotes and escapes.

    Raises: MalformedError where a quote does not end.
    """
    word: list[str] = []
    for piece in _pieces(text, escape):
        if not piece.blank:
            word.append(piece.raw)
        elif word:
            yield "".join(word)
            word = []
    if word:
        yield "".join(word)


class _Piece(NamedTuple):
    """A character with its escape: as it stands, as it is meant, and whether it parts words or
    begins a variable."""

    raw: str
    plain: str
    blank: bool
    variable: bool


def _pieces(text: str, escape: str) -> Iterator[_Piece]:
    quote = ""
    at = 0
    while at < len(text):
        here, following = text[at], text[at + 1 : at + 2]
        raw = plain = here
        variable = False
        if here == escape and quote != "'":
            raw = here + following
            plain = following if not quote or following in {'"', "$", escape} else raw
        elif here == quote or (not quote and here in _QUOTES):
            quote = "" if quote else here
            plain = ""
        elif here == "$" and quote != "'":
            variable = _BEGINS_VARIABLE.match(text, at) is not None
        yield _Piece(raw, plain, not quote and raw in SPACES, variable)
        at += len(raw)
    if quote:
        raise MalformedError("a quote that does not end")
