"""`mrbot serve` and `mrbot work`: the receiver, and the worker beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

import click
import structlog
from gunicorn.app.base import BaseApplication

from mrbot.app import Mrbot, compose, now
from mrbot.config.settings import load_settings
from mrbot.inbox.worker import Worker

STOP_AFTER_S = 30.0
"""Seconds that a worker is given to finish what it does."""

RESTART_AFTER_S = (0.2, 1.0, 5.0, 15.0)
"""Seconds before a worker that ended is started again: longer each time it ends soon."""

STEADY_S = 60.0
"""A worker that ran this long is started again at once."""

_config = click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The server's settings.",
)


_pages = click.option(
    "--pages/--no-pages",
    default=False,
    help="Serve pages about changes, to anybody who reaches them, and link to them.",
)


@click.command()
@_config
@_pages
def serve(config: Path, pages: bool) -> None:
    """Receive webhooks, and keep a worker running beside the receiver."""
    mrbot = compose(load_settings(config, os.environ))
    # What cannot work is said now, at start, and not by the first change.
    mrbot.tools().engine.close()
    command = [sys.executable, "-m", "mrbot", "work", "--config", str(config)]
    supervisor = _Supervisor([*command, "--pages"] if pages else command)
    _Receiver(mrbot, supervisor, pages=pages).run()


@click.command()
@_config
@_pages
def work(config: Path, pages: bool) -> None:
    """Handle what was received, until told to stop. `serve` runs this by itself."""
    settings = load_settings(config, os.environ)
    mrbot = compose(settings)
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    run_workers(mrbot, stop, pages=pages)


def run_workers(mrbot: Mrbot, stop: threading.Event, *, pages: bool) -> None:
    """Claims are handled until `stop` is set. Returns when all that was begun is settled."""
    from mrbot.pipeline.handle import Pipeline

    tools = mrbot.tools(pages=pages)
    pipeline = Pipeline(tools)
    workers = [
        Worker(
            mrbot.store.worklist, pipeline.handle, now, stop,
            name=f"{os.uname().nodename}-{os.getpid()}-{number}", idle_s=0.2,
        )
        for number in range(mrbot.settings.workers)
    ]  # fmt: skip
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    _sweep(mrbot, stop)
    for thread in threads:
        thread.join(STOP_AFTER_S)
    tools.engine.close()


def _sweep(mrbot: Mrbot, stop: threading.Event) -> None:
    """Until `stop`: what is due is marked each second, every open change each `poll`."""
    log = structlog.get_logger(__name__)
    next_poll = 0.0
    while not stop.wait(1.0):
        try:
            everything = time.monotonic() >= next_poll
            if everything:
                next_poll = time.monotonic() + mrbot.settings.poll
            mrbot.sweep(everything=everything)
        except Exception as error:  # noqa: BLE001  # a sweep that failed is done again
            log.warning("sweep failed", error=type(error).__name__)


class _Supervisor:
    """Keeps one worker process running, from `start` until `stop`."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self) -> None:
        """The worker is being started."""
        self._thread.start()

    def stop(self) -> None:
        """The worker has ended."""
        self._stop.set()
        if self._process is not None:
            self._process.terminate()
        self._thread.join(STOP_AFTER_S + 5)

    def _keep(self) -> None:
        quick = 0
        while not self._stop.is_set():
            started = time.monotonic()
            self._process = subprocess.Popen(self._command)
            self._process.wait()
            steady = time.monotonic() - started > STEADY_S
            quick = 0 if steady else min(quick + 1, len(RESTART_AFTER_S) - 1)
            self._stop.wait(RESTART_AFTER_S[quick])


class _Receiver(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, with one process and threads: a delivery is stored and answered, nothing more."""

    def __init__(self, mrbot: Mrbot, supervisor: _Supervisor, *, pages: bool) -> None:
        self._mrbot = mrbot
        self._supervisor = supervisor
        self._pages = pages
        super().__init__()

    def load_config(self) -> None:
        """See gunicorn's documentation, Custom Application."""
        listen = self._mrbot.settings.listen
        host = f"[{listen.host}]" if ":" in listen.host else listen.host
        self.cfg.set("bind", f"{host}:{listen.port}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("workers", 1)
        self.cfg.set("threads", 8)
        self.cfg.set("timeout", 30)
        self.cfg.set("loglevel", "warning")
        self.cfg.set("when_ready", lambda _server: self._supervisor.start())
        self.cfg.set("on_exit", lambda _server: self._supervisor.stop())

    def load(self) -> object:
        """The Flask app, made in gunicorn's own process."""
        return compose(self._mrbot.settings).web(pages=self._pages)
