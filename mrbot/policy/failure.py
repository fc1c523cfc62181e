"""Why there is no answer, before it is known whose answer it would have been."""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.errors import BadInput
from mrbot.policy.finding import EvaluationFault

MAX_DETAIL = 4096
"""Longest detail that is kept, in characters: engines quote the source, however long its lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The part of `EvaluationFailed` that does not name the engine and the policy."""

    fault: EvaluationFault
    detail: str
    path: str | None = None
    line: int | None = None


def failure(
    fault: EvaluationFault, detail: str, *, path: str | None = None, line: int | None = None
) -> Failure:
    """A failure whose detail is printable and no longer than `MAX_DETAIL`; the rest is counted."""
    clean = detail.strip().encode("utf-8", "backslashreplace").decode()
    over = len(clean) - MAX_DETAIL
    if over > 0:
        clean = f"{clean[:MAX_DETAIL]}... ({over} characters left out)"
    return Failure(fault=fault, detail=clean, path=path, line=line or None)


def from_problems(fault: EvaluationFault, error: BadInput) -> Failure:
    """The first problem gives the place, all of them the detail."""
    first = error.problems[0]
    if len(error.problems) == 1:
        return failure(fault, first.message, path=first.path or None, line=first.line)
    return failure(fault, str(error), path=first.path or None, line=first.line)
