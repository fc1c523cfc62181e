"""Which packages are asked, by conftest's patterns.

Source: https://pkg.go.dev/path#Match: `*`, `?` and `[a-z]`, none of which matches a slash.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from mrbot.errors import BadPolicy

MAX_PATTERN = 200
"""Longest pattern, in characters."""
MAX_STARS = 3
"""Most `*` in one pattern."""

_PIECE = re.compile(r"(?P<star>\*+)|(?P<one>\?)|(?P<set>\[[^\[\]\\/]+\])|\\(?P<plain>.)|(?P<it>.)")
_GLOB = frozenset("*?[")


def chosen(
    patterns: Iterable[str], packages: Collection[str], ruled: Collection[str]
) -> tuple[str, ...]:
    """The packages that the patterns name, in order. A name without a pattern stays as it is; of what
    a pattern matches, it is those in `ruled`, which have a rule.

    Raises: BadPolicy for a pattern that is none, or that finds nothing to ask.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        if not _GLOB & set(pattern):
            found[pattern] = None
            continue
        regex = _regex(pattern)
        matched = sorted(package for package in packages if regex.fullmatch(package))
        asked = [package for package in matched if package in ruled]
        if not asked:
            raise BadPolicy(_nothing(pattern, matched, packages))
        found.update(dict.fromkeys(asked))
    return tuple(found)


def _nothing(pattern: str, matched: list[str], packages: Collection[str]) -> str:
    if matched:
        return (
            f"no package that {pattern!r} matches has a rule that counts: rules are named deny,"
            f" violation or warn (it matches {', '.join(matched)})"
        )
    return f"there is no package {pattern!r}; the packages are {', '.join(sorted(packages))}"


def _regex(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN or pattern.count("*") > MAX_STARS:
        raise BadPolicy(
            f"the namespace {pattern[:50]!r} is longer than {MAX_PATTERN} characters or has more"
            f" than {MAX_STARS} stars"
        )
    parts = []
    for piece in _PIECE.finditer(pattern):
        match piece.lastgroup:
            case "star":
                parts.append("[^/]*")
            case "one":
                parts.append("[^/]")
            case "set":
                parts.append(re.sub(r"(?<=.)([&~|])", r"\\\1", piece[0]))
            case _ if piece[0] == "[":
                raise BadPolicy(f"the namespace {pattern!r} has a [ without its ]")
            case _:
                parts.append(re.escape(piece["plain"] or piece["it"]))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise BadPolicy(f"the namespace {pattern!r} is no pattern: {error}") from error
