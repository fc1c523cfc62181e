"""What the Kustomize roots that a change reaches are built from: their files, changed or not."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK
from mrbot.change.repository import Blob, Repository
from mrbot.config.detect import names_a_stage
from mrbot.decision.material import KustomizeRoot, TextFile
from mrbot.gather.landscape import Landscape
from mrbot.resources.kustomize import reader as kustomization
from mrbot.resources.kustomize.build import references
from mrbot.resources.kustomize.file import NAMES
from mrbot.resources.model import FileVersions

BUILD_LIMIT_ROOTS = 500
"""Roots that are built for one change."""

BUILD_LIMIT_FILES = 5_000
"""Files that the change leaves alone and that are read for all builds."""

BUILD_LIMIT_BYTES = 1 << 20
"""Bytes of one of them: 1 MiB."""


class _Reader:
    """Reads the files that builds need, each once, those that are needed together at once."""

    def __init__(
        self, repository: Repository, landscape: Landscape, versions: Iterable[FileVersions]
    ) -> None:
        self._repository = repository
        self._landscape = landscape
        self._changed: dict[str, list[bytes]] = {}
        for file in versions:
            for path, text in ((file.old_path, file.before), (file.path, file.after)):
                self._changed.setdefault(path, []).extend([] if text is None else [text])
        self.unchanged: dict[str, bytes] = {}

    def exists(self, path: str) -> bool:
        """Whether there is such a file, before the change or after it."""
        return path in self._changed or path in self._landscape.head

    def texts(self, path: str) -> Sequence[bytes]:
        """Every version of a file that was read."""
        if path in self._changed:
            return self._changed[path]
        return [self.unchanged[path]] if path in self.unchanged else []

    def read(self, paths: Iterable[str]) -> bool:
        """`paths` are read. False when that would be more than is read."""
        entries = [
            self._landscape.head[path]
            for path in paths
            if path not in self._changed and path not in self.unchanged
        ]
        entries = [one for one in entries if one.mode not in {MODE_SYMLINK, MODE_SUBMODULE}]
        if len(self.unchanged) + len(entries) > BUILD_LIMIT_FILES:
            return False
        blobs = self._repository.blobs({entry.oid for entry in entries}, BUILD_LIMIT_BYTES)
        for entry in entries:
            if isinstance(blob := blobs[entry.oid], Blob):
                self.unchanged[entry.path] = blob.content
        return True


def builds_of(
    repository: Repository, landscape: Landscape, versions: Sequence[FileVersions]
) -> tuple[tuple[KustomizeRoot, ...], tuple[TextFile, ...]]:
    """Each root that the change reaches, and the unchanged files that they are built from. A root
    that takes too much says so.

    Raises: GitFailure when contents cannot be read.
    """
    reader = _Reader(repository, landscape, versions)
    roots: list[KustomizeRoot] = []
    for directory in sorted(_roots(landscape)):
        files: tuple[str, ...] = ()
        problem = None
        if len(roots) >= BUILD_LIMIT_ROOTS:
            problem = f"not built: the change reaches more than {BUILD_LIMIT_ROOTS} Kustomize roots"
        else:
            files, problem = _closure(directory, reader)
        roots.append(KustomizeRoot(directory=directory, files=files, problem=problem))
    unchanged = (
        TextFile(path=path, content=text) for path, text in sorted(reader.unchanged.items())
    )
    return tuple(roots), tuple(unchanged)


def _roots(landscape: Landscape) -> Iterator[str]:
    paths = {*landscape.head, *landscape.changed}
    found = {posixpath.dirname(path) for path in paths if kustomization.reads(path)}
    for directory in found:
        part = directory in landscape.named and not names_a_stage(directory)
        if not part and landscape.touched(directory):
            yield directory


def _closure(directory: str, reader: _Reader) -> tuple[tuple[str, ...], str | None]:
    """The files that the root needs, and why it cannot be built from them."""
    known: dict[str, None] = {}
    level = list(_named(directory, reader))
    while level:
        known |= dict.fromkeys(level)
        if not reader.read(level):
            return (), f"not built: the builds need more than {BUILD_LIMIT_FILES:,} files"
        wanted = (target for path in level for target in _wanted(path, reader))
        level = [path for path in dict.fromkeys(wanted) if path not in known]
    return tuple(sorted(known)), None


def _wanted(path: str, reader: _Reader) -> Iterator[str]:
    """The files that the file at `path` refers to, in any of its versions."""
    for text in reader.texts(path) if kustomization.reads(path) else ():
        for target in references(path, text):
            if reader.exists(target):
                yield target
            else:
                yield from _named(target, reader)


def _named(directory: str, reader: _Reader) -> Iterator[str]:
    """The kustomization files of a directory."""
    for name in NAMES:
        path = f"{directory}/{name}" if directory else name
        if reader.exists(path):
            yield path
