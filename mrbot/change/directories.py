"""The directories that paths lie in. The repository's root is `""`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def above(path: str) -> Iterator[str]:
    """Every directory that `path` lies in, nearest first; of the root none."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def holding(paths: Iterable[str]) -> frozenset[str]:
    """Every directory that any of `paths` lies in, and the root: in time that is linear in what there
    is, however deep the paths are that they share."""
    found = {""}
    for path in paths:
        for directory in above(path):
            if directory in found:
                break
            found.add(directory)
    return frozenset(found)
