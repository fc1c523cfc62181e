"""The bodies of GitLab's webhooks.

Source: https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from __future__ import annotations

from datetime import datetime

from mrbot.sandbox import mergeability
from mrbot.sandbox.events import (
    ChangeMoved,
    Commented,
    DeploymentMoved,
    Event,
    PipelineMoved,
    Pushed,
)
from mrbot.sandbox.gitlab_api.shapes import change_url
from mrbot.sandbox.model import Change, Job, Message, Project, User
from mrbot.sandbox.pipelines import FINISHED, head_pipeline, status_of
from mrbot.sandbox.repository import NO_COMMIT, Commit
from mrbot.sandbox.world import World

Json = dict[str, object]

_PUSH_COMMITS = 20
_STATE_IDS = {"opened": 1, "closed": 2, "merged": 3}
_VISIBILITY = {"private": 0, "internal": 10, "public": 20}


def messages(world: World, event: Event) -> list[Message]:
    """What GitLab sends for an event of one of its projects; nothing for what only GitHub has."""
    match event:
        case Pushed() if event.ref.startswith("refs/heads/"):
            return [_push(world, event)]
        case ChangeMoved():
            return [_merge_request_hook(event.action, _merge_request(world, event))]
        case Commented(action="create" | "update"):
            body = _note(world, event)
            return [Message(event="Note Hook", flag="note_events", action=event.action, body=body)]
        case PipelineMoved():
            body, status = _pipeline(world, event), status_of(event.pipeline)
            return [
                Message(event="Pipeline Hook", flag="pipeline_events", action=status, body=body)
            ]
        case DeploymentMoved():
            body = _deployment(world, event)
            return [
                Message(event="Deployment Hook", flag="deployment_events", action="", body=body)
            ]
        case _:
            return []


def sample_merge_request(world: World, project: Project, change: Change) -> Message:
    """What the test button sends."""
    author = world.users[change.author_id]
    event = ChangeMoved(project=project, change=change, user=author, action="open")
    return _merge_request_hook("", _merge_request(world, event))


def _merge_request_hook(action: str, body: Json) -> Message:
    return Message(
        event="Merge Request Hook", flag="merge_requests_events", action=action, body=body
    )


def sample_push(world: World, project: Project) -> Message | None:
    """What the test button sends: the default branch as if just pushed."""
    head = world.repository(project).branch(project.default_branch)
    owner = next(iter(world.users.values()), None)
    if head is None or owner is None:
        return None
    return _push(world, Pushed(
        project=project, user=owner, ref=f"refs/heads/{project.default_branch}",
        before=NO_COMMIT, after=head,
    ))  # fmt: skip


def moment(at: datetime | None) -> str | None:
    """A time as webhooks write it, unlike the API."""
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else None


def _user(user: User) -> Json:
    return {
        "id": user.id, "name": user.name, "username": user.login,
        "avatar_url": None, "email": "[REDACTED]",
    }  # fmt: skip


def _project(world: World, project: Project) -> Json:
    http, ssh = f"{world.url}/{project.path}.git", f"git@localhost:{project.path}.git"
    return {
        "id": project.id, "name": project.name, "description": None,
        "web_url": f"{world.url}/{project.path}", "avatar_url": None, "git_ssh_url": ssh,
        "git_http_url": http, "namespace": project.namespace,
        "visibility_level": _VISIBILITY[project.visibility],
        "path_with_namespace": project.path, "default_branch": project.default_branch,
        "ci_config_path": "", "homepage": f"{world.url}/{project.path}", "url": ssh,
        "ssh_url": ssh, "http_url": http,
    }  # fmt: skip


def _repository(world: World, project: Project) -> Json:
    return {
        "name": project.name, "url": f"git@localhost:{project.path}.git", "description": None,
        "homepage": f"{world.url}/{project.path}",
    }  # fmt: skip


def _commit(world: World, project: Project, one: Commit) -> Json:
    return {
        "id": one.sha, "message": one.message, "title": one.title,
        "timestamp": one.committer_date,
        "url": f"{world.url}/{project.path}/-/commit/{one.sha}",
        "author": {"name": one.author_name, "email": one.author_email},
    }  # fmt: skip


def _labels(project: Project, names: list[str]) -> list[Json]:
    return [
        {
            "id": project.labels.setdefault(name, len(project.labels) + 1), "title": name,
            "color": "#6699cc", "project_id": project.id, "created_at": "2020-01-01 00:00:00 UTC",
            "updated_at": "2020-01-01 00:00:00 UTC", "template": False, "description": None,
            "type": "ProjectLabel", "group_id": None,
        }
        for name in names
    ]  # fmt: skip


def _change(world: World, project: Project, change: Change) -> Json:
    repository = world.repository(project)
    problem = mergeability.obstacle(world, project, change)
    line = head_pipeline(world, project, change)
    return {
        "id": change.id, "iid": change.number, "title": change.title,
        "description": change.description, "state": change.state,
        "state_id": _STATE_IDS[change.state], "author_id": change.author_id,
        "assignee_id": next(iter(change.assignee_ids), None), "assignee_ids": change.assignee_ids,
        "reviewer_ids": change.reviewer_ids, "created_at": moment(change.created_at),
        "updated_at": moment(change.updated_at), "source_branch": change.source,
        "target_branch": change.target, "source_project_id": project.id,
        "target_project_id": project.id, "draft": change.draft, "work_in_progress": change.draft,
        "merge_status": "unchecked" if problem and problem.code == "checking" else "can_be_merged",
        "detailed_merge_status": problem.code if problem else "mergeable",
        "merge_commit_sha": change.merge_commit, "squash_commit_sha": change.squash_commit,
        "merge_error": None, "merge_params": {"force_remove_source_branch": change.remove_source},
        "merge_user_id": change.merged_by, "updated_by_id": None, "last_edited_at": None,
        "merge_when_pipeline_succeeds": change.auto_merge_by is not None,
        "last_edited_by_id": None, "milestone_id": None,
        "head_pipeline_id": line.id if line else None,
        "time_estimate": 0, "total_time_spent": 0, "time_change": 0,
        "human_total_time_spent": None, "human_time_change": None, "human_time_estimate": None,
        "blocking_discussions_resolved": True, "first_contribution": False,
        "url": change_url(world, project, change), "source": _project(world, project),
        "target": _project(world, project), "labels": _labels(project, change.labels),
        "last_commit": _commit(world, project, repository.commit(change.head)),
    }  # fmt: skip


def _merge_request(world: World, event: ChangeMoved) -> Json:
    project, change = event.project, event.change
    attributes: Json = {**_change(world, project, change), "action": event.action}
    if event.oldrev is not None:
        attributes["oldrev"] = event.oldrev
    if event.system_action is not None:
        attributes["system"] = True
        attributes["system_action"] = event.system_action
    changes: Json = {
        name: {"previous": before, "current": after}
        for name, (before, after) in event.edits.items()
    }
    if "labels" in event.edits:
        before, after = event.edits["labels"]
        changes["labels"] = {
            "previous": _labels(project, list(before) if isinstance(before, list) else []),
            "current": _labels(project, list(after) if isinstance(after, list) else []),
        }
    return {
        "object_kind": "merge_request", "event_type": "merge_request", "user": _user(event.user),
        "project": _project(world, project), "repository": _repository(world, project),
        "object_attributes": attributes, "labels": _labels(project, change.labels),
        "changes": changes,
        "assignees": [_user(world.users[one]) for one in change.assignee_ids],
        "reviewers": [_user(world.users[one]) for one in change.reviewer_ids],
    }  # fmt: skip


def _note(world: World, event: Commented) -> Json:
    comment = event.comment
    return {
        "object_kind": "note", "event_type": "note", "user": _user(event.user),
        "project_id": event.project.id, "project": _project(world, event.project),
        "repository": _repository(world, event.project),
        "object_attributes": {
            "id": comment.id, "note": comment.body, "description": comment.body,
            "noteable_type": "MergeRequest", "noteable_id": event.change.id,
            "author_id": comment.author_id, "created_at": moment(comment.created_at),
            "updated_at": moment(comment.updated_at), "project_id": event.project.id,
            "attachment": None, "line_code": None, "commit_id": "", "system": comment.system,
            "st_diff": None, "type": None, "internal": False, "action": event.action,
            "discussion_id": f"{comment.id:040x}", "position": None, "resolved_at": None,
            "url": f"{change_url(world, event.project, event.change)}#note_{comment.id}",
        },
        "merge_request": _change(world, event.project, event.change),
    }  # fmt: skip


def _push(world: World, event: Pushed) -> Message:
    project, user = event.project, event.user
    gone, fresh = event.after == NO_COMMIT, event.before == NO_COMMIT
    repository = world.repository(project)
    revisions = (event.after,) if fresh else (event.after, f"^{event.before}")
    commits = [] if gone else repository.commits(*revisions, limit=_PUSH_COMMITS)
    shown = [
        {**_commit(world, project, one), "added": [], "modified": [], "removed": []}
        for one in reversed(commits)
    ]
    body: Json = {
        "object_kind": "push", "event_name": "push", "before": event.before, "after": event.after,
        "ref": event.ref,
        "ref_protected": event.ref.removeprefix("refs/heads/") in project.protected,
        "checkout_sha": None if gone else event.after, "message": None, "user_id": user.id,
        "user_name": user.name, "user_username": user.login, "user_email": "", "user_avatar": None,
        "project_id": project.id, "project": _project(world, project), "commits": shown,
        "total_commits_count": len(shown), "push_options": {},
        "repository": {
            **_repository(world, project), "git_http_url": f"{world.url}/{project.path}.git",
            "git_ssh_url": f"git@localhost:{project.path}.git",
            "visibility_level": _VISIBILITY[project.visibility],
        },
    }  # fmt: skip
    return Message(event="Push Hook", flag="push_events", action="push", body=body)


def _build(world: World, job: Job) -> Json:
    return {
        "id": job.id, "stage": job.stage, "name": job.name, "status": job.status,
        "created_at": moment(job.created_at), "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at), "duration": 1.0 if job.finished_at else None,
        "queued_duration": 0.1, "failure_reason": None, "when": "on_success", "manual": False,
        "allow_failure": False, "user": _user(world.users[job.user_id]), "runner": None,
        "artifacts_file": {"filename": None, "size": None}, "environment": None,
    }  # fmt: skip


def _pipeline(world: World, event: PipelineMoved) -> Json:
    project, line = event.project, event.pipeline
    status = status_of(line)
    jobs = [job for job in line.jobs if not job.retried]
    change = world.change(project, line.change_number) if line.change_number else None
    commit = _commit(world, project, world.repository(project).commit(line.sha))
    return {
        "object_kind": "pipeline",
        "object_attributes": {
            "id": line.id, "iid": line.iid, "name": None, "ref": line.ref, "tag": False,
            "sha": line.sha, "before_sha": NO_COMMIT, "source": line.source, "status": status,
            "detailed_status": {"success": "passed"}.get(status, status),
            "stages": list(dict.fromkeys(job.stage for job in jobs)),
            "created_at": moment(line.created_at),
            "finished_at": moment(line.updated_at) if status in FINISHED else None,
            "duration": 1 if status in FINISHED else None, "queued_duration": 0,
            "variables": [{"key": k, "value": v} for k, v in line.variables.items()],
            "url": f"{world.url}/{project.path}/-/pipelines/{line.id}", "protected_ref": False,
        },
        "merge_request": _of_change(world, project, change) if change else None,
        "user": _user(world.users[line.user_id]), "project": _project(world, project),
        "commit": commit, "builds": [_build(world, job) for job in jobs if not job.external],
    }  # fmt: skip


def _of_change(world: World, project: Project, change: Change) -> Json:
    whole = _change(world, project, change)
    kept = ("id", "iid", "title", "source_branch", "source_project_id", "target_branch",
            "target_project_id", "state", "merge_status", "detailed_merge_status",
            "url")  # fmt: skip
    return {name: whole[name] for name in kept}


def _deployment(world: World, event: DeploymentMoved) -> Json:
    deployment, project = event.deployment, event.project
    commit = world.repository(project).commit(deployment.sha)
    return {
        "object_kind": "deployment", "status": event.state.state if event.state else "created",
        "status_changed_at": moment(deployment.updated_at), "deployment_id": deployment.id,
        "deployable_id": None, "deployable_url": None, "environment": deployment.environment,
        "environment_slug": deployment.environment, "environment_external_url": None,
        "environment_tier": "other", "project": _project(world, project),
        "short_sha": deployment.sha[:8], "user": _user(event.user),
        "user_url": f"{world.url}/{event.user.login}",
        "commit_url": f"{world.url}/{project.path}/-/commit/{deployment.sha}",
        "commit_title": commit.title, "ref": deployment.ref,
    }  # fmt: skip
