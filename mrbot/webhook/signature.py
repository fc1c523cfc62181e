"""Whether a webhook comes from whom it says. Pure: the time is an argument.

Sources: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries,
https://docs.gitlab.com/user/project/integrations/webhooks/,
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NewType

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from mrbot.errors import BadSignature
from mrbot.secret import Secret

VerifiedBody = NewType("VerifiedBody", bytes)
"""The bytes of a body whose sender is known. Only this module makes one."""

TOLERANCE = timedelta(minutes=5)
"""How far the sender's clock may be from ours: as long can a captured delivery be replayed."""
SIGNATURES_READ = 8
"""Signatures looked at in one header: a sender that rotates its secret sends two."""


def verify_github(body: bytes, headers: Mapping[str, str], secret: Secret | None) -> VerifiedBody:
    """The body, when `x-hub-signature-256` is its HMAC. Header names are in lower case.

    Raises: BadSignature when it is not, or when secret or header is missing. The older SHA-1
    header is never looked at.
    """
    if not secret:
        raise BadSignature("no webhook secret is configured for this host: set one on both sides")
    given = headers.get("x-hub-signature-256")
    if not given:
        raise BadSignature("there is no X-Hub-Signature-256 header: give the webhook its secret")
    wanted = hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    if not _same(given, f"sha256={wanted}"):
        raise BadSignature("X-Hub-Signature-256 is not the signature of this body by our secret")
    return VerifiedBody(body)


def verify_gitlab(
    body: bytes,
    headers: Mapping[str, str],
    *,
    token: Secret | None,
    signing_token: Secret | None,
    now: datetime,
) -> VerifiedBody:
    """The body, when it is signed with the signing token or, unsigned, carries the secret token.

    A signature that is there decides alone: a wrong one is never rescued by the token.

    Raises: BadSignature otherwise, or when what is needed to tell is missing.
    """
    if "webhook-signature" in headers:
        return _signed(body, headers, signing_token, now)
    if not token:
        raise BadSignature(
            "the delivery is not signed, and no secret token is configured for this host"
        )
    given = headers.get("x-gitlab-token")
    if not given:
        raise BadSignature("there is neither a webhook-signature nor an X-Gitlab-Token header")
    if not _same(given, token.reveal()):
        raise BadSignature("X-Gitlab-Token is not the configured secret token")
    return VerifiedBody(body)


def _signed(
    body: bytes, headers: Mapping[str, str], signing_token: Secret | None, now: datetime
) -> VerifiedBody:
    if not signing_token:
        raise BadSignature("the delivery is signed, and no signing token is configured here")
    wanted = _signature(body, headers, signing_token, now)
    given = headers["webhook-signature"].split(" ")[:SIGNATURES_READ]
    # Every one is compared, so that the time taken does not tell which matched.
    if not any([_same(one, wanted) for one in given]):  # noqa: C419
        raise BadSignature("webhook-signature is not the signature of this body by our token")
    return VerifiedBody(body)


def _signature(
    body: bytes, headers: Mapping[str, str], signing_token: Secret, now: datetime
) -> str:
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        raise BadSignature("a signed delivery needs webhook-id and webhook-timestamp (seconds)")
    sent = datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(stamp))
    if abs(now - sent) > TOLERANCE:
        raise BadSignature("webhook-timestamp is more than 5 minutes away from our clock")
    try:
        # The library's own `verify` reads the clock; its `sign` does not.
        return Webhook(signing_token.reveal()).sign(message, sent, body.decode())
    except UnicodeDecodeError:
        raise BadSignature("a signed delivery is UTF-8, and this body is not") from None
    except (ValueError, EmptyWebhookSecretError):
        raise BadSignature("the configured signing token is not whsec_ and base64") from None


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(
        given.encode("utf-8", "surrogateescape"), wanted.encode("utf-8", "surrogateescape")
    )
