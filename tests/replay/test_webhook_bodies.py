"""Third-party webhook bodies, sent as their host would: read rightly, and nothing else done."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from standardwebhooks import Webhook

from mrbot.ids import HostKind
from mrbot.inbox.delivery import (
    BranchMoved,
    ChangeMayHaveChanged,
    Commented,
    ReviewGiven,
    RunProgressed,
)
from mrbot.secret import Secret
from mrbot.store.inbox import StoredInbox
from mrbot.store.opening import open_store
from mrbot.webhook.hook import HookConfig
from mrbot.webhook.routes import webhook_blueprint
from tests.needs import data

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SIGNING = "whsec_c2lnbmluZyB0b2tlbiBvZiAzMiBieXRlcyEhISEhISE="

GITHUB_CAUSES = {
    "pull_request": ChangeMayHaveChanged,
    "pull_request_review": ReviewGiven,
    "issue_comment": Commented,
    "push": BranchMoved,
    "workflow_run": RunProgressed,
    "deployment_status": RunProgressed,
    "check_run": RunProgressed,
    "check_suite": RunProgressed,
}
GITLAB_CAUSES = {
    "merge_request": ChangeMayHaveChanged,
    "note": Commented,
    "push": BranchMoved,
    "pipeline": RunProgressed,
}


NOT_AS_GITLAB_SENDS = {"group_merge_request.json"}
"""This one spells a field `"iid "`."""


class Recording:
    """The real inbox; remembers what it was given."""

    def __init__(self, inbox):
        self.inbox, self.given = inbox, []

    def put(self, delivery, now):
        self.given.append(delivery)
        return self.inbox.put(delivery, now)


@pytest.fixture
def receiver(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/db")
    inbox, app = Recording(StoredInbox(engine)), Flask("replay")
    hosts = {
        "gh": HookConfig(
            name="gh", kind=HostKind.GITHUB, secret=Secret("s"), accepts=lambda _repo: True
        ),
        "gl": HookConfig(
            name="gl", kind=HostKind.GITLAB, signing_token=Secret(SIGNING),
            accepts=lambda _repo: True,
        ),
    }  # fmt: skip
    app.register_blueprint(webhook_blueprint(hosts, inbox, lambda: NOW))
    yield app.test_client(), inbox
    engine.dispose()


def github_event(path: Path, body: dict) -> str:
    """The event of a body; go-scm's file names do not say it."""
    if path.parent.name == "octokit-webhooks-examples":
        return path.name.split(".")[0]
    for key, event in (
        ("review", "pull_request_review"), ("comment", "issue_comment"),
        ("pull_request", "pull_request"), ("workflow_run", "workflow_run"),
        ("check_run", "check_run"), ("merge_group", "merge_group"), ("release", "release"),
        ("deployment", "deployment"), ("pusher", "push"), ("context", "status"),
        ("ref_type", "create"),
    ):  # fmt: skip
        if key in body:
            return event
    raise AssertionError(f"which event is {path}?")


def post_github(client, path: Path, body: dict, number: int):
    raw = json.dumps(body).encode()
    mac = hmac.new(b"s", raw, hashlib.sha256).hexdigest()
    return client.post(
        "/webhooks/github", data=raw, content_type="application/json",
        headers={
            "X-Hub-Signature-256": f"sha256={mac}", "X-GitHub-Delivery": f"guid-{number}",
            "X-GitHub-Event": github_event(path, body),
        },
    )  # fmt: skip


def post_gitlab(client, body: dict, number: int):
    raw = json.dumps(body)
    return client.post(
        "/webhooks/gitlab", data=raw, content_type="application/json",
        headers={
            "webhook-id": f"id-{number}", "webhook-timestamp": str(int(NOW.timestamp())),
            "webhook-signature": Webhook(SIGNING).sign(f"id-{number}", NOW, raw),
        },
    )  # fmt: skip


