"""The door of the sandbox: it logs every call, fails on demand, and keeps encoded slashes apart."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mrbot.sandbox.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SLASH = "\x1f"
"""Stands for an encoded slash inside one path segment (`acme%2Finfra`) while routes are matched."""

DROP = 0
"""The status that stands for no answer at all: the connection breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """One request to the API and the status it was answered with (`DROP`: none).

    `path` is decoded; in `raw_path` an encoded slash is still told from a plain one.
    """

    method: str
    path: str
    raw_path: str
    query: str
    status: int
    user: str | None


@dataclass(kw_only=True)
class Fault:
    """An answer that the next matching calls get instead of the right one."""

    method: str
    path: re.Pattern[str]
    status: int
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)
    left: int = 1
    delay_s: float = 0.0
    after_accept: bool = False


class Door:
    """WSGI middleware around the sandbox's application."""

    def __init__(self, application: WSGIApplication, world: World) -> None:
        self._application = application
        self._world = world
        self.calls: list[ApiCall] = []
        self.faults: list[Fault] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ["PATH_INFO"])
        raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or path)
        if not path.startswith("/api/"):
            return self._locked_unless_git(environ, start_response)
        segments = raw.partition("?")[0].split("/")
        environ["PATH_INFO"] = "/".join(unquote(one).replace("/", SLASH) for one in segments)
        fault = self._take(str(environ["REQUEST_METHOD"]), path)
        status: list[int] = [DROP]

        def watched(line: str, headers: list[tuple[str, str]], _: object = None) -> object:
            status[0] = int(line.split(" ", 1)[0])
            return start_response(line, headers)

        try:
            if fault is None:
                return self._answer(environ, watched)
            time.sleep(fault.delay_s)
            if fault.after_accept:
                b"".join(self._answer(environ, lambda *_: None))
            return _fail(fault, environ, watched)
        finally:
            call = ApiCall(
                method=str(environ["REQUEST_METHOD"]), path=path, status=status[0],
                raw_path=str(environ["PATH_INFO"]), query=str(environ.get("QUERY_STRING", "")),
                user=environ.get("sandbox.user"),
            )  # fmt: skip
            self.calls.append(call)

    def _answer(self, environ: WSGIEnvironment, start: Callable[..., object]) -> list[bytes]:
        with self._world.lock:
            answer = self._application(environ, start)  # type: ignore[arg-type]
            try:
                return list(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()

    def _locked_unless_git(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        # A transfer may take long and calls back into the API through webhooks: it locks by itself.
        if ".git/" in str(environ["PATH_INFO"]):
            return self._application(environ, start_response)
        return self._answer(environ, start_response)

    def _take(self, method: str, path: str) -> Fault | None:
        with self._world.lock:
            for fault in self.faults:
                if fault.left > 0 and fault.method in (method, "*") and fault.path.search(path):
                    fault.left -= 1
                    return fault
        return None


def _fail(fault: Fault, environ: WSGIEnvironment, start: Callable[..., object]) -> Iterable[bytes]:
    if fault.status == DROP:
        connection = environ.get("werkzeug.socket")
        if isinstance(connection, socket.socket):
            connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("the sandbox was told to drop this connection")
    text = isinstance(fault.body, str)
    body = str(fault.body) if text else json.dumps(fault.body)
    headers = {
        "Content-Type": "text/plain" if text else "application/json",
        "Content-Length": str(len(body.encode())),
        **fault.headers,
    }
    phrase = HTTPStatus(fault.status).phrase
    start(f"{fault.status} {phrase}", list(headers.items()))
    return [body.encode()]
