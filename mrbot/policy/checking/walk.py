"""Files below folders, links followed, in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem

MAX_FILES = 10_000
"""Most files that are taken."""
MAX_SEEN = 200_000
"""Most files that are looked at."""
MAX_FOLDERS = 100
"""Deepest nesting of folders."""


class Walk:
    """Walks folders. A folder that was walked before is passed over, so that links in a circle end;
    `wanted` tells by the path which files are taken."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._known: set[tuple[int, int]] = set()
        self._seen = 0
        self._taken = 0

    def files(self, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The files below the folder `path`, each with the names of the folders between.

        Raises: BadInput with the path that cannot be read, or the limit.
        """
        yield from self._below(path, ())

    def _below(
        self, folder: str, between: tuple[str, ...]
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if len(between) > MAX_FOLDERS:
            _refuse(folder, f"nested deeper than {MAX_FOLDERS} folders")
        with _told(folder):
            names = sorted(one.name for one in Path(folder).iterdir()) if self._new(folder) else []
        for name in names:
            self._seen += 1
            if self._seen > MAX_SEEN:
                _refuse(folder, f"more than {MAX_SEEN} files to look at: name a folder in it")
            path = str(Path(folder, name))
            if Path(path).is_dir():
                yield from self._below(path, (*between, name))
            elif self._wanted(path):
                self._taken += 1
                if self._taken > MAX_FILES:
                    _refuse(folder, f"more than {MAX_FILES} files: name a folder in it")
                yield path, between

    def _new(self, path: str) -> bool:
        """Whether what is at `path`, through any link, was not there before."""
        with _told(path):
            status = Path(path).stat()
        key = (status.st_dev, status.st_ino)
        if key in self._known:
            return False
        self._known.add(key)
        return True


def read(path: str, limit: int) -> bytes:
    """The content of a file, one byte more than `limit` at most.

    Raises: BadInput when it cannot be read, or is no file.
    """
    with _told(path):
        place = Path(path)
        if place.exists() and not place.is_file():
            _refuse(path, "this is no file")
        with place.open("rb") as file:
            return file.read(limit + 1)


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Errors of the system become BadInput with the path."""
    try:
        yield
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise BadInput(Problem(shown(path), 0, f"cannot be read: {said}")) from error


def _refuse(path: str, message: str) -> NoReturn:
    raise BadInput(Problem(shown(path), 0, message))
