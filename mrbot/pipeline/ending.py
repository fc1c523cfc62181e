"""How a change ends: merged and deployed, or closed."""

from __future__ import annotations

from dataclasses import replace

from mrbot.audit.record import Record, decided_again, read_record
from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.deployment.deployment import DeploymentState
from mrbot.effects.comment import Beside
from mrbot.effects.render import render
from mrbot.inbox.worklist import Claim
from mrbot.pipeline import applying, deploying, publishing, showing
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.store.changes import KnownChange


def merged(tools: Tools, host: HostTools, claim: Claim, change: HostChange) -> None:
    """Once: intents, if what was merged is what was approved. Then: its deployments are as far as they
    can be, and the comment says how it ended."""
    known = tools.store.changes.get(change.id)
    if change.merge_sha is None or known is None:
        _free(tools, change)
        return
    approved = known.verdict == "approved" and not moved(known, change)
    if known.state == ChangeState.OPEN:
        tools.observe("intend the deployment")
        if approved:
            _intend(tools, host, change)
        _free(tools, change)
    _remember_end(tools, change, known)
    tools.observe("deploy")
    deploying.advance(tools, host, claim, change)
    _show_end(tools, host, claim, change, approved=approved)


def _intend(tools: Tools, host: HostTools, change: HostChange) -> None:
    sha = change.merge_sha
    if sha is None:
        return
    repository = host.repository(change.id.repo)
    branch = f"refs/heads/{change.target_branch}"
    repository.fetch((branch,))
    last = _last_record(tools, change)
    files = () if last is None else last.change.files
    deploying.intend(tools, repository, change, sha, files)


def _last_record(tools: Tools, change: HostChange) -> Record | None:
    """The record on show: what people saw when the change was merged."""
    store = tools.store
    shown = store.publications.comment(change.id)
    kept = None if shown is None else store.ledger.read(int(shown.record))
    if kept is None or kept.content is None:
        return None
    return read_record(kept.content)


def _show_end(
    tools: Tools, host: HostTools, claim: Claim, change: HostChange, *, approved: bool
) -> None:
    """The comment shows the last decision as it was, and what became of the deployment."""
    last = _last_record(tools, change)
    shown = tools.store.publications.comment(change.id)
    if last is None or shown is None:
        return
    decision = decided_again(last, tools.engine)
    plans = tools.store.plans.at(change.id, change.head)
    beside = showing.beside(tools, decision, shown.record, (), applying.applied(plans))
    beside = replace(beside, ended=_ended(change, approved, beside))
    body = render(decision, beside, host.writer.comment_limit())
    publishing.publish_comment(tools, host, claim, change, body, shown.record)


def _remember_end(tools: Tools, change: HostChange, known: KnownChange) -> None:
    tools.store.changes.save(replace(known, state=change.state, updated_at=tools.clock()))


def closed(tools: Tools, claim: Claim, change: HostChange) -> None:
    """It holds nothing any more: no plan, no project."""
    tools.store.plans.discard(claim)
    _free(tools, change)
    known = tools.store.changes.get(change.id)
    if known is not None:
        # Reopened, it is judged as if it were new.
        tools.store.changes.save(
            replace(known, state=change.state, verdict="", updated_at=tools.clock())
        )


def _free(tools: Tools, change: HostChange) -> None:
    tools.store.locks.release(change.id)


def moved(known: KnownChange, change: HostChange) -> bool:
    """Whether the change proposes another commit, or goes elsewhere, than when it was judged."""
    return (known.head, known.target_branch) != (change.head, change.target_branch)


def _ended(change: HostChange, approved: bool, beside: Beside) -> str:
    sha = (change.merge_sha or "")[:10]
    if not approved:
        return f"Merged as {sha} WITHOUT mrbot's approval: nothing was deployed"
    states = {one.state for one in beside.deployments}
    if not states:
        return f"Merged as {sha}"
    if states == {DeploymentState.SUCCEEDED}:
        return f"Merged as {sha} and deployed"
    if any(state.ended and state != DeploymentState.SUCCEEDED for state in states):
        return f"Merged as {sha}, deployment FAILED"
    return f"Merged as {sha}, deployment under way"
