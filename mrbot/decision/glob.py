"""Anchored path globs, matched in linear time whatever the pattern."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol, cast

import re2


class _Pattern(Protocol):
    def fullmatch(self, text: str) -> object | None: ...


@lru_cache(maxsize=4096)
def _compiled(glob: str, separator: str) -> _Pattern:
    within = f"[^{separator}]" if separator else "."
    out = []
    at = 0
    while at < len(glob):
        if separator and glob.startswith("**/", at) and (at == 0 or glob[at - 1] == separator):
            out.append(f"(?:.*{separator})?")
            at += 3
        elif separator and glob.startswith("**", at):
            out.append(".*")
            at += 2
        elif glob[at] == "*":
            out.append(f"{within}*")
            at += 1
        elif glob[at] == "?":
            out.append(within)
            at += 1
        else:
            out.append(re2.escape(glob[at]))
            at += 1
    return cast("_Pattern", re2.compile("(?s)" + "".join(out)))


def _text(text: str) -> str:
    """`text` as Unicode: a byte that is not UTF-8 becomes `?`, which no pattern can name."""
    return text.encode("utf-8", "replace").decode()


def matches_path(glob: str, path: str) -> bool:
    """Whether the whole of `path` matches: `**` any depth, `*` and `?` within a segment; a glob
    that ends in `/` means everything below."""
    whole = f"{glob}**" if glob.endswith("/") else glob
    return _compiled(whole, "/").fullmatch(_text(path)) is not None


def matches_any_path(globs: Iterable[str], path: str) -> bool:
    """Whether any of them matches."""
    return any(matches_path(glob, path) for glob in globs)


def matches_name(glob: str, name: str) -> bool:
    """Whether the whole of `name` matches; `*` is any text."""
    return _compiled(glob, "").fullmatch(_text(name)) is not None
