"""Notes: quick actions are executed and taken out, limits are GitLab's, system notes are marked."""

from __future__ import annotations

import pytest

from mrbot.sandbox import comments
from tests.unit.sandbox.conftest import GITLAB, Place


@pytest.fixture
def notes(place: Place) -> str:
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x\n"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    return f"/projects/acme%2Finfra/merge_requests/{number}/notes"


@pytest.mark.parametrize(
    ("body", "left", "names"),
    [
        pytest.param("hello", "hello", [], id="plain"),
        pytest.param("/plan", "/plan", [], id="not-a-command-of-gitlab"),
        pytest.param("/apply now", "/apply now", [], id="nor-this"),
        pytest.param("/approve", "", ["approve"], id="alone"),
        pytest.param("text\n/label ~a\nmore", "text\nmore", ["label"], id="between"),
        pytest.param("text /merge", "text /merge", [], id="not-at-the-start"),
        pytest.param(" /merge", " /merge", [], id="indented"),
        pytest.param("```\n/merge\n```", "```\n/merge\n```", [], id="fenced"),
        pytest.param("> /merge", "> /merge", [], id="quoted"),
        pytest.param("/merge\r\nx", "x", ["merge"], id="carriage-return"),
        pytest.param("/usr/bin/env", "/usr/bin/env", [], id="a-path"),
        pytest.param("", "", [], id="empty"),
    ],
)
def test_quick_actions_are_taken_out_of_a_note(body: str, left: str, names: list[str]) -> None:
    rest, commands = comments.split_quick_actions(body)
    assert rest == left
    assert [command.name for command in commands] == names


def test_a_note_of_quick_actions_only_is_no_note(place: Place, notes: str) -> None:
    answer = place.gitlab("bob")("POST", notes, {"body": "/approve\n/label ~urgent"})
    assert answer.status_code == 202
    assert answer.json()["summary"] == ["Applied approve command.", "Applied label command."]
    change = place.sandbox.change(GITLAB, 1)
    assert len(change.approvals) == 1
    assert change.labels == ["urgent"]
    assert place.sandbox.world.comments_of(change, system=False) == []


def test_a_quick_action_inside_a_note_is_executed_and_gone(place: Place, notes: str) -> None:
    answer = place.gitlab("bob")("POST", notes, {"body": "Enough.\n/close"})
    assert (answer.status_code, answer.json()["body"]) == (201, "Enough.")
    assert place.sandbox.change(GITLAB, 1).state == "closed"


def test_a_quick_action_needs_the_right(place: Place, notes: str) -> None:
    place.sandbox.protect_branch(GITLAB, "main", merge="maintainer")
    answer = place.gitlab("bob")("POST", notes, {"body": "/merge"})
    assert answer.json()["summary"] == ["Could not apply merge command."]
    assert place.sandbox.change(GITLAB, 1).state == "opened"


def test_a_million_characters_fit_and_one_more_does_not(place: Place, notes: str) -> None:
    limit = comments.GITLAB_NOTE_LIMIT_CHARS
    assert place.gitlab()("POST", notes, {"body": "x" * limit}).status_code == 201
    answer = place.gitlab()("POST", notes, {"body": "x" * (limit + 1)})
    assert answer.status_code == 400
    assert "is too long (maximum is 1000000 characters)" in answer.json()["message"]


def test_a_change_takes_so_many_notes(
    place: Place, notes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "GITLAB_NOTES_LIMIT", 1)
    assert place.gitlab()("POST", notes, {"body": "one"}).status_code == 201
    assert place.gitlab()("POST", notes, {"body": "two"}).status_code == 400


def test_system_notes_are_marked_and_can_be_filtered(place: Place, notes: str) -> None:
    place.sandbox.approve(GITLAB, 1, "bob")
    place.sandbox.comment(GITLAB, 1, "bob", "fine")
    every = place.gitlab()("GET", notes, sort="asc").json()
    assert [(one["system"], one["body"]) for one in every] == [
        (True, "approved this merge request"),
        (False, "fine"),
    ]
    only = place.gitlab()("GET", notes, activity_filter="only_comments").json()
    assert [one["body"] for one in only] == ["fine"]


@pytest.mark.parametrize(("login", "status"), [("alice", 200), ("bob", 403), ("mrbot", 200)])
def test_authors_and_maintainers_edit_a_note(
    place: Place, notes: str, login: str, status: int
) -> None:
    note = place.gitlab("alice")("POST", notes, {"body": "first"}).json()["id"]
    answer = place.gitlab(login)("PUT", f"{notes}/{note}", {"body": "second"})
    assert answer.status_code == status
    shown = place.gitlab()("GET", f"{notes}/{note}").json()
    assert shown["body"] == ("second" if status == 200 else "first")


def test_a_deleted_note_is_gone(place: Place, notes: str) -> None:
    note = place.gitlab()("POST", notes, {"body": "x"}).json()["id"]
    assert place.gitlab()("DELETE", f"{notes}/{note}").status_code == 204
    assert place.gitlab()("GET", f"{notes}/{note}").status_code == 404


def test_an_emoji_is_given_once(place: Place, notes: str) -> None:
    note = place.gitlab()("POST", notes, {"body": "x"}).json()["id"]
    path = f"{notes}/{note}/award_emoji"
    assert place.gitlab("mrbot")("POST", path, {"name": "eyes"}).status_code == 201
    assert place.gitlab("mrbot")("POST", path, {"name": "eyes"}).status_code == 404
    assert [one["name"] for one in place.gitlab()("GET", path).json()] == ["eyes"]
