"""Webhooks: signed as the hosts sign them, told once, sent again under the same key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.unit.sandbox.conftest import GITHUB, GITLAB, Place, Receiver

SIGNING = "whsec_" + base64.b64encode(b"k" * 32).decode()


def settled(place: Place) -> None:
    assert place.sandbox.wait_for_deliveries()


def test_gitlab_signs_with_the_standard_that_others_verify(
    place: Place, receiver: Receiver
) -> None:
    place.sandbox.add_hook(GITLAB, receiver.url, secret="token", signing_token=SIGNING)
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    settled(place)
    (one,) = receiver.got
    assert one.headers["X-Gitlab-Event"] == "Push Hook"
    assert one.headers["X-Gitlab-Token"] == "token"
    assert one.headers["webhook-id"] == one.headers["Idempotency-Key"]
    assert one.headers["X-Gitlab-Instance"] == place.sandbox.url
    Webhook(SIGNING).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SIGNING).verify(one.body + b" ", one.headers)


def test_a_hook_without_secrets_sends_neither_token_nor_signature(
    place: Place, receiver: Receiver
) -> None:
    place.sandbox.add_hook(GITLAB, receiver.url)
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    settled(place)
    assert not {"X-Gitlab-Token", "webhook-signature"} & set(receiver.got[0].headers)


def test_github_signs_with_the_hooks_secret(place: Place, receiver: Receiver) -> None:
    place.sandbox.add_hook(GITHUB, receiver.url, secret="s3cret")
    settled(place)
    (ping,) = receiver.got
    assert ping.headers["X-GitHub-Event"] == "ping"
    expected = hmac.new(b"s3cret", ping.body, hashlib.sha256).hexdigest()
    assert ping.headers["X-Hub-Signature-256"] == f"sha256={expected}"
    assert ping.headers["User-Agent"].startswith("GitHub-Hookshot/")


def test_gitlab_resends_under_the_same_key(place: Place, receiver: Receiver) -> None:
    hook = place.sandbox.add_hook(GITLAB, receiver.url, signing_token=SIGNING)
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    settled(place)
    path = f"/projects/acme%2Finfra/hooks/{hook.id}/events"
    event = place.gitlab("mrbot")("GET", path).json()[0]["id"]
    assert place.gitlab("mrbot")("POST", f"{path}/{event}/resend").status_code == 201
    settled(place)
    first, again = receiver.got
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert first.headers["X-Gitlab-Webhook-UUID"] != again.headers["X-Gitlab-Webhook-UUID"]
    assert first.body == again.body
    Webhook(SIGNING).verify(again.body, again.headers)


def test_github_redelivers_under_the_same_id(place: Place, receiver: Receiver) -> None:
    hook = place.sandbox.add_hook(GITHUB, receiver.url, secret="s")
    settled(place)
    path = f"/repos/{GITHUB}/hooks/{hook.id}/deliveries"
    first = place.github("mrbot")("GET", path).json()[0]
    assert (first["event"], first["status_code"], first["redelivery"]) == ("ping", 200, False)
    assert place.github("mrbot")("POST", f"{path}/{first['id']}/attempts").status_code == 202
    settled(place)
    assert receiver.events("X-GitHub-Delivery") == [first["guid"]] * 2
    assert place.github("mrbot")("GET", path).json()[0]["redelivery"] is True


def test_oldrev_is_there_for_new_commits_only(place: Place, receiver: Receiver) -> None:
    old = place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    place.sandbox.add_hook(GITLAB, receiver.url, events=["merge_requests_events"])
    new = place.sandbox.commit(GITLAB, "feature", {"b.tf": "x"}, author="bob")
    place.sandbox.edit_change(GITLAB, number, "alice", title="Draft: other", labels=["a"])
    place.sandbox.approve(GITLAB, number, "bob")
    place.sandbox.unapprove(GITLAB, number, "bob")
    place.sandbox.merge(GITLAB, number, "bob")
    settled(place)
    bodies = [one.json["object_attributes"] for one in receiver.got]
    assert [body["action"] for body in bodies] == [
        "update", "update", "approved", "unapproved", "merge",
    ]  # fmt: skip
    assert bodies[0]["oldrev"] == old
    assert bodies[0]["last_commit"]["id"] == new
    assert "oldrev" not in bodies[1]
    assert receiver.got[0].json["user"]["username"] == "bob"
    changes = receiver.got[1].json["changes"]
    assert changes["title"]["current"] == "Draft: other"
    assert changes["draft"] == {"previous": False, "current": True}
    assert changes["labels"]["current"][0]["title"] == "a"


def test_a_reset_of_approvals_is_marked_as_the_hosts_own(place: Place, receiver: Receiver) -> None:
    place.sandbox.project(GITLAB).reset_approvals_on_push = True
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    place.sandbox.approve(GITLAB, number, "bob")
    place.sandbox.add_hook(GITLAB, receiver.url, events=["merge_requests_events"])
    place.sandbox.commit(GITLAB, "feature", {"b.tf": "x"}, author="alice")
    settled(place)
    body = receiver.got[1].json
    assert body["object_attributes"]["action"] == "unapproved"
    assert body["object_attributes"]["system"] is True
    assert body["object_attributes"]["system_action"] == "approvals_reset_on_push"
    assert body["user"]["username"] == "alice"


def test_notes_tell_of_their_change_and_system_notes_tell_nothing(
    place: Place, receiver: Receiver
) -> None:
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    place.sandbox.add_hook(GITLAB, receiver.url, events=["note_events"])
    note = place.sandbox.comment(GITLAB, number, "bob", "/plan")
    place.sandbox.edit_comment(GITLAB, number, note, "bob", "/apply")
    place.sandbox.edit_comment(GITLAB, number, note, "bob", "/apply")
    place.sandbox.approve(GITLAB, number, "bob")
    settled(place)
    actions = [one.json["object_attributes"]["action"] for one in receiver.got]
    assert actions == ["create", "update"]
    body = receiver.got[0].json
    assert body["merge_request"]["last_commit"]["id"] == place.sandbox.change(GITLAB, number).head
    assert body["object_attributes"]["noteable_type"] == "MergeRequest"


def test_github_tells_the_whole_life_of_a_pull_request(place: Place, receiver: Receiver) -> None:
    place.sandbox.add_hook(GITHUB, receiver.url, events=[
        "pull_request", "pull_request_review", "issue_comment",
    ])  # fmt: skip
    old = place.sandbox.commit(GITHUB, "feature", {"a.tf": "x"}, author="alice")
    number = place.sandbox.open_change(GITHUB, "alice", "feature")
    new = place.sandbox.commit(GITHUB, "feature", {"b.tf": "x"}, author="alice")
    place.sandbox.edit_change(GITHUB, number, "alice", title="New", draft=True, labels=["a"])
    place.sandbox.review(GITHUB, number, "bob", "APPROVED")
    place.sandbox.unapprove(GITHUB, number, "bob")
    comment = place.sandbox.comment(GITHUB, number, "bob", "one")
    place.sandbox.edit_comment(GITHUB, number, comment, "bob", "two")
    place.sandbox.merge(GITHUB, number, "bob")
    settled(place)
    told = [(one.headers["X-GitHub-Event"], one.json.get("action")) for one in receiver.got]
    assert told == [
        ("ping", None),
        ("pull_request", "opened"),
        ("pull_request", "synchronize"),
        ("pull_request", "edited"),
        ("pull_request", "labeled"),
        ("pull_request", "converted_to_draft"),
        ("pull_request_review", "submitted"),
        ("pull_request_review", "dismissed"),
        ("issue_comment", "created"),
        ("issue_comment", "edited"),
        ("pull_request", "closed"),
    ]
    bodies = {one[1]: got.json for one, got in zip(told, receiver.got, strict=True)}
    assert (bodies["synchronize"]["before"], bodies["synchronize"]["after"]) == (old, new)
    assert bodies["submitted"]["review"]["state"] == "approved"
    assert bodies["edited"]["changes"] == {"body": {"from": "one"}}
    assert bodies["closed"]["pull_request"]["merged"] is True


def test_a_hook_hears_only_what_it_asked_for(place: Place, receiver: Receiver) -> None:
    place.sandbox.add_hook(GITLAB, receiver.url, events=["note_events"])
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    settled(place)
    assert receiver.got == []


def test_pipelines_tell_each_state(place: Place, receiver: Receiver) -> None:
    place.sandbox.add_hook(GITLAB, receiver.url, events=["pipeline_events"])
    body = {"ref": "main", "variables": [{"key": "MRBOT_INTENT", "value": "k"}]}
    place.gitlab("mrbot")("POST", "/projects/acme%2Finfra/pipeline", body)
    for _ in range(5):
        place.sandbox.tick()
    settled(place)
    states = [one.json["object_attributes"]["status"] for one in receiver.got]
    assert states == ["created", "pending", "running", "success"]
    variables = receiver.got[0].json["object_attributes"]["variables"]
    assert variables == [{"key": "MRBOT_INTENT", "value": "k"}]


def test_a_hook_that_keeps_failing_rests(place: Place, receiver: Receiver) -> None:
    world = place.sandbox.world
    world.auto_disable_hooks = True
    receiver.status = 500
    hook = place.sandbox.add_hook(GITLAB, receiver.url, events=["push_events"])
    for at in range(6):
        place.sandbox.commit(GITLAB, f"b{at}", {"a.tf": "x"}, author="alice")
        settled(place)
    assert len(receiver.got) == 4
    shown = place.gitlab("mrbot")("GET", f"/projects/acme%2Finfra/hooks/{hook.id}").json()
    assert shown["alert_status"] == "temporarily_disabled"
    assert hook.disabled_until is not None
    hook.disabled_until -= timedelta(minutes=2)
    receiver.status = 200
    place.sandbox.commit(GITLAB, "later", {"a.tf": "x"}, author="alice")
    settled(place)
    assert (len(receiver.got), hook.failures) == (5, 0)


def test_a_receiver_that_is_down_is_recorded(place: Place) -> None:
    hook = place.sandbox.add_hook(GITLAB, "http://127.0.0.1:1/hook")
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    settled(place)
    assert [one.answer_status for one in hook.deliveries] == [0]


def test_the_test_button_sends_real_data_without_oldrev(place: Place, receiver: Receiver) -> None:
    hook = place.sandbox.add_hook(GITLAB, receiver.url)
    path = f"/projects/acme%2Finfra/hooks/{hook.id}/test/merge_requests_events"
    assert place.gitlab("mrbot")("POST", path).status_code == 422
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    place.sandbox.open_change(GITLAB, "alice", "feature")
    settled(place)
    receiver.got.clear()
    assert place.gitlab("mrbot")("POST", path).status_code == 201
    settled(place)
    assert "oldrev" not in receiver.got[0].json["object_attributes"]


@pytest.mark.parametrize("login", ["alice", "guest"])
def test_hooks_are_for_maintainers(place: Place, login: str) -> None:
    body = {"url": "http://localhost:1/x", "merge_requests_events": True}
    assert place.gitlab(login)("POST", "/projects/acme%2Finfra/hooks", body).status_code == 403
    made = place.gitlab("mrbot")("POST", "/projects/acme%2Finfra/hooks", body)
    assert made.json()["merge_requests_events"] is True


def test_a_secret_is_never_shown_again(place: Place) -> None:
    body = {"url": "http://localhost:1/x", "token": "s3cret", "signing_token": SIGNING}
    shown = place.gitlab("mrbot")("POST", "/projects/acme%2Finfra/hooks", body)
    assert "s3cret" not in shown.text
    assert SIGNING not in shown.text
    assert (shown.json()["token_present"], shown.json()["signing_token_present"]) == (True, True)
