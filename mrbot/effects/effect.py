"""What mrbot writes to a host, as values, and the port that writes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mrbot.effects.comment import CommentLimit
from mrbot.ids import ChangeId, RepoId, Sha


class StatusState(StrEnum):
    """What a status says. Only `SUCCESS` lets a merge through, and only `Approved` sets it."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


STATUS_DESCRIPTION_LIMIT = 140
"""Characters: GitHub's limit for a commit status description; GitLab's is 255."""


class AnnotationLevel(StrEnum):
    """How much an annotation matters; GitHub's words."""

    FAILURE = "failure"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A plain text at one line of a file at the head, for hosts that can show it there."""

    path: str
    line: int
    level: AnnotationLevel
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status on one commit. `name` carries the target branch, so that a green for one branch is
    never another's. `summary` (Markdown) and `annotations` are what a check run shows. `pipeline` and
    `ref` say where GitLab files it: the change's head pipeline, or a branch."""

    repo: RepoId
    sha: Sha
    name: str
    state: StatusState
    description: str
    url: str | None = None
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    pipeline: int | None = None
    ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRef:
    """A comment that the bot wrote: the host's id and its page."""

    id: str
    url: str


class Reaction(StrEnum):
    """The sign put on a command at once: seen, refused."""

    SEEN = "eyes"
    REFUSED = "confused"


class ChangeWriter(Protocol):
    """Writes to one host. Every method raises `Transient`, `Permanent` or, when a write was sent and
    no answer came, `AnswerLost`; each is one host call unless it says otherwise."""

    def comment_limit(self) -> CommentLimit:
        """How long a comment may be."""
        ...

    def find_comment(self, change: ChangeId, marker: str) -> CommentRef | None:
        """The oldest comment by the bot itself that contains `marker`. A marker in anybody else's
        comment is not adopted. One call a page."""
        ...

    def create_comment(self, change: ChangeId, body: str) -> CommentRef:
        """A new comment."""
        ...

    def update_comment(self, change: ChangeId, comment: CommentRef, body: str) -> None:
        """The comment's whole text is `body`."""
        ...

    def react(self, change: ChangeId, comment: str, reaction: Reaction) -> None:
        """The comment carries the reaction; carrying it already is success."""
        ...

    def set_status(self, status: Status, known: str | None) -> str:
        """The commit carries `status`. `known` is what an earlier call for the same commit and name
        returned (a check run's id), None for the first; returns what to pass next time. A status
        that is already so is success. Setting it twice changes nothing."""
        ...
