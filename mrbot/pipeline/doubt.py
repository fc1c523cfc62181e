"""What cannot be judged any more is not approved any more, whatever it was before."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.effects.effect import STATUS_DESCRIPTION_LIMIT, Status, StatusState
from mrbot.effects.escape import flat
from mrbot.errors import AnswerLost, BadInput, GitFailure, HostFailure, MrbotError, Transient
from mrbot.ids import ChangeId
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.publishing import gate_status, publish_status, status_name
from mrbot.pipeline.tools import HostTools, Tools

PATIENCE = 2
"""Failures in a row that are borne where they may pass by themselves: a host's hiccup does not
take back what it says nothing about."""

UNDECIDABLE = "undecidable"


def take_back(
    tools: Tools,
    host: HostTools,
    claim: Claim,
    change: HostChange | None,
    error: Exception,
    page: str | None,
) -> None:
    """The open change of the claim counts as undecidable, and its status says so and why, as far as
    the host can be written. `change` is None when not even that could be read.

    It never fails because of the host: the error that led here is the one to be raised.
    """
    if isinstance(error, Transient | AnswerLost) and claim.attempts < PATIENCE:
        return
    subject = claim.subject
    known = tools.store.changes.get(subject) if isinstance(subject, ChangeId) else None
    if known is None or known.state != ChangeState.OPEN:
        return
    tools.store.changes.save(replace(known, verdict=UNDECIDABLE, updated_at=tools.clock()))
    text = flat(in_words(error), STATUS_DESCRIPTION_LIMIT)
    if change is not None:
        status = gate_status(tools, change, StatusState.ERROR, text, "", page)
    else:
        status = Status(
            repo=known.id.repo,
            sha=known.head,
            name=status_name(tools, known.target_branch),
            state=StatusState.ERROR,
            description=text,
            url=page,
        )
    with contextlib.suppress(HostFailure):
        publish_status(tools, host, claim, status)


def in_words(error: Exception) -> str:
    """What a person reads of it: our own errors hold no secret; of any other only the kind is
    shown."""
    match error:
        case GitFailure():
            return f"mrbot cannot read the repository: {error}"
        case HostFailure():
            return f"mrbot cannot judge this: {error}"
        case BadInput():
            return f"mrbot cannot read this change: {error}"
        case MrbotError():
            return f"mrbot cannot judge this: {error}"
        case _:
            return f"mrbot failed here ({type(error).__name__}): its log says where"
