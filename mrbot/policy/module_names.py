"""Names under which engines see modules, and back: paths may hold anything, these hold nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"(?:[^\s:]*/)?\bm(\d{4})\.rego\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleNames:
    """`paths` are the modules' own paths, in the order of their numbers."""

    paths: tuple[str, ...]

    @staticmethod
    def name(number: int) -> str:
        """What the engine is told."""
        return f"m{number:04d}.rego"

    def named(self, text: str) -> str:
        """An engine's text, with modules called as people know them."""
        return _NAME.sub(lambda match: self._path(match) or match.group(), text)

    def path_of(self, file: str) -> str | None:
        """The module's own path for a file that an engine names; None for any other."""
        match = _NAME.fullmatch(file)
        return None if match is None else self._path(match)

    def _path(self, match: re.Match[str]) -> str | None:
        number = int(match.group(1))
        return self.paths[number] if number < len(self.paths) else None
