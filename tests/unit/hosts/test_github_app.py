"""An App: its installations, its tokens, and its check runs."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mrbot.effects.effect import Annotation, AnnotationLevel, Status, StatusState
from mrbot.errors import Permanent, Transient
from mrbot.hosts.github import AppAuth, GitHubHost
from mrbot.ids import ChangeId, RepoId, Sha
from mrbot.secret import Secret

API = "https://api.github.com"
REPO = RepoId("hub", "Acme/cloud")
COMMENTS = f"{API}/repos/Acme/cloud/issues/7/comments"
CHECKS = f"{API}/repos/Acme/cloud/check-runs"
TOKENS = f"{API}/app/installations/33/access_tokens"
CHANGE = ChangeId(REPO, 7)
HOUR_S = 3_600.0


@functools.cache
def _pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def host(clock: Clock) -> GitHubHost:
    auth = AppAuth(app_id="12", private_key=Secret(_pem()))
    return GitHubHost("hub", API, auth, clock=clock)


def _installed(web: responses.RequestsMock, **changed: object) -> None:
    one = {"id": 33, "account": {"login": "acme"}, "suspended_at": None, **changed}
    web.get(f"{API}/app/installations", json=[one])


def _token(web: responses.RequestsMock, clock: Clock, token: str = "ghs_1") -> None:
    ends = datetime.fromtimestamp(clock.now + HOUR_S, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    web.post(TOKENS, status=201, json={"token": token, "expires_at": ends})


def _comment(web: responses.RequestsMock) -> None:
    web.post(COMMENTS, status=201, json={"id": 1, "html_url": "https://hub.example/c"})


def _asked(web: responses.RequestsMock) -> list[str]:
    return [
        f"{call.request.method} {str(call.request.url).removeprefix(API)}" for call in web.calls
    ]


def test_a_token_is_taken_once_and_used_until_shortly_before_its_end(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    _comment(web)
    host.create_comment(CHANGE, "x")
    clock.now += HOUR_S - 400
    host.create_comment(CHANGE, "x")
    assert len(web.calls) == 4
    assert web.calls[-1].request.headers["Authorization"] == "Bearer ghs_1"
    clock.now += 100
    _token(web, clock, "ghs_2")
    host.create_comment(CHANGE, "x")
    assert web.calls[-1].request.headers["Authorization"] == "Bearer ghs_2"
    assert len(web.calls) == 6


def test_a_token_that_was_revoked_is_replaced_once(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    web.post(COMMENTS, status=401, json={"message": "Bad credentials"})
    with pytest.raises(Permanent, match="Bad credentials"):
        host.create_comment(CHANGE, "x")
    tried = [line for line in _asked(web) if "comments" in line]
    assert len(tried) == 2


def test_an_app_that_is_not_installed_says_where_to_install_it(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    _installed(web, account={"login": "other"})
    with pytest.raises(Permanent, match="not installed on 'acme'"):
        host.create_comment(CHANGE, "x")


def test_a_suspended_installation_is_none(web: responses.RequestsMock, host: GitHubHost) -> None:
    _installed(web, suspended_at="2026-01-01T00:00:00Z")
    with pytest.raises(Permanent, match="suspended"):
        host.create_comment(CHANGE, "x")


def test_an_app_that_was_installed_anew_is_found_again(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    web.post(TOKENS, status=404, json={"message": "Not Found"})
    with pytest.raises(Permanent):
        host.create_comment(CHANGE, "x")
    web.replace(responses.POST, TOKENS, status=201, json=_lease(clock))
    _comment(web)
    host.create_comment(CHANGE, "x")
    assert _asked(web).count("GET /app/installations?page=1&per_page=100") == 2


def _lease(clock: Clock) -> dict[str, str]:
    ends = datetime.fromtimestamp(clock.now + HOUR_S, UTC).isoformat()
    return {"token": "ghs_3", "expires_at": ends}


def test_a_token_whose_answer_is_lost_may_be_asked_for_again(
    web: responses.RequestsMock, host: GitHubHost
) -> None:
    _installed(web)
    web.post(TOKENS, status=502, json={})
    with pytest.raises(Transient):
        host.create_comment(CHANGE, "x")


def test_a_key_that_is_none_is_a_failure_that_does_not_show_it() -> None:
    auth = AppAuth(app_id="12", private_key=Secret("not a key"))
    with pytest.raises(Permanent, match="PEM") as caught:
        GitHubHost("hub", API, auth).create_comment(CHANGE, "x")
    assert "not a key" not in str(caught.value)
    assert "not a key" not in repr(auth)


def test_the_bot_is_the_apps_own_account(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    web.get(f"{API}/app", json={"id": 12, "slug": "gate"})
    web.get(f"{API}/users/gate%5Bbot%5D", json={"id": 44, "login": "gate[bot]", "type": "Bot"})
    bot = host.identity()
    assert (bot.id, bot.login, bot.is_bot) == ("44", "gate[bot]", True)
    assert host.identity() == bot
    assert len(web.calls) == 4


def test_tokens_are_never_logged(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    _installed(web)
    _token(web, clock, "ghs_hidden")
    _comment(web)
    host.create_comment(CHANGE, "x")
    assert "ghs_hidden" not in caplog.text


def _status(state: StatusState) -> Status:
    return Status(
        repo=REPO, sha=Sha("a" * 40), name="mrbot/main", state=state, description="d", summary="s"
    )


def test_a_completed_check_run_is_not_opened_again_but_replaced(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    web.post(CHECKS, status=201, json={"id": 1, "conclusion": "success"})
    known = host.set_status(_status(StatusState.SUCCESS), None)
    assert known == "check-run 1 completed"
    web.replace(responses.POST, CHECKS, status=201, json={"id": 2, "conclusion": None})
    known = host.set_status(_status(StatusState.PENDING), known)
    assert known == "check-run 2 open"
    web.patch(f"{CHECKS}/2", json={"id": 2, "conclusion": "failure"})
    known = host.set_status(_status(StatusState.ERROR), known)
    assert known == "check-run 2 completed"
    sent = json.loads(web.calls[-1].request.body)  # type: ignore[arg-type]
    assert sent == {
        "name": "mrbot/main", "status": "completed", "conclusion": "failure",
        "output": {"title": "d", "summary": "s"},
    }  # fmt: skip


def test_annotations_are_sent_once_and_replaced_with_their_run(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    """GitHub adds the annotations of an update to those before."""
    _installed(web)
    _token(web, clock)
    note = Annotation(
        path="a.tf", line=3, level=AnnotationLevel.FAILURE, title="rule", message="text"
    )
    web.post(CHECKS, status=201, json={"id": 1, "conclusion": None})
    pending = replace(_status(StatusState.PENDING), annotations=(note,))
    known = host.set_status(pending, None)
    assert known == "check-run 1 open"
    assert "annotations" not in json.loads(web.calls[-1].request.body)["output"]  # type: ignore[arg-type]
    web.patch(f"{CHECKS}/1", json={"id": 1, "conclusion": "failure"})
    failed = replace(_status(StatusState.FAILURE), annotations=(note,))
    known = host.set_status(failed, known)
    assert known == "check-run 1 annotated"
    assert json.loads(web.calls[-1].request.body)["output"]["annotations"] == [  # type: ignore[arg-type]
        {
            "path": "a.tf", "start_line": 3, "end_line": 3, "annotation_level": "failure",
            "title": "rule", "message": "text",
        }
    ]  # fmt: skip
    web.replace(responses.POST, CHECKS, status=201, json={"id": 2, "conclusion": "success"})
    assert host.set_status(_status(StatusState.SUCCESS), known) == "check-run 2 completed"


def test_a_check_run_that_stays_green_is_a_failure(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    web.patch(f"{CHECKS}/1", json={"id": 1, "conclusion": "success"})
    with pytest.raises(Permanent, match="shows success"):
        host.set_status(_status(StatusState.FAILURE), "check-run 1 completed")


def test_what_a_token_once_returned_is_not_taken_for_a_check_run(
    web: responses.RequestsMock, host: GitHubHost, clock: Clock
) -> None:
    _installed(web)
    _token(web, clock)
    web.post(CHECKS, status=201, json={"id": 1, "conclusion": "success"})
    assert host.set_status(_status(StatusState.SUCCESS), "status 7") == "check-run 1 completed"
