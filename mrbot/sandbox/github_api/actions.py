"""Workflows: start one, follow its run.

Source: https://docs.github.com/rest/actions/workflows, /rest/actions/workflow-runs
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from mrbot.sandbox import workflow_runs
from mrbot.sandbox.github_api import run_shapes, shapes
from mrbot.sandbox.github_api.answers import (
    ApiError,
    answer,
    body,
    find_project,
    not_found,
    page_in,
    required,
    signed_in,
)
from mrbot.sandbox.model import DEVELOPER, Project, WorkflowRun
from mrbot.sandbox.world import World

INPUTS_LIMIT = 25
_ACTIONS = "/repos/<owner>/<repo>/actions"
_RUN = f"{_ACTIONS}/runs/<int:run_id>"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _workflows(routes, world)
    _runs(routes, world)


def _workflows(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_ACTIONS}/workflows/<name>")
    def workflow(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo)
        return answer(run_shapes.workflow(world, project, _file(world, project, name)))

    @routes.get(f"{_ACTIONS}/workflows/<name>/runs")
    def runs_of(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo)
        return _list(world, project, _file(world, project, name))

    @routes.post(f"{_ACTIONS}/workflows/<name>/dispatches")
    def dispatch(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        file = _file(world, project, name)
        given = body()
        ref = required(given, "ref", "Workflow").removeprefix("refs/heads/")
        sha = world.repository(project).branch(ref)
        if sha is None:
            raise ApiError(422, f"No ref found for: {ref}")
        inputs = given.get("inputs") or {}
        inputs = dict(inputs) if isinstance(inputs, dict) else {}
        found = workflow_runs.read_workflow(world, project, sha, file)
        _check_dispatch(found, inputs)
        run = workflow_runs.start(
            world, project, workflow=file, branch=ref, sha=sha, event="workflow_dispatch",
            user=signed_in(world), inputs=inputs,
            display_title=found.title(inputs) if found else "",
        )  # fmt: skip
        if given.get("return_run_details") is not True:
            return Response(status=204)
        return answer({
            "workflow_run_id": run.id,
            "run_url": f"{shapes.repository_url(world, project)}/actions/runs/{run.id}",
            "html_url": f"{world.url}/{project.path}/actions/runs/{run.id}",
        })  # fmt: skip


def _runs(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_ACTIONS}/runs")
    def list_runs(owner: str, repo: str) -> Response:
        return _list(world, find_project(world, owner, repo), None)

    @routes.get(_RUN)
    def get_run(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo)
        return answer(run_shapes.workflow_run(world, project, _find(world, project, run_id)))

    @routes.get(f"{_RUN}/jobs")
    def jobs(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo)
        run = _find(world, project, run_id)
        return page_in("jobs", [run_shapes.workflow_job(world, project, run)])

    @routes.post(f"{_RUN}/cancel")
    def cancel(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        run = _find(world, project, run_id)
        if run.status == "completed":
            raise ApiError(409, "Cannot cancel a workflow run that is completed.")
        workflow_runs.advance(world, project, run, "cancelled")
        return answer({}, 202)

    @routes.post(f"{_RUN}/rerun")
    def rerun(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        run = _find(world, project, run_id)
        if run.status != "completed":
            raise ApiError(403, "This workflow is already running")
        workflow_runs.rerun(world, project, run)
        return answer({}, 201)


def _file(world: World, project: Project, name: str) -> str:
    """The file of a workflow, which is asked for by file or by number."""
    repository = world.repository(project)
    for file in repository.names(project.default_branch, ".github/workflows"):
        if name in (file, str(workflow_runs.workflow_id(file))):
            return file
    raise not_found()


def _check_dispatch(found: workflow_runs.Workflow | None, inputs: dict[str, object]) -> None:
    if found is None or "workflow_dispatch" not in found.triggers:
        raise ApiError(422, "Workflow does not have 'workflow_dispatch' trigger")
    if len(inputs) > INPUTS_LIMIT:
        raise ApiError(422, f"you may only define up to {INPUTS_LIMIT} inputs")
    unknown = sorted(set(inputs) - found.inputs)
    if unknown:
        raise ApiError(422, f"Unexpected inputs provided: {unknown}")


def _find(world: World, project: Project, run_id: int) -> WorkflowRun:
    run = world.workflow_runs.get(run_id)
    if run is None or run.project_id != project.id:
        raise not_found()
    return run


def _list(world: World, project: Project, file: str | None) -> Response:
    asked = request.args
    actor = world.user(asked.get("actor", ""))
    found = [
        run
        for run in reversed(world.workflow_runs.values())
        if run.project_id == project.id
        and file in (None, run.workflow)
        and asked.get("event") in (None, run.event)
        and asked.get("branch") in (None, run.branch)
        and asked.get("head_sha") in (None, run.sha)
        and asked.get("status") in (None, run.status, run.conclusion)
        and ("actor" not in asked or (actor and actor.id == run.actor_id))
    ]
    return page_in("workflow_runs", [run_shapes.workflow_run(world, project, run) for run in found])
