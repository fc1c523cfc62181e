"""The JSON of statuses, check runs, workflow runs and deployments."""

from __future__ import annotations

from collections.abc import Sequence

from mrbot.sandbox import workflow_runs
from mrbot.sandbox.github_api.shapes import (
    LONG_AGO,
    Json,
    app,
    moment,
    node,
    repository,
    repository_url,
    user,
)
from mrbot.sandbox.model import (
    CheckRun,
    Deployment,
    DeploymentState,
    Project,
    Status,
    WorkflowRun,
)
from mrbot.sandbox.world import World


def status(world: World, project: Project, one: Status) -> Json:
    """A commit status."""
    at = moment(one.created_at)
    return {
        "url": f"{repository_url(world, project)}/statuses/{one.sha}",
        "avatar_url": f"{world.url}/avatar/{one.creator_id}", "id": one.id,
        "node_id": node("Status", one.id), "state": one.state, "description": one.description,
        "target_url": one.target_url, "context": one.context, "created_at": at, "updated_at": at,
        "creator": user(world, one.creator_id),
    }  # fmt: skip


def combined(world: World, project: Project, sha: str, newest: Sequence[Status]) -> Json:
    """The newest status of each context, and what they add up to."""
    states = {one.state for one in newest}
    worst = "failure" if states & {"failure", "error"} else "pending"
    url = f"{repository_url(world, project)}/commits/{sha}"
    return {
        "state": "success" if states == {"success"} else worst,
        "statuses": [status(world, project, one) for one in newest], "sha": sha,
        "total_count": len(newest), "repository": repository(world, project), "commit_url": url,
        "url": f"{url}/status",
    }  # fmt: skip


