"""A host with one repository, mrbot's receiver beside it, and a worker to be started and lost.

The worker is either one in this process (`World.settle`), or a process that kills itself on demand
(`Nursery`, see crashing_worker.py). Time that is only waited for is skipped.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self

import yaml
from werkzeug.serving import WSGIRequestHandler, make_server

from mrbot.app import Mrbot, compose, now
from mrbot.cli.demo_people import Actor, GitHubActor, GitLabActor
from mrbot.config.settings import load_settings
from mrbot.effects.comment import MARKER
from mrbot.errors import MrbotError
from mrbot.ids import ChangeId, RepoId
from mrbot.inbox.worker import Worker
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.handle import Pipeline
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.sandbox import Sandbox
from mrbot.sandbox.status_reports import newest_by_context

Kind = Literal["gitlab", "github"]

PROJECT = "acme/infra"
GATE = "mrbot/main"
SECRETS = {"TOKEN": "mrbot-token", "HOOK": "hook-secret"}
PATIENCE = 400
"""Turns of a worker after which a story that does not end has failed."""

_RULES = """\
version: 1
projects:
  - {name: app, directory: app, kind: files, environment: production, deploy: pipeline}
approvals:
  - name: platform owns the application
    when: {paths: ["app/**"]}
    require: {count: 1, groups: [acme/platform]}
otherwise:
  require: {count: 1}
deployments:
  production:
    %s
