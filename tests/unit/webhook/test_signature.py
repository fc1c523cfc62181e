from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from mrbot.errors import BadSignature
from mrbot.secret import Secret
from mrbot.webhook.signature import verify_github, verify_gitlab

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
BODY = b'{"a": 1}'
SIGNING = "whsec_c2lnbmluZyB0b2tlbiBvZiAzMiBieXRlcyEhISEhISE="


def mac(secret: str, body: bytes = BODY) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(at: datetime = NOW, token: str = SIGNING, body: bytes = BODY) -> dict[str, str]:
    return {
        "webhook-id": "id-1", "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(token).sign("id-1", at, body.decode()),
    }  # fmt: skip


def gitlab(headers, token="t", signing: str | None = SIGNING, body: bytes = BODY):
    return verify_gitlab(
        body, headers, now=NOW, token=Secret(token) if token is not None else None,
        signing_token=Secret(signing) if signing is not None else None,
    )  # fmt: skip


def test_a_body_signed_with_githubs_secret_is_verified():
    assert verify_github(BODY, {"x-hub-signature-256": mac("s")}, Secret("s")) == BODY


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        pytest.param({}, "s", id="no header"),
        pytest.param({"x-hub-signature-256": ""}, "s", id="empty header"),
        pytest.param({"x-hub-signature-256": mac("other")}, "s", id="another secret"),
        pytest.param({"x-hub-signature-256": mac("s", b"{}")}, "s", id="another body"),
        pytest.param({"x-hub-signature-256": mac("s")[7:]}, "s", id="no algorithm"),
        pytest.param({"x-hub-signature-256": "sha256=ü"}, "s", id="not ascii"),
        pytest.param({"x-hub-signature": "sha1=00"}, "s", id="the old header only"),
        pytest.param({"x-hub-signature-256": mac("")}, "", id="empty secret configured"),
        pytest.param({"x-hub-signature-256": mac("")}, None, id="no secret configured"),
    ],
)
def test_github_refuses(headers, secret):
    with pytest.raises(BadSignature):
        verify_github(BODY, headers, None if secret is None else Secret(secret))


def test_gitlab_takes_the_token_of_an_unsigned_delivery():
    assert gitlab({"x-gitlab-token": "t"}) == BODY


def test_gitlab_takes_a_signed_delivery_without_any_token():
    assert gitlab(signed(), token=None) == BODY


def test_one_right_signature_among_two_is_enough_while_a_token_is_rotated():
    headers = signed()
    headers["webhook-signature"] = "v1,AAAA " + headers["webhook-signature"]
    assert gitlab(headers) == BODY


@pytest.mark.parametrize("minutes", [-4, 4])
def test_a_clock_that_is_four_minutes_off_is_tolerated(minutes):
    assert gitlab(signed(NOW + timedelta(minutes=minutes))) == BODY


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"webhook-signature": "v1,AAAA"}, id="forged"),
        pytest.param({"webhook-signature": ""}, id="empty"),
        pytest.param({"webhook-signature": "nonsense"}, id="no version"),
        pytest.param({"webhook-signature": "v1a,AAAA"}, id="unknown version"),
        pytest.param({"webhook-id": "id-2"}, id="another id"),
        pytest.param({"webhook-id": ""}, id="no id"),
        pytest.param({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, id="another time"),
        pytest.param({"webhook-timestamp": "nan"}, id="no number"),
        pytest.param({"webhook-timestamp": "9" * 400}, id="a huge number"),
        pytest.param({"webhook-timestamp": "²"}, id="a digit that is no decimal"),
        pytest.param(signed(NOW - timedelta(minutes=6)), id="old"),
        pytest.param(signed(NOW + timedelta(minutes=6)), id="from the future"),
        pytest.param(signed(token="whsec_b3RoZXI="), id="another signing token"),
        pytest.param(signed(body=b"{}"), id="another body"),
    ],
)
def test_a_wrong_signature_is_never_rescued_by_a_right_token(headers):
    with pytest.raises(BadSignature):
        gitlab(signed() | headers | {"x-gitlab-token": "t"})


@pytest.mark.parametrize(
    ("headers", "token", "signing"),
    [
        pytest.param({}, "t", SIGNING, id="neither header"),
        pytest.param({"x-gitlab-token": ""}, "t", SIGNING, id="empty header"),
        pytest.param({"x-gitlab-token": "other"}, "t", SIGNING, id="wrong token"),
        pytest.param({"x-gitlab-token": "ü"}, "t", SIGNING, id="not ascii"),
        pytest.param({"x-gitlab-token": ""}, "", SIGNING, id="empty token configured"),
        pytest.param({"x-gitlab-token": "t"}, None, SIGNING, id="only a signing token configured"),
        pytest.param(signed() | {"x-gitlab-token": "t"}, "t", None, id="signed, cannot be checked"),
        pytest.param(signed() | {"x-gitlab-token": "t"}, "t", "", id="empty signing token"),
        pytest.param(signed(), "t", "whsec_", id="a signing token without a key"),
        pytest.param(signed(), "t", "whsec_é", id="a signing token that is not base64"),
    ],
)
def test_gitlab_refuses(headers, token, signing):
    with pytest.raises(BadSignature):
        gitlab(headers, token, signing)


def test_a_signed_body_that_is_not_utf8_is_refused_and_not_a_crash():
    with pytest.raises(BadSignature):
        gitlab(signed(), body=b"\xff")


def test_no_refusal_shows_a_secret():
    for headers in ({"x-gitlab-token": "guess"}, signed() | {"webhook-signature": "v1,AAAA"}):
        with pytest.raises(BadSignature) as refused:
            gitlab(headers, "the-token")
        assert "the-token" not in str(refused.value)
        assert SIGNING not in str(refused.value)
