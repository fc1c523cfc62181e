"""Merge requests: read, open, edit, approve, merge.

Source: https://docs.gitlab.com/api/merge_requests/
"""

from __future__ import annotations

from flask import Blueprint, Response

from mrbot.sandbox import changes, mergeability
from mrbot.sandbox.gitlab_api import entities, shapes
from mrbot.sandbox.gitlab_api.answers import (
    ApiError,
    Json,
    answer,
    caller,
    find_change,
    find_project,
    flag,
    forbidden,
    not_found,
    page,
    parameters,
    required,
    signed_in,
    text,
    unauthorized,
)
from mrbot.sandbox.model import DEVELOPER, Change, Project, User
from mrbot.sandbox.pipelines import FINISHED, head_pipeline, status_of
from mrbot.sandbox.repository import GitError
from mrbot.sandbox.world import World

_ONE = "/projects/<seg:name>/merge_requests/<int:iid>"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _reading(routes, world)
    _writing(routes, world)
    _approving(routes, world)


def _reading(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>/merge_requests")
    def list_changes(name: str) -> Response:
        project = find_project(world, name)
        given = parameters()
        found = [one for one in world.changes_of(project) if _wanted(world, one, given)]
        if text(given, "order_by") == "updated_at":
            found.sort(key=lambda one: one.updated_at, reverse=True)
        if text(given, "sort") == "asc":
            found.reverse()
        return page([shapes.merge_request(world, project, one) for one in found])

    @routes.get(_ONE)
    def get_change(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        shown = shapes.full_merge_request(world, project, change, caller(world))
        mergeability.count_read(change)
        return answer(shown)

    @routes.get(f"{_ONE}/commits")
    def commits(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        found = world.repository(project).commits(change.head, f"^{change.base}")
        return page([entities.commit(world, project, one) for one in found])

    @routes.get(f"{_ONE}/versions")
    def versions(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        return page([_version(change, at) for at in reversed(range(len(change.versions)))])

    @routes.get(f"{_ONE}/reviewers")
    def reviewers(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        created = entities.moment(change.created_at)
        return page([
            {"user": entities.user(world, one), "state": "unreviewed", "created_at": created}
            for one in change.reviewer_ids
        ])  # fmt: skip


def _writing(routes: Blueprint, world: World) -> None:
    @routes.post("/projects/<seg:name>/merge_requests")
    def open_change(name: str) -> Response:
        project = find_project(world, name, level=DEVELOPER)
        given = parameters()
        source, target = required(given, "source_branch"), required(given, "target_branch")
        title = required(given, "title")
        _check_branches(world, project, source, target)
        change = changes.open_change(
            world, project, signed_in(world), source=source, target=target, title=title,
            description=text(given, "description") or "", labels=tuple(_labels(given) or ()),
        )  # fmt: skip
        change.reviewer_ids = _ids(given, "reviewer_ids")
        change.assignee_ids = _ids(given, "assignee_ids")
        return answer(shapes.full_merge_request(world, project, change, signed_in(world)), 201)

    @routes.put(_ONE)
    def edit(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        user = signed_in(world)
        if world.level(user, project) < DEVELOPER and user.id != change.author_id:
            raise forbidden()
        given = parameters()
        target = text(given, "target_branch")
        if target is not None and world.repository(project).branch(target) is None:
            raise ApiError(400, {"message": {"target_branch": ["does not exist"]}})
        changes.edit(
            world, project, change, user, title=text(given, "title"), target=target,
            description=text(given, "description"), labels=_new_labels(change, given),
        )  # fmt: skip
        _move_state(world, project, change, user, text(given, "state_event"))
        return answer(shapes.full_merge_request(world, project, change, user))

    @routes.put(f"{_ONE}/merge")
    def merge(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        user = signed_in(world)
        given = parameters()
        # The order of these refusals is GitLab's: 401, 405, 409.
        if not world.can_merge(user, project, change.target):
            raise unauthorized()
        problem = mergeability.obstacle(world, project, change)
        later = flag(given, "auto_merge") or flag(given, "merge_when_pipeline_succeeds")
        waits = later and _can_wait(world, project, change, problem)
        if problem and not waits:
            raise ApiError(405, {"message": "405 Method Not Allowed"})
        _check_sha(change, text(given, "sha"))
        if waits:
            change.auto_merge_by = user.id
        else:
            _merge_now(world, project, change, user, given)
        return answer(shapes.full_merge_request(world, project, change, user))


def _approving(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_ONE}/approvals")
    def approvals(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        return answer(shapes.approvals(world, project, change, signed_in(world)))

    @routes.post(f"{_ONE}/approve")
    def approve(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        user = signed_in(world)
        _check_sha(change, text(parameters(), "sha"))
        given = {approval.user_id for approval in change.approvals}
        # On the free tier nothing stops the author; who approved already is refused.
        if world.level(user, project) < DEVELOPER or user.id in given or change.state == "merged":
            raise unauthorized()
        changes.approve(world, project, change, user)
        return answer(shapes.approvals(world, project, change, user), 201)

    @routes.post(f"{_ONE}/unapprove")
    def unapprove(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        user = signed_in(world)
        if user.id not in {approval.user_id for approval in change.approvals}:
            raise not_found()
        changes.unapprove(world, project, change, user)
        return answer(shapes.approvals(world, project, change, user), 201)


def _wanted(world: World, change: Change, given: Json) -> bool:
    state = text(given, "state") or "all"
    head = [sha for sha in (change.merge_commit, change.squash_commit) if sha]
    author = world.users[change.author_id].login
    return (
        state in ("all", change.state)
        and text(given, "source_branch") in (None, change.source)
        and text(given, "target_branch") in (None, change.target)
        and text(given, "author_username") in (None, author)
        and text(given, "merge_commit_sha") in (None, *head)
        and (text(given, "updated_after") or "") <= (entities.moment(change.updated_at) or "")
    )


def _check_branches(world: World, project: Project, source: str, target: str) -> None:
    repository = world.repository(project)
    if repository.branch(target) is None:
        raise ApiError(400, {"message": {"target_branch": ["does not exist"]}})
    if repository.branch(source) is None:
        raise ApiError(400, {"message": {"source_branch": ["does not exist"]}})
    if source == target:
        message = ["You can't use same project/branch for source and target"]
        raise ApiError(422, {"message": message})
    for other in world.changes_of(project):
        if (other.state, other.source, other.target) == ("opened", source, target):
            said = (
                f"Another open merge request already exists for this source branch: !{other.number}"
            )
            raise ApiError(409, {"message": [said]})


def _check_sha(change: Change, sha: str | None) -> None:
    if sha is not None and sha != change.head:
        said = f"SHA does not match HEAD of source branch: {change.head}"
        raise ApiError(409, {"message": said})


def _can_wait(
    world: World, project: Project, change: Change, problem: mergeability.Obstacle | None
) -> bool:
    """Whether auto-merge may be set: only a pipeline that still runs is waited for."""
    if problem and problem.code != "ci_still_running":
        return False
    line = head_pipeline(world, project, change)
    return line is not None and status_of(line) not in FINISHED


def _merge_now(world: World, project: Project, change: Change, user: User, given: Json) -> None:
    try:
        changes.merge(
            world, project, change, user, message=text(given, "merge_commit_message"),
            squash=flag(given, "squash") or change.squash,
            remove_source=flag(given, "should_remove_source_branch"),
        )  # fmt: skip
    except GitError as failed:
        raise ApiError(422, {"message": "Branch cannot be merged"}) from failed


def _move_state(
    world: World, project: Project, change: Change, user: User, event: str | None
) -> None:
    match (event, change.state):
        case ("close", "opened"):
            changes.close(world, project, change, user)
        case ("reopen", "closed"):
            changes.reopen(world, project, change, user)
        case (None, _) | ("close", "closed") | ("reopen", "opened"):
            return
        case ("close" | "reopen", _):
            raise ApiError(405, {"message": "405 Method Not Allowed"})
        case _:
            raise ApiError(400, {"error": "state_event does not have a valid value"})


def _labels(given: Json, name: str = "labels") -> list[str] | None:
    value = given.get(name)
    if value is None:
        return None
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def _new_labels(change: Change, given: Json) -> list[str] | None:
    replaced = _labels(given)
    added, removed = _labels(given, "add_labels"), _labels(given, "remove_labels")
    if replaced is None and added is None and removed is None:
        return None
    start = change.labels if replaced is None else replaced
    kept = [label for label in start if label not in (removed or ())]
    return kept + [label for label in added or () if label not in kept]


def _ids(given: Json, name: str) -> list[int]:
    value = given.get(name)
    return [int(one) for one in value if str(one).isdigit()] if isinstance(value, list) else []


def _version(change: Change, at: int) -> Json:
    version = change.versions[at]
    return {
        "id": version.id, "head_commit_sha": version.head, "base_commit_sha": version.base,
        "start_commit_sha": version.start, "created_at": entities.moment(version.at),
        "merge_request_id": change.id, "state": "collected", "real_size": "1",
        "patch_id_sha": None,
    }  # fmt: skip
