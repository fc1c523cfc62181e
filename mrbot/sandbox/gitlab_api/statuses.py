"""Commit statuses, which on GitLab are jobs of a pipeline.

Source: https://docs.gitlab.com/api/commits/#set-commit-pipeline-status
"""

from __future__ import annotations

from flask import Blueprint, Response

from mrbot.sandbox import pipelines
from mrbot.sandbox.gitlab_api import pipeline_shapes
from mrbot.sandbox.gitlab_api.answers import (
    ApiError,
    answer,
    find_project,
    flag,
    forbidden,
    not_found,
    number,
    page,
    parameters,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import DEVELOPER, Pipeline, Project, User
from mrbot.sandbox.world import World

STATES = ("pending", "running", "success", "failed", "canceled", "skipped")
DESCRIPTION_LIMIT_CHARS = 255


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""

    @routes.post("/projects/<seg:name>/statuses/<seg:sha>")
    def post(name: str, sha: str) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        user = signed_in(world)
        given = parameters()
        state = required(given, "state")
        if state not in STATES:
            raise ApiError(400, {"error": "state does not have a valid value"})
        description = text(given, "description")
        if description is not None and len(description) > DESCRIPTION_LIMIT_CHARS:
            said = f"is too long (maximum is {DESCRIPTION_LIMIT_CHARS} characters)"
            raise ApiError(400, {"message": {"description": [said]}})
        if world.repository(project).resolve(sha) != sha:
            raise not_found("Commit")
        ref, pipeline_id = text(given, "ref"), number(given, "pipeline_id")
        line = _pipeline(world, project, user, sha=sha, ref=ref, pipeline_id=pipeline_id)
        try:
            job = pipelines.post_status(
                world, project, line, user=user, state=state, description=description,
                name=text(given, "name") or text(given, "context") or "default",
                target_url=text(given, "target_url"),
            )  # fmt: skip
        except pipelines.WrongTransitionError as refused:
            raise ApiError(400, {"message": str(refused)}) from refused
        return answer(pipeline_shapes.commit_status(world, line, job), 201)

    @routes.get("/projects/<seg:name>/repository/commits/<seg:sha>/statuses")
    def list_statuses(name: str, sha: str) -> Response:
        project = find_project(world, name)
        if world.repository(project).resolve(sha) is None:
            raise not_found("Commit")
        given = parameters()
        ref, pipeline_id = text(given, "ref"), number(given, "pipeline_id")
        lines = [
            line
            for line in reversed(world.pipelines_of(project))
            if line.sha == sha and ref in (None, line.ref) and pipeline_id in (None, line.id)
        ]
        found = [
            pipeline_shapes.commit_status(world, line, job)
            for line in lines
            for job in line.jobs
            if (flag(given, "all") or not job.retried)
            and text(given, "name") in (None, job.name)
            and text(given, "stage") in (None, job.stage)
        ]
        if text(given, "sort") == "desc":
            found.reverse()
        return page(found)


def _pipeline(
    world: World,
    project: Project,
    user: User,
    *,
    sha: str,
    ref: str | None,
    pipeline_id: int | None,
) -> Pipeline:
    """The newest pipeline that fits, or a new external one on a branch that ends in the commit.

    The new one can hide a merge request's own pipeline, which is why mrbot always names one.
    """
    fitting = [
        line
        for line in world.pipelines_of(project)
        if line.sha == sha and ref in (None, line.ref) and pipeline_id in (None, line.id)
    ]
    if not fitting and pipeline_id is not None:
        raise not_found("Pipeline for pipeline_id, sha and ref")
    line = fitting[0] if fitting else None
    heads = world.repository(project).branches()
    branch = ref or (line.ref if line else None) or next(
        (name for name, head in sorted(heads.items()) if head == sha), None
    )  # fmt: skip
    if branch is None:
        raise not_found("References for commit")
    if branch in project.protected and not world.can_merge(user, project, branch):
        raise forbidden()
    return line or pipelines.start(
        world, project, ref=branch, sha=sha, source="external", user=user, jobs=False
    )
