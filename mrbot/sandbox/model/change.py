"""Changes: their versions, approvals, reviews and comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ChangeState = Literal["opened", "closed", "merged"]
ReviewState = Literal["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]


@dataclass(kw_only=True)
class Approval:
    """A GitLab approval: it names no commit, but the sandbox remembers the head it was given on."""

    user_id: int
    at: datetime
    sha: str


@dataclass(kw_only=True)
class Review:
    """A GitHub review of one head."""

    id: int
    user_id: int
    state: ReviewState
    body: str
    sha: str
    at: datetime


@dataclass(kw_only=True)
class Version:
    """One head that a change has had."""

    id: int
    head: str
    base: str
    start: str
    at: datetime


@dataclass(kw_only=True)
class Change:
    """A merge request or pull request."""

    id: int
    number: int
    project_id: int
    author_id: int
    title: str
    description: str
    source: str
    target: str
    head: str
    created_at: datetime
    updated_at: datetime
    state: ChangeState = "opened"
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    reviewer_ids: list[int] = field(default_factory=list)
    assignee_ids: list[int] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    merge_commit: str | None = None
    squash_commit: str | None = None
    squash: bool = False
    remove_source: bool = False
    merged_by: int | None = None
    merged_at: datetime | None = None
    closed_by: int | None = None
    closed_at: datetime | None = None
    auto_merge_by: int | None = None
    checking_reads: int = 0
    locked: bool = False

    @property
    def base(self) -> str:
        """The merge base of the newest version."""
        return self.versions[-1].base


@dataclass(kw_only=True)
class Reaction:
    """An emoji on a comment."""

    id: int
    user_id: int
    name: str
    at: datetime


@dataclass(kw_only=True)
class Comment:
    """A note or issue comment."""

    id: int
    change_id: int
    author_id: int
    body: str
    created_at: datetime
    updated_at: datetime
    system: bool = False
    reactions: list[Reaction] = field(default_factory=list)
