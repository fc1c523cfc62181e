from __future__ import annotations

import json

import pytest

from mrbot.change.people import ReviewState
from mrbot.ids import Person, RepoId
from mrbot.inbox.delivery import (
    BranchMoved,
    ChangeMayHaveChanged,
    Commented,
    Delivery,
    Ignored,
    ReviewGiven,
    RunProgressed,
)
from mrbot.webhook.github import parse
from mrbot.webhook.signature import VerifiedBody

HEAD = "b" * 40
ANN = {"id": 9, "login": "ann", "type": "User"}
BOT = {"id": 77, "login": "mrbot[bot]", "type": "Bot"}
OTHER_BOT = {"id": 78, "login": "renovate[bot]", "type": "Bot"}


def read(event, document, key="guid"):
    body = VerifiedBody(
        json.dumps({"repository": {"full_name": "org/infra"}, "sender": ANN} | document).encode()
    )
    headers = {"x-github-event": event, "x-github-delivery": key}
    return parse(body, headers, "gh", frozenset({"77"}))


def cause(event, document):
    found = read(event, document)
    assert isinstance(found, Delivery), found
    return found.cause


def comment(action="created", user=ANN, **fields):
    return {
        "action": action, "issue": {"number": 7, "pull_request": {"url": "u"}},
        "comment": {"id": 1, "body": "/apply", "user": user}, **fields,
    }  # fmt: skip


def review(state="approved", action="submitted"):
    return {
        "action": action, "pull_request": {"number": 7},
        "review": {"id": 5, "state": state, "user": ANN, "commit_id": HEAD},
    }  # fmt: skip


@pytest.mark.parametrize("action", ["opened", "synchronize", "closed", "edited", "brand_new"])
def test_whatever_happens_to_a_change_is_a_hint(action):
    found = cause("pull_request", {"action": action, "pull_request": {"number": 7}})
    assert found == ChangeMayHaveChanged(change=7)


@pytest.mark.parametrize(
    ("action", "told", "state"),
    [
        ("submitted", "approved", ReviewState.APPROVED),
        ("submitted", "APPROVED", ReviewState.APPROVED),
        ("submitted", "changes_requested", ReviewState.CHANGES_REQUESTED),
        ("dismissed", "dismissed", ReviewState.DISMISSED),
    ],
)
def test_a_review_carries_the_head_it_was_given_on(action, told, state):
    found = read("pull_request_review", review(told, action))
    assert isinstance(found, Delivery)
    assert found.cause == ReviewGiven(
        change=7, person=Person(id="9", login="ann"), state=state, head=HEAD
    )
    assert found.fact == f"review:5:{state}"


@pytest.mark.parametrize(
    "document", [review("commented"), review("pending"), review("approved", "edited")]
)
def test_a_review_that_decides_nothing_is_ignored(document):
    assert isinstance(read("pull_request_review", document), Ignored)


def test_a_new_comment_is_read_with_its_author():
    found = read("issue_comment", comment())
    assert isinstance(found, Delivery)
    assert found.cause == Commented(
        change=7, comment="1", body="/apply", author=Person(id="9", login="ann")
    )
    assert found.fact == "comment:1"
    other = cause("issue_comment", comment(user=OTHER_BOT, sender=OTHER_BOT))
    assert other.author.is_bot


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(comment("edited"), id="edited"),
        pytest.param(comment("deleted"), id="deleted"),
        pytest.param(comment(issue={"number": 7}), id="on an issue"),
        pytest.param(comment(user=BOT, sender=BOT), id="the bot's own"),
        pytest.param(comment("edited", user=BOT, sender=BOT), id="the bot's own edit"),
        pytest.param(comment(user=OTHER_BOT), id="another sender than author"),
        pytest.param(comment(comment={"id": 1, "body": "x" * 65_537, "user": ANN}), id="too long"),
    ],
)
def test_no_command_is_read_from(document):
    assert isinstance(read("issue_comment", document), Ignored)


@pytest.mark.parametrize("action", ["edited", "deleted"])
def test_somebody_elses_hand_on_the_bots_comment_is_a_hint(action):
    found = cause("issue_comment", comment(action, user=BOT))
    assert found == ChangeMayHaveChanged(change=7)


def test_a_push_moves_its_branch():
    moved = {"ref": "refs/heads/main", "after": HEAD}
    assert cause("push", moved) == BranchMoved(branch="main", sha=HEAD)
    assert cause("push", moved | {"after": "0" * 40}).sha is None
    assert isinstance(read("push", moved | {"ref": "refs/tags/v1"}), Ignored)


def test_runs_and_deployments_progress():
    assert cause("workflow_run", {"workflow_run": {"id": 3}}) == RunProgressed(run="3")
    assert cause("deployment_status", {"deployment": {"id": 4}}) == RunProgressed(run="4")


def test_asking_for_a_check_again_is_asking_for_its_commit_again():
    check = {"action": "rerequested", "check_run": {"id": 6, "head_sha": HEAD}}
    assert cause("check_run", check) == RunProgressed(run="6", sha=HEAD)
    assert isinstance(read("check_run", check | {"action": "completed"}), Ignored)


@pytest.mark.parametrize("event", ["ping", "issues", "star", "merge_group", "brand_new", ""])
def test_other_events_are_ignored_and_readable(event):
    found = read(event, {"action": "created"})
    assert isinstance(found, Ignored)
    assert not found.unreadable


@pytest.mark.parametrize(
    ("event", "document"),
    [
        pytest.param("issue_comment", {"issue": {"number": 1, "pull_request": {}}}, id="cut"),
        pytest.param("issue_comment", review(), id="the body of a review"),
        pytest.param("pull_request_review", comment("submitted"), id="the body of a comment"),
        pytest.param(
            "issue_comment",
            {"action": "created", "pull_request": {"number": 1}, "comment": comment()["comment"]},
            id="the body of a comment on a line",
        ),
        pytest.param("issue_comment", comment(user=None), id="a deleted account"),
        pytest.param("pull_request", {"pull_request": {"number": 1}, "repository": None}, id="-"),
    ],
)
def test_a_body_that_does_not_fit_its_event_header_is_unreadable(event, document):
    """The signature does not cover the header: one event's body under another's name does nothing."""
    found = read(event, document)
    assert isinstance(found, Ignored)
    assert found.unreadable


def test_a_delivery_carries_the_digest_of_its_body_because_its_key_is_not_signed():
    first = read("issue_comment", comment(), "one")
    again = read("issue_comment", comment(), "two")
    assert isinstance(first, Delivery)
    assert isinstance(again, Delivery)
    assert first.key != again.key
    assert first.body == again.body is not None
    assert first.repo == RepoId("gh", "org/infra")