"""
_DEPLOY = {
    "gitlab": ("pipeline: {}", ".gitlab-ci.yml",
               "deploy:\n  script: [make]\n  rules: [{if: $MRBOT_INTENT}]\n"),
    "github": ("workflow: {file: deploy.yml}", ".github/workflows/deploy.yml",
               ("name: deploy\nrun-name: deploy ${{ inputs.mrbot_intent }}\non:\n"
               "  workflow_dispatch:\n    inputs:\n"
               "      mrbot_intent: {required: true, type: string}\n"
               "      mrbot_sha: {required: true, type: string}\n"
               "permissions: {contents: read}\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n"
               "    steps: [{run: make}]\n")),
}  # fmt: skip
_POLICY = 'package main\n\ndeny contains msg if {\n\tsome file in input.files\n\tendswith(file.path, ".forbidden")\n\tmsg := "forbidden"\n}\n'  # noqa: E501


@dataclass(kw_only=True)
class World:
    """Everything around the worker. `ahead` is how far mrbot's clock is before the machine's."""

    kind: Kind
    box: Sandbox
    mrbot: Mrbot
    settings: Path
    tokens: Mapping[str, str]
    ahead: timedelta = timedelta()
    errors: list[str] = field(default_factory=list)
    """What handling failed with, oldest first."""
    steps: list[str] = field(default_factory=list)
    """What the worker in this process announced, oldest first."""
    on_step: Callable[[str], None] = lambda _step: None
    plans: bool = True
    """Whether this server has a tool to plan with."""
    hosts: Callable[[dict[str, HostTools]], dict[str, HostTools]] = lambda hosts: hosts

    def actor(self, login: str) -> Actor:
        """The person's own hands, over HTTP."""
        make: type[Actor] = GitLabActor if self.kind == "gitlab" else GitHubActor
        return make(self.box.url, PROJECT, self.tokens[login])

    def propose(
        self,
        branch: str = "feature",
        target: str = "main",
        *,
        path: str = "app/a.txt",
        text: str = "proposed\n",
    ) -> int:
        """The number of a new change by Alice."""
        self.box.commit(PROJECT, branch, {path: text}, author="alice")
        return self.box.open_change(PROJECT, "alice", branch, target=target)

    def id(self, number: int) -> ChangeId:
        """How mrbot calls the change."""
        return ChangeId(RepoId(self.kind, PROJECT), number)

    def now(self) -> datetime:
        """The time, as mrbot sees it."""
        return now() + self.ahead

    # The worker in this process

    @contextlib.contextmanager
    def working(self) -> Iterator[Worker]:
        """A worker that lives as long as the block."""
        tools = self.tools()
        pipeline = Pipeline(tools)

        def handle(claim: Claim) -> None:
            try:
                pipeline.handle(claim)
            except Exception as error:
                shown = str(error) if isinstance(error, MrbotError) else repr(error)
                self.errors.append(f"{type(error).__name__}: {shown}")
                raise

        try:
            yield Worker(
                self.mrbot.store.worklist, handle, self.now, threading.Event(),
                name=f"worker-{len(self.steps)}", park_after=3,
            )  # fmt: skip
        finally:
            tools.engine.close()

    def tools(self) -> Tools:
        """A fresh worker's tools, on this world's clock."""

        def observe(step: str) -> None:
            self.steps.append(step)
            self.on_step(step)

        tools = self.mrbot.tools(observe, in_flight_s=0.2, deployment_poll_s=0.2)
        runner = tools.runner if self.plans else None
        return replace(tools, clock=self.now, hosts=self.hosts(tools.hosts), runner=runner)

    def settle(self, worker: Worker, *, patience: int = PATIENCE) -> None:
        """There is nothing left that the worker can do now; what it waits for has been waited."""
        for _ in range(patience):
            self.delivered()
            if worker.step():
                continue
            backlog = self.mrbot.store.worklist.backlog(self.now())
            if backlog.dirty == backlog.parked and not self.due():
                return
            self.ahead += timedelta(seconds=30)
        raise AssertionError(f"no end: {self.steps[-30:]} {self.errors[-5:]}")

    def once(self, worker: Worker, *, patience: int = PATIENCE) -> None:
        """One more thing was handled, whatever became of it."""
        self.delivered()
        for _ in range(patience):
            if worker.step():
                return
            self.ahead += timedelta(seconds=30)
        raise AssertionError("there was nothing to do")

    def poll(self, worker: Worker) -> None:
        """What the sweep does every few minutes: every open change is looked at again."""
        self.mrbot.store.worklist.requeue_open(self.now())
        self.settle(worker)

    def delivered(self) -> None:
        """Every webhook had its answer."""
        assert self.box.wait_for_deliveries(), "a webhook had no answer"

    def due(self) -> int:
        """Deployments that are to be looked at now are dirty; how many."""
        found = self.mrbot.store.deployments.due(self.now())
        for one in found:
            self.mrbot.store.worklist.mark(one.intent.change, self.now())
        return len(found) if self._run_moves() else 0

    def _run_moves(self) -> bool:
        """Whether waiting helps: runs in the sandbox move by `tick` alone."""
        stored = self.mrbot.store.deployments.active()
        return any(one.run is None for one in stored)

    # What there is to see

    def comments(self, number: int) -> list[str]:
        """mrbot's comments, oldest first."""
        change, bot = self.box.change(PROJECT, number), self.box.user("mrbot")
        with self.box.world.lock:
            return [
                one.body
                for one in self.box.world.comments.values()
                if (one.change_id, one.author_id) == (change.id, bot.id) and MARKER in one.body
            ]

    def headline(self, number: int) -> str:
        """The first words of the one comment."""
        (body,) = self.comments(number)
        return next(line for line in body.splitlines() if line.startswith("### "))

    def status(self, sha: str, name: str = GATE, change: int | None = None) -> tuple[str, str]:
        """The state and the description of a commit's status; `absent` without one. GitLab keeps
        one for each pipeline: those of other changes than `change`, if given, are passed by."""
        world, project = self.box.world, self.box.project(PROJECT)
        with world.lock:
            if self.kind == "github":
                found = {one.context: one for one in newest_by_context(world, project, sha)}
                one = found.get(name)
                return ("absent", "") if one is None else (one.state, one.description or "")
            jobs = [
                job
                for line in world.pipelines_of(project)
                if line.sha == sha
                and (change is None or line.change_number in {None, change})
                for job in line.jobs if job.external and job.name == name and not job.retried
            ]  # fmt: skip
        last = max(jobs, key=lambda job: job.id, default=None)
        return ("absent", "") if last is None else (last.status, last.description or "")

    def gate(self, number: int) -> str:
        """The state of the status that holds the change."""
        change = self.box.change(PROJECT, number)
        return self.status(change.head, f"mrbot/{change.target}", number)[0]

    def runs(self) -> int:
        """How many deployments were started on the host."""
        world, project = self.box.world, self.box.project(PROJECT)
        with world.lock:
            if self.kind == "gitlab":
                return sum("MRBOT_INTENT" in one.variables for one in world.pipelines_of(project))
            return sum("mrbot_intent" in one.inputs for one in world.workflow_runs.values())

    def created(self, fragment: str) -> int:
        """mrbot's POST requests to paths that end so and were accepted."""
        return sum(
            one.method == "POST" and one.path.endswith(fragment) and one.status in {0, 200, 201, 204}
            for one in self.box.requests_since(0, user="mrbot")
        )  # fmt: skip


