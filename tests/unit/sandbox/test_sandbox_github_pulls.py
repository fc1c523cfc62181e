"""Pull requests on GitHub: merging, reviews, comments and their limits."""

from __future__ import annotations

import pytest

from mrbot.sandbox import status_reports
from tests.unit.sandbox.conftest import GITHUB, Place

REPO = f"/repos/{GITHUB}"


@pytest.fixture
def pull(place: Place) -> str:
    place.sandbox.commit(GITHUB, "feature", {"main.tf": "a = 1\n"}, author="alice")
    return f"{REPO}/pulls/{place.sandbox.open_change(GITHUB, 'alice', 'feature')}"


def head(place: Place) -> str:
    return place.sandbox.change(GITHUB, 1).head


def test_a_pull_request_names_its_head_and_base(place: Place, pull: str) -> None:
    shown = place.github()("GET", pull).json()
    assert shown["head"]["sha"] == head(place)
    assert (shown["mergeable"], shown["mergeable_state"]) == (True, "clean")
    assert [one["filename"] for one in place.github()("GET", f"{pull}/files").json()] == ["main.tf"]
    assert shown["head"]["label"] == "acme:feature"


def test_a_merge_with_the_head_brings_the_change(place: Place, pull: str) -> None:
    answer = place.github("bob")("PUT", f"{pull}/merge", {"sha": head(place)})
    assert answer.json()["merged"] is True
    repository = place.sandbox.world.repository(place.sandbox.project(GITHUB))
    assert repository.branch("main") == answer.json()["sha"]
    shown = place.github()("GET", pull).json()
    assert (shown["state"], shown["merged"]) == ("closed", True)


def test_a_merge_with_another_head_is_a_conflict(place: Place, pull: str) -> None:
    answer = place.github("bob")("PUT", f"{pull}/merge", {"sha": "0" * 40})
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("Head branch was modified.")


def test_a_required_status_is_expected_then_failing_then_green(place: Place, pull: str) -> None:
    place.sandbox.protect_branch(GITHUB, "main", required_statuses=["mrbot/main"])
    statuses = f"{REPO}/statuses/{head(place)}"
    bot, merge = place.github("mrbot"), f"{pull}/merge"
    missing = bot("PUT", merge, {"sha": head(place)})
    assert missing.status_code == 405
    assert missing.json()["message"] == 'Required status check "mrbot/main" is expected.'
    for state, status in (("pending", 405), ("failure", 405), ("success", 200)):
        bot("POST", statuses, {"state": state, "context": "mrbot/main"})
        assert bot("PUT", merge, {"sha": head(place)}).status_code == status


def test_drafts_and_conflicts_are_not_merged(place: Place, pull: str) -> None:
    place.sandbox.edit_change(GITHUB, 1, "alice", draft=True)
    merge = f"{pull}/merge"
    assert place.github()("PUT", merge, {}).json()["message"] == "Pull Request is still a draft"
    place.sandbox.edit_change(GITHUB, 1, "alice", draft=False)
    place.sandbox.commit(GITHUB, "main", {"main.tf": "a = 2\n"}, author="bob")
    assert place.github()("GET", pull).json()["mergeable_state"] == "dirty"
    assert place.github()("PUT", merge, {}).status_code == 405
    assert place.github("guest")("PUT", merge, {}).status_code == 403


