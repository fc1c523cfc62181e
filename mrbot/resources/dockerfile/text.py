"""A Dockerfile as its directives and instructions, split as BuildKit splits it.

Where builders disagree what the text says, it is refused.

Source: https://docs.docker.com/reference/dockerfile/#format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.resources.dockerfile.words import SPACES, arguments, json_array, raw_words, unquoted

MAX_BYTES = 2**20
"""Largest Dockerfile that is read, in bytes."""
MAX_LINES = 50_000
"""Most lines of one Dockerfile."""
MAX_INSTRUCTIONS = 5_000
"""Most instructions in one Dockerfile."""

_DIRECTIVES = frozenset({"syntax", "escape", "check"})
_WITH_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_HEREDOC = re.compile(r"[0-9]*<<(-?)([^<]*)")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals, and what follows: its lines joined, and its
    here-documents as they stand. `comments` are those that stand before it, from the last empty one
    on."""

    name: str
    text: str
    line: int
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What a file says. `directives` are by name, with the line each is on; `escape` is the
    character that continues lines."""

    directives: dict[str, tuple[str, int]]
    escape: str
    instructions: tuple[Instruction, ...]


def parse(text: bytes, path: str) -> Dockerfile:
    """The content of one file.

    Raises: BadInput with the line of the first thing that cannot be told; `path` only names it.
    """
    try:
        reading = _Reading(_lines(text))
        directives = reading.directives()
        escape = directives.get("escape", ("\\", 0))[0]
        instructions = tuple(reading.instructions(escape))
    except _RefusedError as error:
        raise BadInput(Problem(shown(path), error.line, str(error))) from error
    return Dockerfile(directives, escape, instructions)


class _RefusedError(ValueError):
    """Why the text cannot be read, and the line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def _lines(text: bytes) -> list[str]:
    if len(text) > MAX_BYTES:
        raise _RefusedError(0, f"larger than the {MAX_BYTES} bytes of a Dockerfile that are read")
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise _RefusedError(line, "not UTF-8 text") from error
    if len(lines) > MAX_LINES:
        raise _RefusedError(MAX_LINES + 1, f"more than {MAX_LINES} lines")
    return lines


class _Reading:
    """Goes through the lines once; `_next` is the index of the line that comes next."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._next = 0
        self._directive_lines: set[int] = set()
        self._comments: list[str] = []

    def directives(self) -> dict[str, tuple[str, int]]:
        """The parser directives on top, before any other line."""
        found: dict[str, tuple[str, int]] = {}
        script = self._lines[0].startswith("#!")
        for number, line in enumerate(self._lines[script:], start=1 + script):
            name, value = _directive(line)
            if name not in _DIRECTIVES:
                break
            if name in found:
                raise _RefusedError(number, f"the directive {name} is here again")
            found[name] = (value, number)
            self._directive_lines.add(number)
        value, number = found.get("escape", ("\\", 0))
        if value not in {"\\", "`"}:
            raise _RefusedError(number, "the escape character is neither \\ nor `")
        if script and number:
            raise _RefusedError(number, "builders disagree whether `escape` counts after a #! line")
        return found

    def instructions(self, escape: str) -> Iterator[Instruction]:
        """Every instruction, in order."""
        count = 0
        while self._next < len(self._lines):
            number = self._next + 1
            joined = self._joined(escape)
            if joined is None:
                continue
            count += 1
            if count > MAX_INSTRUCTIONS:
                raise _RefusedError(number, f"more than {MAX_INSTRUCTIONS} instructions")
            name, text = arguments(joined)
            parts = [text, *self._heredocs(name, text, number)]
            yield Instruction(name, "\n".join(parts), number, tuple(self._comments))
            self._comments.clear()

    def _joined(self, escape: str) -> str | None:
        """The next line with those that continue it; None for a comment or an empty line."""
        line = self._take().lstrip(SPACES)
        if line.startswith("#") and self._next not in self._directive_lines:
            self._comment(line)
        if not line or line.startswith("#"):
            return None
        line, goes_on = self._continued(line, escape)
        parts = [line]
        while goes_on and self._next < len(self._lines):
            line = self._take()
            if line.lstrip(SPACES)[:1] in {"", "#"}:
                continue
            line, goes_on = self._continued(line, escape)
            parts.append(line)
        return "".join(parts)

    def _comment(self, line: str) -> None:
        comment = line[1:].strip(SPACES)
        if comment:
            self._comments.append(comment)
        else:
            self._comments.clear()

    def _take(self) -> str:
        line = self._lines[self._next]
        self._next += 1
        return line.rstrip("\r")

    def _continued(self, line: str, escape: str) -> tuple[str, bool]:
        """`line`, and whether the next one continues it: then without its last character."""
        bare = line.rstrip(" \t")
        count = len(bare) - len(bare.rstrip(escape))
        if count > 1:
            raise _RefusedError(
                self._next, f"builders disagree whether {escape * 2} ends this line"
            )
        return (bare[:-1], True) if count else (line, False)

    def _heredocs(self, name: str, text: str, number: int) -> Iterator[str]:
        """The lines of the here-documents that the instruction at line `number` begins."""
        if name == "ONBUILD":
            name, text = arguments(text)
        if name not in _WITH_HEREDOCS or "<<" not in text or json_array(text) is not None:
            return
        for end, tabs in _heredoc_ends(text, number):
            while True:
                if self._next >= len(self._lines):
                    raise _RefusedError(number, f"the here-document {end[:100]} does not end")
                line = self._lines[self._next]
                self._next += 1
                yield line
                last = line.rstrip("\r")
                if (last.lstrip("\t") if tabs else last) == end:
                    break


def _directive(line: str) -> tuple[str, str]:
    """The name and value of the directive that `line` may be."""
    line = line.strip(SPACES)
    name, equals, value = line.removeprefix("#").partition("=")
    known = line.startswith("#") and equals and value.strip(SPACES)
    return (name.strip(SPACES).lower(), value.strip(SPACES)) if known else ("", "")


def _heredoc_ends(text: str, number: int) -> Iterator[tuple[str, bool]]:
    """The last line of each here-document that `text` begins, and whether tabs before it go."""
    words = raw_words(text)
    if words is None:
        raise _RefusedError(number, "it cannot be told whether << begins a here-document here")
    for index, word in enumerate(words):
        match = _HEREDOC.fullmatch(word)
        if match is None:
            continue
        if not match[2] and index + 1 < len(words):
            raise _RefusedError(number, "builders disagree whether << with a blank begins a text")
        end = unquoted(match[2], "\\").text
        if end:
            yield end, match[1] == "-"
