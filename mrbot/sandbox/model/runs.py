"""What runs on commits and is reported about them: pipelines, statuses, checks, deployments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Outcome = Literal["success", "failed", "manual"]


@dataclass(kw_only=True)
class Job:
    """A job of a GitLab pipeline; an `external` one is a commit status posted through the API."""

    id: int
    name: str
    stage: str
    status: str
    user_id: int
    created_at: datetime
    external: bool = False
    retried: bool = False
    description: str | None = None
    target_url: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(kw_only=True)
class Pipeline:
    """A GitLab pipeline; its status follows from its jobs."""

    id: int
    iid: int
    project_id: int
    ref: str
    sha: str
    source: str
    user_id: int
    created_at: datetime
    updated_at: datetime
    outcome: Outcome
    variables: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, object] = field(default_factory=dict)
    change_number: int | None = None
    jobs: list[Job] = field(default_factory=list)
    held: bool = False
    """True when only `advance` moves it."""


@dataclass(kw_only=True)
class Status:
    """A GitHub commit status; the newest of a context counts."""

    id: int
    project_id: int
    sha: str
    context: str
    state: str
    description: str | None
    target_url: str | None
    creator_id: int
    created_at: datetime


@dataclass(kw_only=True)
class CheckRun:
    """A GitHub check run, written by an App."""

    id: int
    project_id: int
    app_id: int
    sha: str
    name: str
    status: str
    conclusion: str | None
    external_id: str
    details_url: str | None
    started_at: datetime
    completed_at: datetime | None
    output: dict[str, object] = field(default_factory=dict)
    annotations: list[dict[str, object]] = field(default_factory=list)


@dataclass(kw_only=True)
class WorkflowRun:
    """A run of a GitHub Actions workflow."""

    id: int
    number: int
    project_id: int
    workflow: str
    """File name of the workflow, such as `deploy.yml`."""
    branch: str
    sha: str
    event: str
    actor_id: int
    created_at: datetime
    updated_at: datetime
    outcome: Outcome
    display_title: str
    inputs: dict[str, object] = field(default_factory=dict)
    status: str = "queued"
    conclusion: str | None = None
    attempt: int = 1
    held: bool = False


@dataclass(kw_only=True)
class DeploymentState:
    """One status of a deployment."""

    id: int
    state: str
    description: str
    environment_url: str
    log_url: str
    creator_id: int
    at: datetime


@dataclass(kw_only=True)
class Deployment:
    """A deployment of one commit to one environment."""

    id: int
    iid: int
    project_id: int
    environment: str
    ref: str
    sha: str
    creator_id: int
    created_at: datetime
    updated_at: datetime
    task: str = "deploy"
    description: str | None = None
    payload: object = ""
    states: list[DeploymentState] = field(default_factory=list)
