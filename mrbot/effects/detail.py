"""How much a comment shows: the steps by which it gives way to a host's limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

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


def some(items: Sequence[T], most: int, bullet: Callable[[T], str], more: str) -> list[str]:
    """A bullet for each of the first `most`, and how many are left out."""
    lines = [f"- {bullet(item)}" for item in items[:most]]
    rest = len(items) - most
    return [*lines, f"- … and {rest:,} {more}"] if rest > 0 else lines


def names(items: Sequence[str], most: int, show: Callable[[str], str]) -> str:
    """`a, b and 3 more`."""
    rest = len(items) - most
    more = f" and {rest:,} more" if rest > 0 else ""
    return ", ".join(show(item) for item in items[:most]) + more
