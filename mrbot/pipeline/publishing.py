"""What people and the host see: one comment, one status. Intent before, outcome after."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from mrbot.change.snapshot import HostChange
from mrbot.effects.comment import MARKER
from mrbot.effects.effect import Annotation, CommentRef, Status, StatusState
from mrbot.errors import Permanent, Superseded, Transient
from mrbot.ids import ChangeId, Digest
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.store.effects import EffectState, StoredEffect
from mrbot.store.publications import PublishedStatus

UNSURE = Digest("unsure")
"""In place of a status's digest: what the commit carries is not known."""


def text_digest(text: str) -> Digest:
    """What tells one text from another."""
    return Digest("sha256:" + hashlib.sha256(text.encode()).hexdigest())


def recheck(host: HostTools, judged: HostChange) -> HostChange:
    """The change once more, just before anything is published.

    Raises: Superseded when it is no longer what was judged: the webhook of that is on its way, and
    the change is dirty by it; the caller marks it dirty anyway.
    """
    now = host.reader.change(judged.id)
    if _judged_by(now) != _judged_by(judged):
        raise Superseded(f"{judged.id} moved on while it was judged")
    return now


def _judged_by(change: HostChange) -> tuple[object, ...]:
    """What of the host's facts a verdict may depend on."""
    return (
        change.head,
        change.target_branch,
        change.state,
        change.draft,
        change.title,
        change.description,
        frozenset(change.labels),
    )


def publish_comment(
    tools: Tools, host: HostTools, claim: Claim, change: HostChange, body: str, record: str
) -> None:
    """The one comment says `body`, and `record` is on show."""
    store, now = tools.store, tools.clock()
    key = f"comment:{change.id}"
    digest = text_digest(body)
    known = store.publications.comment(change.id)
    shown = known is not None and (known.digest, known.record) == (digest, record)
    if shown and not _unanswered(tools, key):
        return
    standing = store.effects.intend(claim, key, "comment", digest, now)
    comment = None if known is None else known.comment
    if comment is None and (standing is not None or change.comments != 0):
        wait_out(tools, standing)
        tools.observe("find the comment")
        comment = host.writer.find_comment(change.id, MARKER)
    if standing is not None and standing.state == EffectState.INTENDED:
        store.effects.repeat(claim, key, digest, now)
    tools.observe("write the comment")
    store.worklist.check(claim)
    comment = _write(host, change.id, comment, body)
    tools.observe("keep the comment")
    store.publications.save_comment(change.id, comment, digest, record, tools.clock())
    store.effects.complete(claim, key, comment.id)


def _write(host: HostTools, change: ChangeId, comment: CommentRef | None, body: str) -> CommentRef:
    if comment is None:
        return host.writer.create_comment(change, body)
    try:
        host.writer.update_comment(change, comment, body)
    except Permanent as error:
        if error.status != 404:
            raise
        return host.writer.create_comment(change, body)  # somebody deleted it
    return comment


def _unanswered(tools: Tools, key: str) -> bool:
    """Whether a write was begun and its answer never came: the host may show that one."""
    standing = tools.store.effects.outcome(key)
    return standing is not None and standing.state == EffectState.INTENDED


def wait_out(tools: Tools, standing: StoredEffect | None) -> None:
    """A write that was sent before a crash has arrived by now, or never will.

    Raises: Transient while it may still be under way.
    """
    if standing is None or standing.state != EffectState.INTENDED:
        return
    settled = standing.intended_at + timedelta(seconds=tools.in_flight_s)
    left = (settled - tools.clock()).total_seconds()
    if left > 0:
        message = f"waiting {left:.0f} s for a write that was not answered ({standing.kind})"
        raise Transient(message, retry_after=left)


def stands(tools: Tools, change: ChangeId, body: str, record: str, status: Status) -> bool:
    """Whether the host certainly shows this comment and this status already."""
    shown = tools.store.publications.comment(change)
    carried = tools.store.publications.status(status.repo, status.sha, _slot(status))
    return (
        shown is not None
        and (shown.digest, shown.record) == (text_digest(body), record)
        and not _unanswered(tools, f"comment:{change}")
        and carried is not None
        and carried.digest == status_digest(status)
    )


