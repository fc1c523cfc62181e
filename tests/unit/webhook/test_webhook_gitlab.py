from __future__ import annotations

import json

import pytest

from mrbot.change.people import ReviewState
from mrbot.errors import Malformed
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
from mrbot.webhook.gitlab import parse
from mrbot.webhook.signature import VerifiedBody

HEAD = "a" * 40
PROJECT = {"id": 5, "path_with_namespace": "group/sub/infra"}
USER = {"id": 9, "username": "ann"}


def read(document, headers=None):
    body = VerifiedBody(json.dumps(document).encode())
    return parse(body, headers or {"idempotency-key": "k"}, "gl", frozenset({"77"}))


def cause(document):
    found = read(document)
    assert isinstance(found, Delivery), found
    return found.cause


def merge_request(user=USER, **attributes):
    return {
        "object_kind": "merge_request", "user": user, "project": PROJECT,
        "object_attributes": {"iid": 7, "last_commit": {"id": HEAD}, **attributes},
    }  # fmt: skip


def note(user=USER, **attributes):
    return {
        "object_kind": "note", "user": user, "project": PROJECT, "merge_request": {"iid": 7},
        "object_attributes": {
            "id": 1, "note": "/apply", "noteable_type": "MergeRequest", "author_id": 9,
            "system": False, "action": "create", **attributes,
        },
    }  # fmt: skip


def push(**fields):
    return {
        "object_kind": "push", "project": PROJECT, "ref": "refs/heads/main", "after": HEAD, **fields
    }  # fmt: skip


@pytest.mark.parametrize("action", [None, "open", "close", "reopen", "update", "merge", "new"])
def test_whatever_happens_to_a_change_is_a_hint(action):
    assert cause(merge_request(action=action)) == ChangeMayHaveChanged(change=7)


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("approved", ReviewState.APPROVED),
        ("approval", ReviewState.APPROVED),
        ("unapproved", ReviewState.DISMISSED),
        ("unapproval", ReviewState.DISMISSED),
    ],
)
def test_a_persons_approval_carries_the_head_it_was_given_on(action, state):
    assert cause(merge_request(action=action)) == ReviewGiven(
        change=7, person=Person(id="9", login="ann"), state=state, head=HEAD
    )


@pytest.mark.parametrize(
    "reset",
    [
        {"system": True, "system_action": "approvals_reset_on_push"},
        {"system": True},
        {"system_action": "code_owner_approvals_reset_on_push"},
    ],
)
def test_a_reset_by_gitlab_is_not_the_pushers_word(reset):
    assert cause(merge_request(action="unapproved", **reset)) == ChangeMayHaveChanged(change=7)


def test_an_approval_by_somebody_without_an_id_is_only_a_hint():
    found = cause(merge_request(user={"username": "ann"}, action="approved"))
    assert found == ChangeMayHaveChanged(change=7)


def test_an_approval_without_a_head_says_so():
    found = cause(merge_request(action="approved", last_commit=None))
    assert isinstance(found, ReviewGiven)
    assert found.head is None


def test_a_new_comment_is_read_with_its_author():
    assert cause(note()) == Commented(
        change=7, comment="1", body="/apply", author=Person(id="9", login="ann")
    )


TIME = "2015-05-17 18:21:36 UTC"


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param({"action": "update"}, id="edited"),
        pytest.param(
            {"action": None, "created_at": TIME, "updated_at": TIME.replace("36", "37")},
            id="edited, says an old version",
        ),
        pytest.param({"noteable_type": "Issue"}, id="on an issue"),
        pytest.param({"noteable_type": "Commit"}, id="on a commit"),
        pytest.param({"system": True}, id="a system note"),
        pytest.param({"author_id": 77}, id="the bot's own, sent by somebody else"),
        pytest.param({"author_id": 10}, id="filed under another author"),
        pytest.param({"note": "x" * 65_537}, id="longer than is read"),
    ],
)
def test_no_command_is_read_from(attributes):
    found = read(note(**attributes))
    assert (
        isinstance(found, Ignored)
        or isinstance(found.cause, ChangeMayHaveChanged)
        or (isinstance(found.cause, Commented) and found.cause.author.id == "77")
    )
    assert not (isinstance(found, Delivery) and isinstance(found.cause, Commented))


def test_a_comment_of_an_old_version_is_new_when_both_its_times_agree():
    assert isinstance(cause(note(action=None, created_at=TIME, updated_at=TIME)), Commented)


