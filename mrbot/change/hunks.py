"""What a change does to the lines of its files, as a patch says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class HunkLine:
    """One line of a hunk: added (`+`), removed (`-`) or kept (` `).

    `text` is the line without its line feed; a carriage return before that stays, and bytes that are
    not UTF-8 are lone surrogates, so that two lines that differ never look the same. Lines count
    from 1; `old_line` is None for an added one, `new_line` for a removed one. `ends` is False where
    the file stops after the line without a line feed.
    """

    kind: Literal["+", "-", " "]
    text: str
    old_line: int | None
    new_line: int | None
    ends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Neighbouring changed lines of one file, with up to three kept ones around them.

    `old_start` and `new_start` are the first line of each side; of a side without lines, the line
    after which the others stand (0: at the top).
    """

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: tuple[HunkLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunks:
    """The hunks of each changed file, by its path at the head (of a deletion: at the base).

    A file without any, moved or made executable, or empty, is there with none. Symbolic links and
    submodules have no lines; their side counts as absent. A file in `unreadable` is not in `by_path`:
    it is binary, too large, or not here, and has to be shown whole or not at all.
    """

    by_path: Mapping[str, tuple[Hunk, ...]]
    unreadable: tuple[str, ...]


NO_HUNKS = Hunks(by_path={}, unreadable=())
"""Nobody asked for any."""