def status_digest(status: Status) -> Digest:
    """What tells one status from another, as far as anybody can see."""
    told = [status.state, status.description, status.url or "", str(status.pipeline)]
    told += map(repr, status.annotations)
    return text_digest("\n".join(told))


def publish_status(tools: Tools, host: HostTools, claim: Claim, status: Status) -> None:
    """The commit carries `status`. Setting it again is harmless, so nothing is looked up."""
    store = tools.store
    # Two changes may share a commit and its status, and each settles what itself began.
    slot = _slot(status)
    key = f"status:{claim.subject}:{status.sha}:{slot}"
    digest = status_digest(status)
    known = store.publications.status(status.repo, status.sha, slot)
    if known is not None and known.digest == digest:
        return
    now = tools.clock()
    standing = store.effects.intend(claim, key, "status", digest, now)
    if standing is not None and standing.state == EffectState.INTENDED:
        store.effects.repeat(claim, key, digest, now)
    tools.observe("write the status")
    store.worklist.check(claim)
    if known is not None:
        # Until the host has answered nobody knows what the commit carries, so that whatever is
        # published next is sent, even if it is what the host had last confirmed.
        unsure = replace(known, digest=UNSURE)
        store.publications.save_status(status.repo, status.sha, slot, unsure, now)
    reference = host.writer.set_status(status, known.known if known else None)
    tools.observe("keep the status")
    published = PublishedStatus(state=status.state, digest=digest, known=reference)
    store.publications.save_status(status.repo, status.sha, slot, published, tools.clock())
    if _unanswered(tools, key):
        store.effects.complete(claim, key, reference)


def _slot(status: Status) -> str:
    """What is kept of a status is kept under this name: on GitLab each pipeline has its own, and
    two changes with one commit have a pipeline each."""
    return status.name if status.pipeline is None else f"{status.name} ({status.pipeline})"


def status_name(tools: Tools, target_branch: str) -> str:
    """The required status of changes into that branch."""
    return tools.status_name.replace("{target}", target_branch)


def withdraw(tools: Tools, host: HostTools, claim: Claim, change: HostChange, target: str) -> None:
    """The change no longer goes into `target`, and what its commit was told there does not hold: a
    green that waits would let it in should it be turned back. Others that propose the same commit
    there are judged again."""
    repo, sha = change.id.repo, change.head
    text = f"#{change.id.number} does not go into {target} any more"
    left = gate_status(tools, change, StatusState.PENDING, text, "", None)
    left = replace(left, name=status_name(tools, target))
    if tools.store.publications.status(repo, sha, _slot(left)) is None:
        return
    publish_status(tools, host, claim, left)
    for other in tools.store.changes.open_with_head(repo, sha):
        if other.id != change.id and other.target_branch == target:
            tools.store.worklist.mark(other.id, tools.clock())


def gate_status(
    tools: Tools,
    change: HostChange,
    state: StatusState,
    description: str,
    summary: str,
    url: str | None,
    annotations: tuple[Annotation, ...] = (),
) -> Status:
    """The required status. Two open changes may propose one commit to one branch, and would share
    its status: the worse verdict holds for both."""
    if state == StatusState.SUCCESS:
        for other in tools.store.changes.open_with_head(change.id.repo, change.head):
            same = other.target_branch == change.target_branch
            if same and other.id != change.id and other.verdict != "approved":
                state = StatusState.PENDING
                description = f"#{other.id.number} proposes the same commit and is not approved"
    pipeline = None
    if change.pipeline is not None and change.pipeline[1] == change.head:
        pipeline = change.pipeline[0]
    return Status(
        repo=change.id.repo,
        sha=change.head,
        name=status_name(tools, change.target_branch),
        state=state,
        description=description,
        url=url,
        summary=summary,
        annotations=annotations,
        pipeline=pipeline,
        ref=None if pipeline is None else change.pipeline_ref,
    )
