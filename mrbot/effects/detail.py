"""How much a comment shows: the steps by which it gives way to a host's limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OUTPUT_SHARE = 6
"""A failed tool's output may be this many times as long as any other text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One step. `text` is in characters; `listed` and `kept` are entries of a list, `kept` for what
    is destroyed and who must approve, which give way last. Each list says what it leaves out."""

    text: int
    listed: int
    kept: int
    attributes: bool = False
    resources: bool = False
    grouped: bool = False


STEPS = (
    Detail(text=500, listed=200, kept=1000, attributes=True, resources=True),
    Detail(text=500, listed=200, kept=1000, resources=True),
    Detail(text=500, listed=100, kept=1000, grouped=True),
    Detail(text=300, listed=20, kept=200, grouped=True),
    Detail(text=160, listed=5, kept=50),
    Detail(text=60, listed=3, kept=10),
    Detail(text=30, listed=1, kept=3),
)


def some(lines: Sequence[str], most: int, more: str = "more") -> list[str]:
    """The first `most` bullets, and how many are left out."""
    rest = len(lines) - most
    return list(lines) if rest <= 0 else [*lines[:most], f"- … and {rest:,} {more}"]


def names(shown: Sequence[str], most: int) -> str:
    """`a, b and 3 more`."""
    rest = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {rest:,} more" if rest > 0 else "")
