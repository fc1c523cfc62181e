"""What GitLab refuses to merge, in which order, and what it does when it merges."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.conftest import GITLAB, Place, Receiver

MR = "/projects/acme%2Finfra/merge_requests"


@pytest.fixture
def change(place: Place) -> int:
    place.sandbox.commit(GITLAB, "feature", {"main.tf": "a = 1\n"}, author="alice")
    return place.sandbox.open_change(GITLAB, "alice", "feature")


def status_of(place: Place, number: int) -> str:
    return str(place.gitlab()("GET", f"{MR}/{number}").json()["detailed_merge_status"])


def test_the_answer_names_everything_that_a_decision_needs(place: Place, change: int) -> None:
    shown = place.gitlab()("GET", f"{MR}/{change}").json()
    refs = shown["diff_refs"]
    assert shown["sha"] == refs["head_sha"] == place.sandbox.change(GITLAB, change).head
    assert refs["base_sha"] == refs["start_sha"]
    assert shown["head_pipeline"]["ref"] == f"refs/merge-requests/{change}/head"
    assert shown["changes_count"] == "1"
    assert shown["state"] == "opened"


def test_a_developer_merges_and_the_target_holds_the_change(place: Place, change: int) -> None:
    sha = place.sandbox.change(GITLAB, change).head
    answer = place.gitlab("bob")("PUT", f"{MR}/{change}/merge", {"sha": sha})
    assert answer.status_code == 200
    assert answer.json()["state"] == "merged"
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    merged = answer.json()["merge_commit_sha"]
    assert repository.branch("main") == merged
    assert repository.commit(merged).parents[1] == sha
    assert repository.read("main", "main.tf") == b"a = 1\n"


def test_the_sha_counts_in_the_query_too(place: Place, change: int) -> None:
    answer = place.gitlab()("PUT", f"{MR}/{change}/merge", sha="0" * 40)
    head = place.sandbox.change(GITLAB, change).head
    assert answer.status_code == 409
    assert answer.json() == {"message": f"SHA does not match HEAD of source branch: {head}"}


def test_who_may_not_merge_is_told_so_first(place: Place, change: int) -> None:
    place.sandbox.protect_branch(GITLAB, "main", push="nobody", merge="maintainer")
    place.sandbox.edit_change(GITLAB, change, "alice", title="Draft: x")
    body = {"sha": "0" * 40}
    assert place.gitlab()("PUT", f"{MR}/{change}/merge", body).status_code == 401
    assert place.gitlab("mrbot")("PUT", f"{MR}/{change}/merge", body).status_code == 405
    place.sandbox.edit_change(GITLAB, change, "alice", title="x")
    assert place.gitlab("mrbot")("PUT", f"{MR}/{change}/merge", body).status_code == 409


def test_drafts_conflicts_and_closed_changes_are_not_mergeable(place: Place, change: int) -> None:
    assert status_of(place, change) == "mergeable"
    place.sandbox.edit_change(GITLAB, change, "alice", title="Draft: not yet")
    assert status_of(place, change) == "draft_status"
    place.sandbox.edit_change(GITLAB, change, "alice", title="now")
    place.sandbox.commit(GITLAB, "main", {"main.tf": "a = 2\n"}, author="bob")
    assert status_of(place, change) == "conflict"
    place.sandbox.close(GITLAB, change, "alice")
    assert status_of(place, change) == "not_open"
    refused = place.gitlab()("PUT", f"{MR}/{change}/merge")
    assert (refused.status_code, refused.json()) == (405, {"message": "405 Method Not Allowed"})


def test_mergeability_can_take_a_while(place: Place) -> None:
    place.sandbox.project(GITLAB).checking_reads = 2
    place.sandbox.commit(GITLAB, "slow", {"b.tf": "b\n"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "slow")
    assert [status_of(place, number) for _ in range(3)] == ["checking", "checking", "mergeable"]


def test_pipelines_must_succeed_waits_for_a_status_in_the_head_pipeline(
    place: Place, change: int
) -> None:
    place.sandbox.project(GITLAB).only_allow_merge_if_pipeline_succeeds = True
    shown = place.gitlab()("GET", f"{MR}/{change}").json()
    bot = place.gitlab("mrbot")
    path = f"/projects/acme%2Finfra/statuses/{shown['sha']}"
    body = {"name": "mrbot", "pipeline_id": shown["head_pipeline"]["id"]}
    assert bot("POST", path, {**body, "state": "pending"}).status_code == 201
    for _ in range(5):
        place.sandbox.tick()
    assert status_of(place, change) == "ci_still_running"
    bot("POST", path, {**body, "state": "success"})
    assert status_of(place, change) == "mergeable"
    bot("POST", path, {**body, "state": "failed"})
    assert status_of(place, change) == "ci_must_pass"


def test_without_any_pipeline_nothing_passes(place: Place) -> None:
    project = place.sandbox.project(GITLAB)
    project.ci, project.only_allow_merge_if_pipeline_succeeds = "off", True
    place.sandbox.commit(GITLAB, "bare", {"b.tf": "b\n"}, author="alice")
    assert status_of(place, place.sandbox.open_change(GITLAB, "alice", "bare")) == "ci_must_pass"


def test_a_named_status_can_be_required(place: Place, change: int) -> None:
    place.sandbox.protect_branch(GITLAB, "main", required_statuses=["mrbot/main"])
    assert status_of(place, change) == "status_checks_must_pass"


def test_auto_merge_waits_for_the_pipeline(place: Place, change: int) -> None:
    place.sandbox.project(GITLAB).only_allow_merge_if_pipeline_succeeds = True
    answer = place.gitlab()("PUT", f"{MR}/{change}/merge", {"auto_merge": True})
    assert answer.json()["state"] == "opened"
    assert answer.json()["merge_when_pipeline_succeeds"] is True
    for _ in range(4):
        place.sandbox.tick()
    assert place.sandbox.change(GITLAB, change).state == "merged"


def test_auto_merge_is_off_after_a_push(place: Place, change: int) -> None:
    place.sandbox.project(GITLAB).only_allow_merge_if_pipeline_succeeds = True
    place.gitlab()("PUT", f"{MR}/{change}/merge", {"auto_merge": True})
    place.sandbox.commit(GITLAB, "feature", {"evil.tf": "x\n"}, author="bob")
    for _ in range(4):
        place.sandbox.tick()
    assert place.sandbox.change(GITLAB, change).state == "opened"


def test_a_squash_brings_one_commit(place: Place, change: int) -> None:
    place.sandbox.commit(GITLAB, "feature", {"b.tf": "b\n"}, author="alice")
    shown = place.gitlab()("PUT", f"{MR}/{change}/merge", {"squash": True}).json()
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    assert repository.commit(shown["merge_commit_sha"]).parents[1] == shown["squash_commit_sha"]


def test_commits_that_arrive_by_another_way_merge_the_change(place: Place, change: int) -> None:
    place.sandbox.commit(GITLAB, "main", {}, author="bob", start="feature")
    shown = place.gitlab()("GET", f"{MR}/{change}").json()
    assert (shown["state"], shown["merge_commit_sha"]) == ("merged", None)


def test_only_one_open_change_per_pair_of_branches(place: Place, change: int) -> None:
    body = {"source_branch": "feature", "target_branch": "main", "title": "Again"}
    answer = place.gitlab()("POST", MR, body)
    assert answer.status_code == 409
    assert f"!{change}" in answer.json()["message"][0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({}, 400, id="nothing"),
        pytest.param(
            {"source_branch": "no", "target_branch": "main", "title": "x"}, 400, id="gone"
        ),
        pytest.param(
            {"source_branch": "main", "target_branch": "main", "title": "x"}, 422, id="same"
        ),
    ],
)
def test_what_cannot_be_opened(place: Place, body: dict[str, str], status: int) -> None:
    assert place.gitlab()("POST", MR, body).status_code == status


def test_approvals_name_no_commit_and_stay_over_a_push(place: Place, change: int) -> None:
    old = place.sandbox.change(GITLAB, change).head
    assert place.gitlab("bob")("POST", f"{MR}/{change}/approve", {"sha": old}).status_code == 201
    assert place.gitlab("bob")("POST", f"{MR}/{change}/approve").status_code == 401
    place.sandbox.commit(GITLAB, "feature", {"evil.tf": "x\n"}, author="alice")
    shown = place.gitlab()("GET", f"{MR}/{change}/approvals").json()
    assert [one["user"]["username"] for one in shown["approved_by"]] == ["bob"]
    stale = place.gitlab("mrbot")("POST", f"{MR}/{change}/approve", {"sha": old})
    assert stale.status_code == 409


def test_required_approvals_block_until_they_are_complete(
    place: Place, receiver: Receiver, change: int
) -> None:
    place.sandbox.protect_branch(GITLAB, "main", required_approvals=2)
    place.sandbox.add_hook(GITLAB, receiver.url, events=["merge_requests_events"])
    place.sandbox.approve(GITLAB, change, "bob")
    assert status_of(place, change) == "not_approved"
    place.sandbox.approve(GITLAB, change, "mrbot")
    assert status_of(place, change) == "mergeable"
    place.sandbox.unapprove(GITLAB, change, "bob")
    place.sandbox.unapprove(GITLAB, change, "mrbot")
    assert place.sandbox.wait_for_deliveries()
    actions = [one.json["object_attributes"]["action"] for one in receiver.got]
    assert actions == ["approval", "approved", "unapproved", "unapproval"]


def test_approvals_can_be_reset_by_a_push(place: Place, change: int) -> None:
    place.sandbox.project(GITLAB).reset_approvals_on_push = True
    place.sandbox.approve(GITLAB, change, "bob")
    place.sandbox.commit(GITLAB, "feature", {"b.tf": "x\n"}, author="alice")
    assert place.gitlab()("GET", f"{MR}/{change}/approvals").json()["approved_by"] == []


def test_on_the_free_tier_nothing_stops_the_author_from_approving(
    place: Place, change: int
) -> None:
    assert place.gitlab("alice")("POST", f"{MR}/{change}/approve").status_code == 201
    assert place.gitlab("guest")("POST", f"{MR}/{change}/approve").status_code == 401
    assert place.gitlab("guest")("POST", f"{MR}/{change}/unapprove").status_code == 404


@pytest.mark.parametrize(
    ("login", "status"), [("", 401), ("stranger", 404), ("guest", 403), ("alice", 400)]
)
def test_who_may_open_a_change(place: Place, login: str, status: int) -> None:
    assert place.gitlab(login)("POST", MR, {}).status_code == status


def test_a_wrong_token_is_refused(place: Place) -> None:
    client = place.gitlab()
    client.token = "wrong"
    answer = client("GET", "/user")
    assert (answer.status_code, answer.json()) == (401, {"message": "401 Unauthorized"})


def test_the_other_dialect_does_not_know_the_project(place: Place) -> None:
    assert place.gitlab()("GET", "/projects/acme%2Fcloud").status_code == 404
    assert place.github()("GET", "/repos/acme/infra").status_code == 404


def test_lists_come_in_pages(place: Place) -> None:
    for at in range(3):
        place.sandbox.commit(GITLAB, f"b{at}", {f"{at}.tf": "x"}, author="alice")
        place.sandbox.open_change(GITLAB, "alice", f"b{at}")
    answer = place.gitlab()("GET", MR, per_page=2, state="opened")
    assert [one["iid"] for one in answer.json()] == [3, 2]
    assert (answer.headers["X-Total"], answer.headers["X-Next-Page"]) == ("3", "2")
    link = next(part for part in answer.headers["Link"].split(", ") if 'rel="next"' in part)
    client = place.gitlab()
    client.root = ""
    rest = client("GET", link.partition(">")[0].removeprefix("<"))
    assert [one["iid"] for one in rest.json()] == [1]
