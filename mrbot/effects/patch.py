"""The changed lines of a file that is read as text, as a patch, without its secrets.

Where the lines are, git says (`change.hunks`); what is in them, the resource does, whose secrets are
taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest

from mrbot.change.hunks import Hunk, HunkLine
from mrbot.effects.differing import Differing, differing_lines
from mrbot.ids import Json
from mrbot.resources.model import ResourceChange

LINE_CHARACTERS = 200
"""Of one line, shown at most."""


def patch_of(resource: ResourceChange, hunks: Sequence[Hunk]) -> list[str]:
    """The lines of the patch, each hunk below its place; none where the text is not kept."""
    old, new = _lines(resource.before), _lines(resource.after)
    return [line for hunk in hunks for line in _hunk(hunk, old, new)] if old or new else []


def _hunk(hunk: Hunk, old: Sequence[Json], new: Sequence[Json]) -> Iterator[str]:
    yield f"@@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@"
    for kept, lines in groupby(hunk.lines, key=lambda line: line.kind == " "):
        block = list(lines)
        removed = [_text(line, old, new) for line in block if line.kind == "-"]
        added = [_text(line, old, new) for line in block if line.kind != "-"]
        yield from _block(" " if kept else "+", removed, added)


def _block(kind: str, removed: Sequence[str], added: Sequence[str]) -> Iterator[str]:
    """The removed lines, then the others; each beside the one that takes its place."""
    both = [_beside(old, new) for old, new in zip_longest(removed, added)]
    yield from (f"-{shown.before}{_further(shown)}" for shown in both[: len(removed)])
    yield from (f"{kind}{shown.after}{_further(shown)}" for shown in both[: len(added)])


def _beside(old: str | None, new: str | None) -> Differing:
    """Two lines; one that has none beside it, beside itself."""
    before, after = new if old is None else old, old if new is None else new
    return differing_lines(before or "", after or "", LINE_CHARACTERS)


def _further(shown: Differing) -> str:
    return " and differs further on" if shown.further else ""


def _text(line: HunkLine, old: Sequence[Json], new: Sequence[Json]) -> str:
    """The line as the resource has it; a line that it does not have is not shown."""
    side, number = (old, line.old_line) if line.new_line is None else (new, line.new_line)
    known = number is not None and number <= len(side)
    return str(side[number - 1]) if known and number is not None else "(not shown)"


def _lines(value: Json) -> Sequence[Json]:
    lines = value.get("lines") if isinstance(value, dict) else None
    return lines if isinstance(lines, list) else ()
