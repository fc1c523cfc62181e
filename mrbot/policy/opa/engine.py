"""OPA: an `opa` binary that mrbot starts on loopback and supervises, one server a bundle.

What is done before a server is asked anything:

1. the binary is the one that was found at the start (same file, size and time);
2. `opa check` accepts the bundle with the capabilities that policies may have, so that a refused
   function is named with its file and line;
3. `opa inspect` finds the very packages that mrbot read in the files;
4. the server is up and healthy.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path

from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import Engine, EvaluationFault
from mrbot.policy.notice import Watch, unwatched
from mrbot.policy.opa.binary import Binary, loads, tool
from mrbot.policy.opa.folder import Folder, refusal, write
from mrbot.policy.opa.server import OpaJudge, free_port, spawn
from mrbot.policy.question import PACKAGE, Question
from mrbot.policy.refused import REFUSED
from mrbot.policy.source import dotted
from mrbot.policy.supervised import DEFAULT_JUDGES, SupervisedEngine
from mrbot.secret import Secret

_START_ATTEMPTS = 3
_AUTHZ = """package system.authz

import rego.v1

default allow := false

allow if input.identity == %s
"""


def opa_engine(
    binary: Binary, *, seconds: float, judges: int = DEFAULT_JUDGES, watch: Watch = unwatched
) -> SupervisedEngine:
    """The engine over `binary`; each evaluation is given `seconds`."""

    def start(asked: Question, deadline: Deadline) -> OpaJudge | Failure:
        return _start(binary, asked, deadline)

    engine = Engine(name="opa", version=binary.version)
    return SupervisedEngine(engine, start, seconds=seconds, judges=judges, watch=watch)


def _start(binary: Binary, asked: Question, deadline: Deadline) -> OpaJudge | Failure:
    if binary.changed():
        detail = f"{binary.path} is not the file it was when mrbot started: restart mrbot"
        return failure(EvaluationFault.ENGINE, detail)
    token, proof = Secret(secrets.token_urlsafe(32)), secrets.token_urlsafe(32)
    authz = _AUTHZ % json.dumps(token.reveal())
    extra = {"question.rego": asked.module(proof), "authz.rego": authz}
    # A server that is up has read its bundle: the files, which hold the token, go at once.
    with tempfile.TemporaryDirectory(prefix="mrbot-opa-") as made:
        where = Path(made, "bundle")
        where.mkdir()
        folder = write(where, asked.sources, asked.bundle.data, extra)
        refused = check(binary, folder, deadline) or _same_packages(binary, asked, folder, deadline)
        return refused or _serve(binary, folder, token, proof, deadline)


def check(binary: Binary, folder: Folder, deadline: Deadline) -> Failure | None:
    """None when OPA compiles the bundle with what policies may use; else why it does not."""
    capabilities = folder.path.parent / "capabilities.json"
    capabilities.write_text(binary.capabilities)
    arguments = ("check", "--bundle", "--format=json", f"--capabilities={capabilities}")
    told = tool(binary, (*arguments, str(folder.path)), deadline)
    if isinstance(told, Failure) or told.code == 0:
        return told if isinstance(told, Failure) else None
    text = told.stderr.data.decode(errors="replace")
    refused = refusal(folder, loads(text), f"opa check failed: {folder.names.named(text)[-500:]}")
    for name, why in REFUSED.items():
        if refused.detail.startswith(f"undefined function {name}"):
            detail = f"{name} may not be called: {why}"
            return failure(refused.fault, detail, path=refused.path, line=refused.line)
    return refused


def _same_packages(
    binary: Binary, asked: Question, folder: Folder, deadline: Deadline
) -> Failure | None:
    told = tool(binary, ("inspect", "--format=json", str(folder.path)), deadline)
    if isinstance(told, Failure):
        return told
    answer = loads(told.stdout.data.decode(errors="replace"))
    found = answer.get("namespaces") if isinstance(answer, dict) else None
    if told.code != 0 or not isinstance(found, dict):
        return failure(EvaluationFault.ENGINE, "opa inspect did not list the packages")
    own = {"data", "data.system.authz", f"data.{PACKAGE}"}
    theirs = {name.removeprefix("data.") for name in set(found) - own}
    ours = {dotted(package) for package in asked.packages}
    if theirs != ours:
        detail = f"OPA and mrbot read different packages: {sorted(theirs ^ ours)}"
        return failure(EvaluationFault.PARSE, detail)
    return None


def _serve(
    binary: Binary, folder: Folder, token: Secret, proof: str, deadline: Deadline
) -> OpaJudge | Failure:
    last: Failure | None = None
    for _ in range(_START_ATTEMPTS):  # the free port may be taken before OPA binds it
        judge = OpaJudge(spawn(binary, folder, port := free_port()), port, folder, token, proof)
        last = judge.wait(deadline)
        if last is None:
            return judge
        judge.close()
        if "address already in use" not in last.detail:
            break
    return last or failure(EvaluationFault.ENGINE, "opa did not start")
