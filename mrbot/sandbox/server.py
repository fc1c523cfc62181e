"""The running sandbox: its web server, what fails on demand, and what it was asked."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter
from werkzeug.serving import WSGIRequestHandler, make_server

from mrbot.sandbox import changes, git_http, pages, pipelines, workflow_runs
from mrbot.sandbox.acting import Acting
from mrbot.sandbox.clockwork import Clockwork
from mrbot.sandbox.door import SLASH, ApiCall, Door, Fault
from mrbot.sandbox.events import Event, PipelineMoved
from mrbot.sandbox.github_api import hook_bodies as github_bodies
from mrbot.sandbox.github_api import routes as github_routes
from mrbot.sandbox.gitlab_api import hook_bodies as gitlab_bodies
from mrbot.sandbox.gitlab_api import routes as gitlab_routes
from mrbot.sandbox.webhooks import Webhooks
from mrbot.sandbox.world import World, utc_now

ADDRESS = "127.0.0.1"
"""The sandbox listens on loopback only; in its answers it calls itself `localhost`."""

BODY_LIMIT_BYTES = 32 * 1024 * 1024
"""Longest body of an API request; pushes have a limit of their own."""

TICK_S = 0.3
"""How long a pipeline stays in one state."""


class Sandbox(Acting):
    """A host that runs in background threads of this process; use `start`."""

    def __init__(self, world: World, port: int, tick_s: float | None) -> None:
        super().__init__(world)
        self.webhooks = Webhooks(
            world, {"gitlab": gitlab_bodies.messages, "github": github_bodies.messages}
        )
        world.listeners.append(self._after)
        self._door = Door(application(world, self.webhooks), world)
        self._server = make_server(
            ADDRESS, port, self._door, threaded=True, request_handler=_QuietHandler
        )
        self.url = world.url = f"http://localhost:{self._server.server_port}"
        self._clockwork = Clockwork(world, tick_s)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02},
            name="sandbox-server", daemon=True,
        )  # fmt: skip
        self._thread.start()

    @classmethod
    def start(
        cls,
        directory: Path,
        *,
        port: int = 0,
        tick_s: float | None = TICK_S,
        clock: Callable[[], datetime] = utc_now,
    ) -> Sandbox:
        """A sandbox that answers at `.url`; port 0 is any free one, `tick_s` None moves nothing."""
        directory.mkdir(parents=True, exist_ok=True)
        return cls(World(directory, clock=clock), port, tick_s)

    def stop(self) -> None:
        """Nothing of it runs any more; the repositories stay on disk."""
        self._clockwork.stop()
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
        self.webhooks.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fail_next(
        self,
        method: str,
        path_regex: str,
        status: int,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
        delay_s: float = 0.0,
        after_accept: bool = False,
    ) -> None:
        """The next `times` calls to a matching API path fail; status 0 breaks the connection.

        With `after_accept` the request is carried out first, so that only its answer is lost.
        Method `*` matches every method; the path is matched without its query.
        """
        default = {"message": f"{status} (the sandbox was told to fail)"}
        self._door.faults.append(
            Fault(
                method=method, path=re.compile(path_regex), status=status, left=times,
                body=default if body is None else body, headers=dict(headers or {}),
                delay_s=delay_s, after_accept=after_accept,
            )
        )  # fmt: skip

    @property
    def requests(self) -> list[ApiCall]:
        """Every API call so far, oldest first."""
        return list(self._door.calls)

    def mark(self) -> int:
        """A point in the list of requests, for `requests_since`."""
        return len(self._door.calls)

    def requests_since(self, mark: int, *, user: str | None = None) -> list[ApiCall]:
        """The API calls after the mark, of one user if given."""
        calls = self._door.calls[mark:]
        return [call for call in calls if user in (None, call.user)]

    def wait_for_deliveries(self, timeout_s: float = 10.0) -> bool:
        """Whether every webhook had its answer within the time."""
        return self.webhooks.wait(timeout_s)

    def tick(self) -> None:
        """Pipelines and workflow runs have gone one state further."""
        self._clockwork.tick()

    def advance(self, run_id: int, status: str) -> None:
        """The pipeline (or GitHub workflow run) has that status, and moves by `advance` only."""
        world = self.world
        with world.lock:
            if run_id in world.pipelines:
                line = world.pipelines[run_id]
                line.held = True
                pipelines.advance(world, world.projects[line.project_id], line, status)
            else:
                run = world.workflow_runs[run_id]
                run.held = True
                workflow_runs.advance(world, world.projects[run.project_id], run, status)

    def _after(self, event: Event) -> None:
        """What the host does by itself after an event."""
        if isinstance(event, PipelineMoved) and pipelines.status_of(event.pipeline) == "success":
            changes.auto_merge(self.world, event.project, event.pipeline.sha)


def application(world: World, webhooks: Webhooks) -> Flask:
    """Both APIs, git, and the pages."""
    templates = str(Path(__file__).parent / "templates")
    app = Flask("mrbot.sandbox", template_folder=templates, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT_BYTES
    app.url_map.converters["seg"] = _Segment
    app.url_map.converters["refs"] = _Segments
    app.register_blueprint(gitlab_routes.blueprint(world, webhooks))
    app.register_blueprint(github_routes.blueprint(world, webhooks))
    app.register_blueprint(git_http.blueprint(world))
    app.register_blueprint(pages.blueprint(world))
    return app


class _Segment(BaseConverter):
    """One path segment, which may hold encoded slashes."""

    def to_python(self, value: str) -> str:
        return value.replace(SLASH, "/")


class _Segments(PathConverter):
    """A branch or a file path, with its slashes encoded or not."""

    def to_python(self, value: str) -> str:
        return value.replace(SLASH, "/")


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """The list of requests is the log."""
