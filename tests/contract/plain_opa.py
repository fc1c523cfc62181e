"""OPA's own server, as it is: one policy put after the other, and questions."""

from __future__ import annotations

import http.client
import json
import subprocess
import time

from mrbot.ids import Json
from mrbot.policy.opa.server import free_port
from tests import needs


class PlainOpa:
    """A server that runs until it is closed."""

    def __init__(self) -> None:
        port = free_port()
        address = f"--addr=127.0.0.1:{port}"
        self._process = subprocess.Popen(
            (needs.opa(), "run", "--server", address, "--log-level=error", "--skip-version-check"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for _ in range(500):
            try:
                self._said("GET", "/health", b"")
            except OSError:
                self._connection.close()
                time.sleep(0.02)
            else:
                return
        raise AssertionError("opa did not start")

    def close(self) -> None:
        """It has ended."""
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def put(self, name: str, text: str) -> bool:
        """Whether the policy was taken, in the place of the one of this name."""
        return self._said("PUT", f"/v1/policies/{name}", text.encode())[0] == 200

    def delete(self, name: str) -> None:
        """There is no policy of this name."""
        self._said("DELETE", f"/v1/policies/{name}", b"")

    def hold(self, data: Json) -> None:
        """This is all of its data."""
        self._said("PUT", "/v1/data", json.dumps(data).encode())

    def ask(self, path: str, text: bytes) -> Json:
        """The value at the path for an input; None when evaluating it failed."""
        said = self.answer(path, b'{"input":' + text + b"}")
        return said.get("result")

    def answer(self, path: str, body: bytes) -> dict[str, Json]:
        """What it says of the path: `result`, an error's `message` and `errors`, or nothing."""
        said = self._said("POST", f"/v1/data/{path}?strict-builtin-errors=true", body)[1]
        return said if isinstance(said, dict) else {}

    def _said(self, method: str, path: str, body: bytes) -> tuple[int, Json]:
        self._connection.request(method, path, body)
        response = self._connection.getresponse()
        raw = response.read()
        return response.status, json.loads(raw) if raw else None
