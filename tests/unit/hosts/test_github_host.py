"""What GitHub may answer that the sandbox never does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import responses

from mrbot.change.people import ReviewState
from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import DeploymentTarget, Target, WorkflowTarget
from mrbot.deployment.deployment import DeploymentState, Intent
from mrbot.errors import Permanent
from mrbot.hosts.github import GitHubHost, TokenAuth
from mrbot.ids import ChangeId, Digest, Json, Person, RepoId, Sha
from mrbot.secret import Secret
from tests import needs

API = "https://api.github.com"
REPO = RepoId("hub", "acme/cloud")
PROJECT = f"{API}/repos/acme/cloud"
CHANGE = ChangeId(REPO, 7)
PULL = f"{PROJECT}/pulls/7"
RUNS = f"{PROJECT}/actions/workflows/deploy.yml/runs"
HEAD, OTHER = Sha("a" * 40), Sha("b" * 40)
KEY, FOREIGN = Digest("sha256:" + "ab" * 32), Digest("sha256:" + "cd" * 32)
ALICE = {"id": 1, "login": "alice", "type": "User"}
BOT = {"id": 9, "login": "mrbot", "type": "User"}
MERGED_AT = "2026-11-22T10:00:00Z"


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def host() -> GitHubHost:
    return GitHubHost("hub", API, TokenAuth(token=Secret("token")))


def _intent(target: Target) -> Intent:
    return Intent(
        key=KEY, change=CHANGE, repo=REPO, target_branch="main", sha=HEAD,
        environment="prod/eu", target=target,
    )  # fmt: skip


WORKFLOW = _intent(WorkflowTarget(file="deploy.yml"))
DEPLOYMENT = _intent(DeploymentTarget())


def _pull(**changed: object) -> dict[str, Any]:
    return {
        "number": 7, "title": "T", "body": None, "user": ALICE, "state": "open", "merged": False,
        "draft": False, "head": {"ref": "f", "sha": HEAD, "repo": {"id": 5}},
        "base": {"ref": "main", "sha": OTHER, "repo": {"id": 5}}, "labels": [{"name": "big"}],
        "html_url": "https://hub.example/7", "merge_commit_sha": OTHER, "merged_at": None,
        "comments": 0, **changed,
    }  # fmt: skip


def _example(name: str) -> Any:
    folder = needs.data() / "github/openapi-examples"
    return json.loads((folder / f"{name}.json").read_text())["body"]


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({}, "merge_sha", None),
        ({"state": "closed"}, "state", ChangeState.CLOSED),
        ({"state": "closed", "merged": True}, "state", ChangeState.MERGED),
        ({"state": "closed", "merged": True}, "merge_sha", OTHER),
        ({"head": {"ref": "f", "sha": HEAD, "repo": {"id": 6}}}, "from_fork", True),
        ({"head": {"ref": "f", "sha": HEAD, "repo": None}}, "from_fork", True),
        ({"user": None}, "author", Person(id="deleted", login="ghost")),
        ({"user": {"id": 2, "login": "x[bot]", "type": "Bot"}}, "author",
         Person(id="2", login="x[bot]", is_bot=True)),
    ],
)  # fmt: skip
def test_a_pull_request_is_read_as_it_is(
    web: responses.RequestsMock, host: GitHubHost, changed: dict[str, object], field: str,
    expected: object,
) -> None:  # fmt: skip
    web.get(PULL, json=_pull(**changed))
    assert getattr(host.change(CHANGE), field) == expected


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"state": "parked"}, "unknown state 'parked'"), ({"draft": None}, "draft"),
     ({"merged": True, "merge_commit_sha": None}, "merge_commit_sha"), ({"head": None}, "head")],
)  # fmt: skip
def test_a_pull_request_that_is_not_understood_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost, changed: dict[str, object], words: str
) -> None:
    web.get(PULL, json=_pull(**changed))
    with pytest.raises(Permanent, match=words):
        host.change(CHANGE)


def _review(state: str, user: Json = ALICE, sha: str | None = HEAD) -> dict[str, Json]:  # type: ignore[assignment]
    return {"user": user, "state": state, "commit_id": sha}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], []),
        (["PENDING"], []),
        (["APPROVED", "PENDING"], [ReviewState.APPROVED]),
        (["APPROVED", "DISMISSED"], [ReviewState.DISMISSED]),
        (["DISMISSED", "APPROVED", "COMMENTED"], [ReviewState.APPROVED]),
    ],
)
def test_the_latest_decisive_review_of_a_person_counts(
    web: responses.RequestsMock, host: GitHubHost, given: list[str], expected: list[ReviewState]
) -> None:
    web.get(f"{PULL}/reviews", json=[_review(state) for state in given])
    assert [review.state for review in host.reviews(CHANGE)] == expected


def test_a_review_without_a_commit_has_no_head_and_one_without_an_account_is_nobodys(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.get(f"{PULL}/reviews", json=[_review("APPROVED", user=None, sha=None)])
    (review,) = host.reviews(CHANGE)
    assert (review.person.id, review.head) == ("deleted", None)


@pytest.mark.parametrize("state", ["approved", "ENDORSED", ""])
def test_an_unknown_review_state_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost, state: str
) -> None:
    web.get(f"{PULL}/reviews", json=[_review(state)])
    with pytest.raises(Permanent, match="unknown"):
        host.reviews(CHANGE)


def test_githubs_own_examples_are_read(web: responses.RequestsMock, host: GitHubHost) -> None:
    web.get(f"{PULL}/reviews", json=_example("pulls.list-reviews.200.default"))
    web.get(f"{PULL}/commits", json=_example("pulls.list-commits.200.default"))
    permission = "repos.get-collaborator-permission-level.200"
    permission += ".response-if-user-has-admin-permissions"
    web.get(f"{PROJECT}/collaborators/octocat/permission", json=_example(permission))
    octocat = Person(id="1", login="octocat")
    assert [review.person for review in host.reviews(CHANGE)] == [octocat]
    assert host.contributors(CHANGE) == {octocat}
    assert host.role(REPO, octocat) == "admin"


@pytest.mark.parametrize("account", [None, {}])
def test_a_commit_without_an_account_adds_nobody(
    web: responses.RequestsMock, host: GitHubHost, account: Json
) -> None:
    web.get(f"{PULL}/commits", json=[{"author": account, "committer": ALICE}])
    assert host.contributors(CHANGE) == {Person(id="1", login="alice")}


def test_more_commits_than_github_lists_cannot_be_mapped(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.get(f"{PULL}/commits", json=[{"author": ALICE, "committer": ALICE}] * 250)
    with pytest.raises(Permanent, match="too many commits to map"):
        host.contributors(CHANGE)


@pytest.mark.parametrize(
    ("answer", "role"),
    [
        ({"role_name": "maintain", "permission": "write"}, "maintain"),
        ({"role_name": "triage", "permission": "read"}, "triage"),
        ({"role_name": "security-lead", "permission": "write"}, "write"),
        ({"permission": "admin"}, "admin"),
        ({"role_name": "none", "permission": "none"}, "none"),
    ],
)
def test_a_custom_role_is_the_one_it_rests_on(
    web: responses.RequestsMock, host: GitHubHost, answer: dict[str, str], role: str
) -> None:
    web.get(f"{PROJECT}/collaborators/alice/permission", json={**answer, "user": ALICE})
    assert host.role(REPO, Person(id="1", login="alice")) == role


def test_an_unknown_permission_is_a_failure(web: responses.RequestsMock, host: GitHubHost) -> None:
    body = {"role_name": "x", "permission": "godlike", "user": ALICE}
    web.get(f"{PROJECT}/collaborators/alice/permission", json=body)
    with pytest.raises(Permanent, match="unknown permission 'godlike'"):
        host.role(REPO, Person(id="1", login="alice"))


def test_a_renamed_repository_is_a_failure_and_not_followed(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.get(PULL, status=301, headers={"Location": f"{API}/repositories/1/pulls/7"}, json={})
    with pytest.raises(Permanent, match="moved"):
        host.change(CHANGE)


# Workflows


def _run(title: str, created: str = "2026-11-22T10:05:00Z", **changed: object) -> dict[str, Any]:
    return {
        "id": 4, "head_sha": HEAD, "html_url": "https://hub.example/r", "status": "queued",
        "conclusion": None, "display_title": title, "name": "Deploy", "created_at": created,
        **changed,
    }  # fmt: skip


def _list_runs(web: responses.RequestsMock, *runs: dict[str, Any]) -> None:
    web.get(f"{API}/user", json=BOT)
    web.get(PULL, json=_pull(merged_at=MERGED_AT))
    web.get(RUNS, json={"total_count": len(runs), "workflow_runs": runs})


def test_a_server_that_does_not_name_the_run_leaves_it_uncertain_until_it_is_found(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.post(f"{PROJECT}/actions/workflows/deploy.yml/dispatches", status=204)
    started = host.start(WORKFLOW)
    assert (started.id, started.state) == ("", DeploymentState.UNCERTAIN)
    sent = json.loads(web.calls[0].request.body)  # type: ignore[arg-type]
    assert sent["inputs"] == {"mrbot_intent": KEY, "mrbot_sha": HEAD}
    _list_runs(web, _run(f"deploy {KEY}"))
    assert host.state(WORKFLOW, started.id).id == "4"


def test_a_run_that_is_not_to_be_seen_yet_stays_uncertain(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    _list_runs(web)
    assert host.state(WORKFLOW, "").state is DeploymentState.UNCERTAIN


@pytest.mark.parametrize(
    "runs", [[], [_run(f"deploy {FOREIGN}")], [_run("Deploy", "2026-11-22T09:59:59Z")]],
    ids=["none", "another intent's", "before the merge"],
)  # fmt: skip
def test_where_every_run_is_told_apart_it_is_certain_that_there_is_none(
    web: responses.RequestsMock, host: GitHubHost, runs: list[dict[str, Any]]
) -> None:
    _list_runs(web, *runs)
    assert host.find(WORKFLOW) is None


def test_a_run_that_does_not_say_whose_it_is_leaves_it_open(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    _list_runs(web, _run("Deploy"))
    with pytest.raises(Permanent, match=r"run-name"):
        host.find(WORKFLOW)


@pytest.mark.parametrize(
    ("status", "conclusion", "expected"),
    [
        ("queued", None, "RUNNING"), ("in_progress", None, "RUNNING"),
        ("waiting", None, "RUNNING"), ("requested", None, "RUNNING"),
        ("pending", None, "RUNNING"), ("completed", "success", "SUCCEEDED"),
        ("completed", "failure", "FAILED"), ("completed", "neutral", "FAILED"),
        ("completed", "cancelled", "CANCELED"), ("completed", "skipped", "FAILED"),
        ("completed", "timed_out", "FAILED"), ("completed", "action_required", "FAILED"),
        ("completed", "stale", "FAILED"), ("completed", "startup_failure", "FAILED"),
    ],
)  # fmt: skip
def test_a_workflow_runs_status_is_a_state(
    web: responses.RequestsMock, host: GitHubHost, status: str, conclusion: str | None,
    expected: str,
) -> None:  # fmt: skip
    run = _run("x", status=status, conclusion=conclusion)
    web.get(f"{PROJECT}/actions/runs/4", json=run)
    assert host.state(WORKFLOW, "4").state is DeploymentState[expected]


@pytest.mark.parametrize(
    ("status", "conclusion"), [("levitating", None), ("completed", None), ("completed", "great")]
)
def test_an_unknown_end_of_a_run_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost, status: str, conclusion: str | None
) -> None:
    run = _run("x", status=status, conclusion=conclusion)
    web.get(f"{PROJECT}/actions/runs/4", json=run)
    with pytest.raises(Permanent):
        host.state(WORKFLOW, "4")


# Deployments


def _deployment(payload: object, sha: str = HEAD) -> dict[str, object]:
    return {"id": 5, "sha": sha, "payload": payload}


def test_a_deployment_asks_for_the_exact_commit_and_nothing_else(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.post(f"{PROJECT}/deployments", status=201, json=_deployment({}))
    run = host.start(_intent(DeploymentTarget(payload={"mrbot_intent": "forged", "n": 1})))
    sent = json.loads(web.calls[0].request.body)  # type: ignore[arg-type]
    assert sent == {
        "ref": HEAD, "task": "deploy", "environment": "prod/eu", "auto_merge": False,
        "required_contexts": [], "payload": {"mrbot_intent": KEY, "n": 1},
    }  # fmt: skip
    assert run.url == (
        "https://github.com/acme/cloud/deployments/activity_log?environment=prod%2Feu"
    )


def test_a_deployment_of_another_commit_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.post(f"{PROJECT}/deployments", status=201, json=_deployment({}, OTHER))
    with pytest.raises(Permanent, match=OTHER):
        host.start(DEPLOYMENT)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"mrbot_intent": KEY}, True), (json.dumps({"mrbot_intent": KEY}), True),
        ({"mrbot_intent": FOREIGN}, False), ("", False), ("{", False), (None, False),
        ([KEY], False), (KEY, False),
    ],
)  # fmt: skip
def test_a_deployment_is_known_by_its_payload(
    web: responses.RequestsMock, host: GitHubHost, payload: object, found: bool
) -> None:
    web.get(f"{PROJECT}/deployments", json=[_deployment(payload)])
    assert (host.find(DEPLOYMENT) is not None) == found


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "RUNNING"), (["queued"], "RUNNING"), (["pending"], "RUNNING"),
        (["in_progress"], "RUNNING"), (["pending", "success"], "SUCCEEDED"),
        (["failure"], "FAILED"), (["error"], "FAILED"), (["inactive"], "CANCELED"),
        (["success", "inactive"], "SUCCEEDED"), (["failure", "pending"], "RUNNING"),
    ],
)  # fmt: skip
def test_a_deployments_last_status_is_its_state(
    web: responses.RequestsMock, host: GitHubHost, states: list[str], expected: str
) -> None:
    listed = [{"id": at, "state": state, "description": ""} for at, state in enumerate(states)]
    web.get(f"{PROJECT}/deployments/5/statuses", json=listed[::-1])
    run = host.state(DEPLOYMENT, "5")
    assert (run.state, run.sha) == (DeploymentState[expected], HEAD)


def test_an_unknown_deployment_state_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    web.get(f"{PROJECT}/deployments/5/statuses", json=[{"id": 1, "state": "levitating"}])
    with pytest.raises(Permanent, match=r"unknown .*state 'levitating'"):
        host.state(DEPLOYMENT, "5")


def test_a_deployment_cannot_be_stopped_from_here(host: GitHubHost) -> None:
    with pytest.raises(Permanent, match="cannot stop"):
        host.cancel(DEPLOYMENT, "5")
