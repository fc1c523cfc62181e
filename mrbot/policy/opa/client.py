"""OPA's REST API through opa-python-client, made safe to point at anything.

The library follows the environment's proxies and `.netrc`, retries, reads answers of any length and
has no deadline; none of that is so here. https://www.openpolicyagent.org/docs/rest-api
"""

from __future__ import annotations

import io
import queue
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import requests
import urllib3.exceptions
from opa_client import OpaClient
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection

from mrbot.ids import Json
from mrbot.policy.deadline import Deadline
from mrbot.secret import Secret

MAX_ANSWER_BYTES = 32 * 2**20
"""Longest answer that is read."""
LEAST_SECONDS = 0.02
"""Shortest time-out of a socket."""

T = TypeVar("T")


class TooLong(requests.RequestException):
    """An answer over the limit, or that may be."""


class TooLate(requests.Timeout):
    """The deadline has passed, whatever the other side was doing."""


class Client(OpaClient):  # type: ignore[misc]  # the library has no types
    """The API below `url`, over TCP or the Unix socket at `socket_path`. Never retries, is sent
    nowhere else, and ends every connection when `give_up` is called."""

    def __init__(
        self,
        url: str,
        *,
        seconds: float,
        token: Secret | None = None,
        ca_file: str | None = None,
        socket_path: str | None = None,
    ) -> None:
        self._wire = _Wire(socket_path)
        self._verify: str | bool = ca_file or True
        bearer = None if token is None else token.reveal()
        super().__init__(retries=0, timeout=max(seconds, LEAST_SECONDS), token=bearer)
        self.root_url = f"{url}/v1"
        self._health_url = f"{url}/health"

    def healthy(self) -> bool:
        """Whether the server says that it is up."""
        return bool(self.check_health(diagnostic_url=self._health_url))

    def policies(self) -> Json:
        """The list of policies, each with its text and its parsed form."""
        response = self._session.get(f"{self.root_url}/policies", timeout=self.timeout)
        response.raise_for_status()
        said: Json = response.json()
        return said

    def within(self, deadline: Deadline, call: Callable[[], T]) -> T:
        """What `call` returns or raises, if it does so before the deadline.

        A time-out of the socket alone would not do: it begins anew with each byte, and looking up
        a name has none.

        Raises: TooLate.
        """
        ended: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()

        def run() -> None:
            try:
                ended.put((True, call()))
            except Exception as error:  # noqa: BLE001  # raised below, in the asking thread
                ended.put((False, error))

        threading.Thread(target=run, name="opa-call", daemon=True).start()
        try:
            fine, outcome = ended.get(timeout=deadline.left)
        except queue.Empty:
            self.give_up()
            raise TooLate(f"no answer within {deadline.seconds:g} s") from None
        if fine:
            return outcome  # type: ignore[no-any-return]  # it is what `call` returned
        raise outcome

    def give_up(self) -> None:
        """What is being sent or read ends at once."""
        self._wire.cut()

    def _init_session(self) -> requests.Session:
        session = _Session()
        session.trust_env = False
        session.max_redirects = 0
        session.verify = self._verify
        headers: Mapping[str, str] = self.headers or {}
        session.headers.update({"Accept-Encoding": "identity", **headers})
        session.mount("http://", self._wire)
        session.mount("https://", self._wire)
        return session


class _Session(requests.Session):
    """Sends an input that is text already as it is: the library would write a large one anew."""

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **rest: Any) -> Any:  # noqa: ANN401
        """As in requests; `json` may be `{"input": bytes}`."""
        if not isinstance(json, dict) or not isinstance(json.get("input"), bytes):
            return super().post(url, data, json, **rest)
        headers = {"Content-Type": "application/json"}
        return super().post(url, b'{"input":' + json["input"] + b"}", headers=headers, **rest)


class _Wire(HTTPAdapter):
    """Reads no answer beyond `MAX_ANSWER_BYTES`, and can be cut."""

    def __init__(self, socket_path: str | None) -> None:
        super().__init__(max_retries=0)
        self._socket_path = socket_path
        self._connections: list[HTTPConnection] = []

    def get_connection_with_tls_context(self, *args: Any, **rest: Any) -> Any:  # noqa: ANN401
        """A pool whose connections are known here."""
        pool: Any = super().get_connection_with_tls_context(*args, **rest)
        if not isinstance(pool.ConnectionCls, partial):
            made = partial(_UnixConnection, self._socket_path)
            plain = pool.ConnectionCls if self._socket_path is None else made
            pool.ConnectionCls = partial(self._known, plain)
        return pool

    def send(self, request: requests.PreparedRequest, *args: Any, **rest: Any) -> requests.Response:  # noqa: ANN401
        """The response with its body read."""
        response = super().send(request, *args, **(rest | {"stream": True}))
        if response.headers.get("Content-Encoding", "identity") != "identity":
            # It was not asked for, and may be of any size inside.
            response.raw.close()
            raise TooLong("OPA's answer is compressed")
        try:
            body = response.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True)
        except urllib3.exceptions.HTTPError as error:  # requests wraps only what it reads itself
            raise requests.ConnectionError(error) from error
        if len(body) > MAX_ANSWER_BYTES:
            response.raw.close()
            raise TooLong(f"OPA's answer is longer than {MAX_ANSWER_BYTES} bytes")
        response.raw.release_conn()
        response.raw = io.BytesIO(body)
        return response

    def cut(self) -> None:
        """Every connection is shut down; whoever reads from one reads its end."""
        for connection in self._connections:
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def _known(self, made: Callable[..., HTTPConnection], **rest: Any) -> HTTPConnection:  # noqa: ANN401
        connection = made(**rest)
        self._connections.append(connection)
        return connection


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str | None, **rest: Any) -> None:  # noqa: ANN401
        super().__init__(**rest)
        self._path = path or ""

    def _new_conn(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(self.timeout)
        try:
            made.connect(self._path)
        except OSError as error:
            made.close()
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error
        return made
