"""What the log says of policy engines: their processes, and each judgement's figures.

Nothing of a document or a policy's text is in it, but for an engine's own last words.
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from mrbot.ids import ChangeId
from mrbot.policy.finding import Evaluated, EvaluationFailed
from mrbot.policy.notice import Event, Notice, shortened

MAX_DECISION_IDS = 10
"""Decision ids of one evaluation that are logged; the record has more."""

EVALUATION = "timer_rego_query_eval_ns"
"""OPA's name for the time that evaluating took, in nanoseconds."""

_log = structlog.get_logger(__name__)


def log_notice(notice: Notice) -> None:
    """The notice is logged: a process that ended otherwise than mrbot wanted as a warning."""
    log = _log.info if notice.event is Event.STARTED else _log.warning
    words = {"said": notice.words} if notice.words else {}
    log(
        str(notice.event),
        engine=f"{notice.engine.name} {notice.engine.version}",
        policy=notice.policy,
        digest=notice.digest,
        pid=notice.pid,
        **words,
    )


def log_evaluations(change: ChangeId, evaluations: Iterable[Evaluated | EvaluationFailed]) -> None:
    """Each evaluation is logged with what its engine measured; one without an answer as a warning."""
    for one in evaluations:
        about = _log.bind(
            change=str(change),
            policy=one.policy,
            digest=one.digest,
            engine=f"{one.engine.name} {one.engine.version}",
        )
        if one.served is not None:
            about = about.bind(server=one.served.where, revisions=dict(one.served.revisions))
        match one:
            case EvaluationFailed():
                about.warning("policy not judged", fault=str(one.fault), said=shortened(one.detail))
            case Evaluated():
                spent = sum(dict(seen.metrics).get(EVALUATION, 0) for seen in one.observed)
                ids = [seen.decision_id for seen in one.observed if seen.decision_id is not None]
                about.info(
                    "policy judged",
                    questions=len(one.observed) or None,
                    evaluation_ms=round(spent / 1e6, 3) or None,
                    decision_ids=ids[:MAX_DECISION_IDS] or None,
                )
