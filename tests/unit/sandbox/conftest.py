"""A small GitLab project and a small GitHub repository, a web client, and a webhook receiver."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from mrbot.sandbox import Sandbox

GITLAB = "acme/infra"
GITHUB = "acme/cloud"


@dataclass(kw_only=True)
class Client:
    """One person's HTTP client for one of the two APIs."""

    root: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return requests.request(
            method,
            f"{self.root}{path}",
            json=body,
            params=query or None,
            headers={"Authorization": f"Bearer {self.token}"} if self.token else {},
            timeout=10,
        )


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Collects webhook deliveries; `status` is what it answers."""

    status: int = 200
    got: list[Received] = field(default_factory=list)
    url: str = ""

    def events(self, header: str) -> list[str]:
        return [one.headers[header] for one in self.got]


@dataclass(kw_only=True)
class Place:
    """A sandbox with people in it."""

    sandbox: Sandbox
    tokens: dict[str, str]

    def gitlab(self, login: str = "alice") -> Client:
        return Client(root=f"{self.sandbox.url}/api/v4", token=self.tokens.get(login, ""))

    def github(self, login: str = "alice") -> Client:
        return Client(root=f"{self.sandbox.url}/api/v3", token=self.tokens.get(login, ""))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Sandbox.start(tmp_path / "sandbox", tick_s=None) as sandbox:
        logins = ("mrbot", "alice", "bob", "guest", "stranger")
        tokens = {login: sandbox.add_user(login, bot=login == "mrbot") for login in logins}
        roles = {"mrbot": "maintainer", "alice": "developer", "bob": "developer", "guest": "guest"}
        sandbox.add_project(GITLAB, members=roles)
        sandbox.protect_branch(GITLAB, "main", push="nobody")
        sandbox.add_project(
            GITHUB, kind="github", members={**roles, "mrbot": "admin", "guest": "read"}
        )
        sandbox.protect_branch(GITHUB, "main", push="nobody")
        yield Place(sandbox=sandbox, tokens=tokens)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(Received(dict(self.headers.items()), body))
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()
