"""A whole mrbot in this process, and a host for it to work with: real HTTP, real git, one thread.

    with staged(tmp_path, "gitlab", files) as stage:
        number = stage.propose("feature", {"main.tf": "..."})
        stage.play()                                   # until there is nothing left to do
        assert "Waiting" in stage.headline(number)

Every request of mrbot's, and every answer, is held against the host's own API document. Whatever
mrbot raises that is neither a host's failure nor an overtaken claim fails the test.
"""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import requests
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import make_server

from mrbot.app import Mrbot, api_url, compose, now
from mrbot.cli.demo_people import Actor, GitHubActor, GitLabActor
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import GitHubApp
from mrbot.effects.comment import MARKER
from mrbot.errors import HostFailure, Superseded
from mrbot.hosts.github import AppAuth, GitHubHost, TokenAuth
from mrbot.hosts.gitlab import GitLabHost
from mrbot.ids import ChangeId, RepoId
from mrbot.inbox.worker import Worker
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.handle import Pipeline
from mrbot.pipeline.tools import Tools
from mrbot.sandbox import Sandbox
from mrbot.sandbox.model import App, Hook
from mrbot.sandbox.status_reports import newest_by_context
from tests.contract.openapi import Contract, ContractAdapter

Host = Literal["gitlab", "gitlab-signed", "github", "github-app"]
"""A host, how mrbot logs in there, and how its webhooks are proved."""

PROJECT = "acme/infra"
PEOPLE = {"alice": "developer", "kim": "developer", "lee": "developer", "rita": "reporter"}
"""Members of the project: Alice writes, Kim and Lee approve, Rita may only read."""

SECRET = "a-hook-secret"
SIGNING_TOKEN = "whsec_bXJib3QtZTJlLXNpZ25pbmcta2V5LTMyLWJ5dGVzISE="
TURNS = 200
"""Steps after which a play that does not end is a failure."""

DEPLOY_WORKFLOW = """\
name: deploy
run-name: deploy ${{ inputs.mrbot_intent }}
on:
  workflow_dispatch:
    inputs:
      mrbot_intent: {required: true, type: string}
      mrbot_sha: {required: true, type: string}
permissions: {contents: read}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps: [{run: make deploy}]
"""
DEPLOY_PIPELINE = "deploy:\n  script: [make deploy]\n  rules: [{if: $MRBOT_INTENT}]\n"


def target(host: Host) -> str:
    """How a rule file writes the start of a deployment there."""
    return "pipeline: {}" if host.startswith("gitlab") else "workflow: {file: deploy.yml}"


