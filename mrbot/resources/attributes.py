"""What differs between two JSON values, attribute by attribute.

The changes are in the order in which they turn `before` into `after`, each path as it is when its
turn comes: so an index is that of the list after the change. Values of lists are told apart by
equality: one that is inserted in the middle is one change, not a change of all that follow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from itertools import takewhile
from typing import Final

from mrbot.ids import Json
from mrbot.resources.masking import Path, same
from mrbot.resources.model import SENSITIVE_CHANGED

MAX_ALIGNED = 40_000
"""Pairs of list items that are compared to find which is which; in longer lists they are paired by
their places."""


class Absent(Enum):
    """Where there is no value, which null is not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """One value that differs. `before` is absent where it is added, `after` where it is removed. Of
    two sensitive values that differ, both are the mark that says so."""

    path: Path
    before: Json | Absent
    after: Json | Absent


def attribute_changes(before: Json, after: Json) -> Iterator[AttributeChange]:
    """Every difference; nothing for values that are the same."""
    return _changes(before, after, ())


def applied(before: Json, changes: Iterator[AttributeChange]) -> Json:
    """`before` after all of `changes`; itself unaltered."""
    root: list[Json] = [_copied(before)]
    for change in changes:
        _apply(root, (0, *change.path), change)
    return root[0]


def _changes(before: Json, after: Json, path: Path) -> Iterator[AttributeChange]:
    match before, after:
        case dict(), dict():
            for key in [*before, *(key for key in after if key not in before)]:
                old = before.get(key) if key in before else ABSENT
                new = after.get(key) if key in after else ABSENT
                yield from _either(old, new, (*path, key))
        case list(), list():
            yield from _list_changes(before, after, path)
        case _ if not same(before, after) or after == SENSITIVE_CHANGED:
            yield AttributeChange(path, before, after)
        case _:
            return


def _either(old: Json | Absent, new: Json | Absent, path: Path) -> Iterator[AttributeChange]:
    if isinstance(old, Absent) or isinstance(new, Absent):
        yield AttributeChange(path, old, new)
    else:
        yield from _changes(old, new, path)


def _list_changes(before: list[Json], after: list[Json], path: Path) -> Iterator[AttributeChange]:
    at = 0
    for old, new in _aligned(before, after):
        yield from _either(old, new, (*path, at))
        if new is not ABSENT:
            at += 1


def _aligned(
    before: list[Json], after: list[Json]
) -> Iterator[tuple[Json | Absent, Json | Absent]]:
    """The items in order, each beside what it was: what is the same at both ends, and between them
    what is the same in order; what is left is paired by its place."""
    start = sum(1 for _ in takewhile(_alike, zip(before, after, strict=False)))
    most = min(len(before), len(after)) - start
    backwards = zip(reversed(before), reversed(after), strict=False)
    end = min(most, sum(1 for _ in takewhile(_alike, backwards)))
    old = before[start : len(before) - end]
    new = after[start : len(after) - end]
    yield from zip(before[:start], after[:start], strict=True)
    if len(old) == len(new) or len(old) * len(new) > MAX_ALIGNED:
        yield from _paired(old, new)
    else:
        was, now = ([json.dumps(item, sort_keys=True) for item in side] for side in (old, new))
        for _, i1, i2, j1, j2 in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
            yield from _paired(old[i1:i2], new[j1:j2])
    yield from zip(before[len(before) - end :], after[len(after) - end :], strict=True)


def _alike(pair: tuple[Json, Json]) -> bool:
    return same(*pair)


def _paired(old: list[Json], new: list[Json]) -> Iterator[tuple[Json | Absent, Json | Absent]]:
    for index in range(max(len(old), len(new))):
        yield (
            old[index] if index < len(old) else ABSENT,
            new[index] if index < len(new) else ABSENT,
        )


def _apply(holder: Json, path: Path, change: AttributeChange) -> None:
    for step in path[:-1]:
        holder = holder[step]  # type: ignore[index]  # the path is of this value
    last = path[-1]
    match holder, last:
        case dict(), str() if change.after is ABSENT:
            del holder[last]
        case dict(), str():
            holder[last] = _copied(change.after)
        case list(), int() if change.after is ABSENT:
            del holder[last]
        case list(), int() if change.before is ABSENT:
            holder.insert(last, _copied(change.after))
        case list(), int():
            holder[last] = _copied(change.after)
        case _:
            raise ValueError(f"no such path: {path}")


def _copied(value: Json | Absent) -> Json:
    match value:
        case dict():
            return {key: _copied(inner) for key, inner in value.items()}
        case list():
            return [_copied(item) for item in value]
        case Absent():
            raise ValueError("nothing can be put where there is nothing")
        case _:
            return value
