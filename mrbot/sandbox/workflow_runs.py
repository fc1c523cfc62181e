"""GitHub Actions workflow runs: how they start, move and end."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import yaml

from mrbot.sandbox.events import WorkflowRunMoved
from mrbot.sandbox.model import Project, User, WorkflowRun
from mrbot.sandbox.world import World

_CONCLUSIONS = {"success": "success", "failed": "failure", "manual": "action_required"}


_FOLDER = ".github/workflows"
_INPUT = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.([A-Za-z0-9_-]+)\s*\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """What a workflow file says about when it runs."""

    triggers: frozenset[str]
    inputs: frozenset[str]
    run_name: str

    def title(self, given: dict[str, object]) -> str:
        """The run's name, with its inputs in place."""
        return _INPUT.sub(lambda found: str(given.get(found[1], "")), self.run_name)


def workflow_id(file: str) -> int:
    """The number under which a workflow file is known."""
    return zlib.crc32(file.encode())


def read_workflow(world: World, project: Project, sha: str, file: str) -> Workflow | None:
    """The workflow file at that commit, or None where there is none that can be read."""
    content = world.repository(project).read(sha, f"{_FOLDER}/{file}")
    try:
        document = yaml.safe_load(content) if content is not None else None
    except yaml.YAMLError:
        return None
    if not isinstance(document, dict):
        return None
    # YAML 1.1 reads the bare word `on` as true.
    when = document.get("on", document.get(True)) or {}
    when = {when: None} if isinstance(when, str) else when
    dispatch = when.get("workflow_dispatch") if isinstance(when, dict) else None
    inputs = dispatch.get("inputs") if isinstance(dispatch, dict) else None
    return Workflow(
        triggers=frozenset(str(one) for one in when), inputs=frozenset(inputs or ()),
        run_name=str(document.get("run-name") or document.get("name") or file.partition(".")[0]),
    )  # fmt: skip


def start_for_push(world: World, project: Project, branch: str, sha: str, user: User) -> None:
    """Every workflow of the pushed commit that runs on pushes has a run, as on GitHub."""
    if project.kind != "github" or project.ci == "off":
        return
    listed = world.repository(project).names(sha, _FOLDER)
    for file in (name for name in listed if name.endswith((".yml", ".yaml"))):
        found = read_workflow(world, project, sha, file)
        if found and "push" in found.triggers:
            start(
                world, project, workflow=file, branch=branch, sha=sha, event="push", user=user,
                display_title=found.run_name,
            )  # fmt: skip


def start(
    world: World,
    project: Project,
    *,
    workflow: str,
    branch: str,
    sha: str,
    event: str,
    user: User,
    inputs: dict[str, object] | None = None,
    display_title: str = "",
) -> WorkflowRun:
    """A new run is queued."""
    now = world.now()
    number = sum(run.project_id == project.id for run in world.workflow_runs.values()) + 1
    run = WorkflowRun(
        id=world.next_id(), number=number, project_id=project.id, workflow=workflow, branch=branch,
        sha=sha, event=event, actor_id=user.id, created_at=now, updated_at=now,
        outcome=project.pipeline_outcome, inputs=inputs or {},
        display_title=display_title or workflow.partition(".")[0],
    )  # fmt: skip
    world.workflow_runs[run.id] = run
    world.emit(WorkflowRunMoved(project=project, run=run, action="requested"))
    return run


def advance(world: World, project: Project, run: WorkflowRun, status: str) -> None:
    """The run is `in_progress`, or completed with a conclusion such as `success`."""
    if run.status == "completed":
        return
    run.updated_at = world.now()
    if status == "in_progress":
        run.status = "in_progress"
        world.emit(WorkflowRunMoved(project=project, run=run, action="in_progress"))
    else:
        run.status, run.conclusion = "completed", status
        world.emit(WorkflowRunMoved(project=project, run=run, action="completed"))


def rerun(world: World, project: Project, run: WorkflowRun) -> None:
    """A finished run is queued again as its next attempt."""
    run.status, run.conclusion, run.attempt = "queued", None, run.attempt + 1
    run.updated_at = world.now()
    world.emit(WorkflowRunMoved(project=project, run=run, action="requested"))


def tick(world: World) -> None:
    """Every run that moves by itself has gone one state further."""
    for run in list(world.workflow_runs.values()):
        project = world.projects[run.project_id]
        if run.held or run.status == "completed":
            continue
        queued = run.status == "queued"
        advance(world, project, run, "in_progress" if queued else _CONCLUSIONS[run.outcome])
