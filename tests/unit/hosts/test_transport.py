"""How requests are sent: bounded, never redirected, and without showing a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
import responses

from mrbot.errors import AnswerLost, BadSettings, Permanent
from mrbot.hosts.failures import Advice
from mrbot.hosts.github import GitHubHost, TokenAuth
from mrbot.hosts.gitlab import GitLabHost
from mrbot.hosts.transport import (
    CONNECT_TIMEOUT_S,
    READ_TIMEOUT_S,
    Transport,
    segment,
)
from mrbot.ids import ChangeId, RepoId
from mrbot.secret import Secret

URL = "https://lab.example/api"
ADVICE = Advice(unauthorized="new token", forbidden="more scope", not_found="look again")
LAB = "https://lab.example"
HUB = "https://api.hub.example"


def _open(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _send(transport: Transport, method: str = "get") -> requests.Response:
    return transport.send(transport.asked(method, URL), URL, auth=_open)


def _hosts() -> list[tuple[GitLabHost | GitHubHost, str]]:
    return [
        (GitLabHost("lab", LAB, Secret("s3cret-token")), f"{LAB}/api/v4/user"),
        (GitHubHost("hub", HUB, TokenAuth(token=Secret("s3cret-token"))), f"{HUB}/user"),
    ]


@responses.activate
def test_every_request_has_time_outs_and_the_settings_of_its_host() -> None:
    responses.get(URL, json={})
    _send(Transport("lab", ADVICE, ca_file=Path("/ca.pem"), proxy="http://proxy:3128"))
    sent = responses.calls[0].request.req_kwargs  # type: ignore[attr-defined]
    assert sent["timeout"] == (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
    assert sent["verify"] == "/ca.pem"
    assert sent["proxies"]["https"] == "http://proxy:3128"


@responses.activate
def test_certificates_are_checked_unless_told_which_to_trust(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    responses.get(URL, json={})
    _send(Transport("lab", ADVICE))
    assert responses.calls[0].request.req_kwargs["verify"] is True  # type: ignore[attr-defined]


@responses.activate
def test_a_redirect_is_not_followed_so_that_no_credential_leaves() -> None:
    responses.get("https://evil.example/user", json={"id": 1, "username": "x", "login": "x"})
    for host, url in _hosts():
        responses.get(url, status=302, headers={"Location": "https://evil.example/user"})
        with pytest.raises(Permanent, match="moved"):
            host.identity()
    assert all("evil" not in str(call.request.url) for call in responses.calls)


@responses.activate
def test_a_page_instead_of_json_is_a_failure() -> None:
    page = {"body": "<html>sign in</html>", "content_type": "text/html"}
    responses.get(URL, **page)
    responses.post(URL, **page)
    with pytest.raises(Permanent, match="text/html"):
        _send(Transport("lab", ADVICE))
    with pytest.raises(AnswerLost, match="text/html"):
        _send(Transport("lab", ADVICE), "post")


@responses.activate
@pytest.mark.parametrize("body", ["{", "[1, 2", "", "null", "3", '"x"', "[]"])
def test_an_answer_that_is_not_the_promised_object_is_a_failure(body: str) -> None:
    for host, url in _hosts():
        responses.get(url, body=body, content_type="application/json")
        with pytest.raises(Permanent, match="cannot be used"):
            host.identity()


@responses.activate
def test_an_answer_larger_than_the_limit_is_not_read() -> None:
    responses.get(URL, json={"x": "y" * 100})
    with pytest.raises(Permanent, match="larger than 50 bytes"):
        _send(Transport("lab", ADVICE, answer_limit_bytes=50))
    assert _send(Transport("lab", ADVICE, answer_limit_bytes=200)).json() == {"x": "y" * 100}


@responses.activate
def test_a_netrc_file_does_not_replace_the_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password stolen\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for host, url in _hosts():
        responses.get(url, json={"id": 1, "username": "x", "login": "x", "type": "Bot"})
        host.identity()
    lab, hub = (call.request.headers for call in responses.calls)
    assert (lab["PRIVATE-TOKEN"], lab.get("Authorization")) == ("s3cret-token", None)
    assert hub["Authorization"] == "Bearer s3cret-token"


@responses.activate
@pytest.mark.parametrize("status", [0, 401, 403, 404, 422, 500])
def test_a_failure_never_shows_the_credential(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for host, url in _hosts():
        if status:
            responses.get(url, status=status, json={"message": "no"})
        with pytest.raises(Exception) as caught:  # noqa: PT011
            host.identity()
        assert "s3cret" not in f"{caught.value} {caught.value!r}"
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize("value", ["", "abc\n", "tok en", "tökén", "a\x00b"])
def test_a_token_that_no_header_can_hold_is_refused_at_once_and_not_shown(value: str) -> None:
    for make in (
        lambda: GitLabHost("lab", LAB, Secret(value)),
        lambda: GitHubHost("hub", HUB, TokenAuth(token=Secret(value))),
    ):
        with pytest.raises(BadSettings) as caught:
            make()
        assert not value or value not in str(caught.value)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_change_the_path_names_nothing(name: str) -> None:
    with pytest.raises(Permanent) as caught:
        segment(name)
    assert caught.value.status == 404


def test_a_name_is_one_segment() -> None:
    assert segment("a/../b?c#d %") == "a%2F..%2Fb%3Fc%23d%20%25"


@pytest.mark.parametrize("path", ["acme", "acme/a/b", "acme/..", "../acme", "/x", "x/", ""])
def test_a_repository_that_github_cannot_have_is_not_asked_for(path: str) -> None:
    host = GitHubHost("hub", HUB, TokenAuth(token=Secret("x")))
    with pytest.raises(Permanent):
        host.change(ChangeId(RepoId("hub", path), 1))
