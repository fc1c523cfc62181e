"""Files that are read as text although a reader found objects in them: without the data of Secrets.

As text, a secret is known by the name beside it only; the data of a Kubernetes `Secret` has any name.
It is hidden on the lines of its own object alone: whoever writes a file chooses what is in a Secret,
and could otherwise hide anything by it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.masking import strings
from mrbot.resources.model import SENSITIVE
from mrbot.resources.text.lines import MAX_BYTES

MIN_SECRET = 4
"""Shortest line of a secret that is looked for, in characters: shorter ones are everywhere."""

_KIND = "/secret"
_QUOTED = re.compile(r"(?<=\")[^\"]+(?=\")|(?<=')[^']+(?=')")
_IN_FLOW = re.compile(r"[^\s:,\[\]{}\"'](?:[^,\[\]{}\"':]|:(?!\s))*")


def without_secrets(files: Iterable[TextFile], sides: Collection[Side]) -> Iterator[TextFile]:
    """`files`; those that are opaque with a mark in the place of each line of a secret in them."""
    known = _known(sides)
    for file in files:
        secrets = known.get(file.path)
        yield replace(file, text=_hidden(file.text, secrets), _parsed={}) if secrets else file


def _known(sides: Iterable[Side]) -> dict[str, dict[int, set[str]]]:
    """Of each opaque file with a Secret in it, by the line that each object starts on, each line of
    every secret in that object."""
    found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for side in sides:
        for one in side.declared.values() if side.opaque else ():
            if one.source.path in side.opaque:
                found[one.source.path][one.source.line].update(_secrets(one))
    return {path: starts for path, starts in found.items() if any(starts.values())}


def _secrets(resource: Declared) -> Iterator[str]:
    if not resource.kind.casefold().endswith(_KIND):
        return
    hidden = set(resource.sensitive)
    for path, text in strings(resource.value):
        if any(path[:end] in hidden for end in range(len(path) + 1)):
            lines = (line.strip() for line in text.splitlines())
            yield from (line for line in lines if len(line) >= MIN_SECRET)


def _hidden(text: bytes, objects: Mapping[int, Collection[str]]) -> bytes:
    if len(text) > MAX_BYTES:  # of so long a text no line is shown
        return text
    starts = sorted(objects)
    lines = text.split(b"\n")
    for number, line in enumerate(lines, start=1):
        secrets = objects[starts[max(bisect_right(starts, number) - 1, 0)]]
        if secrets:
            words = _without(line.decode("utf-8", "surrogateescape"), secrets)
            lines[number - 1] = words.encode("utf-8", "surrogateescape")
    return b"\n".join(lines)


def _without(line: str, secrets: Collection[str]) -> str:
    """`line` with a mark in the place of each secret that is all of it, the value of its key, a quoted
    string, or a value in a mapping on one line. Looked up, not searched for: there may be many."""
    key, colon, value = line.partition(":")
    for before, held in (("", line), (key + colon, value)):
        bare = held.strip().strip("\"'")
        if bare in secrets:
            return before + held.replace(bare, SENSITIVE)
    for pieces in (_QUOTED, _IN_FLOW):
        line = pieces.sub(
            lambda found: SENSITIVE if found[0].strip() in secrets else found[0], line
        )
    return line
