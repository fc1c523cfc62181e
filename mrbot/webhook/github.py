"""What a GitHub webhook tells. Pure.

Source: https://docs.github.com/webhooks/webhook-events-and-payloads
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
    "changes_requested": ReviewState.CHANGES_REQUESTED,
    "dismissed": ReviewState.DISMISSED,
}


def parse(
    body: VerifiedBody, headers: Mapping[str, str], host: str, bots: frozenset[str]
) -> Delivery | Ignored:
    """The delivery, or why there is none. `bots` are the account ids of mrbot itself.

    Raises: Malformed when the body is not a JSON object.
    """
    event, kind = read(body), usable_key(headers.get("x-github-event")) or "unknown"
    try:
        found = _cause(event, kind, bots)
        if isinstance(found, Ignored):
            return found
        content = digest(body)
        return Delivery(
            repo=RepoId(host, event.part("repository").repo("full_name")),
            key=usable_key(headers.get("x-github-delivery")) or content,
            body=content, event=kind, cause=found, fact=_fact(event, found),
        )  # fmt: skip
    except Malformed as error:
        return Ignored(reason=f"cannot be read: {error}", unreadable=True)


def _cause(event: Part, kind: str, bots: frozenset[str]) -> Cause | Ignored:
    match kind:
        case "pull_request":
            return ChangeMayHaveChanged(change=event.part("pull_request").id("number"))
        case "pull_request_review":
            return _review(event)
        case "issue_comment":
            return _comment(event, bots)
        case "push":
            return _push(event)
        case "workflow_run":
            return RunProgressed(run=str(event.part("workflow_run").id("id")))
        case "deployment_status":
            return RunProgressed(run=str(event.part("deployment").id("id")))
        case "check_run" | "check_suite" if event.maybe_name("action") == "rerequested":
            check = event.part(kind)
            return RunProgressed(run=str(check.id("id")), sha=check.sha("head_sha"))
        case "merge_group":
            return Ignored(reason="mrbot does not report on merge queues")
        case _:
            return Ignored(reason=f"mrbot has no use for such {kind} events")


def _review(event: Part) -> Cause | Ignored:
    if event.name("action") not in {"submitted", "dismissed"}:
        return Ignored(reason="an edited review says what it said before")
    review = event.part("review")
    state = _REVIEWS.get(review.name("state").lower())
    if state is None:
        return Ignored(reason="a review without a decision")
    return ReviewGiven(
        change=event.part("pull_request").id("number"), person=_person(review.part("user")),
        state=state, head=review.maybe_sha("commit_id"),
    )  # fmt: skip


def _comment(event: Part, bots: frozenset[str]) -> Cause | Ignored:
    issue, comment = event.part("issue"), event.part("comment")
    if issue.maybe("pull_request") is None:
        return Ignored(reason="the comment is not on a change")
    author, sender = _person(comment.part("user")), str(event.part("sender").id("id"))
    if author.id in bots and sender in bots:
        return Ignored(reason="the bot's own comment")
    change = issue.id("number")
    if event.name("action") != "created":
        if author.id in bots:  # somebody changed or removed what the bot wrote
            return ChangeMayHaveChanged(change=change)
        return Ignored(reason="an edited or deleted comment is never a command")
    if sender != author.id:
        return Ignored(reason="the comment is filed under another author than its sender")
    body = comment.text("body")
    return too_long(body) or Commented(
        change=change, comment=str(comment.id("id")), body=body, author=author
    )


def _push(event: Part) -> Cause | Ignored:
    ref, after = event.name("ref"), event.sha("after")
    if not ref.startswith("refs/heads/"):
        return Ignored(reason="not a branch")
    return BranchMoved(branch=ref.removeprefix("refs/heads/"), sha=None if gone(after) else after)


def _person(user: Part) -> Person:
    return Person(
        id=str(user.id("id")), login=user.name("login"), is_bot=user.maybe_name("type") == "Bot"
    )


def _fact(event: Part, cause: Cause) -> str | None:
    """Its comment or review. Ids are unique on the host, and an organisation's webhook tells the
    same as a repository's."""
    match cause:
        case Commented(comment=comment):
            return f"comment:{comment}"
        case ReviewGiven(state=state):
            return f"review:{event.part('review').id('id')}:{state}"
        case ChangeMayHaveChanged() | BranchMoved() | RunProgressed():
            return None
