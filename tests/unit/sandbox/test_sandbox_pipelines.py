"""Pipelines and workflow runs: how they start, move and end."""

from __future__ import annotations

import pytest

from tests.unit.sandbox.conftest import GITHUB, GITLAB, Place

PROJECT = "/projects/acme%2Finfra"
WORKFLOW = """
name: Deploy
run-name: deploy ${{ inputs.mrbot_intent }}
on:
  workflow_dispatch:
    inputs:
      mrbot_intent: {required: true}
"""


def test_a_pipeline_goes_through_its_states(place: Place) -> None:
    bot = place.gitlab("mrbot")
    body = {
        "ref": "main",
        "variables": [{"key": "MRBOT_INTENT", "value": "k1"}],
        "inputs": {"a": 1},
    }
    started = bot("POST", f"{PROJECT}/pipeline", body).json()
    path = f"{PROJECT}/pipelines/{started['id']}"
    seen = [started["status"]]
    for _ in range(3):
        place.sandbox.tick()
        seen.append(bot("GET", path).json()["status"])
    assert seen == ["created", "pending", "running", "success"]
    variables = bot("GET", f"{path}/variables").json()
    assert [(one["key"], one["value"]) for one in variables] == [("MRBOT_INTENT", "k1")]
    assert [job["name"] for job in bot("GET", f"{path}/jobs").json()] == ["deploy"]
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    assert started["sha"] == repository.branch("main")


@pytest.mark.parametrize(("outcome", "ends"), [("failed", "failed"), ("manual", "manual")])
def test_a_project_can_say_how_its_pipelines_end(place: Place, outcome: str, ends: str) -> None:
    place.sandbox.project(GITLAB).pipeline_outcome = outcome  # type: ignore[assignment]
    started = place.gitlab("mrbot")("POST", f"{PROJECT}/pipeline", {"ref": "main"}).json()
    for _ in range(4):
        place.sandbox.tick()
    shown = place.gitlab()("GET", f"{PROJECT}/pipelines/{started['id']}").json()
    assert shown["status"] == ends


def test_a_test_can_move_a_pipeline_by_hand(place: Place) -> None:
    started = place.gitlab("mrbot")("POST", f"{PROJECT}/pipeline", {"ref": "main"}).json()
    place.sandbox.advance(started["id"], "running")
    place.sandbox.tick()
    path = f"{PROJECT}/pipelines/{started['id']}"
    assert place.gitlab()("GET", path).json()["status"] == "running"
    place.sandbox.advance(started["id"], "failed")
    assert place.gitlab()("GET", path).json()["status"] == "failed"
    assert place.gitlab()("POST", f"{path}/retry").status_code == 201
    assert place.gitlab()("GET", path).json()["status"] == "pending"
    assert place.gitlab()("POST", f"{path}/cancel").json()["status"] == "canceled"


def test_each_request_starts_a_pipeline_of_its_own(place: Place) -> None:
    bot = place.gitlab("mrbot")
    ids = {bot("POST", f"{PROJECT}/pipeline", {"ref": "main"}).json()["id"] for _ in range(2)}
    assert len(ids) == 2
    listed = bot("GET", f"{PROJECT}/pipelines", ref="main", source="api").json()
    assert {one["id"] for one in listed} == ids


def test_a_protected_branch_runs_pipelines_for_those_who_may_merge(place: Place) -> None:
    place.sandbox.protect_branch(GITLAB, "main", merge="maintainer")
    refused = place.gitlab("alice")("POST", f"{PROJECT}/pipeline", {"ref": "main"})
    assert refused.status_code == 400
    assert "sufficient permission" in refused.json()["message"]["base"][0]
    assert place.gitlab("mrbot")("POST", f"{PROJECT}/pipeline", {"ref": "no"}).status_code == 400


def test_a_trigger_token_starts_a_pipeline_without_a_user(place: Place) -> None:
    token = place.sandbox.add_trigger_token(GITLAB, "mrbot")
    body = {"token": token, "ref": "main", "variables": {"A": "b"}}
    started = place.gitlab("")("POST", f"{PROJECT}/trigger/pipeline", body)
    assert (started.status_code, started.json()["source"]) == (201, "trigger")
    wrong = place.gitlab("")("POST", f"{PROJECT}/trigger/pipeline", {**body, "token": "x"})
    assert wrong.status_code == 404


def test_a_push_to_the_default_branch_runs_what_its_ci_file_says(place: Place) -> None:
    place.sandbox.commit(GITLAB, "main", {"a.tf": "x"}, author="bob")
    assert place.gitlab()("GET", f"{PROJECT}/pipelines").json() == []
    sha = place.sandbox.commit(GITLAB, "main", {".gitlab-ci.yml": "x: {}"}, author="bob")
    listed = place.gitlab()("GET", f"{PROJECT}/pipelines").json()
    assert [(one["source"], one["sha"]) for one in listed] == [("push", sha)]


@pytest.fixture
def dispatch(place: Place) -> str:
    place.sandbox.commit(GITHUB, "main", {".github/workflows/deploy.yml": WORKFLOW}, author="bob")
    return f"/repos/{GITHUB}/actions/workflows/deploy.yml/dispatches"


def test_a_dispatch_answers_with_the_run_when_asked(place: Place, dispatch: str) -> None:
    bot = place.github("mrbot")
    body = {"ref": "main", "inputs": {"mrbot_intent": "k1"}}
    assert bot("POST", dispatch, body).status_code == 204
    told = bot("POST", dispatch, {**body, "return_run_details": True})
    assert told.status_code == 200
    run = f"/repos/{GITHUB}/actions/runs/{told.json()['workflow_run_id']}"
    assert bot("GET", run).json()["display_title"] == "deploy k1"
    place.sandbox.tick()
    place.sandbox.tick()
    shown = bot("GET", run).json()
    assert (shown["status"], shown["conclusion"]) == ("completed", "success")
    assert bot("GET", f"/repos/{GITHUB}/actions/runs", status="success").json()["total_count"] == 2


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("deploy.yml", {"ref": "main", "inputs": {"bogus": "x"}}, 422),
        ("deploy.yml", {"ref": "nowhere"}, 422),
        ("other.yml", {"ref": "main"}, 404),
    ],
    ids=["unknown-input", "unknown-ref", "unknown-workflow"],
)
def test_what_cannot_be_dispatched(
    place: Place, dispatch: str, path: str, body: dict[str, object], status: int
) -> None:
    answer = place.github("mrbot")("POST", dispatch.replace("deploy.yml", path), body)
    assert answer.status_code == status
