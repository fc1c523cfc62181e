"""The bodies of GitHub's webhooks.

Source: https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from mrbot.sandbox.events import (
    ChangeMoved,
    CheckRunMoved,
    Commented,
    DeploymentMoved,
    Event,
    HookAdded,
    PipelineMoved,
    Pushed,
    Reviewed,
    StatusPosted,
    WorkflowRunMoved,
)
from mrbot.sandbox.github_api import pull_shapes, run_shapes, shapes
from mrbot.sandbox.model import Message, Project, User
from mrbot.sandbox.repository import NO_COMMIT, Commit
from mrbot.sandbox.world import World

Json = dict[str, object]

_COMMITS = 20
_COMMENT_ACTIONS = {"create": "created", "update": "edited", "delete": "deleted"}
_CLOSING = {"open": "opened", "close": "closed", "merge": "closed", "reopen": "reopened"}


def messages(world: World, event: Event) -> list[Message]:
    """What GitHub sends for an event; one edit can be several messages."""
    match event:
        case ChangeMoved():
            return _pull_request(world, event)
        case Commented():
            return [_issue_comment(world, event)]
        case Reviewed():
            return [_review(world, event)]
        case Pushed():
            return [_push(world, event)]
        case StatusPosted():
            return [_status(world, event)]
        case CheckRunMoved():
            run = run_shapes.check_run(world, event.project, event.run)
            return [_message(world, event.project, event.user, "check_run", event.action,
                             check_run=run)]  # fmt: skip
        case WorkflowRunMoved():
            return [_workflow_run(world, event)]
        case DeploymentMoved():
            return [_deployment(world, event)]
        case HookAdded():
            return [_ping(world, event)]
        case PipelineMoved():
            return []


def _message(
    world: World, project: Project, user: User, event: str, action: str, **parts: object
) -> Message:
    """A body with what every body has: the repository, the sender, the installation."""
    body: Json = {"action": action} if action else {}
    body.update(parts)
    body["repository"] = shapes.repository(world, project)
    owner = world.group(project.namespace)
    if owner is not None:
        body["organization"] = shapes.organization(world, owner)
    body["sender"] = shapes.user(world, user.id)
    for app_id in world.apps:
        installed = world.installation_of(project, app_id)
        if installed is not None:
            number = installed.id
            node = shapes.node("Installation", number)
            body["installation"] = {"id": number, "node_id": node}
    return Message(event=event, flag=event, action=action, body=body)


def _pull_request(world: World, event: ChangeMoved) -> list[Message]:
    project, change = event.project, event.change

    def one(action: str, **parts: object) -> Message:
        return _message(
            world, project, event.user, "pull_request", action, number=change.number,
            pull_request=pull_shapes.full_pull(world, project, change), **parts,
        )  # fmt: skip

    if event.action in _CLOSING:
        return [one(_CLOSING[event.action])]
    if event.oldrev is not None:
        return [one("synchronize", before=event.oldrev, after=change.head)]
    found: list[Message] = []
    changes: Json = {}
    for field, (before, after) in event.edits.items():
        match field:
            case "title":
                changes["title"] = {"from": before}
            case "description":
                changes["body"] = {"from": before}
            case "target_branch":
                start = change.versions[-2].start if len(change.versions) > 1 else change.base
                changes["base"] = {"ref": {"from": before}, "sha": {"from": start}}
            case "draft":
                found.append(one("converted_to_draft" if after else "ready_for_review"))
            case "labels":
                old, new = _names(before), _names(after)
                moved = [("labeled", name) for name in new if name not in old]
                moved += [("unlabeled", name) for name in old if name not in new]
                found += [
                    one(action, label=pull_shapes.label(world, project, name))
                    for action, name in moved
                ]
            case _:
                raise ValueError(f"GitHub has no webhook for a new {field}")
    return [one("edited", changes=changes), *found] if changes else found


def _names(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _issue_comment(world: World, event: Commented) -> Message:
    project, change = event.project, event.change
    parts: Json = {}
    if event.previous is not None:
        parts["changes"] = {"body": {"from": event.previous}}
    return _message(
        world, project, event.user, "issue_comment", _COMMENT_ACTIONS[event.action], **parts,
        issue=pull_shapes.issue(world, project, change),
        comment=pull_shapes.comment(world, project, change, event.comment),
    )  # fmt: skip


def _review(world: World, event: Reviewed) -> Message:
    project, change = event.project, event.change
    review = pull_shapes.review(world, project, change, event.review)
    review["state"] = event.review.state.lower()  # upper case in the REST API, lower case here
    return _message(
        world, project, event.user, "pull_request_review", event.action, review=review,
        pull_request=pull_shapes.pull(world, project, change),
    )  # fmt: skip


def _push(world: World, event: Pushed) -> Message:
    project = event.project
    gone, fresh = event.after == NO_COMMIT, event.before == NO_COMMIT
    repository = world.repository(project)
    revisions = (event.after,) if fresh else (event.after, f"^{event.before}")
    commits = [] if gone else repository.commits(*revisions, limit=_COMMITS)
    forced = not gone and not fresh and not repository.contains(event.before, event.after)
    page = f"{world.url}/{project.path}"
    shown = [_pushed_commit(world, project, one) for one in reversed(commits)]
    return _message(
        world, project, event.user, "push", "", ref=event.ref, before=event.before,
        after=event.after, created=fresh, deleted=gone, forced=forced, base_ref=None,
        compare=f"{page}/compare/{event.before[:12]}...{event.after[:12]}", commits=shown,
        head_commit=shown[-1] if shown else None,
        pusher={"name": event.user.login, "email": event.user.email},
    )  # fmt: skip


def _pushed_commit(world: World, project: Project, one: Commit) -> Json:
    return {
        "id": one.sha, "tree_id": one.tree, "distinct": True, "message": one.message.rstrip("\n"),
        "timestamp": one.committer_date, "url": f"{world.url}/{project.path}/commit/{one.sha}",
        "author": _signature(world, one.author_name, one.author_email),
        "committer": _signature(world, one.committer_name, one.committer_email),
        "added": [], "removed": [], "modified": [],
    }  # fmt: skip


def _signature(world: World, name: str, email: str) -> Json:
    """A name and an address, and the account if the address is somebody's."""
    person = world.user_by_email(email)
    known: Json = {"username": person.login} if person else {}
    return {"name": name, "email": email, **known}


