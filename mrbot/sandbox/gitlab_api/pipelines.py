"""Pipelines: list, read, start, cancel, retry.

Source: https://docs.gitlab.com/api/pipelines/
"""

from __future__ import annotations

from flask import Blueprint, Response

from mrbot.sandbox import pipelines
from mrbot.sandbox.gitlab_api import entities, pipeline_shapes
from mrbot.sandbox.gitlab_api.answers import (
    ApiError,
    Json,
    answer,
    find_change,
    find_pipeline,
    find_project,
    not_found,
    page,
    parameters,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import DEVELOPER, Pipeline, Project, User
from mrbot.sandbox.world import World

_ONE = "/projects/<seg:name>/pipelines/<int:pipeline_id>"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _reading(routes, world)
    _starting(routes, world)
    _steering(routes, world)


def _reading(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>/pipelines")
    def list_pipelines(name: str) -> Response:
        project = find_project(world, name)
        given = parameters()
        found = [line for line in world.pipelines_of(project) if _wanted(line, given)]
        if text(given, "sort") == "asc":
            found.reverse()
        return page([pipeline_shapes.pipeline(world, project, line) for line in found])

    @routes.get("/projects/<seg:name>/pipelines/latest")
    def latest(name: str) -> Response:
        project = find_project(world, name)
        ref = text(parameters(), "ref") or project.default_branch
        head = world.repository(project).branch(ref)
        for line in world.pipelines_of(project):
            if (line.ref, line.sha) == (ref, head):
                return answer(pipeline_shapes.full_pipeline(world, project, line))
        raise not_found("Pipeline")

    @routes.get(_ONE)
    def get_pipeline(name: str, pipeline_id: int) -> Response:
        project = find_project(world, name)
        line = find_pipeline(world, project, pipeline_id)
        return answer(pipeline_shapes.full_pipeline(world, project, line))

    @routes.get(f"{_ONE}/variables")
    def variables(name: str, pipeline_id: int) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        line = find_pipeline(world, project, pipeline_id)
        return answer([
            {"variable_type": "env_var", "key": key, "value": value, "raw": False}
            for key, value in line.variables.items()
        ])  # fmt: skip

    @routes.get(f"{_ONE}/jobs")
    def jobs(name: str, pipeline_id: int) -> Response:
        project = find_project(world, name)
        line = find_pipeline(world, project, pipeline_id)
        shown = [job for job in line.jobs if not job.external and not job.retried]
        return page([pipeline_shapes.job(world, project, line, job) for job in reversed(shown)])

    @routes.get("/projects/<seg:name>/merge_requests/<int:iid>/pipelines")
    def of_change(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        heads = {version.head for version in change.versions}
        found = [
            line
            for line in world.pipelines_of(project)
            if line.change_number == iid or (line.ref == change.source and line.sha in heads)
        ]
        return page([pipeline_shapes.pipeline(world, project, line) for line in found])


def _starting(routes: Blueprint, world: World) -> None:
    @routes.post("/projects/<seg:name>/pipeline")
    def create(name: str) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        given = parameters()
        listed = given.get("variables") or []
        variables = {
            str(one.get("key")): str(one.get("value"))
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict)
        }
        user = signed_in(world)
        return _start(world, project, user, given, variables, "api")

    @routes.post("/projects/<seg:name>/trigger/pipeline")
    @routes.post("/projects/<seg:name>/ref/<seg:ref>/trigger/pipeline")
    def trigger(name: str, ref: str | None = None) -> Response:
        given = parameters()
        project = world.project(name, "gitlab")
        owner = project.trigger_tokens.get(required(given, "token")) if project else None
        if project is None or owner is None:
            raise not_found()
        named = given.get("variables") or {}
        variables = {
            str(key): str(value)
            for key, value in (named if isinstance(named, dict) else {}).items()
        }
        given.setdefault("ref", ref)
        return _start(world, project, world.users[owner], given, variables, "trigger")


def _steering(routes: Blueprint, world: World) -> None:
    @routes.post(f"{_ONE}/cancel")
    def cancel(name: str, pipeline_id: int) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        line = find_pipeline(world, project, pipeline_id)
        pipelines.cancel(world, project, line)
        return answer(pipeline_shapes.full_pipeline(world, project, line))

    @routes.post(f"{_ONE}/retry")
    def retry(name: str, pipeline_id: int) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        line = find_pipeline(world, project, pipeline_id)
        pipelines.retry(world, project, line)
        return answer(pipeline_shapes.full_pipeline(world, project, line), 201)

    @routes.post("/projects/<seg:name>/merge_requests/<int:iid>/pipelines")
    def create_for_change(name: str, iid: int) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        change = find_change(world, project, iid)
        line = pipelines.start(
            world, project, ref=pipelines.change_ref(change), sha=change.head,
            source="merge_request_event", user=signed_in(world), change=change,
        )  # fmt: skip
        return answer(pipeline_shapes.full_pipeline(world, project, line), 201)


def _wanted(line: Pipeline, given: Json) -> bool:
    status = text(given, "status") or text(given, "scope")
    return (
        text(given, "ref") in (None, line.ref)
        and text(given, "sha") in (None, line.sha)
        and text(given, "source") in (None, line.source)
        and status in (None, pipelines.status_of(line))
        and (text(given, "updated_after") or "") <= (entities.moment(line.updated_at) or "")
    )


def _start(
    world: World, project: Project, user: User, given: Json, variables: dict[str, str], source: str
) -> Response:
    ref = required(given, "ref")
    sha = world.repository(project).branch(ref)
    if sha is None:
        raise ApiError(400, {"message": {"base": ["Reference not found"]}})
    if ref in project.protected and not world.can_merge(user, project, ref):
        said = f"You do not have sufficient permission to run a pipeline on '{ref}'."
        raise ApiError(400, {"message": {"base": [said]}})
    inputs = given.get("inputs")
    line = pipelines.start(
        world, project, ref=ref, sha=sha, source=source, user=user, variables=variables,
        inputs=dict(inputs) if isinstance(inputs, dict) else {},
    )  # fmt: skip
    return answer(pipeline_shapes.full_pipeline(world, project, line), 201)
