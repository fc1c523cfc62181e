"""Projects, their settings and protected branches, and their webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from mrbot.sandbox.model.people import DEVELOPER, MAINTAINER
from mrbot.sandbox.model.runs import Outcome

Kind = Literal["gitlab", "github"]
Visibility = Literal["private", "internal", "public"]
CiMode = Literal["merge_requests", "branches", "off"]


@dataclass(kw_only=True)
class ProtectedBranch:
    """Who may push and merge, and which statuses must be green first."""

    id: int
    name: str
    push_level: int = MAINTAINER
    merge_level: int = DEVELOPER
    required_statuses: tuple[str, ...] = ()
    required_app_id: int | None = None
    """On GitHub: only this App's statuses and check runs count."""
    required_approvals: int = 0


@dataclass(kw_only=True)
class Project:
    """One repository and its settings."""

    id: int
    path: str
    kind: Kind
    repository: Path
    created_at: datetime
    pushed_at: datetime
    visibility: Visibility = "private"
    default_branch: str = "main"
    members: dict[int, int] = field(default_factory=dict)
    protected: dict[str, ProtectedBranch] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    """Label name -> id."""
    trigger_tokens: dict[str, int] = field(default_factory=dict)
    """Trigger token -> the user it acts for."""
    only_allow_merge_if_pipeline_succeeds: bool = False
    reset_approvals_on_push: bool = False
    ci: CiMode = "merge_requests"
    """Which pushes start a pipeline; `branches` also asks for a `.gitlab-ci.yml` in the commit."""
    pipeline_outcome: Outcome = "success"
    checking_reads: int = 0
    """How many reads of a fresh head answer `checking` before mergeability is known."""
    next_number: int = 1
    next_pipeline: int = 1

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def namespace(self) -> str:
        """The path without its last part."""
        return self.path.rpartition("/")[0]


@dataclass(kw_only=True)
class Hook:
    """A webhook subscription of one project."""

    id: int
    project_id: int
    url: str
    created_at: datetime
    events: frozenset[str]
    token: str = ""
    """GitLab: sent in clear as X-Gitlab-Token. GitHub: the key of the HMAC."""
    signing_token: str = ""
    """GitLab: `whsec_...`, the key of the standard-webhooks signature."""
    failures: int = 0
    disabled_until: datetime | None = None
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What hooks subscribed to `flag` are sent: the host's event name, the action, and the body."""

    event: str
    flag: str
    action: str
    body: dict[str, object]


@dataclass(kw_only=True)
class Delivery:
    """One webhook request and what came back; `answer_status` 0 means no answer came."""

    id: int
    key: str
    """The same for every attempt at the same event."""
    event: str
    action: str
    url: str
    headers: dict[str, str]
    body: bytes
    redelivery: bool = False
    answer_status: int | None = None
    answer_body: str = ""
    at: datetime
    duration_s: float = 0.0
