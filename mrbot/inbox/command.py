"""Commands in comments: pure.

A command stands alone on a line, at its start: `/plan`, `/apply network-prod`, `mrbot plan`. Lines
in quotes (`>`, or between two `>>>`), code (fenced or indented) and HTML comments are text. Only a
comment as it was first written is read.
None of the words is a quick action of GitLab's, which GitLab would run itself before any webhook is
sent.

Source: https://docs.gitlab.com/user/project/quick_actions/
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

COMMANDS_LIMIT = 10
"""Commands read from one comment; more are ignored."""

ARGUMENTS_LIMIT = 20
"""Words after the verb."""


class Verb(StrEnum):
    """What can be asked for."""

    PLAN = "plan"
    APPLY = "apply"
    DISCARD = "discard"
    RECHECK = "recheck"
    HELP = "help"
    APPROVE = "approve"
    """Only as `mrbot approve CODE`: GitLab runs `/approve` itself."""


HELP = (
    "/plan [PROJECT ...] plans the changed projects. /apply [PROJECT ...] applies exactly the plan "
    "that was approved. /discard drops the plans and frees their projects. /recheck judges again. "
    "mrbot approve CODE approves exactly what the code names."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command. `line` counts from 1 in the comment."""

    verb: Verb
    arguments: tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        """As somebody would type it."""
        return " ".join((f"mrbot {self.verb.value}", *self.arguments))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A line that addresses mrbot and asks for nothing it knows. `meant` is its best guess."""

    word: str
    meant: str | None
    line: int


def commands_in(body: str) -> tuple[Command | Unknown, ...]:
    """Every command in a comment, in order."""
    found: list[Command | Unknown] = []
    fence: str | None = None
    in_html = False
    for number, line in enumerate(body.split("\n"), start=1):
        text = line.rstrip("\r \t")
        marker = _fence(text)
        if fence is not None:
            if marker is not None and marker.startswith(fence) and text.strip() == marker:
                fence = None
            continue
        if marker is not None:
            fence = marker
            continue
        if in_html or "<!--" in text:
            in_html = "-->" not in text.rpartition("<!--")[2]
            continue
        if (command := _command(text, number)) is not None:
            found.append(command)
    return tuple(found[:COMMANDS_LIMIT])


def _fence(text: str) -> str | None:
    """The marks that open or close a block here. Backticks with more behind them are code in a
    line; `>>>` alone is GitLab's quote of several lines."""
    stripped = text.lstrip(" ")
    if len(text) - len(stripped) > 3:
        return None
    if stripped == ">>>":
        return stripped
    for mark in ("```", "~~~"):
        if stripped.startswith(mark):
            rest = stripped.lstrip(mark[0])
            return None if "`" in mark and "`" in rest else stripped[: len(stripped) - len(rest)]
    return None


def _command(text: str, line: int) -> Command | Unknown | None:
    words = text.split()
    if not words or text[0].isspace():
        return None
    arguments = tuple(words[1:])[:ARGUMENTS_LIMIT]
    if text.startswith("/"):
        verb = words[0][1:]
        known = verb in set(Verb) and verb != Verb.APPROVE
        return Command(verb=Verb(verb), arguments=arguments, line=line) if known else None
    if words[0] != "mrbot" or not arguments:
        return None
    word, rest = arguments[0], arguments[1:]
    if word in set(Verb):
        return Command(verb=Verb(word), arguments=rest, line=line)
    if rest:
        return None  # a sentence that begins with our name
    meant = difflib.get_close_matches(word, [verb.value for verb in Verb], n=1)
    return Unknown(word=word[:40], meant=meant[0] if meant else None, line=line)
