"""Failing on demand, lost answers, and the list of what was asked."""

from __future__ import annotations

import pytest
import requests

from tests.unit.sandbox.conftest import GITLAB, Place

NOTES = "/projects/acme%2Finfra/merge_requests/1/notes"


@pytest.fixture(autouse=True)
def change(place: Place) -> None:
    place.sandbox.commit(GITLAB, "feature", {"a.tf": "x\n"}, author="alice")
    place.sandbox.open_change(GITLAB, "alice", "feature")


def notes(place: Place) -> list[str]:
    return [one["body"] for one in place.gitlab()("GET", NOTES).json()]


def test_a_call_fails_as_often_as_asked_and_then_works(place: Place) -> None:
    place.sandbox.fail_next("POST", "/notes$", 502, times=2)
    answers = [place.gitlab()("POST", NOTES, {"body": "x"}).status_code for _ in range(3)]
    assert answers == [502, 502, 201]
    assert notes(place) == ["x"]


def test_other_methods_and_paths_are_left_alone(place: Place) -> None:
    place.sandbox.fail_next("POST", "/notes$", 500)
    assert notes(place) == []
    assert place.gitlab()("GET", "/user").status_code == 200


def test_body_and_headers_are_the_testers(place: Place) -> None:
    place.sandbox.fail_next(
        "*", "/user$", 429, {"message": "slow down"}, headers={"Retry-After": "7"}
    )
    answer = place.gitlab()("GET", "/user")
    assert (answer.status_code, answer.json()) == (429, {"message": "slow down"})
    assert answer.headers["Retry-After"] == "7"


def test_a_lost_answer_means_that_it_happened(place: Place) -> None:
    place.sandbox.fail_next("POST", "/notes$", 0, after_accept=True)
    with pytest.raises(requests.ConnectionError):
        place.gitlab()("POST", NOTES, {"body": "once"})
    assert notes(place) == ["once"]


def test_a_dropped_request_means_that_it_did_not(place: Place) -> None:
    place.sandbox.fail_next("POST", "/notes$", 0)
    with pytest.raises(requests.ConnectionError):
        place.gitlab()("POST", NOTES, {"body": "never"})
    assert notes(place) == []


def test_an_error_can_hide_a_success(place: Place) -> None:
    place.sandbox.fail_next("POST", "/notes$", 504, "<html>Gateway</html>", after_accept=True)
    answer = place.gitlab()("POST", NOTES, {"body": "once"})
    assert (answer.status_code, answer.text) == (504, "<html>Gateway</html>")
    assert notes(place) == ["once"]


def test_an_answer_can_come_late(place: Place) -> None:
    place.sandbox.fail_next("GET", "/user$", 200, {"username": "late"}, delay_s=0.05)
    assert place.gitlab()("GET", "/user").json() == {"username": "late"}


def test_every_call_is_listed_with_its_caller_and_status(place: Place) -> None:
    mark = place.sandbox.mark()
    place.gitlab("bob")("GET", "/user")
    place.gitlab("mrbot")("GET", "/projects/acme%2Finfra")
    place.gitlab("")("GET", "/user")
    place.sandbox.fail_next("GET", "/user$", 500)
    place.gitlab("bob")("GET", "/user")
    calls = place.sandbox.requests_since(mark)
    assert [(one.user, one.status) for one in calls] == [
        ("bob", 200), ("mrbot", 200), (None, 401), (None, 500),
    ]  # fmt: skip
    assert len(place.sandbox.requests_since(mark, user="mrbot")) == 1
    assert place.sandbox.requests_since(place.sandbox.mark()) == []


def test_an_unknown_path_says_so_in_json(place: Place) -> None:
    for client in (place.gitlab(), place.github()):
        answer = client("GET", "/nothing/here")
        assert answer.status_code == 404
        assert "nothing/here" in answer.text
        assert answer.headers["Content-Type"].startswith("application/json")
