"""One input, for whatever target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A file before and after a change; targets that take one text take `after`. Its `repr` can be
    pasted into a test."""

    path: str
    before: bytes
    after: bytes
