"""The routes for monitors and people.

    GET /healthz                            the process is up
    GET /readyz                             it can do its work: 200, or 503 with reasons
    GET /metrics                            for Prometheus
    GET /                                   the changes read last
    GET /changes/<host>/<repo>/<number>     one change; ?format=json for programs

The last two show infrastructure and ask for no sign-in: they are there only with `pages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, RepoId
from mrbot.store.store import Store
from mrbot.web.glance import Glance
from mrbot.web.health import Check, unready
from mrbot.web.metrics import Metrics
from mrbot.web.page import SECURITY_HEADERS, page
from mrbot.web.view import view, view_document

CHANGES_SHOWN = 200
"""Changes listed on the first page: those read last. The rest are counted."""


def web_blueprint(
    store: Store,
    clock: Callable[[], datetime],
    checks: Mapping[str, Check],
    *,
    pages: bool = False,
    metrics: Metrics | None = None,
) -> Blueprint:
    """Health and metrics, and with `pages` the pages. `checks` are asked by `/readyz` beside
    storage and workers; give `metrics` where something else counts in it too."""
    blueprint = Blueprint("web", __name__)
    _monitors(blueprint, store, clock, checks, metrics or Metrics(store, clock))
    if pages:
        _pages(blueprint, store)

    @blueprint.after_request
    def guard(response: Response) -> Response:
        for name, value in SECURITY_HEADERS.items():
            response.headers[name] = value
        return response

    @blueprint.errorhandler(StoreFailure)
    def failed(error: StoreFailure) -> Response:
        if request.path == "/metrics":
            return Response(f"{error}\n", 503, mimetype="text/plain")
        return _message(503, "The storage cannot be read", str(error))

    return blueprint


def _monitors(
    blueprint: Blueprint,
    store: Store,
    clock: Callable[[], datetime],
    checks: Mapping[str, Check],
    metrics: Metrics,
) -> None:
    @blueprint.get("/healthz")
    def healthz() -> Response:
        return jsonify(up=True)

    @blueprint.get("/readyz")
    def readyz() -> Response:
        reasons = unready(store, clock(), checks)
        answer = jsonify(ready=not reasons, reasons=reasons)
        answer.status_code = 503 if reasons else 200
        return answer

    @blueprint.get("/metrics")
    def scraped() -> Response:
        return Response(metrics.text(), content_type=CONTENT_TYPE_LATEST)


def _pages(blueprint: Blueprint, store: Store) -> None:
    glance = Glance(store)

    @blueprint.get("/")
    def changes() -> Response:
        shown = glance.recent_changes(CHANGES_SHOWN)
        left = glance.changes_known() - len(shown)
        return _html(200, page("changes.html", changes=shown, left=max(0, left)))

    @blueprint.get("/changes/<host>/<path:repo>/<int:number>")
    def change(host: str, repo: str, number: int) -> Response:
        found = view(store, ChangeId(RepoId(host, repo), number))
        wants_json = request.args.get("format") == "json"
        if found is None:
            said = f"mrbot has not seen change {number} of {repo} on {host}."
            if wants_json:
                missing = jsonify(error=said)
                missing.status_code = 404
                return missing
            return _message(404, "No such change", said)
        if wants_json:
            return jsonify(view_document(found))
        outcome = found.last.outcome if found.last is not None else {}
        return _html(200, page("change.html", view=found, outcome=outcome))


def _message(status: int, title: str, text: str) -> Response:
    return _html(status, page("message.html", title=title, text=text))


def _html(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/html")
