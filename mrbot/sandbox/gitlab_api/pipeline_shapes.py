"""The JSON of pipelines, jobs and commit statuses."""

from __future__ import annotations

from mrbot.sandbox.gitlab_api.entities import Json, commit, moment, user
from mrbot.sandbox.model import Job, Pipeline, Project
from mrbot.sandbox.pipelines import FINISHED, status_of
from mrbot.sandbox.world import World


def pipeline(world: World, found: Project, line: Pipeline) -> Json:
    """A pipeline as it stands in lists."""
    return {
        "id": line.id, "iid": line.iid, "project_id": line.project_id, "sha": line.sha,
        "ref": line.ref, "status": status_of(line), "source": line.source,
        "created_at": moment(line.created_at), "updated_at": moment(line.updated_at),
        "web_url": f"{world.url}/{found.path}/-/pipelines/{line.id}", "name": None,
    }  # fmt: skip


def full_pipeline(world: World, found: Project, line: Pipeline) -> Json:
    """A pipeline on its own."""
    status = status_of(line)
    started = [job.started_at for job in line.jobs if job.started_at]
    ended = status in FINISHED
    word = {"success": "passed"}.get(status, status)
    return {
        **pipeline(world, found, line), "before_sha": "0" * 40, "tag": False, "yaml_errors": None,
        "user": user(world, line.user_id), "committed_at": None,
        "started_at": moment(min(started, default=None)),
        "finished_at": moment(line.updated_at) if ended else None,
        "duration": 1 if ended else None, "queued_duration": 1, "coverage": None,
        "detailed_status": {
            "icon": f"status_{status}", "text": word, "label": word, "group": status,
            "tooltip": word, "has_details": True, "illustration": None,
            "details_path": f"/{found.path}/-/pipelines/{line.id}",
            "favicon": f"/assets/ci_favicons/favicon_status_{status}.png",
        },
    }  # fmt: skip


def job(world: World, found: Project, line: Pipeline, one: Job) -> Json:
    """A job of a pipeline."""
    head = world.repository(found).commit(line.sha)
    return {
        "id": one.id, "status": one.status, "stage": one.stage, "name": one.name,
        "ref": line.ref, "tag": False, "coverage": None, "allow_failure": False,
        "created_at": moment(one.created_at), "started_at": moment(one.started_at),
        "finished_at": moment(one.finished_at), "erased_at": None,
        "duration": 1.0 if one.finished_at else None, "queued_duration": 0.1,
        "user": user(world, one.user_id), "commit": commit(world, found, head),
        "pipeline": pipeline(world, found, line),
        "failure_reason": "script_failure" if one.status == "failed" else None,
        "web_url": f"{world.url}/{found.path}/-/jobs/{one.id}", "artifacts": [],
        "runner": None, "artifacts_expire_at": None, "archived": False, "tag_list": [],
    }  # fmt: skip


def commit_status(world: World, line: Pipeline, one: Job) -> Json:
    """A job as the commit status API shows it."""
    return {
        "id": one.id, "sha": line.sha, "ref": line.ref, "status": one.status, "name": one.name,
        "target_url": one.target_url, "description": one.description,
        "created_at": moment(one.created_at), "started_at": moment(one.started_at),
        "finished_at": moment(one.finished_at), "allow_failure": False, "coverage": None,
        "pipeline_id": line.id, "author": user(world, one.user_id),
    }  # fmt: skip