@contextlib.contextmanager
def world(
    directory: Path, kind: Kind, *, files: Mapping[str, str] | None = None
) -> Iterator[World]:
    """A world in which mrbot receives webhooks and nothing works on them yet."""
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(Sandbox.start(directory / "host", tick_s=None))
        tokens = {login: box.add_user(login) for login in ("alice", "kim", "lee")}
        tokens["mrbot"] = box.add_user("mrbot", token=SECRETS["TOKEN"])
        box.add_group("acme", {"kim": "developer", "mrbot": "developer"})
        box.add_group("acme/platform", {"kim": "developer"})
        target, path, text = _DEPLOY[kind]
        box.add_project(
            PROJECT, kind=kind, pipelines_must_succeed=True,
            files={".mrbot.yml": _RULES % target, path: text, "app/b.txt": "b\n", **(files or {})},
            members={"alice": "developer", "kim": "developer", "lee": "developer",
                     "mrbot": "maintainer"},
        )  # fmt: skip
        if kind == "github":
            box.protect_branch(PROJECT, "main", required_statuses=[GATE])
        settings = _settings(directory, kind, box.url)
        mrbot = compose(load_settings(settings, SECRETS))
        url = stack.enter_context(_served(mrbot))
        box.add_hook(PROJECT, f"{url}/webhooks/{kind}", secret=SECRETS["HOOK"])
        yield World(kind=kind, box=box, mrbot=mrbot, settings=settings, tokens=tokens)


def _settings(directory: Path, kind: Kind, url: str) -> Path:
    policies = directory / "policies"
    policies.mkdir()
    (policies / "main.rego").write_text(_POLICY)
    file = directory / "mrbot.yml"
    hook = "token" if kind == "gitlab" else "secret"
    file.write_text(
        yaml.safe_dump(
            {
                "state": str(directory / "state"),
                "hosts": [
                    {
                        "name": kind, "kind": kind, "url": url, "projects": ["acme/**"],
                        "token": {"env": "TOKEN"}, "webhook": {hook: {"env": "HOOK"}},
                    }
                ],
                "plan": {"isolation": "none"},
                "policies": {"path": str(policies), "namespaces": ["main"]},
                "policy_owners": {"users": ["kim"]},
            }
        )
    )  # fmt: skip
    return file


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Said elsewhere."""


@contextlib.contextmanager
def _served(mrbot: Mrbot) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, mrbot.web(), threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """How one worker process went. `places` are the steps it announced, each with the one before
    it: `judge > record`."""

    killed: bool
    places: tuple[str, ...]


class Nursery:
    """Starts worker processes of one world, one after another; each may be told when to die."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crashing_worker.py")), world.settings],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=SECRETS | _path(),
        )  # fmt: skip

    def live(self, die: str | list[str] | None = None) -> Life:
        """A worker lived until it had nothing left to do, or died as `die` says: at the step of
        that name, or at the first place that is not among those given."""
        self._world.delivered()
        # The lease of the one before has ended, and what was waited for has been waited.
        self._world.ahead += timedelta(seconds=400)
        order = {"die": die, "ahead": self._world.ahead.total_seconds()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        self._world.ahead = timedelta(seconds=answer["ahead"])
        self._world.delivered()
        return Life(killed=answer["killed"], places=tuple(answer["steps"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _path() -> dict[str, str]:
    import os

    root = str(Path(__file__).resolve().parents[2])
    return {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": root}
