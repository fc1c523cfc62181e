"""Rego text as tokens: enough to tell names from strings and comments, and to count brackets.

It is not a parser. What it is used for only ever adds questions to ask (a name that might be a
rule) or is checked against the engine's own parser (which packages there are), so that a mistake
here cannot hide a rule.

Grammar: https://www.openpolicyagent.org/docs/policy-reference#grammar
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mrbot.errors import BadPolicy, Problem

MAX_DEPTH = 200
"""Deepest nesting of brackets that is read. Parsers recurse; regorus crashes at some thousands."""

_TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r\f]+ | \#[^\n]*)
    | (?P<newline>\n)
    | (?P<template>\$"|\$`)
    | (?P<string>"(?:[^"\\\n]|\\.)*" | `[^`]*`)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
    | (?P<symbol>:=|==|!=|<=|>=|.)
    """,
    re.VERBOSE,
)
_LITERAL = {
    '"': re.compile(r'(?:[^"\\{\n]|\\.)*'),
    "`": re.compile(r"(?:[^`\\{]|\\\{|\\(?!\{))*"),
}
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token. `kind` is `name`, `string`, `template`, `number` or `symbol`; `line` and `column`
    count from 1. `depth` is how many brackets enclose it; an opening or closing bracket is not
    enclosed by itself. `first`: nothing but space stands before it on its line. `joined`: nothing
    at all stands between it and the token before."""

    kind: str
    text: str
    line: int
    column: int
    depth: int
    first: bool
    joined: bool


def tokens(text: str, path: str) -> tuple[Token, ...]:
    """Every token of a module, comments left out.

    Raises: BadPolicy when a string does not end, brackets nest too deeply, there is a NUL, or a carriage
    return stands alone (parsers disagree about whether it ends a line, and thereby a comment).
    """
    return _Scanner(text, path).scan()


class _Scanner:
    def __init__(self, text: str, path: str) -> None:
        self._text, self._path = text, path
        self._at, self._line, self._line_start = 0, 1, 0
        self._open: list[
            str
        ] = []  # brackets; `"` or a backquote is a template around an expression
        self._found: list[Token] = []
        self._first, self._joined = True, False

    def scan(self) -> tuple[Token, ...]:
        if (nul := self._text.find("\0")) >= 0:  # regorus reads no further
            self._line += self._text.count("\n", 0, nul)
            raise self._bad("there is a NUL character: no Rego holds one")
        if re.search(r"\r(?!\n)", self._text):
            raise self._bad("a carriage return stands alone: end lines with a line feed")
        while self._at < len(self._text):
            match = _TOKEN.match(self._text, self._at)
            if match is None:
                raise self._bad("this cannot be read")
            self._take(match.lastgroup or "", match.group())
        return tuple(self._found)

    def _take(self, kind: str, text: str) -> None:
        if kind in {"space", "newline"}:
            self._joined = False
            self._move(text)
            self._first = self._first or kind == "newline"
            return
        if kind == "symbol" and text in {'"', "`"}:
            raise self._bad("this string does not end")
        if text in _CLOSING:
            closed = self._open.pop() if self._open else ""
            if closed in _LITERAL:
                self._move(text)
                self._template(closed)
                return
        self._add(kind, text)
        self._move(text)
        if kind == "template":
            self._template(text[1])
        elif text in _OPENING:
            self._enter(text)

    def _template(self, quote: str) -> None:
        """The literal part of a template string is passed, up to an expression or its end."""
        literal = _LITERAL[quote].match(self._text, self._at)
        self._move(literal.group() if literal else "")
        after = self._text[self._at : self._at + 1]
        if after not in {quote, "{"}:
            raise self._bad("this string does not end")
        self._move(after)
        if after == "{":
            self._enter(quote)

    def _enter(self, bracket: str) -> None:
        self._open.append(bracket)
        if len(self._open) > MAX_DEPTH:
            raise self._bad(f"brackets nest deeper than {MAX_DEPTH}: name the inner parts")

    def _add(self, kind: str, text: str) -> None:
        self._found.append(
            Token(
                kind=kind,
                text=text,
                line=self._line,
                column=self._at - self._line_start + 1,
                depth=len(self._open),
                first=self._first,
                joined=self._joined,
            )
        )
        self._first, self._joined = False, True

    def _move(self, text: str) -> None:
        self._at += len(text)
        if breaks := text.count("\n"):
            self._line += breaks
            self._line_start = self._at - (len(text) - text.rfind("\n") - 1)

    def _bad(self, message: str) -> BadPolicy:
        return BadPolicy(Problem(self._path, self._line, message))
