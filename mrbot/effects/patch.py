"""The changed lines of a file that is read as text, as a patch, without its secrets.

Where the lines are, git says (`change.hunks`); what is in them, the resource does, whose secrets are
taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mrbot.change.hunks import Hunk, HunkLine
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
    for line in hunk.lines:
        text = _text(line, old, new)
        more = "…" if len(text) > LINE_CHARACTERS else ""
        yield f"{line.kind}{text[:LINE_CHARACTERS]}{more}"


def _text(line: HunkLine, old: Sequence[Json], new: Sequence[Json]) -> str:
    """The line as the resource has it; a line that it does not have is not shown."""
    side, number = (old, line.old_line) if line.new_line is None else (new, line.new_line)
    known = number is not None and number <= len(side)
    return str(side[number - 1]) if known and number is not None else "(not shown)"


def _lines(value: Json) -> Sequence[Json]:
    lines = value.get("lines") if isinstance(value, dict) else None
    return lines if isinstance(lines, list) else ()
