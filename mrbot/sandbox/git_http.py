"""Clone and push over HTTP: WSGI around `git http-backend`.

Source: https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from flask import Blueprint, Response, request
from werkzeug.wsgi import get_input_stream

from mrbot.sandbox import changes
from mrbot.sandbox.credentials import basic_or_bearer, user_of
from mrbot.sandbox.model import Project, User
from mrbot.sandbox.repository import git_environment
from mrbot.sandbox.world import World

TRANSFER_TIMEOUT_S = 120
REQUEST_LIMIT_BYTES = 256 * 1024 * 1024
_BLOCK_BYTES = 64 * 1024
_SERVICES = ("info/refs", "git-upload-pack", "git-receive-pack")


def blueprint(world: World) -> Blueprint:
    """The routes `/<project>.git/...` of git's smart protocol."""
    routes = Blueprint("git", __name__)

    @routes.route("/<path:name>.git/<path:service>", methods=["GET", "POST"])
    def serve(name: str, service: str) -> Response:
        pushing = "git-receive-pack" in (service, request.args.get("service"))
        with world.lock:
            user = user_of(world, basic_or_bearer(request.headers.get("Authorization", "")))
            project = world.project(name)
            readable = project is not None and world.can_read(user, project)
            level = world.level(user, project) if project else 0
        if project is None or not readable or (pushing and user is None):
            if user is None:
                return Response("Sign in with a token.\n", 401, {"WWW-Authenticate": "Basic"})
            return Response("No such project, or you may not see it.\n", 404)
        if service not in _SERVICES:
            return Response("Only the smart protocol is served.\n", 403)
        if pushing and level < 30:
            return Response("You are not allowed to push code to this project.\n", 403)
        return _answer(world, project, user, service)

    return routes


def _answer(world: World, project: Project, user: User | None, service: str) -> Response:
    output = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed when the answer is through
    with (
        tempfile.NamedTemporaryFile(prefix="sandbox-received-") as received,
        tempfile.TemporaryFile() as body,
    ):
        if not _copy_body(body):
            return Response(f"More than {REQUEST_LIMIT_BYTES} bytes.\n", 413)
        environment = _cgi(world, project, user, service, received.name, body)
        try:
            done = subprocess.run(
                ("git", "http-backend"), env=environment, stdin=body, stdout=output,
                stderr=subprocess.DEVNULL, timeout=TRANSFER_TIMEOUT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Response("git http-backend failed.\n", 500)
        # What it refuses, an object that is not there, it says in its answer before it fails.
        if done.returncode != 0 and not output.tell():
            return Response("git http-backend failed.\n", 500)
        if service == "git-receive-pack" and user is not None:
            _tell(world, project, user, Path(received.name).read_text())
    return _cgi_response(output)


def _copy_body(into: IO[bytes]) -> bool:
    # The raw wsgi.input never ends for a chunked push; werkzeug's stream does.
    stream = get_input_stream(request.environ)
    size = 0
    while block := stream.read(_BLOCK_BYTES):
        size += len(block)
        if size > REQUEST_LIMIT_BYTES:
            return False
        into.write(block)
    into.seek(0)
    return True


def _cgi(
    world: World, project: Project, user: User | None, service: str, received: str, body: IO[bytes]
) -> dict[str, str]:
    with world.lock:
        guarded = [f"refs/heads/{name}" for name in project.protected]
        closed = [
            f"refs/heads/{name}"
            for name in project.protected
            if user is None or not world.can_push(user, project, name)
        ]
    body.seek(0, 2)
    length = body.tell()
    body.seek(0)
    extra = {
        "GIT_PROJECT_ROOT": str(project.repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{service}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string.decode("latin-1"),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(length),
        "REMOTE_ADDR": request.remote_addr or "",
        "SANDBOX_CLOSED": "\n".join(closed),
        "SANDBOX_NO_FORCE": "\n".join(guarded),
        "SANDBOX_RECEIVED": received,
    }
    if user is not None:
        extra["REMOTE_USER"] = user.login
    for header, name in (
        ("Git-Protocol", "GIT_PROTOCOL"),
        ("Content-Encoding", "HTTP_CONTENT_ENCODING"),
    ):
        if request.headers.get(header):
            extra[name] = request.headers[header]
    return git_environment(extra)


def _tell(world: World, project: Project, user: User, received: str) -> None:
    with world.lock:
        for line in received.splitlines():
            before, after, ref = line.split(" ", 2)
            changes.pushed(world, project, user, ref, before, after)


def _cgi_response(output: IO[bytes]) -> Response:
    output.seek(0)
    status = 200
    headers: list[tuple[str, str]] = []
    while line := output.readline().strip():
        name, _, value = line.decode("latin-1").partition(": ")
        if name.lower() == "status":
            status = int(value.split(" ")[0])
        else:
            headers.append((name, value))
    return Response(_blocks(output), status, headers)


def _blocks(output: IO[bytes]) -> Iterator[bytes]:
    with output:
        while block := output.read(_BLOCK_BYTES):
            yield block