def _status(world: World, event: StatusPosted) -> Message:
    project, status = event.project, event.status
    repository = world.repository(project)
    url = shapes.repository_url(world, project)
    branches = [
        {"name": name, "commit": {"sha": sha, "url": f"{url}/commits/{sha}"}, "protected": False}
        for name, sha in repository.branches().items()
        if sha == status.sha
    ]
    at = shapes.moment(status.created_at)
    return _message(
        world, project, event.user, "status", "", id=status.id, sha=status.sha, name=project.path,
        target_url=status.target_url, context=status.context, description=status.description,
        state=status.state, commit=shapes.commit(world, project, repository.commit(status.sha)),
        branches=branches[:10], created_at=at, updated_at=at,
    )  # fmt: skip


def _workflow_run(world: World, event: WorkflowRunMoved) -> Message:
    project, run = event.project, event.run
    return _message(
        world, project, world.users[run.actor_id], "workflow_run", event.action,
        workflow=run_shapes.workflow(world, project, run.workflow),
        workflow_run=run_shapes.workflow_run(world, project, run),
    )  # fmt: skip


def _deployment(world: World, event: DeploymentMoved) -> Message:
    project, deployment = event.project, event.deployment
    shown = run_shapes.deployment(world, project, deployment)
    parts: Json = {"deployment": shown, "workflow": None, "workflow_run": None}
    if event.state is None:
        return _message(world, project, event.user, "deployment", "created", **parts)
    status = run_shapes.deployment_status(world, project, deployment, event.state)
    return _message(
        world, project, event.user, "deployment_status", "created", deployment_status=status,
        check_run=None, **parts,
    )  # fmt: skip


def _ping(world: World, event: HookAdded) -> Message:
    from mrbot.sandbox.github_api.hooks import shape

    hook = shape(world, event.project, event.hook)
    return _message(
        world, event.project, event.user, "ping", "", zen="Keep it logically awesome.",
        hook_id=event.hook.id, hook=hook,
    )  # fmt: skip
