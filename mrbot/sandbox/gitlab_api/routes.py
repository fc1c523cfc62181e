"""All routes of GitLab's API in one blueprint."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from mrbot.sandbox.gitlab_api import hooks, merge_requests, notes, pipelines, projects, statuses
from mrbot.sandbox.gitlab_api.answers import ApiError, answer
from mrbot.sandbox.webhooks import Webhooks
from mrbot.sandbox.world import World


def blueprint(world: World, webhooks: Webhooks) -> Blueprint:
    """The routes below `/api/v4`."""
    routes = Blueprint("gitlab", __name__, url_prefix="/api/v4")
    for part in (projects, merge_requests, notes, statuses, pipelines):
        own = Blueprint(part.__name__.rpartition(".")[2], __name__)
        part.register(own, world)
        routes.register_blueprint(own)
    own = Blueprint("hooks", __name__)
    hooks.register(own, world, webhooks)
    routes.register_blueprint(own)

    @routes.before_request
    def remember() -> None:
        g.world = world

    @routes.errorhandler(ApiError)
    def refused(error: ApiError) -> Response:
        return answer(error.body, error.status)

    @routes.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def unknown(rest: str) -> Response:
        return answer({"error": f"404 Not Found (the sandbox has no {request.method} {rest})"}, 404)

    return routes
