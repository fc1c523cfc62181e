"""What differs between two JSON values, attribute by attribute.

The changes are in the order in which they turn `before` into `after`, each path as it is when its
turn comes: so an index is that of the list after the change. Values of lists are told apart by
equality: one that is inserted in the middle is one change, not a change of all that follow.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice, takewhile
from typing import Final

from mrbot.ids import Json
from mrbot.resources.masking import same
from mrbot.resources.model import SENSITIVE_CHANGED
from mrbot.resources.paths import Path

ANCHORING_DEPTH = 8
"""How often what lies between two list items that are the same is looked through again for others."""


MAX_CHANGED_PATHS = 500
"""Changed paths of one resource that are listed; of one with more, the whole is said to change."""


class Absent(Enum):
    """Where there is no value, which null is not."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """One value that differs. `before` is absent where it is added, `after` where it is removed. Of
    two sensitive values that differ, both are the mark that says so, or hold it."""

    path: Path
    before: Json | Absent
    after: Json | Absent


def attribute_changes(before: Json, after: Json) -> Iterator[AttributeChange]:
    """Every difference; nothing for values that are the same."""
    return _changes(before, after, ())


def changed_paths(before: Json, after: Json) -> list[Json]:
    """The path of each difference as a list of keys and indices, as Rego's `object.get` takes it:
    `[["spec", "replicas"]]`. `[[]]` is the whole: one of the two is no object, or too much differs."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [] if same(before, after) else [[]]
    found = list(islice(attribute_changes(before, after), MAX_CHANGED_PATHS + 1))
    if len(found) > MAX_CHANGED_PATHS:
        return [[]]
    return [[*change.path] for change in found]


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
        case _ if not same(before, after) or holds_changed(after):
            yield AttributeChange(path, before, after)
        case _:
            return


def holds_changed(value: Json | Absent) -> bool:
    """Whether a secret that differs was in `value`, or was all of it."""
    return isinstance(value, str) and SENSITIVE_CHANGED in value


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
    before: list[Json], after: list[Json], depth: int = ANCHORING_DEPTH
) -> Iterator[tuple[Json | Absent, Json | Absent]]:
    """The items in order, each beside what it was: what is the same at both ends; between them what
    is the same and there only once; what is left is paired by its place."""
    start = sum(1 for _ in takewhile(_alike, zip(before, after, strict=False)))
    most = min(len(before), len(after)) - start
    backwards = zip(reversed(before), reversed(after), strict=False)
    end = min(most, sum(1 for _ in takewhile(_alike, backwards)))
    old = before[start : len(before) - end]
    new = after[start : len(after) - end]
    yield from zip(before[:start], after[:start], strict=True)
    anchors = _anchors(old, new) if depth and old and new else []
    i = j = 0
    for next_i, next_j in anchors:
        yield from _aligned(old[i:next_i], new[j:next_j], depth - 1)
        yield old[next_i], new[next_j]
        i, j = next_i + 1, next_j + 1
    yield from _aligned(old[i:], new[j:], depth - 1) if anchors else _paired(old, new)
    yield from zip(before[len(before) - end :], after[len(after) - end :], strict=True)


def _anchors(old: list[Json], new: list[Json]) -> list[tuple[int, int]]:
    """Places of items that are in each list once, as many as are in the same order in both: what
    Bram Cohen's patience diff holds on to, and no slower on lists made to be slow."""
    was, now = _only_once(old), _only_once(new)
    common = [(i, now[text]) for text, i in was.items() if text in now]
    piles: list[int] = []  # of the increasing runs of each length, the least last place
    links: list[tuple[int, int, int]] = []  # each place, and how long a run it ends
    for i, j in common:
        length = bisect_left(piles, j)
        piles[length : length + 1] = [j]
        links.append((i, j, length))
    run: list[tuple[int, int]] = []
    wanted, limit = len(piles) - 1, len(new)
    for i, j, length in reversed(links):
        if length == wanted and j < limit:
            run.append((i, j))
            wanted, limit = wanted - 1, j
    return run[::-1]


def _only_once(items: list[Json]) -> dict[str, int]:
    """The place of each item that no other is like, by its text, in order."""
    places: dict[str, int] = {}
    for place, item in enumerate(items):
        text = json.dumps(item, sort_keys=True)
        places[text] = -1 if text in places else place
    return {text: place for text, place in places.items() if place >= 0}


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
