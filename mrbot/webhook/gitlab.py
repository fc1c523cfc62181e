"""What a GitLab webhook tells. Pure.

Source: https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from __future__ import annotations

from collections.abc import Mapping

from mrbot.change.people import ReviewState
from mrbot.errors import Malformed
from mrbot.ids import Person, RepoId
from mrbot.inbox.delivery import (
    BranchMoved,
    Cause,
    ChangeMayHaveChanged,
    Commented,
    Delivery,
    Ignored,
    ReviewGiven,
    RunProgressed,
)
from mrbot.webhook.body import Part, digest, gone, read, usable_key
from mrbot.webhook.comment import too_long
from mrbot.webhook.signature import VerifiedBody

_REVIEWS = {
    "approved": ReviewState.APPROVED,
    "approval": ReviewState.APPROVED,
    "unapproved": ReviewState.DISMISSED,
    "unapproval": ReviewState.DISMISSED,
}
"""`approved` is the approval that fulfils GitLab's own rules, `approval` any other; likewise for
taking it back. To mrbot both are one person's word."""


def parse(
    body: VerifiedBody, headers: Mapping[str, str], host: str, bots: frozenset[str]
) -> Delivery | Ignored:
    """The delivery, or why there is none. `bots` are the account ids of mrbot itself.

    Raises: Malformed when the body is not a JSON object. A field that is missing from an event we
    handle is not an error to the sender: GitLab switches a hook off that gets 4xx.
    """
    event = read(body)
    try:
        kind = event.maybe_name("object_kind") or event.maybe_name("event_name") or "unknown"
        found = _cause(event, kind, bots)
        if isinstance(found, Ignored):
            return found
        return Delivery(
            repo=RepoId(host, event.part("project").repo("path_with_namespace")),
            key=usable_key(headers.get("webhook-id"), headers.get("idempotency-key")) or digest(body),
            event=kind, cause=found,
            fact=f"comment:{found.comment}" if isinstance(found, Commented) else None,
        )  # fmt: skip
    except Malformed as error:
        return Ignored(reason=f"cannot be read: {error}", unreadable=True)


def _cause(event: Part, kind: str, bots: frozenset[str]) -> Cause | Ignored:
    match kind:
        case "merge_request":
            return _merge_request(event)
        case "note":
            return _note(event, bots)
        case "push":
            return _push(event)
        case "pipeline":
            return _pipeline(event)
        case _:
            return Ignored(reason=f"mrbot has no use for {kind} events")


def _merge_request(event: Part) -> Cause:
    """A system reset of approvals names the pusher, who said nothing: it is a mere hint."""
    attributes = event.part("object_attributes")
    number = attributes.id("iid")
    state = _REVIEWS.get(attributes.maybe_name("action") or "")
    if state is None or attributes.flag("system") or attributes.maybe_name("system_action"):
        return ChangeMayHaveChanged(change=number)
    user = event.part("user")
    by = user.maybe_id("id")
    if by is None:  # old versions: the API still says who approves now
        return ChangeMayHaveChanged(change=number)
    commit = attributes.maybe("last_commit")
    return ReviewGiven(
        change=number, person=Person(id=str(by), login=user.name("username")), state=state,
        head=commit.maybe_sha("id") if commit else None,
    )  # fmt: skip


def _note(event: Part, bots: frozenset[str]) -> Cause | Ignored:
    note = event.part("object_attributes")
    if note.maybe_name("noteable_type") != "MergeRequest":
        return Ignored(reason="the comment is not on a change")
    if note.flag("system"):
        return Ignored(reason="GitLab's own note of what happened")
    author, user = str(note.id("author_id")), event.part("user")
    by = user.maybe_id("id")
    if author in bots and (by is None or str(by) == author):
        return Ignored(reason="the bot's own comment")
    change = event.part("merge_request").id("iid")
    if not _new(note):
        if author in bots:  # somebody changed what the bot wrote
            return ChangeMayHaveChanged(change=change)
        return Ignored(reason="an edited comment is never a command")
    if by is not None and str(by) != author:
        return Ignored(reason="the comment is filed under another author than its sender")
    return too_long(note.text("note")) or Commented(
        change=change, comment=str(note.id("id")), body=note.text("note"),
        author=Person(id=author, login=user.name("username")),
    )  # fmt: skip


def _new(note: Part) -> bool:
    """Old versions do not say which action it was; then the two times must agree."""
    action = note.maybe_name("action")
    if action is None:
        return note.name("created_at") == note.name("updated_at")
    return action == "create"


def _push(event: Part) -> Cause | Ignored:
    ref, after = event.name("ref"), event.sha("after")
    if not ref.startswith("refs/heads/"):
        return Ignored(reason="not a branch")
    return BranchMoved(branch=ref.removeprefix("refs/heads/"), sha=None if gone(after) else after)


def _pipeline(event: Part) -> Cause:
    pipeline, change = event.part("object_attributes"), event.maybe("merge_request")
    # The pipeline of a fork names a merge request of another project.
    ours = change and change.maybe_id("target_project_id") == event.part("project").maybe_id("id")
    return RunProgressed(
        run=str(pipeline.id("id")), sha=pipeline.sha("sha"),
        change=change.id("iid") if change and ours else None,
    )  # fmt: skip
