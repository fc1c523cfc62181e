"""What the comment shows beside the decision: answers, deployments, earlier verdicts, the page."""

from __future__ import annotations

from mrbot.audit.record import read_record
from mrbot.change.snapshot import HostChange
from mrbot.decision.decide import Decision
from mrbot.effects.comment import Answer, Beside, Past
from mrbot.pipeline import deploying
from mrbot.pipeline.tools import Tools

ANSWERS_SHOWN = 10
"""Commands whose answers the comment shows: the latest."""

HISTORY_SHOWN = 10
"""Earlier verdicts that the comment shows: the latest."""


def beside(
    tools: Tools,
    decision: Decision,
    record: str,
    waiting: tuple[str, ...],
    done: tuple[str, ...],
) -> Beside:
    """Everything beside the decision that `record` keeps; `waiting` and `done` are projects that
    are to be applied, and that were."""
    change = decision.change.host
    given = [
        Answer(
            command=one.command.text,
            by=one.source.comment.author.login,
            state=one.state.value,
            text=one.answer,
        )
        for one in tools.store.commands.history(change.id)[-ANSWERS_SHOWN:]
    ]
    return Beside(
        history=_history(tools, change, record),
        answers=tuple(given),
        deployments=deploying.views(tools, change),
        awaiting_apply=waiting,
        applied=done,
        record=int(record),
        page=page(tools, change),
    )


def _history(tools: Tools, change: HostChange, record: str) -> tuple[Past, ...]:
    ledger = tools.store.ledger
    earlier = [e for e in ledger.of(str(change.id)) if e.kind == "decision"]
    past: list[Past] = []
    for entry in reversed(earlier):
        if entry.number >= int(record) or len(past) == HISTORY_SHOWN:
            continue
        kept = ledger.read(entry.number)
        if kept is None or kept.content is None:
            continue
        outcome = read_record(kept.content)
        verdict = outcome.outcome.get("verdict") if isinstance(outcome.outcome, dict) else ""
        at = entry.at[:16].replace("T", " ")
        past.append(Past(verdict=str(verdict), head=outcome.change.head, at=f"{at} UTC"))
    return tuple(past)


def page(tools: Tools, change: HostChange) -> str | None:
    """The change's own page, None where pages are not served."""
    base = tools.public_url
    repo = change.id.repo
    return f"{base}/changes/{repo.host}/{repo.path}/{change.id.number}" if base else None
