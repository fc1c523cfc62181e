"""All routes of GitHub's API in one blueprint, at the path that GitHub Enterprise Server uses."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from mrbot.sandbox.github_api import actions, comments, hooks, people, pulls, reports, repositories
from mrbot.sandbox.github_api.answers import ApiError, answer
from mrbot.sandbox.webhooks import Webhooks
from mrbot.sandbox.world import World

REQUESTS_PER_HOUR = 5_000


def blueprint(world: World, webhooks: Webhooks) -> Blueprint:
    """The routes below `/api/v3`."""
    routes = Blueprint("github", __name__, url_prefix="/api/v3")
    for part in (people, repositories, pulls, comments, reports, actions):
        own = Blueprint(part.__name__.rpartition(".")[2], __name__)
        part.register(own, world)
        routes.register_blueprint(own)
    own = Blueprint("hooks", __name__)
    hooks.register(own, world, webhooks)
    routes.register_blueprint(own)
    used: dict[str, int] = {}

    @routes.before_request
    def remember() -> None:
        g.world = world

    @routes.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        return answer(error.body, error.status)

    @routes.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(rest: str) -> Response:
        said = f"Not Found (the sandbox has no {request.method} {rest})"
        return answer({"message": said, "status": "404"}, 404)

    @routes.after_request
    def finish(response: Response) -> Response:
        """Rate limit headers, and 304 for what the client has already."""
        who = str(request.environ.get("sandbox.user"))
        used[who] = used.get(who, 0) + 1
        reset = int(world.now().timestamp()) // 3600 * 3600 + 3600
        for name, value in (
            ("Limit", REQUESTS_PER_HOUR), ("Used", used[who]), ("Reset", reset),
            ("Remaining", max(REQUESTS_PER_HOUR - used[who], 0)), ("Resource", "core"),
        ):  # fmt: skip
            response.headers[f"X-RateLimit-{name}"] = str(value)
        response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
        if request.method == "GET" and response.status_code == 200:
            response.add_etag(weak=True)
            response.make_conditional(request)
        return response

    return routes
