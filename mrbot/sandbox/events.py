"""What happened, told once and in neither dialect; both hosts turn it into their webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mrbot.sandbox.model import (
    Change,
    CheckRun,
    Comment,
    Deployment,
    DeploymentState,
    Hook,
    Pipeline,
    Project,
    Review,
    Status,
    User,
    WorkflowRun,
)

ChangeAction = Literal[
    "open", "update", "close", "reopen", "merge",
    "approved", "approval", "unapproved", "unapproval",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A branch moved from `before` to `after` (forty zeros: it was created or deleted)."""

    project: Project
    user: User
    ref: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMoved:
    """A change was opened, edited, pushed to, approved, closed or merged.

    `oldrev` is set when commits arrived; `edits` maps a field to its old and new value;
    `system_action` is set when the host did it by itself.
    """

    project: Project
    change: Change
    user: User
    action: ChangeAction
    oldrev: str | None = None
    edits: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    system_action: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """A comment was written, edited (`previous` is the old text) or deleted."""

    project: Project
    change: Change
    comment: Comment
    user: User
    action: Literal["create", "update", "delete"]
    previous: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A GitHub review was submitted or dismissed."""

    project: Project
    change: Change
    review: Review
    user: User
    action: Literal["submitted", "dismissed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineMoved:
    """A GitLab pipeline has a new status."""

    project: Project
    pipeline: Pipeline


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPosted:
    """A GitHub commit status was written."""

    project: Project
    status: Status
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRunMoved:
    """A GitHub check run was created, finished, or asked to run again."""

    project: Project
    run: CheckRun
    user: User
    action: Literal["created", "completed", "rerequested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRunMoved:
    """A GitHub workflow run was requested, started or finished."""

    project: Project
    run: WorkflowRun
    action: Literal["requested", "in_progress", "completed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentMoved:
    """A deployment was created (`state` None) or has a new state."""

    project: Project
    deployment: Deployment
    user: User
    state: DeploymentState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookAdded:
    """A webhook subscription was made."""

    project: Project
    hook: Hook
    user: User


Event = (
    Pushed
    | ChangeMoved
    | Commented
    | Reviewed
    | PipelineMoved
    | StatusPosted
    | CheckRunMoved
    | WorkflowRunMoved
    | DeploymentMoved
    | HookAdded
)
