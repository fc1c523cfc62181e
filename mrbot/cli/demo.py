"""`mrbot demo`: the whole story on this machine, with a sandbox host, real git and real Terraform."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from mrbot.cli.demo_files import FIX, PROPOSAL, repository_files, settings_text
from mrbot.cli.demo_people import Actor, GitHubActor, GitLabActor, Refused
from mrbot.effects.comment import MARKER
from mrbot.errors import MrbotError
from mrbot.sandbox import Sandbox

PROJECT = "acme/infra"
HOOK_SECRET = "demo-hook-secret"  # noqa: S105  # of a host that only this machine can reach

WAIT_S = 120.0
"""Seconds that each step is waited for; the first plan may download nothing and still be slow."""


class _StepFailedError(MrbotError):
    """A step did not end as it should."""


@click.command()
@click.option("--exit", "ends", is_flag=True, help="End after the last step: 0 if all was right.")
@click.option(
    "--host", type=click.Choice(["gitlab", "github"]), default="gitlab", show_default=True
)
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), help="Keep everything here."
)
def demo(ends: bool, host: str, directory: Path | None) -> None:
    """A merge request that a policy denies, from its first push to its deployment."""
    with contextlib.ExitStack() as stack:
        if directory is None:
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mrbot-demo-")))
        directory.mkdir(parents=True, exist_ok=True)
        world = stack.enter_context(Sandbox.start(directory / "host"))
        story = _Story(world, directory, host)
        try:
            stack.enter_context(story.running())
            story.tell()
        except (_StepFailedError, Refused) as error:
            print(f"\n  FAILED: {error}\n  mrbot's log: {directory / 'mrbot.log'}", file=sys.stderr)
            _show_log(directory / "mrbot.log")
            sys.exit(1)
        if ends:
            return
        print(f"\nStill serving: {story.page}\nCtrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                time.sleep(3600)


def _show_log(log: Path) -> None:
    if log.exists():
        print("\n".join(log.read_text(errors="replace").splitlines()[-25:]), file=sys.stderr)


class _Story:
    """One telling: the people, the repository, mrbot, and the steps."""

    def __init__(self, world: Sandbox, directory: Path, host: str) -> None:
        self._world = world
        self._directory = directory
        self._kind = host
        self._number = 0
        self.page = world.url
        tokens = {
            login: world.add_user(login, name, f"{login}@example.com")
            for login, name in (
                ("alice", "Alice Author"),
                ("kim", "Kim Platform"),
                ("mrbot", "mrbot"),
            )
        }
        world.add_group("acme", {"kim": "developer"})
        world.add_group("acme/platform", {"kim": "developer"})
        self._state = directory / "terraform-state"
        self._state.mkdir(mode=0o777)
        self._state.chmod(0o777)
        world.add_project(
            PROJECT,
            kind="gitlab" if host == "gitlab" else "github",
            members={"alice": "developer", "kim": "developer", "mrbot": "maintainer"},
            files=repository_files(host, self._state),
            pipelines_must_succeed=True,
        )
        if host == "github":
            world.protect_branch(PROJECT, "main", required_statuses=["mrbot/main"])
        self._tokens = tokens
        make: type[Actor] = GitLabActor if host == "gitlab" else GitHubActor
        self._alice = make(world.url, PROJECT, tokens["alice"])
        self._kim = make(world.url, PROJECT, tokens["kim"])

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """`mrbot serve` runs on a free port, with a hook of the repository pointing at it."""
        port = _free_port()
        settings = self._directory / "mrbot.yml"
        settings.write_text(
            settings_text(self._kind, self._world.url, port, self._directory / "state", self._state)
        )
        environment = {
            **os.environ,
            "DEMO_TOKEN": self._tokens["mrbot"],
            "DEMO_HOOK": HOOK_SECRET,
        }
        self._world.add_hook(
            PROJECT, f"http://localhost:{port}/webhooks/{self._kind}", secret=HOOK_SECRET
        )
        with (self._directory / "mrbot.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mrbot", "serve", "--pages", "--config", str(settings)],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                self._wait("mrbot answers", lambda: _answers(port) or _ended(process))
                yield
            finally:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(40)
                process.kill()

    def tell(self) -> None:
        """Every step, told as it happens.

        Raises: _StepFailedError when one does not end as it should.
        """
        work = self._clone()
        self._say("1. Alice proposes a bucket that everybody may read, and three resources.")
        self._push(work, "add-storage", PROPOSAL, "Add storage and services")
        self._number = self._alice.open("add-storage", "Add storage and services")
        where = "-/merge_requests" if self._kind == "gitlab" else "pull"
        self.page = f"{self._world.url}/{PROJECT}/{where}/{self._number}"
        self._until("mrbot denies it", "Blocked")
        self._show_comment()
        self._say("2. She pushes a fix.")
        self._push(work, "add-storage", FIX, "Keep the bucket private")
        comment = self._until("mrbot waits for an approval", "Waiting")
        if "3 to create" not in comment:
            raise _StepFailedError("the comment shows no plan of three resources")
        print("   planned with Terraform: 3 to create")
        self._say("3. She tries to merge without an approval.")
        try:
            self._alice.merge(self._number)
        except Refused as refused:
            print(f"   refused by the host: {refused}")
        else:
            raise _StepFailedError("the host let her merge")
        self._say("4. Kim, of acme/platform, approves.")
        self._kim.approve(self._number)
        self._until("mrbot approves", "Approved")
        self._say("5. Alice merges, and the deployment starts.")
        self._wait("the host lets her merge", self._merged)
        self._until("the deployment has succeeded", "and deployed")
        self._show_comment()
        self._say("6. The record holds.")
        self._ledger()
        print(f"\nDone. {self.page}")

    def _merged(self) -> bool:
        try:
            self._alice.merge(self._number)
        except Refused:
            return False
        return True

    def _clone(self) -> Path:
        work = self._directory / "work"
        secret = self._tokens["alice"]
        url = self._world.url.replace("://", f"://alice:{secret}@") + f"/{PROJECT}.git"
        _git(self._directory, "clone", "--quiet", url, str(work))
        _git(work, "config", "user.name", "Alice Author")
        _git(work, "config", "user.email", "alice@example.com")
        _git(work, "checkout", "--quiet", "-b", "add-storage")
        return work

    def _push(self, work: Path, branch: str, files: dict[str, str], message: str) -> None:
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        _git(work, "add", "--all")
        _git(work, "commit", "--quiet", "-m", message)
        _git(work, "push", "--quiet", "origin", branch)

    def _say(self, text: str) -> None:
        print(f"\n{text}\n   {self.page}", flush=True)

    def _until(self, what: str, word: str) -> str:
        """The comment, once its first line holds `word`."""
        found = ""

        def there() -> bool:
            nonlocal found
            found = self._alice.comment(self._number)
            return word in _headline(found)

        self._wait(what, there)
        print(f"   {_headline(found)}", flush=True)
        return found

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not ready():
            if time.monotonic() > deadline:
                raise _StepFailedError(f"{what}: not within {WAIT_S:.0f} s")
            time.sleep(0.1)

    def _show_comment(self) -> None:
        shown = [
            line
            for line in self._alice.comment(self._number).split("<details>")[0].splitlines()
            if line and not line.startswith("<!--")
        ]
        print("\n".join(f"   | {line}" for line in shown[:24]), flush=True)

    def _ledger(self) -> None:
        settings = str(self._directory / "mrbot.yml")
        environment = {
            **os.environ,
            "DEMO_TOKEN": self._tokens["mrbot"],
            "DEMO_HOOK": HOOK_SECRET,
        }
        record = _record_on_show(self._alice.comment(self._number))
        for arguments in (
            ["ledger", "verify", "--config", settings],
            ["replay", record, "--config", settings],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "mrbot", *arguments],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            print(
                f"   mrbot {arguments[0]}: {(done.stdout or done.stderr).strip().splitlines()[-1]}"
            )
            if done.returncode != 0:
                raise _StepFailedError(
                    f"mrbot {arguments[0]} exits {done.returncode}: {done.stderr}"
                )


def _record_on_show(comment: str) -> str:
    """The number of the record that the comment's hidden first line names."""
    hidden = comment.partition(MARKER)[2].partition(" ")[0]
    return str(json.loads(base64.urlsafe_b64decode(hidden))["record"])


def _headline(comment: str) -> str:
    return next((line for line in comment.splitlines() if line.startswith("### ")), "")


def _git(directory: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    if done.returncode != 0:
        raise _StepFailedError(f"git {arguments[0]} failed: {done.stderr.strip()}")


def _free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Never True: a server that has ended will not answer.

    Raises: _StepFailedError when it has.
    """
    if process.poll() is not None:
        raise _StepFailedError(f"mrbot serve ended at once, with exit code {process.returncode}")
    return False


def _answers(port: int) -> bool:
    import requests

    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
