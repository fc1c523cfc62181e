"""GitHub's way of answering: errors, pages of lists, credentials, and who may do what."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

import jwt
from flask import Response, g, request

from mrbot.sandbox.credentials import basic_or_bearer, token_of
from mrbot.sandbox.model import App, Change, Comment, Project, User
from mrbot.sandbox.world import World

Json = dict[str, object]

PER_PAGE = 30
PER_PAGE_LIMIT = 100
_LONGEST_JWT = timedelta(minutes=10)


class ApiError(Exception):
    """An answer other than success, with GitHub's body."""

    def __init__(self, status: int, message: str, errors: Sequence[object] = ()) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.body: Json = {"message": message}
        if errors:
            self.body["errors"] = list(errors)
        self.body["documentation_url"] = "https://docs.github.com/rest"
        self.body["status"] = str(status)


def not_found() -> ApiError:
    """404, also for what the caller may not see."""
    return ApiError(404, "Not Found")


def invalid(resource: str, field: str, message: str, code: str = "custom") -> ApiError:
    """422 about one field."""
    error = {"resource": resource, "code": code, "field": field, "message": message}
    return ApiError(422, "Validation Failed", [error])


def answer(body: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(body), status, content_type="application/json; charset=utf-8")


def body() -> Json:
    """The request's JSON object; an empty one where there is no body.

    Raises:
        ApiError: 400, the body is something else.
    """
    raw = request.get_data()
    if not raw:
        return {}
    given = request.get_json(silent=True, force=True)
    if not isinstance(given, dict):
        raise ApiError(400, "Problems parsing JSON")
    return given


def text(given: Json, name: str, resource: str = "") -> str | None:
    """A field as text.

    Raises:
        ApiError: 422, it is something else.
    """
    value = given.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid(resource, name, f"{name} is not a string", "invalid")
    return value


def required(given: Json, name: str, resource: str) -> str:
    """A field that must be there.

    Raises:
        ApiError: 422.
    """
    value = text(given, name, resource)
    if not value:
        raise invalid(resource, name, f"{name} is missing", "missing_field")
    return value


def paged(items: Sequence[object]) -> tuple[Sequence[object], str]:
    """The asked-for page of a list, and its Link header.

    Source: https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    per_page = min(max(request.args.get("per_page", PER_PAGE, int), 1), PER_PAGE_LIMIT)
    at = max(request.args.get("page", 1, int), 1)
    last = max((len(items) + per_page - 1) // per_page, 1)
    targets: dict[str, int] = {}
    if at > 1:
        targets |= {"prev": at - 1, "first": 1}
    if at < last:
        targets |= {"next": at + 1, "last": last}
    others = [(k, v) for k, v in request.args.items(multi=True) if k != "page"]
    path = str(request.environ.get("RAW_URI", request.path)).partition("?")[0]
    link = ", ".join(
        f'<{g.world.url}{path}?{urlencode([*others, ("page", to)])}>; rel="{rel}"'
        for rel, to in targets.items()
    )
    return items[(at - 1) * per_page : at * per_page], link


def page(items: Sequence[object]) -> Response:
    """One page of a list."""
    shown, link = paged(items)
    return _linked(answer(shown), link)


def page_in(name: str, items: Sequence[object]) -> Response:
    """One page of a list that GitHub wraps in an object with a total."""
    shown, link = paged(items)
    return _linked(answer({"total_count": len(items), name: shown}), link)


def caller(world: World) -> User | None:
    """Whose token the request carries; None without one.

    Raises:
        ApiError: 401, the token is wrong or has expired.
    """
    secret = basic_or_bearer(request.headers.get("Authorization", ""))
    if secret is None:
        return None
    token = token_of(world, secret)
    user = world.users.get(token.user_id) if token else None
    if user is None:
        raise ApiError(401, "Bad credentials")
    request.environ["sandbox.user"] = user.login
    return user


def signed_in(world: World) -> User:
    """The caller, who must be someone.

    Raises:
        ApiError: 401.
    """
    user = caller(world)
    if user is None:
        raise ApiError(401, "Requires authentication")
    return user


def app_of_token(world: World) -> App | None:
    """The App whose installation token the request carries, or None for a person's token."""
    token = token_of(world, basic_or_bearer(request.headers.get("Authorization", "")))
    installation = world.installations.get((token and token.installation_id) or 0)
    return world.apps.get(installation.app_id) if installation else None


def app_of_jwt(world: World) -> App:
    """The App that signed the request's JSON Web Token.

    Raises:
        ApiError: 401, it is missing, signed by another key, expired, or lives too long.

    Source: https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app
    """
    secret = basic_or_bearer(request.headers.get("Authorization", "")) or ""
    refused = ApiError(401, "A JSON web token could not be decoded")
    try:
        issuer = str(jwt.decode(secret, options={"verify_signature": False}).get("iss"))
        app = next((one for one in world.apps.values() if issuer in names_of(one)), None)
        if app is None:
            raise ApiError(404, "Integration not found")
        # The clock is the sandbox's own, so expiry is checked here and not by the library.
        options = {"require": ["exp", "iat"], "verify_exp": False, "verify_iat": False}
        claims = jwt.decode(
            secret, app.public_key_pem, algorithms=["RS256"],
            options=options,  # type: ignore[arg-type]
        )  # fmt: skip
    except jwt.InvalidTokenError as wrong:
        raise refused from wrong
    now = world.now().timestamp()
    if float(claims["exp"]) <= now:
        raise ApiError(401, "'Expiration time' claim ('exp') must be a numeric value representing "
                            "the future time at which the assertion expires")  # fmt: skip
    if float(claims["exp"]) > now + _LONGEST_JWT.total_seconds():
        raise ApiError(401, "'Expiration time' claim ('exp') is too far in the future")
    request.environ["sandbox.user"] = app.slug
    return app


def names_of(app: App) -> tuple[str, str]:
    """What a token may name as its issuer."""
    return str(app.id), f"Iv1.{app.id:016x}"


def find_project(world: World, owner: str, repo: str, *, level: int = 0) -> Project:
    """The repository, if the caller may see it and has at least `level`.

    Raises:
        ApiError: 404 where it does not exist for the caller, 403 where the level is too low.
    """
    user = caller(world)
    project = world.project(f"{owner}/{repo}", "github")
    if project is None or not world.can_read(user, project):
        raise not_found()
    if level and user is None:
        raise ApiError(401, "Requires authentication")
    if world.level(user, project) < level:
        app = user is not None and user.app_id is not None
        said = "Resource not accessible by integration"
        raise ApiError(403, said if app else "Must have admin rights to Repository.")
    return project


def find_pull(world: World, project: Project, number: int) -> Change:
    """The pull request.

    Raises:
        ApiError: 404.
    """
    change = world.change(project, number)
    if change is None:
        raise not_found()
    return change


def find_comment(world: World, project: Project, comment_id: int) -> tuple[Comment, Change]:
    """The comment and its pull request.

    Raises:
        ApiError: 404.
    """
    comment = world.comments.get(comment_id)
    change = world.changes.get(comment.change_id) if comment else None
    if comment is None or change is None or change.project_id != project.id:
        raise not_found()
    return comment, change


def find_commit(world: World, project: Project, ref: str) -> str:
    """The full id of the commit that a ref names.

    Raises:
        ApiError: 422.
    """
    sha = world.repository(project).resolve(ref)
    if sha is None:
        raise ApiError(422, f"No commit found for SHA: {ref}")
    return sha


def _linked(response: Response, link: str) -> Response:
    if link:
        response.headers["Link"] = link
    return response
