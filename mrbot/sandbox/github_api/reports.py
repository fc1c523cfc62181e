"""Commit statuses, check runs and deployments.

Sources: https://docs.github.com/rest/commits/statuses, /rest/checks/runs, /rest/deployments
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from mrbot.sandbox import status_reports
from mrbot.sandbox.github_api import run_shapes
from mrbot.sandbox.github_api.answers import (
    ApiError,
    Json,
    answer,
    app_of_token,
    body,
    find_commit,
    find_project,
    invalid,
    not_found,
    page,
    page_in,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import DEVELOPER, App, CheckRun, Deployment, Project
from mrbot.sandbox.world import World

_REPO = "/repos/<owner>/<repo>"
_DEPLOYMENT = f"{_REPO}/deployments/<int:deployment_id>"
_STATES = ("error", "failure", "pending", "success")
_DEPLOYMENT_STATES = (*_STATES, "inactive", "in_progress", "queued")
_CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped",
                "timed_out")  # fmt: skip


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _statuses(routes, world)
    _check_runs(routes, world)
    _deployments(routes, world)


def _statuses(routes: Blueprint, world: World) -> None:
    @routes.post(f"{_REPO}/statuses/<sha>")
    def post(owner: str, repo: str, sha: str) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        given = body()
        state = required(given, "state", "Status")
        context = text(given, "context") or "default"
        if state not in _STATES:
            raise invalid("Status", "state", f"{state} is not a state", "invalid")
        description = text(given, "description")
        if description and len(description) > status_reports.DESCRIPTION_LIMIT_CHARS:
            limit = status_reports.DESCRIPTION_LIMIT_CHARS
            said = f"description is too long (maximum is {limit} characters)"
            raise invalid("Status", "description", said)
        found = find_commit(world, project, sha)
        before = [one.context for one in status_reports.statuses_of(world, project, found)]
        if before.count(context) >= status_reports.STATUSES_PER_CONTEXT:
            said = "This SHA and context has reached the maximum number of statuses."
            raise ApiError(422, "Validation Failed", [{"message": said}])
        status = status_reports.post_status(
            world, project, signed_in(world), found, context=context, state=state,
            description=description, target_url=text(given, "target_url"),
        )  # fmt: skip
        return answer(run_shapes.status(world, project, status), 201)

    @routes.get(f"{_REPO}/commits/<refs:ref>/status")
    def combined(owner: str, repo: str, ref: str) -> Response:
        project = find_project(world, owner, repo)
        sha = find_commit(world, project, ref)
        newest = status_reports.newest_by_context(world, project, sha)
        return answer(run_shapes.combined(world, project, sha, newest))

    @routes.get(f"{_REPO}/statuses/<ref>")
    @routes.get(f"{_REPO}/commits/<refs:ref>/statuses")
    def list_statuses(owner: str, repo: str, ref: str) -> Response:
        project = find_project(world, owner, repo)
        found = status_reports.statuses_of(world, project, find_commit(world, project, ref))
        return page([run_shapes.status(world, project, one) for one in found])


def _check_runs(routes: Blueprint, world: World) -> None:
    @routes.post(f"{_REPO}/check-runs")
    def create(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo)
        app = _app(world)
        given = body()
        name = required(given, "name", "CheckRun")
        sha = find_commit(world, project, required(given, "head_sha", "CheckRun"))
        _check_output(given)
        run = status_reports.start_check_run(
            world, project, app, sha=sha, name=name,
            external_id=text(given, "external_id") or "", details_url=text(given, "details_url"),
        )  # fmt: skip
        _apply(world, project, run, given)
        return answer(run_shapes.check_run(world, project, run), 201)

    @routes.patch(f"{_REPO}/check-runs/<int:run_id>")
    def update(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo)
        app, run = _app(world), _find_run(world, project, run_id)
        if run.app_id != app.id:
            said = "check run can only be modified by the GitHub App that created it."
            raise ApiError(403, f"Invalid app_id `{app.id}` - {said}")
        given = body()
        _check_output(given)
        run.name = text(given, "name") or run.name
        run.details_url = text(given, "details_url") or run.details_url
        _apply(world, project, run, given)
        return answer(run_shapes.check_run(world, project, run))

    @routes.get(f"{_REPO}/check-runs/<int:run_id>")
    def get_run(owner: str, repo: str, run_id: int) -> Response:
        project = find_project(world, owner, repo)
        run = _find_run(world, project, run_id)
        return answer(run_shapes.check_run(world, project, run))

    @routes.get(f"{_REPO}/commits/<refs:ref>/check-runs")
    def list_runs(owner: str, repo: str, ref: str) -> Response:
        project = find_project(world, owner, repo)
        sha = find_commit(world, project, ref)
        name = request.args.get("check_name")
        app_id = request.args.get("app_id", None, int)
        found = [
            run
            for run in reversed(world.check_runs.values())
            if (run.project_id, run.sha) == (project.id, sha)
            and name in (None, run.name)
            and app_id in (None, run.app_id)
        ]
        if request.args.get("filter", "latest") == "latest":
            newest: dict[tuple[int, str], CheckRun] = {}
            for run in found:
                newest.setdefault((run.app_id, run.name), run)
            found = list(newest.values())
        return page_in("check_runs", [run_shapes.check_run(world, project, run) for run in found])


def _deployments(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_REPO}/deployments")
    def list_deployments(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo)
        asked = {name: request.args.get(name) for name in ("sha", "ref", "task", "environment")}
        found = [
            one
            for one in reversed(world.deployments.values())
            if one.project_id == project.id
            and all(value in (None, getattr(one, name)) for name, value in asked.items())
        ]
        return page([run_shapes.deployment(world, project, one) for one in found])

    @routes.post(f"{_REPO}/deployments")
    def deploy(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        given = body()
        ref = required(given, "ref", "Deployment")
        sha = world.repository(project).resolve(ref)
        if sha is None:
            raise ApiError(422, f"No ref found for: {ref}")
        _check_contexts(world, project, sha, given)
        one = status_reports.deploy(
            world, project, signed_in(world), ref=ref, sha=sha, payload=given.get("payload", {}),
            environment=text(given, "environment") or "production",
            task=text(given, "task") or "deploy", description=text(given, "description"),
        )  # fmt: skip
        return answer(run_shapes.deployment(world, project, one), 201)

    @routes.get(_DEPLOYMENT)
    def get_deployment(owner: str, repo: str, deployment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one = _find_deployment(world, project, deployment_id)
        return answer(run_shapes.deployment(world, project, one))

    @routes.get(f"{_DEPLOYMENT}/statuses")
    def list_states(owner: str, repo: str, deployment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one = _find_deployment(world, project, deployment_id)
        return page([
            run_shapes.deployment_status(world, project, one, state)
            for state in reversed(one.states)
        ])  # fmt: skip

    @routes.post(f"{_DEPLOYMENT}/statuses")
    def add_state(owner: str, repo: str, deployment_id: int) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        one = _find_deployment(world, project, deployment_id)
        given = body()
        state = required(given, "state", "DeploymentStatus")
        if state not in _DEPLOYMENT_STATES:
            raise invalid("DeploymentStatus", "state", f"{state} is not a state", "invalid")
        moved = status_reports.move_deployment(
            world, project, one, signed_in(world), state=state,
            description=text(given, "description") or "",
            environment_url=text(given, "environment_url") or "",
            log_url=text(given, "log_url") or text(given, "target_url") or "",
        )  # fmt: skip
        return answer(run_shapes.deployment_status(world, project, one, moved), 201)


def _app(world: World) -> App:
    signed_in(world)
    app = app_of_token(world)
    if app is None:
        raise ApiError(403, "You must authenticate via a GitHub App.")
    return app


def _check_output(given: Json) -> None:
    output = given.get("output")
    if not isinstance(output, dict):
        return
    for name in ("summary", "text"):
        value = output.get(name)
        if isinstance(value, str) and len(value) > status_reports.OUTPUT_LIMIT_CHARS:
            limit = status_reports.OUTPUT_LIMIT_CHARS
            said = f"Only {limit} characters are allowed; {len(value)} were supplied."
            raise ApiError(422, f"Invalid request.\n\n{said}")
    notes = output.get("annotations")
    if isinstance(notes, list) and len(notes) > status_reports.ANNOTATIONS_PER_REQUEST:
        limit = status_reports.ANNOTATIONS_PER_REQUEST
        said = f"No more than {limit} items are allowed; {len(notes)} were supplied."
        raise ApiError(422, f"Invalid request.\n\n{said}")


def _apply(world: World, project: Project, run: CheckRun, given: Json) -> None:
    """The fields of the request are the run's; annotations are added to those before."""
    conclusion = text(given, "conclusion")
    if conclusion is not None and conclusion not in _CONCLUSIONS:
        raise invalid("CheckRun", "conclusion", f"{conclusion} is not a conclusion", "invalid")
    status = text(given, "status")
    if status == "completed" and conclusion is None:
        raise invalid("CheckRun", "conclusion", "conclusion is missing", "missing_field")
    output = given.get("output")
    if isinstance(output, dict):
        run.output.update({k: v for k, v in output.items() if k != "annotations"})
        run.annotations += [one for one in output.get("annotations", ()) if isinstance(one, dict)]
    if status or conclusion:
        status_reports.move_check_run(
            world, project, run, signed_in(world), status=status or run.status,
            conclusion=conclusion,
        )  # fmt: skip


def _find_run(world: World, project: Project, run_id: int) -> CheckRun:
    run = world.check_runs.get(run_id)
    if run is None or run.project_id != project.id:
        raise not_found()
    return run


def _find_deployment(world: World, project: Project, deployment_id: int) -> Deployment:
    one = world.deployments.get(deployment_id)
    if one is None or one.project_id != project.id:
        raise not_found()
    return one


def _check_contexts(world: World, project: Project, sha: str, given: Json) -> None:
    """Without `required_contexts` every status of the commit must be green; a list narrows that."""
    asked = given.get("required_contexts")
    newest = status_reports.newest_by_context(world, project, sha)
    states = {one.context: one.state for one in newest}
    wanted = states if not isinstance(asked, list) else asked
    if any(states.get(str(name)) != "success" for name in wanted):
        raise ApiError(409, "Conflict: Commit status checks failed for " + str(given.get("ref")))
