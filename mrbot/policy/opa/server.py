"""One OPA server with one bundle, on loopback, through opa-python-client.

Every request bears a random token that only this server accepts, and every answer bears a random
proof that only this server can know: whoever takes over the port has neither.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import requests

from mrbot.policy.answer import Answer, answer
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.group import end_group
from mrbot.policy.opa import keeper as opa_keeper
from mrbot.policy.opa.binary import ENVIRONMENT, MEMORY_BYTES, Binary, loads, out_of_memory
from mrbot.policy.opa.client import Client, TooLong
from mrbot.policy.opa.folder import Folder, refusal
from mrbot.policy.question import PACKAGE
from mrbot.policy.tail import Tail, ending
from mrbot.secret import Secret

_POLL_SECONDS = 0.02
_PROBE_SECONDS = 1.0
_CRASH = re.compile(r"^(?:fatal error|panic|runtime): .+", re.MULTILINE)
"""How a Go program begins to tell of its end."""
_CRASH_CHARACTERS = 200
_TIME = re.compile(r'\s*\btime ?= ?"[^"\n]*"')
"""Two failures that are the same must be told alike: a decision that changed is published anew."""


def free_port() -> int:
    """A loopback port that nobody listens on, at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawn(binary: Binary, folder: Folder, port: int) -> subprocess.Popen[bytes]:
    """A server that is starting, under its keeper."""
    server = (
        *(binary.path, "run", "--server", "--bundle", f"--addr=127.0.0.1:{port}"),
        *("--authentication=token", "--authorization=basic", "--skip-version-check"),
        *("--log-level=error", "--log-format=text", str(folder.path)),
    )
    keeper = (sys.executable, "-I", "-S", str(Path(opa_keeper.__file__)), str(MEMORY_BYTES))
    return subprocess.Popen(
        keeper + server,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )


class OpaJudge:
    """One OPA server with one bundle."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        port: int,
        folder: Folder,
        token: Secret,
        proof: str,
    ) -> None:
        assert process.stderr is not None  # noqa: S101  for mypy: it was started with a pipe
        self._process, self._port, self._folder = process, port, folder
        self._token, self._proof = token, proof
        self._tail = Tail(process.stderr)

    @property
    def proof(self) -> str:
        """In every answer."""
        return self._proof

    @property
    def pid(self) -> int:
        """Of the process group that the server is in."""
        return self._process.pid

    def alive(self) -> bool:
        """Whether the server runs and listens: its keeper outlives it by a moment."""
        if self._process.poll() is not None:
            return False
        with socket.socket() as probe:
            probe.settimeout(_PROBE_SECONDS)
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def words(self) -> str:
        """The end of what the server said on stderr."""
        return self._folder.names.named(self._tail.text())

    def wait(self, deadline: Deadline) -> Failure | None:
        """None when the server is healthy; else why it is not."""
        with self._client(_POLL_SECONDS * 10) as client:
            while not deadline.passed:
                if self._process.poll() is not None:
                    return self._lost("did not start")
                if client.healthy():
                    return None
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_POLL_SECONDS)
        return failure(EvaluationFault.TIME, f"opa was not up within {deadline.seconds:g} s")

    def answer(self, text: bytes, deadline: Deadline) -> Answer | Failure:
        """The value of the question's rule, or OPA's own reason why there is none."""
        timer = threading.Timer(deadline.left, self._kill)
        timer.start()
        try:
            with self._client(deadline.left + 1) as client:
                said = client.query_rule(text, PACKAGE, "answer", _PARAMETERS)
        except (requests.RequestException, RecursionError, ValueError) as error:
            return self._failed(error, deadline)
        finally:
            timer.cancel()
        if not isinstance(said, dict):
            return failure(EvaluationFault.ANSWER, "OPA's answer is not an object")
        if "result" not in said:
            return failure(EvaluationFault.UNDEFINED, "OPA answered that the question is undefined")
        return answer(said["result"], said)

    def close(self) -> None:
        """The server has ended."""
        end_group(self._process)
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _client(self, seconds: float) -> Client:
        return Client(f"http://127.0.0.1:{self._port}", seconds=seconds, token=self._token)

    def _kill(self) -> None:
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _failed(self, error: Exception, deadline: Deadline) -> Failure:
        if deadline.passed:
            detail = f"the policy did not answer within {deadline.seconds:g} s"
            return failure(EvaluationFault.TIME, detail)
        match error:
            case requests.HTTPError(response=requests.Response() as response):
                said = loads(response.text)
                return refusal(self._folder, said, f"OPA answered {response.status_code}")
            case TooLong():
                return failure(EvaluationFault.MEMORY, str(error))
            case requests.ConnectionError():
                return self._lost("ended while it was asked")
            case _:
                detail = f"OPA's answer cannot be read: {type(error).__name__}"
                return failure(EvaluationFault.ANSWER, detail)

    def _lost(self, how: str) -> Failure:
        code = ending(self._process)
        said = _TIME.sub("", self.words())
        if out_of_memory(said):
            detail = f"OPA needed more than {MEMORY_BYTES // 2**20} MiB"
            return failure(EvaluationFault.MEMORY, detail)
        if (crashed := _CRASH.search(said)) is not None:
            detail = f"OPA crashed on the policy: {crashed.group()[:_CRASH_CHARACTERS]}"
            return failure(EvaluationFault.RUNTIME, detail)
        state = "does not answer" if code is None else f"exit code {code}"
        return failure(EvaluationFault.ENGINE, f"OPA {how} ({state}): {said[-500:]}")


_PARAMETERS = {"strict-builtin-errors": "true", "metrics": "true"}
"""A function that fails is an error and not "undefined": a `deny` must not fall silent over it."""