def bodies(folder: str):
    found = sorted(data().glob(folder))
    assert found, f"no bodies in {folder}"
    return [(path, json.loads(path.read_text())) for path in found]


def test_every_github_body_is_answered_2xx_and_read_as_what_it_is(receiver):
    client, inbox = receiver
    outcomes: Counter[str] = Counter()
    for number, (path, body) in enumerate(bodies("github/*webhooks*/*.json")):
        before = len(inbox.given)
        answer = post_github(client, path, body, number)
        assert answer.status_code in {200, 202}, (path.name, answer.status_code, answer.text)
        assert "cannot be read" not in answer.json.get("ignored", ""), (path.name, answer.json)
        event = github_event(path, body)
        for delivery in inbox.given[before:]:
            assert isinstance(delivery.cause, GITHUB_CAUSES[event]), path.name
            assert delivery.repo.path == body["repository"]["full_name"]
            outcomes[event] += 1
        if event in {"pull_request", "workflow_run", "deployment_status"}:
            assert len(inbox.given) == before + 1, path.name
        if event == "issue_comment":
            on_change = "pull_request" in body["issue"] and body["action"] == "created"
            assert len(inbox.given) == before + on_change, path.name
        if event == "pull_request_review":
            decided = body["action"] == "submitted" and body["review"]["state"] != "commented"
            assert len(inbox.given) == before + decided, path.name
        if event == "push":
            branch = body["ref"].startswith("refs/heads/")
            assert len(inbox.given) == before + branch, path.name
    assert outcomes["pull_request"] > 15
    assert outcomes["push"] >= 2


def test_every_gitlab_body_is_answered_2xx_and_read_as_what_it_is(receiver):
    client, inbox = receiver
    outcomes: Counter[str] = Counter()
    for number, (path, body) in enumerate(bodies("gitlab/*hooks/*.json")):
        before = len(inbox.given)
        answer = post_gitlab(client, body, number)
        assert answer.status_code in {200, 202}, (path.name, answer.status_code, answer.text)
        if path.name in NOT_AS_GITLAB_SENDS:
            assert "cannot be read" in answer.json["ignored"]
            continue
        assert "cannot be read" not in answer.json.get("ignored", ""), (path.name, answer.json)
        kind = body.get("object_kind") or body.get("event_name")
        for delivery in inbox.given[before:]:
            assert isinstance(delivery.cause, GITLAB_CAUSES[kind]), path.name
            assert delivery.repo.path == body["project"]["path_with_namespace"]
            outcomes[kind] += 1
        wanted = kind in GITLAB_CAUSES and (
            kind != "note" or body["object_attributes"]["noteable_type"] == "MergeRequest"
        )
        assert len(inbox.given) == before + wanted, path.name
    assert all(outcomes[kind] for kind in GITLAB_CAUSES), outcomes


@pytest.mark.parametrize("action", ["approved", "approval", "unapproved", "unapproval"])
def test_a_gitlab_approval_made_from_a_real_body_is_a_review(receiver, action):
    client, inbox = receiver
    (_, body), *_ = bodies("gitlab/go-gitlab-webhooks/merge_request.json")
    body["object_attributes"]["action"] = action
    assert post_gitlab(client, body, 1).status_code == 202
    review = inbox.given[0].cause
    assert isinstance(review, ReviewGiven)
    assert review.person.id == str(body["user"]["id"])
    assert review.head == body["object_attributes"]["last_commit"]["id"]


def test_sending_everything_again_stores_nothing_again(receiver):
    client, _ = receiver
    github, gitlab = bodies("github/*webhooks*/*.json"), bodies("gitlab/*hooks/*.json")
    for again in (False, True):
        for number, (path, body) in enumerate(github):
            answer = post_github(client, path, body, number)
            assert answer.status_code == 200 or not again
        for number, (_, body) in enumerate(gitlab):
            answer = post_gitlab(client, body, number)
            assert answer.status_code == 200 or not again
