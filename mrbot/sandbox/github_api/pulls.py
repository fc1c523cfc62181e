"""Pull requests and their reviews.

Sources: https://docs.github.com/rest/pulls/pulls, /rest/pulls/reviews
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from mrbot.sandbox import changes, mergeability
from mrbot.sandbox.github_api import pull_shapes, shapes
from mrbot.sandbox.github_api.answers import (
    ApiError,
    Json,
    answer,
    body,
    find_project,
    find_pull,
    invalid,
    not_found,
    page,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import DEVELOPER, REPORTER, Change, Project, Review, ReviewState, User
from mrbot.sandbox.repository import GitError
from mrbot.sandbox.world import World

FILES_LIMIT = 3_000
COMMITS_LIMIT = 250

_PULLS = "/repos/<owner>/<repo>/pulls"
_ONE = f"{_PULLS}/<int:number>"
_EVENTS: dict[str | None, ReviewState] = {
    "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED",
    None: "PENDING",
}  # fmt: skip


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _reading(routes, world)
    _writing(routes, world)
    _merging(routes, world)
    _reviewing(routes, world)


def _reading(routes: Blueprint, world: World) -> None:
    @routes.get(_PULLS)
    def list_pulls(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo)
        found = [one for one in world.changes_of(project) if _wanted(project, one)]
        if request.args.get("sort") == "updated":
            found.sort(key=lambda one: one.updated_at, reverse=True)
        if request.args.get("direction") == "asc":
            found.reverse()
        return page([pull_shapes.pull(world, project, one) for one in found])

    @routes.get(_ONE)
    def get_pull(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        shown = pull_shapes.full_pull(world, project, change)
        mergeability.count_read(change)
        return answer(shown)

    @routes.get(f"{_ONE}/commits")
    def commits(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        found = world.repository(project).commits(change.head, f"^{change.base}")
        return page([shapes.commit(world, project, one) for one in found[::-1][:COMMITS_LIMIT]])

    @routes.get(f"{_ONE}/files")
    def files(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        found = world.repository(project).changed_files(change.base, change.head)[:FILES_LIMIT]
        base, head = change.base, change.head
        return page([shapes.file(world, project, base, head, one) for one in found])


def _writing(routes: Blueprint, world: World) -> None:
    @routes.post(_PULLS)
    def open_pull(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo, level=REPORTER)
        given = body()
        title = required(given, "title", "PullRequest")
        head = required(given, "head", "PullRequest").rpartition(":")[2]
        base = required(given, "base", "PullRequest")
        _check_branches(world, project, head, base)
        change = changes.open_change(
            world, project, signed_in(world), source=head, target=base, title=title,
            description=text(given, "body") or "", draft=given.get("draft") is True,
        )  # fmt: skip
        return answer(pull_shapes.full_pull(world, project, change), 201)

    @routes.patch(_ONE)
    def edit(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        user = signed_in(world)
        if world.level(user, project) < DEVELOPER and user.id != change.author_id:
            raise ApiError(403, "Must have admin rights to Repository.")
        given = body()
        base = text(given, "base")
        if base is not None and world.repository(project).branch(base) is None:
            raise invalid("PullRequest", "base", f"Proposed base branch '{base}' was not found")
        changes.edit(
            world, project, change, user, title=text(given, "title"), target=base,
            description=text(given, "body"),
        )  # fmt: skip
        match (text(given, "state"), change.state):
            case ("closed", "opened"):
                changes.close(world, project, change, user)
            case ("open", "closed"):
                changes.reopen(world, project, change, user)
            case ("open", "merged"):
                raise invalid("PullRequest", "state", "state cannot be changed. It is merged.")
            case _:
                pass
        return answer(pull_shapes.full_pull(world, project, change))


def _merging(routes: Blueprint, world: World) -> None:
    @routes.put(f"{_ONE}/merge")
    def merge(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        user = signed_in(world)
        if not world.can_merge(user, project, change.target):
            raise ApiError(403, "Resource not accessible by integration" if user.app_id
                           else "Must have push access to merge a pull request.")  # fmt: skip
        given = body()
        sha = text(given, "sha")
        if change.state != "opened":
            raise ApiError(405, "Pull Request is not mergeable")
        if sha is not None and sha != change.head:
            said = "Head branch was modified. Review and try the merge again."
            raise ApiError(409, said)
        method = text(given, "merge_method") or "merge"
        if method not in ("merge", "squash"):
            raise ApiError(405, "Rebase merges are not allowed on this repository.")
        _check_mergeable(world, project, change)
        message = "\n\n".join(
            part for part in (text(given, "commit_title"), text(given, "commit_message")) if part
        )
        try:
            merged = changes.merge(
                world, project, change, user, message=message or None, squash=method == "squash"
            )
        except GitError as failed:
            said = "Base branch was modified. Review and try the merge again."
            raise ApiError(405, said) from failed
        said = "Pull Request successfully merged"
        return answer({"sha": merged, "merged": True, "message": said})


def _reviewing(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_ONE}/reviews")
    def reviews(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        return page([pull_shapes.review(world, project, change, one) for one in change.reviews])

    @routes.post(f"{_ONE}/reviews")
    def review(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        user = signed_in(world)
        given = body()
        event = text(given, "event")
        _check_review(change, user, event, given)
        state = _EVENTS[event]
        one = changes.review(
            world, project, change, user, state=state, body=text(given, "body") or ""
        )
        return answer(pull_shapes.review(world, project, change, one))

    @routes.put(f"{_ONE}/reviews/<int:review_id>/dismissals")
    def dismiss(owner: str, repo: str, number: int, review_id: int) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        change = find_pull(world, project, number)
        one = _find_review(change, review_id)
        required(body(), "message", "PullRequestReview")
        if one.state not in ("APPROVED", "CHANGES_REQUESTED"):
            raise ApiError(422, "Can not dismiss a commented pull request review")
        changes.dismiss(world, project, change, one, signed_in(world))
        return answer(pull_shapes.review(world, project, change, one))


def _wanted(project: Project, change: Change) -> bool:
    state = request.args.get("state", "open")
    shown = "open" if change.state == "opened" else "closed"
    head = request.args.get("head")
    return (
        state in ("all", shown)
        and head in (None, f"{project.namespace}:{change.source}")
        and request.args.get("base") in (None, change.target)
    )


def _check_branches(world: World, project: Project, head: str, base: str) -> None:
    repository = world.repository(project)
    for field, name in (("head", head), ("base", base)):
        if repository.branch(name) is None:
            raise invalid("PullRequest", field, f"{field} is invalid", "invalid")
    for other in world.changes_of(project):
        if (other.state, other.source, other.target) == ("opened", head, base):
            said = f"A pull request already exists for {project.namespace}:{head}."
            error = {"resource": "PullRequest", "code": "custom", "message": said}
            raise ApiError(422, "Validation Failed", [error])
    if repository.contains(str(repository.branch(head)), str(repository.branch(base))):
        said = f"No commits between {base} and {head}"
        error = {"resource": "PullRequest", "code": "custom", "message": said}
        raise ApiError(422, "Validation Failed", [error])


def _check_mergeable(world: World, project: Project, change: Change) -> None:
    problem = mergeability.obstacle(world, project, change)
    if problem is None:
        return
    match problem.code:
        case "draft_status":
            raise ApiError(405, "Pull Request is still a draft")
        case "status_checks_must_pass":
            raise ApiError(405, problem.reason)
        case "not_approved":
            raise ApiError(405, "At least 1 approving review is required by reviewers with write "
                                "access.")  # fmt: skip
        case _:
            raise ApiError(405, "Pull Request is not mergeable")


def _check_review(change: Change, user: User, event: str | None, given: Json) -> None:
    if event not in _EVENTS:
        raise invalid("PullRequestReview", "event", f"{event} is not a review event", "invalid")
    if change.author_id == user.id and event in ("APPROVE", "REQUEST_CHANGES"):
        verb = "approve" if event == "APPROVE" else "request changes on"
        said = f"Can not {verb} your own pull request"
        raise ApiError(422, "Unprocessable Entity", [said])
    if event in ("REQUEST_CHANGES", "COMMENT") and not text(given, "body"):
        raise ApiError(422, "Unprocessable Entity", ["Body can't be blank"])
    commit = text(given, "commit_id")
    if commit is not None and commit not in {version.head for version in change.versions}:
        raise ApiError(422, "Unprocessable Entity", ["commit_id is not part of the pull request"])


def _find_review(change: Change, review_id: int) -> Review:
    for one in change.reviews:
        if one.id == review_id:
            return one
    raise not_found()
