"""GitHub's commit statuses, check runs and deployments as state; their limits are GitHub's."""

from __future__ import annotations

from datetime import datetime

from mrbot.sandbox.events import CheckRunMoved, DeploymentMoved, StatusPosted
from mrbot.sandbox.model import (
    App,
    CheckRun,
    Deployment,
    DeploymentState,
    Project,
    Status,
    User,
)
from mrbot.sandbox.world import World

STATUSES_PER_CONTEXT = 1_000
DESCRIPTION_LIMIT_CHARS = 140
OUTPUT_LIMIT_CHARS = 65_535
ANNOTATIONS_PER_REQUEST = 50


def statuses_of(world: World, project: Project, sha: str) -> list[Status]:
    """The commit's statuses, newest first."""
    found = [one for one in world.statuses if (one.project_id, one.sha) == (project.id, sha)]
    return found[::-1]


def newest_by_context(world: World, project: Project, sha: str) -> list[Status]:
    """The newest status of each context."""
    newest: dict[str, Status] = {}
    for status in statuses_of(world, project, sha):
        newest.setdefault(status.context, status)
    return list(newest.values())


def post_status(
    world: World,
    project: Project,
    user: User,
    sha: str,
    *,
    context: str,
    state: str,
    description: str | None = None,
    target_url: str | None = None,
) -> Status:
    """One more status stands on the commit."""
    status = Status(
        id=world.next_id(), project_id=project.id, sha=sha, context=context, state=state,
        description=description, target_url=target_url, creator_id=user.id, created_at=world.now(),
    )  # fmt: skip
    world.statuses.append(status)
    world.emit(StatusPosted(project=project, status=status, user=user))
    return status


def start_check_run(
    world: World,
    project: Project,
    app: App,
    *,
    sha: str,
    name: str,
    external_id: str = "",
    details_url: str | None = None,
    started_at: datetime | None = None,
) -> CheckRun:
    """A new queued check run."""
    run = CheckRun(
        id=world.next_id(), project_id=project.id, app_id=app.id, sha=sha, name=name,
        status="queued", conclusion=None, external_id=external_id, details_url=details_url,
        started_at=started_at or world.now(), completed_at=None,
    )  # fmt: skip
    world.check_runs[run.id] = run
    bot = world.users[app.bot_id]
    world.emit(CheckRunMoved(project=project, run=run, user=bot, action="created"))
    return run


def move_check_run(
    world: World,
    project: Project,
    run: CheckRun,
    user: User,
    *,
    status: str,
    conclusion: str | None,
) -> None:
    """The run has that status; a conclusion completes it."""
    run.conclusion = conclusion
    run.status = "completed" if conclusion else status
    run.completed_at = world.now() if conclusion else None
    if conclusion:
        world.emit(CheckRunMoved(project=project, run=run, user=user, action="completed"))


def deploy(
    world: World,
    project: Project,
    user: User,
    *,
    ref: str,
    sha: str,
    environment: str,
    task: str = "deploy",
    description: str | None = None,
    payload: object = "",
) -> Deployment:
    """A new deployment without a state."""
    now = world.now()
    count = sum(one.project_id == project.id for one in world.deployments.values())
    deployment = Deployment(
        id=world.next_id(), iid=count + 1, project_id=project.id, environment=environment, ref=ref,
        sha=sha, creator_id=user.id, created_at=now, updated_at=now, task=task,
        description=description, payload=payload,
    )  # fmt: skip
    world.deployments[deployment.id] = deployment
    world.emit(DeploymentMoved(project=project, deployment=deployment, user=user, state=None))
    return deployment


def move_deployment(
    world: World,
    project: Project,
    deployment: Deployment,
    user: User,
    *,
    state: str,
    description: str = "",
    environment_url: str = "",
    log_url: str = "",
) -> DeploymentState:
    """The deployment has one more state."""
    moved = DeploymentState(
        id=world.next_id(), state=state, description=description, environment_url=environment_url,
        log_url=log_url, creator_id=user.id, at=world.now(),
    )  # fmt: skip
    deployment.states.append(moved)
    deployment.updated_at = moved.at
    world.emit(DeploymentMoved(project=project, deployment=deployment, user=user, state=moved))
    return moved
