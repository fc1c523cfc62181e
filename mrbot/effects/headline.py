"""The verdict in words: the comment's first line and the status's description, from one source."""

from __future__ import annotations

from collections import Counter

from mrbot.decision.decide import Decision
from mrbot.decision.verdict import Approved, Pending, Rejected, Undecidable, reasons_of
from mrbot.effects.effect import STATUS_DESCRIPTION_LIMIT, StatusState
from mrbot.effects.escape import flat

_COUNTED = {
    "denied": ("policy denial", "policy denials"),
    "approval-missing": ("rule awaits approval", "rules await approval"),
    "changes-requested": ("person requests changes", "people request changes"),
    "not-understood": ("file unreadable", "files unreadable"),
    "policy-failed": ("policy failed to run", "policies failed to run"),
    "plan-failed": ("plan failed", "plans failed"),
    "not-planned": ("plan awaited", "plans awaited"),
    "draft": ("draft", "draft"),
    "bad-rules": ("problem in the rules", "problems in the rules"),
    "bad-policy": ("problem in the policies", "problems in the policies"),
    "links-unknown": ("reach not known", "reaches not known"),
    "plan-of-another-commit": ("plan of another commit", "plans of other commits"),
    "unknown-group": ("unknown group", "unknown groups"),
    "unknown-role": ("unknown role", "unknown roles"),
}


def headline(decision: Decision, awaiting_apply: tuple[str, ...] = ()) -> str:
    """`Blocked: 1 policy denial, 1 rule awaits approval`; trusted words and counts only."""
    match decision.verdict:
        case Approved():
            if awaiting_apply:
                return "Approved, not yet applied: comment `/apply`"
            return "Approved"
        case Pending():
            return f"Waiting: {_counts(decision)}"
        case Rejected():
            return f"Blocked: {_counts(decision)}"
        case Undecidable():
            return f"Cannot be decided, so not approved: {_counts(decision)}"


def _counts(decision: Decision) -> str:
    counts = Counter(reason.code for reason in reasons_of(decision.verdict))
    parts = []
    for key, number in counts.items():
        one, many = _COUNTED.get(key, (key.replace("-", " "), key.replace("-", " ")))
        parts.append(f"{number} {one if number == 1 else many}")
    return ", ".join(parts)


def status_state(decision: Decision, awaiting_apply: tuple[str, ...] = ()) -> StatusState:
    """Only `Approved` with nothing left to apply is `SUCCESS`."""
    match decision.verdict:
        case Approved():
            return StatusState.PENDING if awaiting_apply else StatusState.SUCCESS
        case Pending():
            return StatusState.PENDING
        case Rejected():
            return StatusState.FAILURE
        case Undecidable():
            return StatusState.ERROR


def status_description(decision: Decision, awaiting_apply: tuple[str, ...] = ()) -> str:
    """The headline as plain text, within the hosts' limit; the first reason follows if it fits."""
    text = headline(decision, awaiting_apply).replace("`", "")
    reasons = reasons_of(decision.verdict)
    if len(reasons) == 1:
        text = f"{text} ({reasons[0].text})"
    return flat(text, STATUS_DESCRIPTION_LIMIT)