@dataclass(kw_only=True)
class Stage:
    """A host with one repository, mrbot beside it, and what the audience may ask."""

    host: Host
    box: Sandbox
    mrbot: Mrbot
    tools: Tools
    tokens: Mapping[str, str]
    hook: Hook
    directory: Path
    failures: list[Exception] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    """What mrbot announced it would do, oldest first."""
    _ahead: timedelta = timedelta()
    _worker: Worker | None = None

    @property
    def kind(self) -> str:
        return self.host.partition("-")[0]

    @property
    def bot(self) -> str:
        return "gate[bot]" if self.host == "github-app" else "mrbot"

    def id(self, number: int) -> ChangeId:
        return ChangeId(RepoId(self.kind, PROJECT), number)

    # Deeds

    def actor(self, login: str) -> Actor:
        """The person's own hands, over HTTP."""
        make: type[Actor] = GitLabActor if self.kind == "gitlab" else GitHubActor
        return make(self.box.url, PROJECT, self.tokens[login])

    def push(self, branch: str, files: Mapping[str, str | None], author: str = "alice") -> str:
        """The branch has a commit more, as if pushed; the commit."""
        return self.box.commit(PROJECT, branch, files, author=author)

    def push_with_git(self, branch: str, files: Mapping[str, str], author: str = "alice") -> str:
        """The branch has a commit more, pushed with git by the person; the commit."""
        work = self.directory / f"work-{author}"
        if not work.exists():
            url = self.box.url.replace("://", f"://{author}:{self.tokens[author]}@")
            git(self.directory, "clone", "-q", f"{url}/{PROJECT}.git", work)
            git(work, "config", "user.name", author.title())
            git(work, "config", "user.email", f"{author}@example.com")
        git(work, "fetch", "-q", "origin")
        there = git(work, "ls-remote", "origin", f"refs/heads/{branch}")
        git(work, "checkout", "-q", "-B", branch, f"origin/{branch if there else 'main'}")
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        git(work, "add", "--all")
        git(work, "commit", "-q", "-m", f"Change {branch}")
        git(work, "push", "-q", "origin", branch)
        return git(work, "rev-parse", "HEAD")

    def propose(self, branch: str, files: Mapping[str, str | None], author: str = "alice") -> int:
        """The number of a new change with these files; mrbot has not looked at it yet."""
        self.push(branch, files, author)
        return self.actor(author).open(branch, f"Change {branch}")

    def say(self, number: int, login: str, text: str) -> None:
        """The person comments, and mrbot has dealt with it."""
        self.actor(login).say(number, text)
        self.play()

    def approve(self, number: int, login: str) -> None:
        """The person approves, and mrbot has dealt with it."""
        given = self.box.change(PROJECT, number).approvals
        if any(one.user_id == self.box.user(login).id for one in given):
            self.box.unapprove(PROJECT, number, login)  # GitLab's button is a switch
        self.actor(login).approve(number)
        self.play()

    def play(self) -> None:
        """Every webhook has arrived, and mrbot has nothing left to do.

        Raises: whatever mrbot did not expect.
        """
        self.mrbot.sweep(everything=False)
        for _ in range(TURNS):
            assert self.box.wait_for_deliveries(), "a webhook had no answer"
            if self.look() or not self.box.wait_for_deliveries(0):
                continue
            if not self.tools.store.worklist.backlog(now()).dirty:
                return
            self._ahead += timedelta(seconds=5)  # it waits until then: so do we
        raise AssertionError(f"mrbot comes to no end: {self.steps[-20:]}")

    def run_on(self) -> None:
        """Pipelines and workflow runs have ended, and mrbot has seen it."""
        for _ in range(5):
            self.box.tick()
            self.play()

    def later(self, *, minutes: float) -> None:
        """It is later for mrbot."""
        self._ahead += timedelta(minutes=minutes)
        self.tools = replace(self.tools, clock=self._now)
        self._worker = None

    def look(self) -> bool:
        """mrbot has dealt with one thing that is new. False: there was none."""
        if self._worker is None:
            pipeline = Pipeline(self.tools)

            def handle(claim: Claim) -> None:
                try:
                    pipeline.handle(claim)
                except (Superseded, HostFailure):
                    raise
                except Exception as unexpected:
                    self.failures.append(unexpected)
                    raise

            self._worker = Worker(
                self.tools.store.worklist, handle, self._now, threading.Event(), name="stage"
            )
        moved = self._worker.step()
        if self.failures:
            raise self.failures[0]
        return moved

    def _now(self) -> datetime:
        return now() + self._ahead

    # What there is to see

    def comments(self, number: int) -> list[str]:
        """mrbot's comments on the change, oldest first."""
        change, bot = self.box.change(PROJECT, number), self.box.user(self.bot)
        return [
            one.body
            for one in self.box.world.comments.values()
            if one.change_id == change.id and one.author_id == bot.id and MARKER in one.body
        ]

    def comment(self, number: int) -> str:
        """mrbot's one comment."""
        (body,) = self.comments(number)
        return body

    def headline(self, number: int) -> str:
        """The comment's first line, in words."""
        lines = self.comment(number).splitlines()
        return next(line for line in lines if line.startswith("### ")).removeprefix("### mrbot: ")

    def status(self, sha: str, name: str = "mrbot/main") -> tuple[str, str]:
        """`success`, `pending`, `refused` or, without one, `absent`; and its description."""
        state, description = self._reported(sha, name)
        held = {"created", "pending", "running", "in_progress", "queued"}
        known = {"success", "absent"}
        word = state if state in known else "pending" if state in held else "refused"
        return word, description

    def _reported(self, sha: str, name: str) -> tuple[str, str]:
        world, project = self.box.world, self.box.project(PROJECT)
        with world.lock:
            if self.host == "github":
                found = {one.context: one for one in newest_by_context(world, project, sha)}
                one = found.get(name)
                return ("absent", "") if one is None else (one.state, one.description or "")
            if self.host == "github-app":
                runs = [r for r in world.check_runs.values() if (r.sha, r.name) == (sha, name)]
                if not runs:
                    return "absent", ""
                return runs[-1].conclusion or runs[-1].status, str(runs[-1].output.get("title"))
            lines = [line for line in world.pipelines_of(project) if line.sha == sha]
            jobs = [
                job for line in lines for job in line.jobs
                if job.external and job.name == name and not job.retried
            ]  # fmt: skip
            job = max(jobs, key=lambda job: job.id, default=None)
            return ("absent", "") if job is None else (job.status, job.description or "")

    def gate(self, number: int) -> str:
        """The state of the status that holds the change's merge."""
        change = self.box.change(PROJECT, number)
        return self.status(change.head, f"mrbot/{change.target}")[0]

    def runs(self) -> list[int]:
        """The deployments that were started on the host: ids of pipelines or workflow runs."""
        world, project = self.box.world, self.box.project(PROJECT)
        with world.lock:
            if self.kind == "gitlab":
                return sorted(
                    line.id for line in world.pipelines_of(project)
                    if line.source not in {"merge_request_event", "push", "external"}
                )  # fmt: skip
            runs = world.workflow_runs.values()
            return sorted(one.id for one in runs if one.event == "workflow_dispatch")

    def calls(self, mark: int) -> list[str]:
        """mrbot's own API calls since the mark."""
        made = self.box.requests_since(mark, user=self.bot)
        return [f"{one.method} {one.path}" for one in made]