def test_the_bots_own_comment_is_ignored_and_its_edit_by_another_is_a_hint():
    bot = {"id": 77, "username": "mrbot"}
    assert isinstance(read(note(user=bot, author_id=77)), Ignored)
    assert isinstance(read(note(user=bot, author_id=77, action="update")), Ignored)
    assert cause(note(author_id=77, action="update")) == ChangeMayHaveChanged(change=7)


def test_a_push_moves_its_branch():
    assert cause(push()) == BranchMoved(branch="main", sha=HEAD)
    assert cause(push(after="0" * 40)) == BranchMoved(branch="main", sha=None)
    assert cause(push(ref="refs/heads/fix/ünïcode")).branch == "fix/ünïcode"
    assert isinstance(read(push(ref="refs/tags/v1")), Ignored)


def test_a_pipeline_names_its_change_only_when_the_change_is_in_this_project():
    pipeline = {
        "object_kind": "pipeline", "project": PROJECT, "object_attributes": {"id": 31, "sha": HEAD},
        "merge_request": {"iid": 7, "target_project_id": 5},
    }  # fmt: skip
    assert cause(pipeline) == RunProgressed(run="31", sha=HEAD, change=7)
    pipeline["merge_request"]["target_project_id"] = 6
    assert cause(pipeline) == RunProgressed(run="31", sha=HEAD)
    assert cause(pipeline | {"merge_request": None}) == RunProgressed(run="31", sha=HEAD)


@pytest.mark.parametrize("kind", ["build", "issue", "release", "deployment", "brand_new", "", None])
def test_other_events_are_ignored_and_readable(kind):
    found = read({"object_kind": kind, "project": PROJECT})
    assert isinstance(found, Ignored)
    assert not found.unreadable


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"object_kind": "merge_request"}, id="nothing else"),
        pytest.param(merge_request(iid="7"), id="an id that is text"),
        pytest.param(merge_request(iid=True), id="an id that is a truth value"),
        pytest.param(merge_request(iid=-7), id="a negative id"),
        pytest.param(merge_request(iid=2**63), id="an id no column holds"),
        pytest.param(merge_request(iid=7.0), id="an id that is a fraction"),
        pytest.param(merge_request(action="approved", last_commit={"id": "abc"}), id="short sha"),
        pytest.param(merge_request() | {"project": {}}, id="no project"),
        pytest.param(
            merge_request() | {"project": {"path_with_namespace": "../etc"}}, id="path climbs"
        ),
        pytest.param(
            merge_request() | {"project": {"path_with_namespace": "a/b c"}}, id="path with space"
        ),
        pytest.param(push(ref="refs/heads/a\nb"), id="a branch with a line break"),
        pytest.param(push(ref="refs/heads/\ud800"), id="a branch that cannot be encoded"),
        pytest.param(push(ref="refs/heads/" + "x" * 2000), id="a branch without an end"),
        pytest.param(note(author_id=None), id="no author"),
        pytest.param(note() | {"merge_request": []}, id="a list where an object should be"),
    ],
)
def test_a_handled_event_with_an_odd_field_is_ignored_and_said_to_be_unreadable(document):
    found = read(document)
    assert isinstance(found, Ignored)
    assert found.unreadable
    assert found.reason.startswith("cannot be read")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b"null", b"\xff", b'{"a": NaN}', b"[" * 100_000, b"1" * 10_000],
    ids=["empty", "cut", "list", "number", "null", "latin", "nan", "deep", "long number"],
)
def test_what_is_no_json_object_is_malformed(body):
    with pytest.raises(Malformed):
        parse(VerifiedBody(body), {}, "gl", frozenset())


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"webhook-id": "w", "idempotency-key": "i"}, "w"),
        ({"idempotency-key": "i"}, "i"),
        ({"x-gitlab-event-uuid": "u"}, "sha256:"),
        ({"idempotency-key": "x" * 201}, "sha256:"),
        ({"idempotency-key": "a b"}, "sha256:"),
    ],
)
def test_the_key_of_a_delivery_is_the_senders_else_its_digest(headers, key):
    found = read(merge_request(), headers)
    assert isinstance(found, Delivery)
    assert found.key.startswith(key)
    assert found.body is None
    assert found.repo == RepoId("gl", "group/sub/infra")
