"""Commit statuses are jobs of a pipeline, and GitLab's state machine is strict about them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.unit.sandbox.conftest import GITLAB, Place

PROJECT = "/projects/acme%2Finfra"


@pytest.fixture
def head(place: Place) -> tuple[str, int]:
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x\n"}, author="alice")
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    shown = place.gitlab()("GET", f"{PROJECT}/merge_requests/{number}").json()
    return shown["sha"], shown["head_pipeline"]["id"]


def post(place: Place, sha: str, login: str = "mrbot", **body: Any) -> requests.Response:
    return place.gitlab(login)("POST", f"{PROJECT}/statuses/{sha}", {"name": "mrbot", **body})


REFUSED = (
    'Cannot transition status via :{0} from :{1} (Reason(s): Status cannot transition via "{0}")'
)


@pytest.mark.parametrize(
    ("first", "second", "event"),
    [("pending", "pending", "enqueue"), ("running", "running", "run"),
     ("running", "pending", "enqueue")],
)  # fmt: skip
def test_a_state_cannot_be_posted_twice(
    place: Place, head: tuple[str, int], first: str, second: str, event: str
) -> None:
    sha, pipeline = head
    assert post(place, sha, state=first, pipeline_id=pipeline).status_code == 201
    again = post(place, sha, state=second, pipeline_id=pipeline)
    assert again.status_code == 400
    assert again.json() == {"message": REFUSED.format(event, first)}


def test_a_finished_status_is_followed_by_a_new_one(place: Place, head: tuple[str, int]) -> None:
    sha, pipeline = head
    ids = [
        post(place, sha, state=state, pipeline_id=pipeline).json()["id"]
        for state in ("pending", "success", "success", "failed", "pending")
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
    statuses = f"{PROJECT}/repository/commits/{sha}/statuses"
    newest = place.gitlab()("GET", statuses, name="mrbot").json()
    assert [one["status"] for one in newest] == ["pending"]
    every = place.gitlab()("GET", statuses, name="mrbot", all="true").json()
    assert [one["status"] for one in every] == ["success", "success", "failed", "pending"]


def test_somebody_elses_status_of_the_same_name_hides_ours(
    place: Place, head: tuple[str, int]
) -> None:
    sha, pipeline = head
    post(place, sha, state="failed", pipeline_id=pipeline)
    assert post(place, sha, "alice", state="success", pipeline_id=pipeline).status_code == 201
    statuses = place.gitlab()("GET", f"{PROJECT}/repository/commits/{sha}/statuses", name="mrbot")
    assert [one["author"]["username"] for one in statuses.json()] == ["alice"]


@pytest.mark.parametrize("extra", [{"pipeline_id": 999}, {"ref": "main"}])
def test_a_pipeline_that_does_not_fit_is_not_found(
    place: Place, head: tuple[str, int], extra: dict[str, Any]
) -> None:
    sha, pipeline = head
    answer = post(place, sha, state="pending", **{"pipeline_id": pipeline, **extra})
    assert answer.status_code == 404
    assert answer.json() == {"message": "404 Pipeline for pipeline_id, sha and ref Not Found"}


def test_without_a_pipeline_an_external_one_appears_on_the_branch(place: Place) -> None:
    sha = place.sandbox.commit(GITLAB, "lonely", {"a.tf": "x\n"}, author="alice")
    answer = post(place, sha, state="pending").json()
    assert answer["ref"] == "lonely"
    pipeline = place.gitlab()("GET", f"{PROJECT}/pipelines/{answer['pipeline_id']}").json()
    assert (pipeline["source"], pipeline["status"]) == ("external", "pending")


def test_a_commit_without_a_branch_has_nowhere_to_put_a_status(
    place: Place, head: tuple[str, int]
) -> None:
    sha = place.sandbox.commit(GITLAB, "gone", {"a.tf": "y\n"}, author="alice")
    place.sandbox.commit(GITLAB, "gone", {"a.tf": "z\n"}, author="alice")
    answer = post(place, sha, state="pending")
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "404 References for commit Not Found",
    )


@pytest.mark.parametrize(("login", "status"), [("guest", 403), ("stranger", 404), ("alice", 201)])
def test_any_developer_may_post_a_status(
    place: Place, head: tuple[str, int], login: str, status: int
) -> None:
    sha, pipeline = head
    answer = post(place, sha, login, state="success", pipeline_id=pipeline)
    assert answer.status_code == status


def test_on_a_protected_branch_only_those_who_may_merge_post(place: Place) -> None:
    place.sandbox.protect_branch(GITLAB, "main", merge="maintainer")
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    sha = repository.branch("main") or ""
    assert post(place, sha, "alice", state="success").status_code == 403
    assert post(place, sha, "mrbot", state="success").status_code == 201


@pytest.mark.parametrize(
    "body", [{}, {"state": "great"}, {"state": "pending", "description": "x" * 256}]
)
def test_a_status_that_cannot_be_read_is_refused(
    place: Place, head: tuple[str, int], body: dict[str, str]
) -> None:
    assert post(place, head[0], **body).status_code == 400


def test_an_unknown_commit_is_not_found(place: Place) -> None:
    assert post(place, "0" * 40, state="pending").status_code == 404
