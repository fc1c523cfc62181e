"""Writing comments and statuses to GitLab.

Sources: https://docs.gitlab.com/api/notes/, /api/emoji_reactions/,
/api/commits/#set-commit-pipeline-status
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import quote

from mrbot.effects.comment import CommentLimit
from mrbot.effects.effect import CommentRef, Reaction, Status, StatusState
from mrbot.errors import Permanent
from mrbot.hosts.failures import shortened
from mrbot.hosts.gitlab.connection import Part, merge_request, project
from mrbot.hosts.transport import segment
from mrbot.ids import ChangeId

COMMENT_LIMIT = CommentLimit(characters=1_000_000, bytes=4_000_000)
"""GitLab counts characters, each of which has four bytes at most.

Source: https://docs.gitlab.com/administration/instance_limits/
"""
DESCRIPTION_LIMIT_CHARS = 255

NOTES_PER_PAGE = 20
"""A note may have a million characters, so that pages of notes are kept small."""

_STATES = {
    StatusState.PENDING: "pending", StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed", StatusState.ERROR: "failed",
}  # fmt: skip

_STUCK = re.compile(r"Cannot transition status via :\w+ from :(\w+)")
"""GitLab refuses to move a status to the state that it has.

Source: GitLab app/services/ci/create_commit_status_service.rb
"""


class GitLabWriter(Part):
    """Implements `ChangeWriter`."""

    def comment_limit(self) -> CommentLimit:
        """How long a note may be."""
        return COMMENT_LIMIT

    def find_comment(self, change: ChangeId, marker: str) -> CommentRef | None:
        """The oldest note by the bot that contains `marker`. One call for every twenty notes up to
        it, and one for the bot's own account the first time."""
        bot = self._connection.bot()
        notes = self._connection.items(
            f"{merge_request(change)}/notes", per_page=NOTES_PER_PAGE,
            order_by="created_at", sort="asc", activity_filter="only_comments",
        )  # fmt: skip
        for note in notes:
            author = note.part_or_none("author")
            own = author is not None and str(author.number("id")) == bot.id
            if own and marker in note.text("body") and not note.flag("system"):
                return self._ref(change, note.number("id"))
        return None

    def create_comment(self, change: ChangeId, body: str) -> CommentRef:
        """A new note. One call."""
        note = self._connection.post(f"{merge_request(change)}/notes", {"body": body})
        return self._ref(change, note.number("id"))

    def update_comment(self, change: ChangeId, comment: CommentRef, body: str) -> None:
        """The note's whole text is `body`. One call."""
        self._connection.put(f"{merge_request(change)}/notes/{_id(comment.id)}", {"body": body})

    def react(self, change: ChangeId, comment: str, reaction: Reaction) -> None:
        """The note carries the emoji. One call."""
        path = f"{merge_request(change)}/notes/{_id(comment)}/award_emoji"
        try:
            self._connection.post(path, {"name": reaction.value})
        except Permanent as failure:
            there = "already been taken" in str(failure)
            if not (failure.status == HTTPStatus.NOT_FOUND and there):
                raise

    def set_status(self, status: Status, known: str | None) -> str:
        """The commit carries `status`. One call."""
        wanted = _STATES[status.state]
        body: dict[str, object] = {
            "state": wanted, "name": status.name,
            "description": shortened(status.description, DESCRIPTION_LIMIT_CHARS),
        }  # fmt: skip
        if status.url is not None:
            body["target_url"] = status.url
        if status.pipeline is not None:
            # The pipeline alone: a ref that differs from its own is refused.
            body["pipeline_id"] = status.pipeline
        elif status.ref is not None:
            body["ref"] = status.ref
        try:
            answer = self._connection.post(
                f"{project(status.repo)}/statuses/{segment(status.sha)}", body
            )
        except Permanent as failure:
            stuck = _STUCK.search(str(failure))
            if stuck is not None and stuck[1] == wanted:
                return known or wanted
            raise
        if answer.text("status") != wanted:
            raise Permanent(f"{status.repo}: status {status.name} of {status.sha} is not {wanted}")
        return str(answer.number("id"))

    def _ref(self, change: ChangeId, note: int) -> CommentRef:
        page = f"{self._connection.url}/{quote(change.repo.path)}/-/merge_requests/{change.number}"
        return CommentRef(id=str(note), url=f"{page}#note_{note}")


def _id(text: str) -> str:
    return segment(text)
