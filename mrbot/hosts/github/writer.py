"""Writing comments and statuses to GitHub.

Sources: https://docs.github.com/rest/issues/comments, /rest/reactions/reactions,
/rest/commits/statuses, /rest/checks/runs
"""

from __future__ import annotations

import re

from mrbot.effects.comment import CommentLimit
from mrbot.effects.effect import (
    STATUS_DESCRIPTION_LIMIT,
    Annotation,
    CommentRef,
    Reaction,
    Status,
    StatusState,
)
from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.failures import shortened
from mrbot.hosts.github.connection import Part, owner, repository
from mrbot.hosts.transport import segment
from mrbot.ids import ChangeId

COMMENT_LIMIT = CommentLimit(characters=65_536, bytes=262_144)
"""GitHub refuses more with 422; which of the two it counts differs between its endpoints."""
SUMMARY_LIMIT_CHARS = 65_535

_STATES = {
    StatusState.PENDING: "pending", StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failure", StatusState.ERROR: "error",
}  # fmt: skip
_CONCLUSIONS = {
    StatusState.PENDING: None, StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failure", StatusState.ERROR: "failure",
}  # fmt: skip
"""How a check run ends; None while it has not."""

_CHECK = re.compile(r"check-run (\d+) (open|completed|annotated)")
"""What `set_status` returns for a check run."""


class GitHubWriter(Part):
    """Implements `ChangeWriter`: check runs for an App, commit statuses for a token."""

    def comment_limit(self) -> CommentLimit:
        """How long a comment may be."""
        return COMMENT_LIMIT

    def find_comment(self, change: ChangeId, marker: str) -> CommentRef | None:
        """The oldest comment by the bot that contains `marker`. One call for every hundred comments
        up to it, and those of `identity` the first time."""
        bot = self._connection.bot()
        path = f"{repository(change.repo)}/issues/{change.number}/comments"
        for comment in self._connection.items(owner(change.repo), path):
            author = comment.part_or_none("user")
            own = author is not None and str(author.number("id")) == bot.id
            if own and marker in (comment.text_or_none("body") or ""):
                return _ref(comment)
        return None

    def create_comment(self, change: ChangeId, body: str) -> CommentRef:
        """A new comment. One call."""
        path = f"{repository(change.repo)}/issues/{change.number}/comments"
        return _ref(self._connection.post(owner(change.repo), path, {"body": body}))

    def update_comment(self, change: ChangeId, comment: CommentRef, body: str) -> None:
        """The comment's whole text is `body`. One call."""
        self._connection.patch(owner(change.repo), _comment(change, comment.id), {"body": body})

    def react(self, change: ChangeId, comment: str, reaction: Reaction) -> None:
        """The comment carries the reaction. One call."""
        path = f"{_comment(change, comment)}/reactions"
        self._connection.post(owner(change.repo), path, {"content": reaction.value})

    def set_status(self, status: Status, known: str | None) -> str:
        """The commit carries `status`. One call."""
        if self._connection.is_app:
            return self._set_check_run(status, known)
        body: dict[str, object] = {
            "state": _STATES[status.state], "context": status.name,
            "description": shortened(status.description, STATUS_DESCRIPTION_LIMIT),
        }  # fmt: skip
        if status.url is not None:
            body["target_url"] = status.url
        path = f"{repository(status.repo)}/statuses/{segment(status.sha)}"
        answer = self._connection.post(owner(status.repo), path, body)
        _confirm(status, answer.text("state"), _STATES[status.state])
        return f"status {answer.number('id')}"

    def _set_check_run(self, status: Status, known: str | None) -> str:
        conclusion = _CONCLUSIONS[status.state]
        path = f"{repository(status.repo)}/check-runs"
        body = _check_run(status, conclusion)
        before = _CHECK.fullmatch(known or "")
        # A completed run is not opened again, and annotations are only ever added to those that a run
        # has: a new one of the same name takes its place.
        if before is not None and not (
            before[2] == "annotated" or (before[2] == "completed" and conclusion is None)
        ):
            answer = self._connection.patch(owner(status.repo), f"{path}/{before[1]}", body)
        else:
            body |= {"head_sha": status.sha}
            answer = self._connection.post(owner(status.repo), path, body)
        _confirm(status, answer.text_or_none("conclusion"), conclusion)
        annotated = "annotated" if status.annotations else "completed"
        return f"check-run {answer.number('id')} {annotated if conclusion else 'open'}"


def _check_run(status: Status, conclusion: str | None) -> dict[str, object]:
    output: dict[str, object] = {
        "title": shortened(status.description, STATUS_DESCRIPTION_LIMIT),
        "summary": shortened(status.summary or status.description, SUMMARY_LIMIT_CHARS),
    }
    if status.annotations and conclusion is not None:
        output["annotations"] = [_annotation(one) for one in status.annotations]
    body: dict[str, object] = {
        "name": status.name,
        "output": output,
        **(
            {"status": "in_progress"}
            if conclusion is None
            else {"status": "completed", "conclusion": conclusion}
        ),
    }
    if status.url is not None:
        body["details_url"] = status.url
    return body


def _annotation(one: Annotation) -> dict[str, object]:
    return {
        "path": one.path,
        "start_line": one.line,
        "end_line": one.line,
        "annotation_level": one.level.value,
        "title": one.title,
        "message": one.message,
    }


def _confirm(status: Status, shown: str | None, wanted: str | None) -> None:
    if shown != wanted:
        raise Permanent(
            f"{status.repo}: {status.name} on {status.sha} shows {shown}, and {wanted} was sent"
        )


def _comment(change: ChangeId, comment: str) -> str:
    return f"{repository(change.repo)}/issues/comments/{segment(comment)}"


def _ref(comment: Answer) -> CommentRef:
    return CommentRef(id=str(comment.number("id")), url=comment.text("html_url"))