def check_run(world: World, project: Project, one: CheckRun) -> Json:
    """A check run."""
    url = f"{repository_url(world, project)}/check-runs/{one.id}"
    pulls = [
        {
            "id": change.id, "number": change.number,
            "url": f"{repository_url(world, project)}/pulls/{change.number}",
            "head": _end(world, project, change.source, change.head),
            "base": _end(world, project, change.target, change.versions[-1].start),
        }
        for change in world.changes_of(project)
        if change.state == "opened" and change.head == one.sha
    ]  # fmt: skip
    return {
        "id": one.id, "head_sha": one.sha, "node_id": node("CheckRun", one.id),
        "external_id": one.external_id, "url": url, "html_url": one.details_url or url,
        "details_url": one.details_url, "status": one.status, "conclusion": one.conclusion,
        "started_at": moment(one.started_at), "completed_at": moment(one.completed_at),
        "output": {
            "title": one.output.get("title"), "summary": one.output.get("summary"),
            "text": one.output.get("text"), "annotations_count": len(one.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "name": one.name, "check_suite": {"id": one.app_id},
        "app": app(world, world.apps[one.app_id]), "pull_requests": pulls,
    }  # fmt: skip


def workflow(world: World, project: Project, file: str) -> Json:
    """A workflow, known by its file."""
    number = workflow_runs.workflow_id(file)
    return {
        "id": number, "node_id": node("Workflow", number), "name": file.partition(".")[0],
        "path": f".github/workflows/{file}", "state": "active", "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
        "url": f"{repository_url(world, project)}/actions/workflows/{number}",
        "html_url": f"{world.url}/{project.path}/actions/workflows/{file}",
        "badge_url": f"{world.url}/{project.path}/workflows/{file}/badge.svg",
    }  # fmt: skip


def workflow_run(world: World, project: Project, one: WorkflowRun) -> Json:
    """A workflow run."""
    url = f"{repository_url(world, project)}/actions/runs/{one.id}"
    number = workflow_runs.workflow_id(one.workflow)
    head = world.repository(project).commit(one.sha)
    return {
        "id": one.id, "name": one.workflow.partition(".")[0],
        "node_id": node("WorkflowRun", one.id), "check_suite_id": one.id,
        "check_suite_node_id": node("CheckSuite", one.id), "head_branch": one.branch,
        "head_sha": one.sha, "path": f".github/workflows/{one.workflow}",
        "run_number": one.number, "run_attempt": one.attempt, "referenced_workflows": [],
        "event": one.event, "status": one.status, "conclusion": one.conclusion,
        "workflow_id": number, "url": url, "pull_requests": [],
        "html_url": f"{world.url}/{project.path}/actions/runs/{one.id}",
        "created_at": moment(one.created_at), "updated_at": moment(one.updated_at),
        "actor": user(world, one.actor_id), "triggering_actor": user(world, one.actor_id),
        "run_started_at": moment(one.created_at), "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs", "artifacts_url": f"{url}/artifacts",
        "check_suite_url": f"{repository_url(world, project)}/check-suites/{one.id}",
        "cancel_url": f"{url}/cancel", "rerun_url": f"{url}/rerun", "previous_attempt_url": None,
        "workflow_url": f"{repository_url(world, project)}/actions/workflows/{number}",
        "head_commit": {
            "id": head.sha, "tree_id": head.tree, "message": head.message.rstrip("\n"),
            "timestamp": moment(one.created_at),
            "author": {"name": head.author_name, "email": head.author_email},
            "committer": {"name": head.committer_name, "email": head.committer_email},
        },
        "repository": repository(world, project), "head_repository": repository(world, project),
        "display_title": one.display_title,
    }  # fmt: skip


def workflow_job(world: World, project: Project, one: WorkflowRun) -> Json:
    """The one job of a workflow run."""
    url = f"{repository_url(world, project)}/actions"
    done = one.status == "completed"
    return {
        "id": one.id, "run_id": one.id, "run_url": f"{url}/runs/{one.id}",
        "run_attempt": one.attempt, "node_id": node("Job", one.id), "head_sha": one.sha,
        "url": f"{url}/jobs/{one.id}",
        "html_url": f"{world.url}/{project.path}/actions/runs/{one.id}/job/{one.id}",
        "status": one.status, "conclusion": one.conclusion, "created_at": moment(one.created_at),
        "started_at": moment(one.created_at),
        "completed_at": moment(one.updated_at) if done else None,
        "name": "deploy", "steps": [], "labels": ["ubuntu-latest"], "runner_id": None,
        "check_run_url": f"{repository_url(world, project)}/check-runs/{one.id}",
        "runner_name": None, "runner_group_id": None, "runner_group_name": None,
        "workflow_name": one.workflow.partition(".")[0], "head_branch": one.branch,
    }  # fmt: skip


def deployment(world: World, project: Project, one: Deployment) -> Json:
    """A deployment."""
    url = f"{repository_url(world, project)}/deployments/{one.id}"
    return {
        "url": url, "id": one.id, "node_id": node("Deployment", one.id), "sha": one.sha,
        "ref": one.ref, "task": one.task, "payload": one.payload,
        "original_environment": one.environment, "environment": one.environment,
        "description": one.description, "creator": user(world, one.creator_id),
        "created_at": moment(one.created_at), "updated_at": moment(one.updated_at),
        "statuses_url": f"{url}/statuses", "repository_url": repository_url(world, project),
        "transient_environment": False, "production_environment": one.environment == "production",
        "performed_via_github_app": None,
    }  # fmt: skip


def deployment_status(
    world: World, project: Project, one: Deployment, state: DeploymentState
) -> Json:
    """One state of a deployment."""
    url = f"{repository_url(world, project)}/deployments/{one.id}"
    return {
        "url": f"{url}/statuses/{state.id}", "id": state.id,
        "node_id": node("DeploymentStatus", state.id), "state": state.state,
        "creator": user(world, state.creator_id), "description": state.description,
        "environment": one.environment, "target_url": state.log_url,
        "created_at": moment(state.at), "updated_at": moment(state.at), "deployment_url": url,
        "repository_url": repository_url(world, project), "log_url": state.log_url,
        "environment_url": state.environment_url, "performed_via_github_app": None,
    }  # fmt: skip


def _end(world: World, project: Project, ref: str, sha: str) -> Json:
    url = repository_url(world, project)
    return {"ref": ref, "sha": sha, "repo": {"id": project.id, "url": url, "name": project.name}}
