"""How every request to a host is sent: once, bounded in time and size, never redirected."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests

from mrbot.errors import BadSettings, Permanent
from mrbot.hosts import failures
from mrbot.hosts.failures import Advice, Asked, Effect
from mrbot.secret import Secret

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 20.0
"""The longest silence while an answer is awaited."""

ANSWER_TIMEOUT_S = 60.0
"""The longest that one whole answer may take to arrive."""

ANSWER_LIMIT_BYTES = 64_000_000
"""The largest answer that is read into memory."""

USER_AGENT = "mrbot"
_CHUNK_BYTES = 65_536

Authorize = Callable[[requests.PreparedRequest], requests.PreparedRequest]
"""Puts the credential into a request; giving one also keeps ~/.netrc out of it."""

_EFFECTS = {"GET": Effect.READ, "HEAD": Effect.READ, "PUT": Effect.REPLACE,
            "PATCH": Effect.REPLACE, "DELETE": Effect.REPLACE}  # fmt: skip


class Transport:
    """One host's HTTP. It may be used by several threads at once."""

    def __init__(
        self,
        host: str,
        advice: Advice,
        *,
        session: requests.Session | None = None,
        ca_file: Path | None = None,
        proxy: str | None = None,
        clock: Callable[[], float] = time.time,
        answer_limit_bytes: int = ANSWER_LIMIT_BYTES,
    ) -> None:
        self.host = host
        self._limit_bytes = answer_limit_bytes
        self._advice = advice
        self._session = session or requests.Session()
        self._verify: str | bool = str(ca_file) if ca_file else True
        self._proxies = {"http": proxy, "https": proxy} if proxy else None
        self._clock = clock

    def asked(self, method: str, url: str, *, harmless: bool = False) -> Asked:
        """The request as messages name it; `harmless`: a POST that changes nothing of note."""
        effect = Effect.READ if harmless else _EFFECTS.get(method.upper(), Effect.CREATE)
        return Asked(
            host=self.host, method=method.upper(), path=urlsplit(url).path, effect=effect
        )  # fmt: skip

    def send(
        self,
        asked: Asked,
        url: str,
        *,
        auth: Authorize,
        headers: Mapping[str, str] | None = None,
        params: object = None,
        json: object = None,
        data: str | None = None,
    ) -> requests.Response:
        """The whole answer, which is a success and JSON or empty.

        Raises:
            HostFailure: anything else (failures.py).
        """
        try:
            response = self._session.request(
                asked.method,
                url,
                auth=auth,
                headers={"User-Agent": USER_AGENT, **(headers or {})},
                params=params,  # type: ignore[arg-type]  # what the libraries made
                json=json,
                data=data,
                timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
                verify=self._verify,
                proxies=self._proxies,
                # A redirect would carry the credential wherever the answer says.
                allow_redirects=False,
                stream=True,
            )
            with response:
                body = _read(asked, response, self._limit_bytes)
        except requests.RequestException as error:
            raise failures.of_error(asked, error) from error
        self._check(asked, response, body)
        return _whole(response, body)

    def _check(self, asked: Asked, response: requests.Response, body: bytes) -> None:
        status = response.status_code
        if not requests.codes.ok <= status < requests.codes.multiple_choices:
            raise failures.of_answer(
                asked, status, response.headers, body, advice=self._advice, now=self._clock()
            )
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if body and not kind.endswith("json"):
            raise failures.unreadable(asked, f"it is {failures.shortened(kind, 80) or 'untyped'}")


def segment(name: str) -> str:
    """`name` as one segment of a path.

    Raises:
        Permanent: (404) it would change the path: empty, `.` or `..`.
    """
    if name in ("", ".", ".."):
        raise Permanent(f"nothing is named {name!r}", status=404)
    return quote(name, safe="")


def check_credential(host: str, secret: Secret) -> None:
    """The secret can stand in a header.

    Raises:
        BadSettings: it is empty, or holds a character that no token has.
    """
    value = secret.reveal()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise BadSettings(f"{host}: the token is empty or holds a blank, a line end or the like")


def documents(asked: Asked, response: requests.Response) -> object:
    """The JSON in an answer, None where there is no body.

    Raises:
        HostFailure: it is not JSON.
    """
    if not response.content:
        return None
    try:
        found: object = response.json()
    except (ValueError, RecursionError) as error:
        raise failures.unreadable(asked, "it is broken JSON") from error
    return found


def _read(asked: Asked, response: requests.Response, limit_bytes: int) -> bytes:
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_BYTES):
        body += chunk
        if len(body) > limit_bytes:
            raise failures.unreadable(asked, f"it is larger than {limit_bytes} bytes")
        if time.monotonic() > deadline:
            raise requests.ReadTimeout(f"not whole after {ANSWER_TIMEOUT_S:.0f} s")
    return bytes(body)


def _whole(response: requests.Response, body: bytes) -> requests.Response:
    """The same answer with its body in memory."""
    whole = requests.Response()
    whole.status_code, whole.reason, whole.url = response.status_code, response.reason, response.url
    whole.headers, whole.request = response.headers, response.request
    whole.encoding = "utf-8"
    whole.raw = io.BytesIO(body)
    return whole