def test_an_author_cannot_review_the_own_change(place: Place, pull: str) -> None:
    answer = place.github("alice")("POST", f"{pull}/reviews", {"event": "APPROVE"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == ["Can not approve your own pull request"]
    fine = place.github("alice")("POST", f"{pull}/reviews", {"event": "COMMENT", "body": "hm"})
    assert fine.json()["state"] == "COMMENTED"


def test_reviews_keep_the_head_they_were_given_on(place: Place, pull: str) -> None:
    old = head(place)
    place.github("bob")("POST", f"{pull}/reviews", {"event": "APPROVE"})
    place.sandbox.commit(GITHUB, "feature", {"b.tf": "b\n"}, author="alice")
    place.github("mrbot")("POST", f"{pull}/reviews", {"event": "REQUEST_CHANGES", "body": "no"})
    shown = place.github()("GET", f"{pull}/reviews").json()
    assert [(one["state"], one["commit_id"]) for one in shown] == [
        ("APPROVED", old),
        ("CHANGES_REQUESTED", head(place)),
    ]


def test_a_dismissed_review_says_so(place: Place, pull: str) -> None:
    review = place.github("bob")("POST", f"{pull}/reviews", {"event": "APPROVE"}).json()["id"]
    path = f"{pull}/reviews/{review}/dismissals"
    assert place.github("alice")("PUT", path, {"message": "old"}).json()["state"] == "DISMISSED"
    assert place.github("alice")("PUT", path, {"message": "old"}).status_code == 422


@pytest.mark.parametrize(
    ("states", "allowed"),
    [
        pytest.param((), False, id="none"),
        pytest.param(("APPROVED",), True, id="one"),
        pytest.param(("APPROVED", "CHANGES_REQUESTED"), False, id="taken-back"),
        pytest.param(("APPROVED", "COMMENTED"), True, id="a-comment-changes-nothing"),
    ],
)
def test_required_approvals_count_each_persons_last_word(
    place: Place, pull: str, states: tuple[str, ...], allowed: bool
) -> None:
    place.sandbox.protect_branch(GITHUB, "main", required_approvals=1)
    for state in states:
        place.sandbox.review(GITHUB, 1, "bob", state)  # type: ignore[arg-type]
    answer = place.github("bob")("PUT", f"{pull}/merge", {})
    assert (answer.status_code == 200) is allowed


def test_a_reader_may_approve_and_it_does_not_count(place: Place, pull: str) -> None:
    place.sandbox.protect_branch(GITHUB, "main", required_approvals=1)
    given = place.github("guest")("POST", f"{pull}/reviews", {"event": "APPROVE"})
    assert given.status_code == 200
    assert place.github("bob")("PUT", f"{pull}/merge", {}).status_code == 405


def test_a_squash_is_one_commit_on_the_target(place: Place, pull: str) -> None:
    place.sandbox.commit(GITHUB, "feature", {"b.tf": "b\n"}, author="alice")
    merged = place.github("bob")("PUT", f"{pull}/merge", {"merge_method": "squash"}).json()["sha"]
    repository = place.sandbox.world.repository(place.sandbox.project(GITHUB))
    assert len(repository.commit(merged).parents) == 1
    assert repository.read(merged, "b.tf") == b"b\n"


def test_a_comment_holds_65536_characters(place: Place, pull: str) -> None:
    path = f"{REPO}/issues/1/comments"
    assert place.github()("POST", path, {"body": "x" * 65_536}).status_code == 201
    answer = place.github()("POST", path, {"body": "x" * 65_537})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{
        "resource": "IssueComment", "code": "unprocessable", "field": "data",
        "message": "Body is too long (maximum is 65536 characters)",
    }]  # fmt: skip


def test_quick_actions_are_only_text_here(place: Place, pull: str) -> None:
    answer = place.github("bob")("POST", f"{REPO}/issues/1/comments", {"body": "/close"})
    assert answer.json()["body"] == "/close"
    assert place.sandbox.change(GITHUB, 1).state == "opened"


def test_a_context_takes_a_thousand_statuses(
    place: Place, pull: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status_reports, "STATUSES_PER_CONTEXT", 2)
    path = f"{REPO}/statuses/{head(place)}"
    answers = [place.github()("POST", path, {"state": "pending"}).status_code for _ in range(3)]
    assert answers == [201, 201, 422]
    assert place.github()("POST", path, {"state": "pending", "context": "x"}).status_code == 201


@pytest.mark.parametrize(
    ("states", "combined"),
    [
        ({}, "pending"),
        ({"a": "success"}, "success"),
        ({"a": "success", "b": "pending"}, "pending"),
        ({"a": "error", "b": "pending"}, "failure"),
    ],
)
def test_the_combined_status_is_the_worst(
    place: Place, pull: str, states: dict[str, str], combined: str
) -> None:
    for context, state in states.items():
        body = {"state": state, "context": context}
        place.github()("POST", f"{REPO}/statuses/{head(place)}", body)
    shown = place.github()("GET", f"{REPO}/commits/{head(place)}/status").json()
    assert (shown["state"], shown["total_count"]) == (combined, len(states))


def test_what_was_not_modified_is_not_sent_again(place: Place, pull: str) -> None:
    import requests

    client = place.github()
    first = client("GET", pull)
    headers = {"Authorization": f"Bearer {client.token}", "If-None-Match": first.headers["ETag"]}
    again = requests.get(f"{client.root}{pull}", headers=headers, timeout=5)
    assert (again.status_code, again.content) == (304, b"")
    assert int(again.headers["X-RateLimit-Remaining"]) < 5000


def test_a_deleted_branch_closes_its_pull_request(place: Place, pull: str) -> None:
    from mrbot.sandbox import changes
    from mrbot.sandbox.repository import NO_COMMIT

    world, project = place.sandbox.world, place.sandbox.project(GITHUB)
    with world.lock:
        old = head(place)
        world.repository(project).delete("refs/heads/feature")
        alice = place.sandbox.user("alice")
        changes.pushed(world, project, alice, "refs/heads/feature", old, NO_COMMIT)
    assert place.github()("GET", pull).json()["state"] == "closed"


@pytest.mark.parametrize(
    ("login", "permission", "role"),
    [("mrbot", "admin", "admin"), ("alice", "write", "write"), ("guest", "read", "read"),
     ("stranger", "none", "none")],
)  # fmt: skip
def test_permissions_have_a_coarse_and_an_exact_name(
    place: Place, login: str, permission: str, role: str
) -> None:
    shown = place.github()("GET", f"{REPO}/collaborators/{login}/permission").json()
    assert (shown["permission"], shown["role_name"]) == (permission, role)


def test_maintainers_count_as_writers_in_the_coarse_name(place: Place) -> None:
    place.sandbox.project(GITHUB).members[place.sandbox.user("bob").id] = 40
    shown = place.github()("GET", f"{REPO}/collaborators/bob/permission").json()
    assert (shown["permission"], shown["role_name"]) == ("write", "maintain")


def test_members_of_the_organisation_only_read(place: Place) -> None:
    place.sandbox.add_group("acme", {"stranger": "owner"})
    client = place.github("stranger")
    assert client("GET", REPO).json()["permissions"]["push"] is False
    assert client("GET", REPO).status_code == 200
