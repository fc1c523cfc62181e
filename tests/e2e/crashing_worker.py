"""A program that runs worker processes one after another, each killed with SIGKILL where it is told.

It reads orders, one a line: `{"die": ..., "ahead": 400.0}`. A process announces each step and each
write that the host has accepted. With `die` a step's name it dies there; with a list it dies at the
first place, written `step before > step`, that is not in the list; with null it lives on. The answer
says what it announced. Each is forked from here, so that it starts quickly, and opens the store and
the hosts by itself, as after any restart; nothing else lives in this process.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from mrbot.app import compose, now
from mrbot.config.settings import load_settings
from mrbot.deployment.deployment import Deployer, Intent, Run
from mrbot.effects.comment import CommentLimit
from mrbot.effects.effect import ChangeWriter, CommentRef, Reaction, Status
from mrbot.ids import ChangeId
from mrbot.inbox.worker import Worker
from mrbot.pipeline.handle import Pipeline
from mrbot.pipeline.tools import HostTools

WAITS = 3
"""How often a life waits a minute, by mrbot's clock, for something to do."""


class Killed:
    """Announces steps, and kills this process at one of them."""

    def __init__(self, die: str | list[str] | None, report: int) -> None:
        self._die = die
        self._report = report
        self._before = ""

    def announce(self, step: str) -> None:
        """The step is reported, and may be the last."""
        place = f"{self._before} > {step}"
        self._before = step
        os.write(self._report, f"{place}\n".encode())
        if step == self._die or (isinstance(self._die, list) and place not in self._die):
            os.kill(os.getpid(), signal.SIGKILL)


class AnnouncedWriter:
    """A `ChangeWriter` that announces what the host has accepted."""

    def __init__(self, writer: ChangeWriter, announce: Callable[[str], None]) -> None:
        self._writer = writer
        self._announce = announce

    def comment_limit(self) -> CommentLimit:
        return self._writer.comment_limit()

    def find_comment(self, change: ChangeId, marker: str) -> CommentRef | None:
        return self._writer.find_comment(change, marker)

    def create_comment(self, change: ChangeId, body: str) -> CommentRef:
        made = self._writer.create_comment(change, body)
        self._announce("accepted: comment created")
        return made

    def update_comment(self, change: ChangeId, comment: CommentRef, body: str) -> None:
        self._writer.update_comment(change, comment, body)
        self._announce("accepted: comment updated")

    def react(self, change: ChangeId, comment: str, reaction: Reaction) -> None:
        self._writer.react(change, comment, reaction)
        self._announce("accepted: reaction")

    def set_status(self, status: Status, known: str | None) -> str:
        reference = self._writer.set_status(status, known)
        self._announce("accepted: status")
        return reference


class AnnouncedDeployer:
    """A `Deployer` that announces what the host has accepted."""

    def __init__(self, deployer: Deployer, announce: Callable[[str], None]) -> None:
        self._deployer = deployer
        self._announce = announce

    def start(self, intent: Intent) -> Run:
        run = self._deployer.start(intent)
        self._announce("accepted: deployment")
        return run

    def find(self, intent: Intent) -> Run | None:
        return self._deployer.find(intent)

    def state(self, intent: Intent, run_id: str) -> Run:
        return self._deployer.state(intent, run_id)

    def cancel(self, intent: Intent, run_id: str) -> None:
        self._deployer.cancel(intent, run_id)


def announced(host: HostTools, announce: Callable[[str], None]) -> HostTools:
    """The same host, whose accepted writes are announced."""
    return replace(
        host,
        writer=AnnouncedWriter(host.writer, announce),
        deployer=AnnouncedDeployer(host.deployer, announce),
    )


def live(settings: Path, die: str | list[str] | None, ahead: float, report: int) -> float:
    """One worker's life; how far its clock was ahead in the end, in seconds."""
    mrbot = compose(load_settings(settings, os.environ))
    killed = Killed(die, report)
    skipped = timedelta(seconds=ahead)

    def clock() -> datetime:
        return now() + skipped

    tools = mrbot.tools(killed.announce, in_flight_s=0.2, deployment_limit_s=1e9)
    hosts = {name: announced(host, killed.announce) for name, host in tools.hosts.items()}
    pipeline = Pipeline(replace(tools, hosts=hosts, clock=clock))
    worker = Worker(
        mrbot.store.worklist, pipeline.handle, clock, threading.Event(), name=f"life-{os.getpid()}"
    )
    for _ in range(WAITS):
        while worker.step():
            pass
        skipped += timedelta(seconds=60)
        for one in mrbot.store.deployments.due(clock()):
            mrbot.store.worklist.mark(one.intent.change, clock())
    while worker.step():
        pass
    tools.engine.close()
    return skipped.total_seconds()


def main() -> None:
    """Orders are read until there are no more. Answers go to stdout, so that the log must not."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = Path(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                ahead = live(settings, order["die"], order["ahead"], writing)
                os.write(writing, f"ahead {ahead}\n".encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as report:
            told = report.read().splitlines()
        _, ended = os.waitpid(child, 0)
        ahead = order["ahead"]
        if told and told[-1].startswith("ahead "):
            ahead = float(told.pop().removeprefix("ahead "))
        answer = {"killed": os.WIFSIGNALED(ended), "steps": told, "ahead": ahead}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
