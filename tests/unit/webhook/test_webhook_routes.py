from __future__ import annotations

import contextlib
import http.client
import json
import threading

import pytest
import structlog
from flask import Flask
from werkzeug.serving import make_server

from mrbot.ids import HostKind
from mrbot.secret import Secret
from mrbot.webhook import routes
from mrbot.webhook.hook import HookConfig
from tests.unit.webhook.conftest import (
    NOW,
    SECRET,
    SIGNING,
    MemoryInbox,
    github_headers,
    gitlab_headers,
    signed_headers,
)

CHANGE = {
    "object_kind": "merge_request", "project": {"id": 1, "path_with_namespace": "group/infra"},
    "object_attributes": {"iid": 7}, "user": {"id": 1, "username": "ann"},
}  # fmt: skip
PULL = {"repository": {"full_name": "org/infra"}, "pull_request": {"number": 7}}


def test_an_accepted_delivery_is_stored_before_it_is_answered(edge, post_gitlab):
    answer = post_gitlab(CHANGE)
    assert (answer.status_code, answer.json) == (202, {"stored": True})
    assert [str(one.repo) for one in edge.inbox.kept] == ["gl:group/infra"]
    assert edge.counted == [("gl", "stored")]


def test_a_duplicate_is_fine(edge, post_gitlab):
    post_gitlab(CHANGE)
    answer = post_gitlab(CHANGE)
    assert (answer.status_code, answer.json["duplicate"]) == (200, True)
    assert edge.counted[-1] == ("gl", "duplicate")


def test_a_signed_gitlab_delivery_is_stored(edge):
    body = json.dumps(CHANGE).encode()
    answer = edge.client.post("/webhooks/gitlab/gl", data=body, headers=signed_headers(body))
    assert answer.status_code == 202


def test_a_github_delivery_is_stored_under_the_name_of_its_host(edge, post_github):
    assert post_github("pull_request", PULL).status_code == 202
    assert edge.inbox.kept[0].repo.host == "gh"


def test_what_does_not_concern_us_gets_200_and_a_reason(edge, post_github):
    answer = post_github("star", PULL)
    assert answer.status_code == 200
    assert "star" in answer.json["ignored"]
    assert edge.counted == [("gh", "ignored")]
    assert not edge.inbox.kept


def test_a_repository_that_is_not_served_is_ignored(edge, post_github):
    answer = post_github("pull_request", PULL | {"repository": {"full_name": "not/ours"}})
    assert answer.status_code == 200
    assert not edge.inbox.kept


def test_an_authentic_event_that_cannot_be_read_gets_200_and_is_counted_apart(edge, post_gitlab):
    assert post_gitlab(CHANGE | {"object_attributes": {}}).status_code == 200
    assert edge.counted == [("gl", "unreadable")]


@pytest.mark.parametrize(
    ("url", "headers", "body", "status"),
    [
        pytest.param("/webhooks/github", {}, b"{}", 401, id="unsigned"),
        pytest.param(
            "/webhooks/github", github_headers(b"{}", "ping", secret="x"), b"{}", 401, id="forged"
        ),
        pytest.param(
            "/webhooks/github", github_headers(b"{}", "ping"), b"{ }", 401, id="body altered"
        ),
        pytest.param(
            "/webhooks/github/bare", github_headers(b"{}", "ping", secret=""), b"{}", 401,
            id="no secret configured",
        ),
        pytest.param("/webhooks/gitlab", {}, b"{}", 401, id="no token"),
        pytest.param("/webhooks/gitlab", gitlab_headers(token="x"), b"{}", 401, id="wrong token"),
        pytest.param(
            "/webhooks/gitlab",
            signed_headers(b"[]") | gitlab_headers(), b"{}", 401, id="wrong signature, right token",
        ),
        pytest.param("/webhooks/gitlab", gitlab_headers(), b"{", 400, id="no json"),
        pytest.param("/webhooks/gitlab", gitlab_headers(), b"[]", 400, id="no object"),
        pytest.param("/webhooks/github", github_headers(b"[" * 99_999, "push"), b"[" * 99_999, 400,
                     id="too deep"),
        pytest.param("/webhooks/svn", {}, b"{}", 404, id="no such kind"),
        pytest.param("/webhooks/local", {}, b"{}", 404, id="a kind that sends nothing"),
        pytest.param("/webhooks/github/gl", {}, b"{}", 404, id="a host of another kind"),
        pytest.param("/webhooks/github/none", {}, b"{}", 404, id="no such host"),
        pytest.param(
            "/webhooks/github",
            github_headers(b"payload=%7B%7D", "ping")
            | {"Content-Type": "application/x-www-form-urlencoded"},
            b"payload=%7B%7D", 415, id="a form",
        ),
    ],
)  # fmt: skip
def test_is_refused_and_nothing_is_stored(edge, url, headers, body, status):
    headers = {"Content-Type": "application/json"} | headers
    answer = edge.client.post(url, data=body, headers=headers)
    assert answer.status_code == status
    assert answer.json["error"]
    assert not edge.inbox.kept


def test_only_post_is_answered(edge):
    assert edge.client.get("/webhooks/github").status_code == 405


def test_a_failing_storage_gets_503_with_a_time(edge, post_gitlab):
    edge.inbox.broken = True
    answer = post_gitlab(CHANGE)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert edge.counted == [("gl", "failed")]


def test_no_secret_is_logged_whatever_comes(edge, post_gitlab, post_github):
    with structlog.testing.capture_logs() as logged:
        post_gitlab(CHANGE)
        post_github("star", PULL)
        edge.client.post("/webhooks/gitlab", data=b"{}", headers=gitlab_headers(token="guessed"))
    assert len(logged) == 3
    text = str(logged)
    assert not any(secret in text for secret in (SECRET, SIGNING, "guessed", "sha256="))


@pytest.fixture
def port():
    """Where the same blueprint listens over real HTTP."""
    hook = HookConfig(
        name="gh", kind=HostKind.GITHUB, secret=Secret(SECRET), accepts=lambda _repo: True
    )
    app = Flask("test")
    app.register_blueprint(routes.webhook_blueprint({"gh": hook}, MemoryInbox(), lambda: NOW))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.port
    server.shutdown()
    thread.join()
    server.server_close()


def post(port: int, chunks: list[bytes], headers: dict[str, str]) -> int:
    """The status that a body is answered with; what cannot be sent any more is left out."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.putrequest("POST", "/webhooks/github")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for chunk in chunks:
                connection.send(chunk)
        return connection.getresponse().status
    finally:
        connection.close()


def chunked(size: int, count: int) -> list[bytes]:
    return [b"%x\r\n%s\r\n" % (size, b" " * size)] * count + [b"0\r\n\r\n"]


def test_a_body_that_is_said_to_be_too_large_is_refused_unread(port):
    length = {"Content-Length": str(routes.BODY_LIMIT + 2)}
    assert post(port, [], github_headers(b"", "push") | length) == 413


def test_a_stream_without_a_length_is_read_up_to_the_limit(port):
    small = json.dumps(PULL).encode()
    headers = github_headers(small, "pull_request") | {"Transfer-Encoding": "chunked"}
    body = [b"%x\r\n%s\r\n" % (len(small), small), b"0\r\n\r\n"]
    assert post(port, body, headers) == 202
    assert post(port, chunked(1 << 20, 26), headers) == 413
