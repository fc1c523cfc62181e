"""The four verdicts and the reasons that make them.

    Undecidable   something that must be known is not known
    Rejected      a policy or a person says no
    Pending       somebody or something is still awaited
    Approved      nothing is missing and nobody says no

The strongest reason decides, in that order; with no reason at all the verdict is `Approved`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """How strong a reason is: which verdict it makes on its own."""

    PENDING = 1
    REJECTED = 2
    UNDECIDABLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a change is not approved: one sentence for people, and where to look."""

    weight: Weight
    code: str
    text: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Nothing is missing and nobody says no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Somebody or something is still awaited."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A policy or a person says no."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecidable:
    """Something that must be known is not known."""

    reasons: tuple[Reason, ...]


Verdict = Approved | Pending | Rejected | Undecidable


def verdict_of(reasons: Iterable[Reason]) -> Verdict:
    """The verdict that `reasons` make together, strongest reasons first."""
    ordered = tuple(sorted(reasons, key=lambda reason: -reason.weight))
    if not ordered:
        return Approved()
    match ordered[0].weight:
        case Weight.UNDECIDABLE:
            return Undecidable(reasons=ordered)
        case Weight.REJECTED:
            return Rejected(reasons=ordered)
        case Weight.PENDING:
            return Pending(reasons=ordered)


def name_of(verdict: Verdict) -> str:
    """`approved`, `pending`, `rejected` or `undecidable`."""
    match verdict:
        case Approved():
            return "approved"
        case Pending():
            return "pending"
        case Rejected():
            return "rejected"
        case Undecidable():
            return "undecidable"


def reasons_of(verdict: Verdict) -> tuple[Reason, ...]:
    """Its reasons; none for `Approved`."""
    match verdict:
        case Approved():
            return ()
        case Pending(reasons=reasons) | Rejected(reasons=reasons) | Undecidable(reasons=reasons):
            return reasons
