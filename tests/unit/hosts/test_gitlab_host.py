"""What GitLab may answer that the sandbox never does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses
from responses import matchers

from mrbot.change.people import ReviewState
from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import PipelineTarget
from mrbot.deployment.deployment import DeploymentState, Intent
from mrbot.effects.effect import Status, StatusState
from mrbot.errors import AnswerLost, HostFailure, Permanent, Transient
from mrbot.hosts.gitlab import GitLabHost
from mrbot.ids import ChangeId, Digest, Person, RepoId, Sha
from mrbot.secret import Secret
from tests import needs

API = "https://lab.example/api/v4"
REPO = RepoId("lab", "acme/infra")
PROJECT = f"{API}/projects/acme%2Finfra"
CHANGE = ChangeId(REPO, 7)
MR = f"{PROJECT}/merge_requests/7"
HEAD, OTHER = Sha("a" * 40), Sha("b" * 40)
KEY = Digest("sha256:" + "ab" * 32)
BOT = {"id": 9, "username": "mrbot"}
ALICE = {"id": 1, "username": "alice", "state": "active"}
INTENT = Intent(
    key=KEY, change=CHANGE, repo=REPO, target_branch="main", sha=HEAD, environment="production",
    target=PipelineTarget(variables=(("A", "1"), ("MRBOT_SHA", "forged")), inputs=(("x", "y"),)),
)  # fmt: skip


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def host() -> GitLabHost:
    return GitLabHost("lab", "https://lab.example/", Secret("token"))


def _mr(**changed: object) -> dict[str, Any]:
    return {
        "iid": 7, "title": "T", "description": None, "author": ALICE, "state": "opened",
        "draft": False, "work_in_progress": False, "source_branch": "f", "target_branch": "main",
        "sha": HEAD, "source_project_id": 5, "target_project_id": 5, "labels": [],
        "web_url": "https://lab.example/x", "head_pipeline": None, "merge_commit_sha": None,
        "squash_commit_sha": None, "user_notes_count": 0, **changed,
    }  # fmt: skip


@pytest.mark.parametrize("file", ["go-scm-api/merge.json", "go-gitlab-api/get_merge_request.json"])
def test_a_recorded_merge_request_is_read(
    web: responses.RequestsMock, host: GitLabHost, file: str
) -> None:
    body = json.loads((needs.data() / "gitlab" / file).read_text())
    web.get(MR, json=body)
    found = host.change(CHANGE)
    assert (found.head, found.title) == (body["sha"], body["title"])
    assert found.draft == bool(body.get("draft") or body["work_in_progress"])
    assert (found.pipeline is None) == (body.get("head_pipeline") is None)


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"draft": True}, "draft", True),
        ({"draft": None, "work_in_progress": True}, "draft", True),
        ({"draft": True, "work_in_progress": False}, "draft", True),
        ({"source_project_id": 6}, "from_fork", True),
        ({"source_project_id": None}, "from_fork", True),
        ({"state": "closed"}, "state", ChangeState.CLOSED),
        ({"head_pipeline": {"id": 3, "sha": HEAD, "ref": "f"}}, "pipeline", (3, HEAD)),
        ({"head_pipeline": {"id": 3, "sha": OTHER, "ref": "f"}}, "pipeline", None),
        ({"head_pipeline": {"id": 3, "sha": HEAD, "ref": "f", "project_id": 6}}, "pipeline", None),
        ({"head_pipeline": {"id": 3, "sha": HEAD, "ref": "r"}}, "pipeline_ref", "r"),
        ({"merge_commit_sha": OTHER}, "merge_sha", None),
        ({"state": "merged", "merge_commit_sha": OTHER}, "merge_sha", OTHER),
        ({"state": "merged", "squash_commit_sha": OTHER}, "merge_sha", OTHER),
        ({"state": "merged"}, "merge_sha", HEAD),
    ],
)
def test_a_merge_request_is_read_as_it_is(
    web: responses.RequestsMock, host: GitLabHost, changed: dict[str, object], field: str,
    expected: object,
) -> None:  # fmt: skip
    web.get(MR, json=_mr(**changed))
    assert getattr(host.change(CHANGE), field) == expected


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"state": "parked"}, "unknown state 'parked'"),
        ({"sha": None}, "sha"), ({"sha": "abc"}, "full commit id"), ({"author": None}, "author"),
        ({"author": {"id": "1", "username": "x"}}, "number"), ({"title": 3}, "title"),
        ({"labels": [{"name": "x"}]}, "labels"),
        ({"draft": None, "work_in_progress": None}, "draft"),
        ({"target_project_id": None}, "target_project_id"),
    ],
)  # fmt: skip
def test_a_merge_request_that_is_not_understood_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost, changed: dict[str, object], words: str
) -> None:
    web.get(MR, json=_mr(**changed))
    with pytest.raises(Permanent, match=words):
        host.change(CHANGE)


def test_a_merge_request_that_is_being_merged_is_asked_for_again(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.get(MR, json=_mr(state="locked"))
    with pytest.raises(Transient, match="merging"):
        host.change(CHANGE)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("unreviewed", ReviewState.APPROVED), ("reviewed", ReviewState.APPROVED),
        ("review_started", ReviewState.APPROVED), ("approved", ReviewState.APPROVED),
        ("unapproved", ReviewState.APPROVED), ("requested_changes", ReviewState.CHANGES_REQUESTED),
    ],
)  # fmt: skip
def test_asking_for_changes_outweighs_an_approval(
    web: responses.RequestsMock, host: GitLabHost, state: str, expected: ReviewState
) -> None:
    web.get(f"{MR}/approvals", json={"approved_by": [{"user": ALICE}]})
    web.get(f"{MR}/reviewers", json=[{"user": ALICE, "state": state}])
    assert [review.state for review in host.reviews(CHANGE)] == [expected]


def test_a_reviewer_state_that_is_not_known_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.get(f"{MR}/approvals", json={"approved_by": []})
    web.get(f"{MR}/reviewers", json=[{"user": ALICE, "state": "pondering"}])
    with pytest.raises(Permanent, match=r"unknown .*pondering"):
        host.reviews(CHANGE)


@pytest.mark.parametrize(
    ("level", "role"),
    [(0, "none"), (5, "none"), (10, "read"), (15, "read"), (20, "read"), (30, "write"),
     (40, "maintain"), (50, "admin")],
)  # fmt: skip
def test_an_access_level_is_a_role(
    web: responses.RequestsMock, host: GitLabHost, level: int, role: str
) -> None:
    web.get(f"{PROJECT}/members/all/1", json={**ALICE, "access_level": level})
    assert host.role(REPO, Person(id="1", login="alice")) == role


@pytest.mark.parametrize(
    "changed", [{"state": "blocked"}, {"state": "active", "membership_state": "awaiting"}]
)
def test_who_may_not_sign_in_may_do_nothing(
    web: responses.RequestsMock, host: GitLabHost, changed: dict[str, str]
) -> None:
    member = {**ALICE, "access_level": 40, **changed}
    web.get(f"{PROJECT}/members/all/1", json=member)
    web.get(f"{API}/groups/acme/members/all", json=[member])
    assert host.role(REPO, Person(id="1", login="alice")) == "none"
    group = host.group(REPO, "acme")
    assert (group.found, group.members) == (True, frozenset())


def test_an_unknown_access_level_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.get(f"{PROJECT}/members/all/1", json={**ALICE, "access_level": 35})
    with pytest.raises(Permanent, match="unknown access level 35"):
        host.role(REPO, Person(id="1", login="alice"))


def test_nobodys_role_is_read_from_a_project_that_is_not_there(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.get(f"{PROJECT}/members/all/1", status=404, json={"message": "404 Project Not Found"})
    with pytest.raises(Permanent):
        host.role(REPO, Person(id="1", login="alice"))


@pytest.mark.parametrize("login", ["project_4_bot_0af", "group_12_bot", "service_account_x1"])
def test_an_access_tokens_account_is_a_bot(
    web: responses.RequestsMock, host: GitLabHost, login: str
) -> None:
    web.get(f"{API}/users", json=[{"id": 3, "username": login}])
    assert host.people(REPO, [login]) == {login: Person(id="3", login=login, is_bot=True)}


def test_only_the_change_merged_as_that_very_commit_is_meant(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    related = [
        _mr(iid=1, state="merged", merge_commit_sha=OTHER),
        _mr(iid=2, state="merged", merge_commit_sha=HEAD),
        _mr(iid=3, state="opened"), _mr(iid=4, state="merged"), _mr(iid=5, state="closed"),
    ]  # fmt: skip
    web.get(f"{PROJECT}/repository/commits/{OTHER}/merge_requests", json=related)
    assert host.merged_changes(REPO, OTHER) == (ChangeId(REPO, 1),)


def test_recorded_notes_are_searched_without_adopting_one(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    notes = json.loads((needs.data() / "gitlab/go-scm-api/merge_notes.json").read_text())
    web.get(f"{API}/user", json=BOT)
    web.get(f"{MR}/notes", json=notes)
    assert host.find_comment(CHANGE, "Comment for MR") is None


def _status(state: StatusState) -> Status:
    return Status(repo=REPO, sha=HEAD, name="mrbot/main", state=state, description="d", pipeline=3)


def _stuck(state: str) -> dict[str, str]:
    said = f"Cannot transition status via :enqueue from :{state} (Reason(s): Status cannot ...)"
    return {"message": said}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [(StatusState.PENDING, "pending"), (StatusState.SUCCESS, "success"),
     (StatusState.FAILURE, "failed"), (StatusState.ERROR, "failed")],
)  # fmt: skip
def test_a_status_that_is_so_already_is_success(
    web: responses.RequestsMock, host: GitLabHost, wanted: StatusState, found: str
) -> None:
    web.post(f"{PROJECT}/statuses/{HEAD}", status=400, json=_stuck(found))
    assert host.set_status(_status(wanted), "12") == "12"


@pytest.mark.parametrize(
    ("wanted", "found"), [(StatusState.PENDING, "running"), (StatusState.FAILURE, "success")]
)
def test_a_status_that_is_stuck_elsewhere_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost, wanted: StatusState, found: str
) -> None:
    web.post(f"{PROJECT}/statuses/{HEAD}", status=400, json=_stuck(found))
    with pytest.raises(Permanent, match="Cannot transition"):
        host.set_status(_status(wanted), None)


@pytest.mark.parametrize(
    ("status", "expected"), [(409, Transient), (404, Permanent), (500, AnswerLost)]
)
def test_a_status_that_is_refused_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost, status: int, expected: type[HostFailure]
) -> None:
    web.post(f"{PROJECT}/statuses/{HEAD}", status=status, json={"message": "no"})
    with pytest.raises(expected):
        host.set_status(_status(StatusState.SUCCESS), None)


def test_a_status_that_shows_something_else_afterwards_is_a_failure(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.post(f"{PROJECT}/statuses/{HEAD}", status=201, json={"id": 1, "status": "success"})
    with pytest.raises(Permanent, match="is not failed"):
        host.set_status(_status(StatusState.FAILURE), None)


@pytest.mark.parametrize(
    ("pipeline", "ref", "expected"),
    [(3, "refs/x", {"pipeline_id": 3}), (None, "main", {"ref": "main"}), (None, None, {})],
)
def test_a_status_is_filed_in_the_pipeline_or_on_the_branch(
    web: responses.RequestsMock, host: GitLabHost, pipeline: int | None, ref: str | None,
    expected: dict[str, object],
) -> None:  # fmt: skip
    sent = {"state": "success", "name": "n", "description": "d", **expected}
    web.post(
        f"{PROJECT}/statuses/{HEAD}", status=201, json={"id": 1, "status": "success"},
        match=[matchers.json_params_matcher(sent)],
    )  # fmt: skip
    status = Status(
        repo=REPO, sha=HEAD, name="n", state=StatusState.SUCCESS, description="d",
        pipeline=pipeline, ref=ref,
    )  # fmt: skip
    assert host.set_status(status, None) == "1"


_PIPELINE_STATES = {
    "created": "RUNNING", "waiting_for_resource": "RUNNING", "preparing": "RUNNING",
    "waiting_for_callback": "RUNNING", "pending": "RUNNING", "running": "RUNNING",
    "manual": "RUNNING", "scheduled": "RUNNING", "canceling": "RUNNING", "success": "SUCCEEDED",
    "failed": "FAILED", "canceled": "CANCELED", "skipped": "FAILED",
}  # fmt: skip


@pytest.mark.parametrize(("status", "state"), _PIPELINE_STATES.items())
def test_a_pipelines_status_is_a_state(
    web: responses.RequestsMock, host: GitLabHost, status: str, state: str
) -> None:
    web.get(f"{PROJECT}/pipelines/3", json={"id": 3, "sha": HEAD, "status": status})
    assert host.state(INTENT, "3").state is DeploymentState[state]


def test_every_status_in_gitlabs_document_is_known() -> None:
    document = json.loads((needs.data() / "specs/gitlab.trim.json").read_text())
    asked = document["paths"]["/api/v4/projects/{id}/pipelines"]["get"]["parameters"]
    (status,) = (one for one in asked if one["name"] == "status")
    assert set(status["schema"]["enum"]) <= set(_PIPELINE_STATES)


def test_an_unknown_pipeline_status_is_a_failure_and_after_a_start_a_lost_answer(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    odd = {"id": 3, "sha": HEAD, "status": "levitating"}
    web.get(f"{PROJECT}/pipelines/3", json=odd)
    web.post(f"{PROJECT}/pipeline", status=201, json=odd)
    with pytest.raises(Permanent, match="unknown status 'levitating'"):
        host.state(INTENT, "3")
    with pytest.raises(AnswerLost):
        host.start(INTENT)


def test_a_pipeline_starts_with_the_intent_which_no_variable_replaces(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.post(f"{PROJECT}/pipeline", status=201, json={"id": 3, "sha": HEAD, "status": "created"})
    host.start(INTENT)
    sent = json.loads(web.calls[0].request.body)  # type: ignore[arg-type]
    assert sent == {
        "ref": "main", "inputs": {"x": "y"},
        "variables": [{"key": "A", "value": "1"}, {"key": "MRBOT_SHA", "value": HEAD},
                      {"key": "MRBOT_INTENT", "value": KEY}],
    }  # fmt: skip


def test_among_too_many_pipelines_it_is_not_certain_that_none_was_started(
    web: responses.RequestsMock, host: GitLabHost
) -> None:
    web.get(f"{API}/user", json=BOT)
    web.get(MR, json=_mr(merged_at="2026-11-22T10:00:00Z"))
    line = {"id": 3, "sha": HEAD, "status": "running"}
    link = {"Link": f'<{PROJECT}/pipelines?page=2>; rel="next"'}
    web.get(f"{PROJECT}/pipelines", json=[line] * 100, headers=link)
    web.get(f"{PROJECT}/pipelines", json=[line])
    web.get(f"{PROJECT}/pipelines/3/variables", json=[{"key": "MRBOT_INTENT", "value": "other"}])
    with pytest.raises(Permanent, match="uncertain"):
        host.find(INTENT)
    asked = web.calls[2].request.params  # type: ignore[attr-defined]
    assert asked["username"] == "mrbot"
    assert asked["updated_after"] == "2026-11-22T10:00:00Z"


def test_an_endless_list_is_given_up(web: responses.RequestsMock, host: GitLabHost) -> None:
    link = {"Link": f'<{API}/groups/acme/members/all?page=2>; rel="next"'}
    web.get(f"{API}/groups/acme/members/all", json=[ALICE], headers=link)
    with pytest.raises(Permanent, match="too many"):
        host.group(REPO, "acme")
    assert len(web.calls) == 100
