"""What a bad answer, or none, means: `Transient`, `Permanent` or `AnswerLost`.

    nothing was sent (refused, no such name, connect time-out)    Transient
    certificate not trusted, an address that cannot be asked      Permanent
    sent, and no whole answer came                                Transient; a write: AnswerLost
    429, 403 of a rate limit, 408, 409, 423, 425                  Transient, with the host's wait
    5xx                                                           Transient; a POST: AnswerLost
    2xx that cannot be read                                       Permanent; a write: AnswerLost
    every other status, redirects included                        Permanent

Sources: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api,
https://docs.gitlab.com/api/rest/troubleshooting/
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http import HTTPStatus

import requests
import urllib3

from mrbot.errors import AnswerLost, HostFailure, Permanent, Transient

SAID_LIMIT_CHARS = 300
"""How much of a host's own words goes into a message."""

RETRY_AFTER_LIMIT_S = 3_600.0
"""The longest wait that is believed; GitHub's rate limits are by the hour."""

RETRY_AFTER_UNSAID_S = 60.0
"""The wait after a rate limit that names none; GitHub asks for at least a minute."""

_PASSING = frozenset({408, 409, 423, 425})
_TOO_QUICK = ("submitted too quickly", "rate limit", "abuse detection")


class Effect(Enum):
    """What a request does on the host."""

    READ = auto()
    REPLACE = auto()
    """A write that does no harm when it is repeated."""
    CREATE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as messages name it; `path` is without query."""

    host: str
    method: str
    path: str
    effect: Effect

    def __str__(self) -> str:
        return f"{self.host}: {self.method} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """How a person mends what a status tells of, on one kind of host."""

    unauthorized: str
    forbidden: str
    not_found: str


def of_answer(
    asked: Asked,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    advice: Advice,
    now: float,
) -> HostFailure:
    """The failure that an answer other than 2xx is; `now` is in seconds since the epoch."""
    lower = {name.lower(): value for name, value in headers.items()}
    words = said(body)
    message = f"{asked}: {status} {_phrase(status)}: {words}"
    if _limited(status, lower, words):
        return Transient(message, status=status, retry_after=_wait(lower, now, limited=True))
    if status in _PASSING:
        return Transient(message, status=status, retry_after=_wait(lower, now, limited=False))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        if asked.effect is Effect.CREATE:
            return AnswerLost(f"{message}; it may have been carried out", status=status)
        return Transient(message, status=status, retry_after=_wait(lower, now, limited=False))
    return Permanent(f"{message}; {_mending(status, lower, advice)}", status=status)


def of_error(asked: Asked, error: requests.RequestException) -> HostFailure:
    """The failure that a request without an answer is."""
    if isinstance(error, ValueError):
        # Its text may quote a header.
        return Permanent(f"{asked}: cannot be asked ({type(error).__name__}); correct the address")
    message = f"{asked}: {_innermost(error)}"
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Permanent(f"{message}; trust its certificate authority (setting ca_file)")
    if asked.effect is Effect.READ or _unsent(error):
        return Transient(message)
    return AnswerLost(f"{message}; no answer came, and it may have been carried out")


def unreadable(asked: Asked, why: str) -> HostFailure:
    """The failure that a 2xx answer is whose body is not what the API promises."""
    message = f"{asked}: the answer cannot be used: {why}"
    if asked.effect is Effect.READ:
        return Permanent(
            f"{message}; is the address that of the API, and its version one that mrbot knows?"
        )
    return AnswerLost(f"{message}; it was probably carried out")


def said(body: bytes) -> str:
    """What the host says in an error body, on one line and cut to `SAID_LIMIT_CHARS`."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "no JSON came with it" if body else "without a word"
    if not isinstance(document, dict):
        return shortened(_line(document), SAID_LIMIT_CHARS)
    parts = [document.get(name) for name in ("message", "error", "error_description", "errors")]
    text = " / ".join(_line(part) for part in parts if part)
    return shortened(text, SAID_LIMIT_CHARS) or "without a word"


def shortened(text: str, limit: int) -> str:
    """`text`, cut to `limit` characters, the last one an ellipsis where something is missing."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _line(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _mending(status: int, headers: Mapping[str, str], advice: Advice) -> str:
    match status:
        case 401:
            return advice.unauthorized
        case 403:
            # GitHub names what would have been enough.
            needed = headers.get("x-accepted-github-permissions") or headers.get(
                "x-accepted-oauth-scopes"
            )
            named = f" (needed: {shortened(_line(needed), SAID_LIMIT_CHARS)})" if needed else ""
            return f"{advice.forbidden}{named}"
        case 404 | 410:
            return advice.not_found
        case _ if 300 <= status < 400:
            return "it has moved: name its present address or path (redirects are not followed)"
        case _:
            return "asking again will not help"


def _limited(status: int, headers: Mapping[str, str], words: str) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    hinted = any(hint in words.lower() for hint in _TOO_QUICK)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return hinted
    spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return status == HTTPStatus.FORBIDDEN and (hinted or spent)


def _wait(headers: Mapping[str, str], now: float, *, limited: bool) -> float:
    """Seconds to wait: Retry-After, else until the reset of a limit that is used up."""
    wait = _retry_after(headers.get("retry-after", ""), now)
    if wait is None:
        for prefix in ("ratelimit", "x-ratelimit"):
            if headers.get(f"{prefix}-remaining") == "0":
                reset = _number(headers.get(f"{prefix}-reset", ""))
                wait = reset - now if reset is not None else wait
    if wait is None:
        return RETRY_AFTER_UNSAID_S if limited else 0.0
    return min(max(wait, 0.0), RETRY_AFTER_LIMIT_S)


def _retry_after(text: str, now: float) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _unsent(error: requests.RequestException) -> bool:
    """Whether the connection failed before the request can have reached the host."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    before = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return any(isinstance(one, before) for one in _causes(error))


def _innermost(error: requests.RequestException) -> str:
    *_, last = _causes(error)
    if isinstance(error, requests.Timeout):
        return f"no answer in time ({type(error).__name__})"
    return shortened(f"no answer ({type(last).__name__}: {_line(str(last))})", SAID_LIMIT_CHARS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps, outermost first (requests and urllib3 wrap in `args`)."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        reason = getattr(found, "reason", None)
        inner = [one for one in (reason, *found.args) if isinstance(one, BaseException)]
        found = inner[0] if inner else None
