"""GitLab's way of answering: errors, parameters, pages of lists, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Response, g, request

from mrbot.sandbox.credentials import basic_or_bearer, user_of
from mrbot.sandbox.model import Change, Comment, Group, Pipeline, Project, User
from mrbot.sandbox.world import World

Json = dict[str, object]

PER_PAGE = 20
PER_PAGE_LIMIT = 100
TRUE = frozenset({"true", "1", "True", "t", "on"})


class ApiError(Exception):
    """An answer other than success, with GitLab's body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def not_found(what: str = "") -> ApiError:
    """404 as GitLab words it."""
    return ApiError(404, {"message": f"404 {what} Not Found" if what else "404 Not found"})


def unauthorized() -> ApiError:
    """401: no or a wrong credential, or no right to this very action."""
    return ApiError(401, {"message": "401 Unauthorized"})


def forbidden() -> ApiError:
    """403: a right is missing."""
    return ApiError(403, {"message": "403 Forbidden"})


def answer(body: object, status: int = 200, headers: Json | None = None) -> Response:
    """A JSON answer."""
    response = Response(json.dumps(body), status, content_type="application/json")
    for name, value in (headers or {}).items():
        response.headers[name] = str(value)
    return response


def parameters() -> Json:
    """Query and body in one, as GitLab reads them; the body wins."""
    found: Json = dict(request.args.items())
    found.update(request.form.items())
    body = request.get_json(silent=True)
    if isinstance(body, dict):
        found.update(body)
    return found


def text(given: Json, name: str) -> str | None:
    """A parameter as text, None where it is absent or null."""
    value = given.get(name)
    return None if value is None else str(value)


def required(given: Json, name: str) -> str:
    """A parameter that must be there.

    Raises:
        ApiError: 400, worded as GitLab does.
    """
    value = text(given, name)
    if value is None:
        raise ApiError(400, {"error": f"{name} is missing"})
    if value == "":
        raise ApiError(400, {"error": f"{name} is empty"})
    return value


def flag(given: Json, name: str) -> bool:
    """A boolean parameter, false where absent."""
    value = given.get(name)
    return value is True or (isinstance(value, str) and value in TRUE)


def number(given: Json, name: str) -> int | None:
    """An integer parameter.

    Raises:
        ApiError: 400, it is not one.
    """
    value = text(given, name)
    if value is None:
        return None
    if not value.isdigit():
        raise ApiError(400, {"error": f"{name} is invalid"})
    return int(value)


def page(items: Sequence[object]) -> Response:
    """One page of a list with GitLab's headers.

    Source: https://docs.gitlab.com/api/rest/#pagination
    """
    per_page = min(max(request.args.get("per_page", PER_PAGE, int), 1), PER_PAGE_LIMIT)
    at = max(request.args.get("page", 1, int), 1)
    pages = max((len(items) + per_page - 1) // per_page, 1)
    headers: Json = {
        "X-Page": at, "X-Per-Page": per_page, "X-Total": len(items), "X-Total-Pages": pages,
        "X-Next-Page": at + 1 if at < pages else "", "X-Prev-Page": at - 1 if at > 1 else "",
        "Link": _links(at, pages, per_page),
    }  # fmt: skip
    return answer(items[(at - 1) * per_page : at * per_page], headers=headers)


def _links(at: int, pages: int, per_page: int) -> str:
    targets = {"first": 1, "last": pages}
    if at > 1:
        targets["prev"] = at - 1
    if at < pages:
        targets["next"] = at + 1
    others = [(k, v) for k, v in request.args.items(multi=True) if k not in ("page", "per_page")]
    path = request.environ.get("RAW_URI", request.path).partition("?")[0]
    base = f"{g.world.url}{path}"
    return ", ".join(
        f'<{base}?{urlencode([*others, ("page", to), ("per_page", per_page)])}>; rel="{rel}"'
        for rel, to in targets.items()
    )


def caller(world: World) -> User | None:
    """Whose credential the request carries; None without one.

    Raises:
        ApiError: 401, the credential is wrong or has expired.
    """
    secret = request.headers.get("PRIVATE-TOKEN") or basic_or_bearer(
        request.headers.get("Authorization", "")
    )
    secret = secret or request.args.get("private_token")
    user = user_of(world, secret)
    if secret and user is None:
        raise unauthorized()
    request.environ["sandbox.user"] = user.login if user else None
    return user


def signed_in(world: World) -> User:
    """The caller, who must be someone.

    Raises:
        ApiError: 401.
    """
    user = caller(world)
    if user is None:
        raise unauthorized()
    return user


def find_project(world: World, name: str, *, level: int = 0) -> Project:
    """The project, if the caller may see it and has at least `level`.

    Raises:
        ApiError: 404 where it does not exist for the caller, 403 where the level is too low.
    """
    user = caller(world)
    project = world.project(name, "gitlab")
    if project is None or not world.can_read(user, project):
        if user is None:
            raise unauthorized()
        raise not_found("Project")
    if level and user is None:
        raise unauthorized()
    if world.level(user, project) < level:
        raise forbidden()
    return project


def find_change(world: World, project: Project, iid: int) -> Change:
    """The merge request.

    Raises:
        ApiError: 404.
    """
    change = world.change(project, iid)
    if change is None:
        raise not_found()
    return change


def find_note(world: World, change: Change, note_id: int) -> Comment:
    """The note of that change.

    Raises:
        ApiError: 404.
    """
    comment = world.comments.get(note_id)
    if comment is None or comment.change_id != change.id:
        raise not_found()
    return comment


def find_pipeline(world: World, project: Project, pipeline_id: int) -> Pipeline:
    """The pipeline of that project.

    Raises:
        ApiError: 404.
    """
    pipeline = world.pipelines.get(pipeline_id)
    if pipeline is None or pipeline.project_id != project.id:
        raise not_found()
    return pipeline


def find_group(world: World, name: str) -> Group:
    """The group.

    Raises:
        ApiError: 404.
    """
    user = signed_in(world)
    group = world.group(name)
    if group is None or user is None:
        raise not_found("Group")
    return group
