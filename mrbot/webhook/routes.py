"""The HTTP edge: verifies, reads, stores, answers. It does no work.

    202 stored, 200 a duplicate or nothing that concerns us,
    400 not a JSON object, 401 not authentic, 404 no such host, 413 too large, 415 not JSON,
    503 the storage failed: the only refusal of a good delivery

An authentic event with a missing field gets 200 too: GitLab switches hooks off that get 4xx, which
would lose the next, readable, event as well. Such events are logged as warnings and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from mrbot.errors import BadDelivery, BadSignature, Malformed, StoreFailure, TooLarge
from mrbot.ids import HostKind
from mrbot.inbox.delivery import Delivery, Ignored
from mrbot.inbox.inbox import Inbox
from mrbot.webhook import github, gitlab
from mrbot.webhook.hook import HookConfig
from mrbot.webhook.signature import verify_github, verify_gitlab

BODY_LIMIT = 25 * 1024 * 1024
"""Bytes of a body: both hosts send no more."""
RETRY_AFTER_S = 30
"""What a 503 asks for. Neither host obeys; a proxy or a person may."""

Counter = Callable[[str, str], None]
"""Told the host's name and the outcome of every delivery: `stored`, `duplicate`, `ignored`,
`unreadable`, `refused` or `failed`."""

_log = structlog.get_logger(__name__)


def webhook_blueprint(
    hosts: Mapping[str, HookConfig],
    inbox: Inbox,
    clock: Callable[[], datetime],
    count: Counter = lambda _host, _outcome: None,
) -> Blueprint:
    """`POST /webhooks/<kind>/<name>` for every host, and `/webhooks/<kind>` for the first of it."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.post("/webhooks/<kind>", defaults={"name": None})
    @blueprint.post("/webhooks/<kind>/<name>")
    def receive(kind: str, name: str | None) -> Response:
        hook = _hook(hosts, kind, name)
        if hook is None:
            return _answer(404, error=f"no {kind} host of that name is configured")
        outcome, answer = _receive(hook, inbox, clock())
        count(hook.name, outcome)
        return answer

    return blueprint


def _hook(hosts: Mapping[str, HookConfig], kind: str, name: str | None) -> HookConfig | None:
    if kind not in {HostKind.GITLAB, HostKind.GITHUB}:
        return None
    for hook in hosts.values():
        if hook.kind == kind and name in (None, hook.name):
            return hook
    return None


def _receive(hook: HookConfig, inbox: Inbox, now: datetime) -> tuple[str, Response]:
    log = _log.bind(host=hook.name)
    if request.mimetype != "application/json":
        return "refused", _answer(415, error="set the webhook's content type to application/json")
    try:
        found = _delivery(hook, now)
        if isinstance(found, Delivery) and not hook.accepts(found.repo):
            found = Ignored(reason="the repository is not one that mrbot serves")
        if isinstance(found, Ignored):
            (log.warning if found.unreadable else log.info)("ignored", reason=found.reason)
            outcome = "unreadable" if found.unreadable else "ignored"
            return outcome, _answer(200, ignored=found.reason)
        new = inbox.put(found, now)
    except BadDelivery as error:
        log.warning("refused", error=str(error))
        return "refused", _answer(_status(error), error=str(error))
    except StoreFailure as error:
        log.error("not stored", error=str(error))
        answer = _answer(503, error="the storage failed: send it again")
        answer.headers["Retry-After"] = str(RETRY_AFTER_S)
        return "failed", answer
    log.info("stored" if new else "duplicate", repo=str(found.repo), key=found.key)
    return ("stored", _answer(202, stored=True)) if new else (
        "duplicate", _answer(200, stored=True, duplicate=True)
    )  # fmt: skip


def _delivery(hook: HookConfig, now: datetime) -> Delivery | Ignored:
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = _body()
    match hook.kind:
        case HostKind.GITHUB:
            verified = verify_github(body, headers, hook.secret)
            return github.parse(verified, headers, hook.name, hook.bots)
        case HostKind.GITLAB:
            verified = verify_gitlab(
                body, headers, token=hook.secret, signing_token=hook.signing_token, now=now
            )
            return gitlab.parse(verified, headers, hook.name, hook.bots)
        case HostKind.LOCAL:
            return Ignored(reason="a local repository sends no webhooks")


def _body() -> bytes:
    """The whole body. Its length is checked as told, and again when it is read: of a stream without
    a length, werkzeug cuts off what is beyond the limit and says nothing."""
    request.max_content_length = BODY_LIMIT + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes") from error
    except ClientDisconnected as error:
        raise Malformed("the body ended early") from error
    if len(body) > BODY_LIMIT:
        raise TooLarge(f"the body is larger than {BODY_LIMIT} bytes")
    return body


def _status(error: BadDelivery) -> int:
    if isinstance(error, BadSignature):
        return 401
    return 413 if isinstance(error, TooLarge) else 400


def _answer(status: int, **fields: str | bool) -> Response:
    answer = jsonify(fields)
    answer.status_code = status
    return answer
