"""Hooks, senders and a receiving app for the webhook tests."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from standardwebhooks import Webhook

from mrbot.errors import StoreFailure
from mrbot.ids import HostKind
from mrbot.inbox.delivery import Delivery
from mrbot.secret import Secret
from mrbot.webhook.hook import HookConfig
from mrbot.webhook.routes import webhook_blueprint

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
SECRET = "a webhook secret"
SIGNING = "whsec_c2lnbmluZyB0b2tlbiBvZiAzMiBieXRlcyEhISEhISE="


@dataclass
class MemoryInbox:
    """Keeps what it is given; fails when told to."""

    kept: list[Delivery] = field(default_factory=list)
    broken: bool = False

    def put(self, delivery: Delivery, now: datetime) -> bool:
        if self.broken:
            raise StoreFailure("the disk is full")
        new = all(delivery.key != one.key for one in self.kept)
        if new:
            self.kept.append(delivery)
        return new


@dataclass
class Edge:
    """The app and everything it told."""

    client: FlaskClient
    inbox: MemoryInbox
    counted: list[tuple[str, str]]


@pytest.fixture
def edge() -> Edge:
    hosts = {
        "gl": HookConfig(
            name="gl", kind=HostKind.GITLAB, secret=Secret(SECRET), signing_token=Secret(SIGNING),
            accepts=lambda repo: repo.path != "not/ours", bots=frozenset({"77"}),
        ),
        "gh": HookConfig(
            name="gh", kind=HostKind.GITHUB, secret=Secret(SECRET),
            accepts=lambda repo: repo.path != "not/ours", bots=frozenset({"77"}),
        ),
        "bare": HookConfig(name="bare", kind=HostKind.GITHUB, accepts=lambda _repo: True),
    }  # fmt: skip
    inbox, counted, app = MemoryInbox(), [], Flask("test")
    app.register_blueprint(
        webhook_blueprint(
            hosts, inbox, lambda: NOW, lambda host, outcome: counted.append((host, outcome))
        )
    )
    return Edge(app.test_client(), inbox, counted)


def github_headers(body: bytes, event: str, key: str = "1-2-3", secret: str = SECRET) -> dict:
    mac = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json", "X-GitHub-Event": event, "X-GitHub-Delivery": key,
        "X-Hub-Signature-256": f"sha256={mac}",
    }  # fmt: skip


def gitlab_headers(key: str = "k-1", token: str | None = SECRET) -> dict:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return headers | ({"X-Gitlab-Token": token} if token else {})


def signed_headers(body: bytes, key: str = "k-1", at: datetime = NOW, token: str = SIGNING) -> dict:
    return {
        "Content-Type": "application/json", "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(token).sign(key, at, body.decode()),
    }  # fmt: skip


@pytest.fixture
def post_github(edge: Edge) -> Callable:
    def post(event: str, document: object, key: str = "1-2-3"):
        body = json.dumps(document).encode()
        return edge.client.post(
            "/webhooks/github", data=body, headers=github_headers(body, event, key)
        )

    return post


@pytest.fixture
def post_gitlab(edge: Edge) -> Callable:
    def post(document: object, key: str = "k-1"):
        return edge.client.post(
            "/webhooks/gitlab", data=json.dumps(document).encode(), headers=gitlab_headers(key)
        )

    return post