@contextlib.contextmanager
def staged(
    directory: Path,
    host: Host,
    files: Mapping[str, str],
    *,
    settings: Mapping[str, object] | None = None,
) -> Iterator[Stage]:
    """A stage on which mrbot answers webhooks; `files` are the repository's, `settings` are added
    to the server's."""
    with contextlib.ExitStack() as stack:
        box = stack.enter_context(Sandbox.start(directory / "host", tick_s=None))
        tokens = {login: box.add_user(login) for login in (*PEOPLE, "mrbot")}
        box.add_group("acme", {"mrbot": "reporter"})
        box.add_group("acme/platform", ["kim"])
        app = box.add_app("gate", _pems()[0], owner="kim", account="acme")
        github = host.startswith("github")
        extra = (
            {".github/workflows/deploy.yml": DEPLOY_WORKFLOW}
            if github
            else {".gitlab-ci.yml": DEPLOY_PIPELINE}
        )
        box.add_project(
            PROJECT, kind="github" if github else "gitlab", files={**files, **extra},
            members={**PEOPLE, "mrbot": "maintainer"}, pipelines_must_succeed=True,
        )  # fmt: skip
        if github:
            only = app if host == "github-app" else None
            box.protect_branch(PROJECT, "main", required_statuses=["mrbot/main"], required_app=only)
        file = directory / "mrbot.yml"
        file.write_text(yaml.safe_dump(_settings(host, box, directory, app, settings or {})))
        environment = {"TOKEN": tokens["mrbot"], "KEY": _pems()[1], "HOOK": SECRET,
                       "SIGNING": SIGNING_TOKEN}  # fmt: skip
        mrbot = _checked(compose(load_settings(file, environment)), stack)
        steps: list[str] = []
        tools = mrbot.tools(steps.append, in_flight_s=0.0, deployment_poll_s=0.0)
        stack.callback(tools.engine.close)
        url = stack.enter_context(_served(mrbot))
        signed = host == "gitlab-signed"
        hook = box.add_hook(
            PROJECT, f"{url}/webhooks/{host.partition('-')[0]}",
            secret="" if signed else SECRET, signing_token=SIGNING_TOKEN if signed else "",
        )  # fmt: skip
        yield Stage(
            host=host, box=box, mrbot=mrbot, tools=tools, tokens=tokens, hook=hook,
            directory=directory, steps=steps,
        )  # fmt: skip


def _settings(
    host: Host, box: Sandbox, directory: Path, app: App, more: Mapping[str, object]
) -> dict[str, object]:
    kind = host.partition("-")[0]
    proof = "secret" if kind == "github" else "signing_token" if "signed" in host else "token"
    entry: dict[str, object] = {
        "name": kind, "kind": kind, "url": box.url, "projects": ["acme/**"],
        "webhook": {proof: {"env": "SIGNING" if proof == "signing_token" else "HOOK"}},
    }  # fmt: skip
    if host == "github-app":
        entry["app"] = {"id": app.id, "private_key": {"env": "KEY"}}
    else:
        entry["token"] = {"env": "TOKEN"}
    state = directory / "state"
    return {
        "state": str(state), "hosts": [entry], "plan": {"isolation": "none"},
        "policy_owners": {"users": ["kim"]}, **more,
    }  # fmt: skip


def _checked(mrbot: Mrbot, stack: contextlib.ExitStack) -> Mrbot:
    """The same mrbot, whose requests are held against the host's API document."""
    (one,) = mrbot.settings.hosts
    session = stack.enter_context(requests.Session())
    session.trust_env = False
    session.mount("http://", ContractAdapter(Contract.load(one.kind.value)))  # type: ignore[arg-type]
    made: GitLabHost | GitHubHost
    if isinstance(one.login, GitHubApp):
        auth = AppAuth(app_id=str(one.login.id), private_key=one.login.private_key)
        made = GitHubHost(one.name, api_url(one.url), auth, session=session)
    elif one.kind.value == "github":
        made = GitHubHost(one.name, api_url(one.url), TokenAuth(token=one.login), session=session)
    else:
        made = GitLabHost(one.name, one.url, one.login, session=session)
    return replace(mrbot, hosts={one.name: made})


@contextlib.contextmanager
def _served(mrbot: Mrbot) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, mrbot.web(pages=True), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@functools.cache
def _pems() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return public.decode(), private.decode()


def git(directory: Path, *arguments: str | Path) -> str:
    """What git says; it must succeed."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
