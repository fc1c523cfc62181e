"""A Dockerfile as the list of its commands, as conftest gives it.

How the arguments of each instruction are split is BuildKit's own:
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.policy.parsers.text import refuse
from mrbot.resources.dockerfile.text import Instruction, parse
from mrbot.resources.dockerfile.words import (
    SPACES,
    MalformedError,
    arguments,
    blank_separated,
    json_array,
    split_words,
)

_ONE_TEXT = frozenset({"MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"})
_TEXT_OR_LIST = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL"})
_WORDS_OR_LIST = frozenset({"ADD", "COPY", "VOLUME"})
_WORDS = frozenset({"EXPOSE", "FROM"})
_PAIRS = frozenset({"ENV", "LABEL"})
_GAP = re.compile(r"[\t\v\f\r ]+")


class _Reader:
    """Reads the instructions of one file. Stages are counted from 0."""

    def __init__(self, path: str, escape: str) -> None:
        self._path, self._escape = path, escape
        self._stage = -1

    def commands(self, instruction: Instruction) -> Iterator[Json]:
        """The comments before it, and the instruction itself."""
        self._stage += instruction.name == "FROM"
        for comment in instruction.comments:
            yield self._command("comment", value=[comment], flags=None)
        name, text, sub = instruction.name, instruction.text.split("\n", 1)[0], ""
        alone = not text
        flags, text = self._flags(text)
        if name == "ONBUILD" and text:
            name, rest = arguments(text)
            sub = _GAP.split(text, maxsplit=1)[0]
            _, text = self._flags(rest)
        try:
            value, is_json = self._arguments(name, text)
        except MalformedError as error:
            refuse(self._path, instruction.line, f"{instruction.name}: {error}")
        yield self._command(
            instruction.name.lower(),
            value=value or None,
            flags=None if alone else flags,
            sub=sub,
            is_json=is_json,
        )

    def _command(
        self,
        name: str,
        *,
        value: list[Json] | None,
        flags: list[Json] | None,
        sub: str = "",
        is_json: bool = False,
    ) -> Json:
        return {
            "Cmd": name,
            "SubCmd": sub,
            "JSON": is_json,
            "Flags": flags,
            "Value": value,
            "Stage": max(self._stage, 0),
        }

    def _flags(self, text: str) -> tuple[list[Json], str]:
        """The words in front that begin with `--`, without quotes, and what follows them."""
        text = text.strip(SPACES)
        flags: list[Json] = []
        at = 0
        while text.startswith("--", at):
            flag: list[str] = []
            quote = ""
            while at < len(text) and (quote or text[at] not in SPACES):
                here = text[at]
                if here == quote or (not quote and here in "\"'"):
                    quote = "" if quote else here
                else:
                    at += here == self._escape
                    flag.append(text[at : at + 1])
                at += 1
            while at < len(text) and text[at] in SPACES:
                at += 1
            if flag == ["-", "-"]:
                break
            flags.append("".join(flag))
        return flags, text[at:]

    def _arguments(self, name: str, text: str) -> tuple[list[Json], bool]:
        """An instruction's arguments, and whether they are written as a JSON array.

        Raises: MalformedError.
        """
        if name in _ONE_TEXT:
            return [text] if text else [], False
        if name in _TEXT_OR_LIST:
            return _listed(text, [text] if text else [])
        if name in _WORDS_OR_LIST:
            return _listed(text, [*blank_separated(text)])
        if name in _WORDS:
            return [*blank_separated(text)], False
        if name in _PAIRS:
            return [*self._pairs(name, text)], False
        if name == "ARG":
            return [*split_words(text, self._escape)], False
        if name == "HEALTHCHECK":
            kind, *rest = _GAP.split(text, maxsplit=1)
            given, is_json = _listed(rest[0], [rest[0]]) if rest else ([], False)
            return ([kind, *given] if kind else []), is_json
        raise MalformedError("there is no such instruction")

    def _pairs(self, name: str, text: str) -> Iterator[Json]:
        """Name, value and `=` by turns; in the old form, `ENV name value`, nothing for the `=`."""
        words = list(split_words(text, self._escape))
        if words and "=" not in words[0]:
            key, *rest = _GAP.split(text, maxsplit=1)
            if not rest:
                raise MalformedError(f"{name} takes a name and a value")
            yield from (key, rest[0], "")
            return
        for word in words:
            key, equals, value = word.partition("=")
            if not equals:
                raise MalformedError(f"{word[:100]} is no name=value")
            yield from (key, value, "=")


def _listed(text: str, otherwise: list[Json]) -> tuple[list[Json], bool]:
    """The strings of a JSON array; `otherwise` where it is none.

    Raises: MalformedError for an array of anything else.
    """
    found = json_array(text) if text.startswith("[") else None
    if found is None:
        return otherwise, False
    if not all(isinstance(one, str) for one in found):
        raise MalformedError("a JSON array here holds strings only")
    return found, True


def dockerfile(text: bytes, path: str) -> Json:
    """One list in a list: a command for each instruction and each comment before one."""
    read = parse(text, path)
    if not read.instructions:
        refuse(path, 0, "a Dockerfile without an instruction")
    reader = _Reader(path, read.escape)
    return [[command for one in read.instructions for command in reader.commands(one)]]
