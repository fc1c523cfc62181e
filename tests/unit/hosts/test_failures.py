"""Which error every bad answer becomes, and what its message says and does not say."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
import requests
import responses
from requests.exceptions import ChunkedEncodingError, InvalidHeader, InvalidURL, SSLError

from mrbot.errors import AnswerLost, HostFailure, Permanent, Transient
from mrbot.hosts.failures import (
    RETRY_AFTER_LIMIT_S,
    SAID_LIMIT_CHARS,
    Advice,
    Asked,
    Effect,
    of_answer,
    of_error,
    said,
    shortened,
)
from mrbot.hosts.transport import Transport

NOW = 1_800_000_000.0
ADVICE = Advice(unauthorized="new token", forbidden="more scope", not_found="look again")
READ = Asked(host="lab", method="GET", path="/user", effect=Effect.READ)
REPLACE = Asked(host="lab", method="PUT", path="/notes/1", effect=Effect.REPLACE)
CREATE = Asked(host="lab", method="POST", path="/notes", effect=Effect.CREATE)


def _answer(
    asked: Asked, status: int, body: object = None, headers: dict[str, str] | None = None
) -> HostFailure:
    raw = body if isinstance(body, bytes) else json.dumps(body or {"message": "words"}).encode()
    return of_answer(asked, status, headers or {}, raw, advice=ADVICE, now=NOW)


@pytest.mark.parametrize(
    ("status", "read", "replace", "create"),
    [
        (301, Permanent, Permanent, Permanent),
        (302, Permanent, Permanent, Permanent),
        (304, Permanent, Permanent, Permanent),
        (400, Permanent, Permanent, Permanent),
        (401, Permanent, Permanent, Permanent),
        (403, Permanent, Permanent, Permanent),
        (404, Permanent, Permanent, Permanent),
        (405, Permanent, Permanent, Permanent),
        (408, Transient, Transient, Transient),
        (409, Transient, Transient, Transient),
        (413, Permanent, Permanent, Permanent),
        (422, Permanent, Permanent, Permanent),
        (423, Transient, Transient, Transient),
        (429, Transient, Transient, Transient),
        (451, Permanent, Permanent, Permanent),
        (500, Transient, Transient, AnswerLost),
        (502, Transient, Transient, AnswerLost),
        (503, Transient, Transient, AnswerLost),
        (599, Transient, Transient, AnswerLost),
        (999, Transient, Transient, AnswerLost),
    ],
)
def test_a_status_is_one_kind_of_failure(
    status: int, read: type[HostFailure], replace: type[HostFailure], create: type[HostFailure]
) -> None:
    for asked, expected in ((READ, read), (REPLACE, replace), (CREATE, create)):
        failure = _answer(asked, status)
        assert (type(failure), failure.status) == (expected, status)


@pytest.mark.parametrize(
    ("status", "headers", "words", "wait"),
    [
        (429, {}, "slow down", 60.0),
        (429, {"Retry-After": "17"}, "slow down", 17.0),
        (429, {"retry-after": "0"}, "slow down", 0.0),
        (429, {"Retry-After": "-5"}, "slow down", 0.0),
        (429, {"Retry-After": "nan"}, "slow down", 60.0),
        (429, {"Retry-After": "inf"}, "slow down", 60.0),
        (429, {"Retry-After": "soon"}, "slow down", 60.0),
        (429, {"Retry-After": "99999999"}, "slow down", RETRY_AFTER_LIMIT_S),
        (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": f"{NOW + 30:.0f}"}, "", 30.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW + 90:.0f}"}, "", 90.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW - 90:.0f}"}, "", 0.0),
        (429, {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": f"{NOW + 90:.0f}"}, "", 60.0),
        (403, {"Retry-After": "5"}, "no", 5.0),
        (403, {}, "You have exceeded a secondary rate limit. Please wait", 60.0),
        (422, {}, "was submitted too quickly after a previous comment", 60.0),
        (503, {"Retry-After": "12"}, "maintenance", 12.0),
        (409, {}, "lock", 0.0),
    ],
)
def test_a_host_that_asks_for_patience_is_heard(
    status: int, headers: dict[str, str], words: str, wait: float
) -> None:
    failure = _answer(READ, status, {"message": words}, headers)
    assert isinstance(failure, Transient)
    assert failure.retry_after == wait


def test_a_wait_may_be_a_date() -> None:
    at = format_datetime(datetime.fromtimestamp(NOW + 40, UTC), usegmt=True)
    failure = _answer(READ, 429, headers={"Retry-After": at})
    assert isinstance(failure, Transient)
    assert failure.retry_after == 40.0


def test_a_403_with_calls_left_is_a_missing_permission() -> None:
    headers = {"X-RateLimit-Remaining": "4999", "X-Accepted-GitHub-Permissions": "checks=write"}
    failure = _answer(
        CREATE, 403, {"message": "Resource not accessible by integration"}, headers
    )  # fmt: skip
    assert type(failure) is Permanent
    assert str(failure) == (
        "lab: POST /notes: 403 Forbidden: Resource not accessible by integration; "
        "more scope (needed: checks=write)"
    )


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "new token"), (404, "look again"), (301, "has moved")]
)
def test_a_permanent_failure_says_how_to_mend_it(status: int, fix: str) -> None:
    assert fix in str(_answer(READ, status))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "without a word"),
        (b"<html>Bad gateway</html>", "no JSON came with it"),
        (b"\xff\xfe", "no JSON came with it"),
        (b"[" * 100_000, "no JSON came with it"),
        (b"{}", "without a word"),
        (b'{"message": "plain"}', "plain"),
        (b'{"message": {"base": ["Reference not found"]}}', '{"base": ["Reference not found"]}'),
        (b'{"error": "insufficient_scope", "error_description": "needs api"}',
         "insufficient_scope / needs api"),
        (b'{"message": "Validation Failed", "errors": ["Can not approve"]}',
         'Validation Failed / ["Can not approve"]'),
        (b'{"message": "two\\nlines\\u001b[31m red"}', "two lines [31m red"),
    ],
)  # fmt: skip
def test_what_the_host_says_stands_on_one_line(body: bytes, words: str) -> None:
    assert said(body) == words


def test_what_the_host_says_is_bounded() -> None:
    words = said(json.dumps({"message": "x" * 100_000}).encode())
    assert len(words) == SAID_LIMIT_CHARS
    assert words.endswith("…")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [("", 3, ""), ("abc", 3, "abc"), ("abcd", 3, "ab…")],
)
def test_text_is_shortened_visibly(text: str, limit: int, expected: str) -> None:
    assert shortened(text, limit) == expected


@pytest.mark.parametrize(
    ("error", "read", "write"),
    [
        (requests.ConnectTimeout("slow"), Transient, Transient),
        (requests.exceptions.ProxyError("down"), Transient, Transient),
        (requests.ReadTimeout("slow"), Transient, AnswerLost),
        (requests.ConnectionError("reset"), Transient, AnswerLost),
        (ChunkedEncodingError("cut"), Transient, AnswerLost),
        (SSLError("EOF occurred in violation of protocol"), Transient, AnswerLost),
        (SSLError("[SSL: CERTIFICATE_VERIFY_FAILED]"), Permanent, Permanent),
        (InvalidURL("no host"), Permanent, Permanent),
    ],
    ids=lambda value: f"{value}" if isinstance(value, Exception) else None,
)
def test_a_request_without_an_answer_is_one_kind_of_failure(
    error: requests.RequestException, read: type[HostFailure], write: type[HostFailure]
) -> None:
    for asked, expected in ((READ, read), (REPLACE, write), (CREATE, write)):
        assert type(of_error(asked, error)) is expected


def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    failure = of_error(READ, InvalidHeader("Invalid return character: 'Bearer hunter2\\n'"))
    assert "hunter2" not in str(failure)


def test_a_refused_connection_certainly_changed_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/notes"
    transport = Transport("lab", ADVICE)
    with pytest.raises(Transient, match="refused"):
        transport.send(transport.asked("post", url), url, auth=lambda request: request)


@responses.activate
def test_a_name_that_does_not_resolve_certainly_changed_nothing() -> None:
    url = "http://nowhere.invalid/notes"
    responses.add_passthru(url)
    transport = Transport("lab", ADVICE)
    with pytest.raises(Transient):
        transport.send(transport.asked("post", url), url, auth=lambda request: request)
