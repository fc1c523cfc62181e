"""What moves by itself: pipelines and workflow runs, one state a tick."""

from __future__ import annotations

import threading

from mrbot.sandbox import pipelines, workflow_runs
from mrbot.sandbox.world import World


class Clockwork:
    """Ticks every `tick_s` seconds in the background; with None nothing moves by itself."""

    def __init__(self, world: World, tick_s: float | None) -> None:
        self._world = world
        self._tick_s = tick_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-clockwork", daemon=True)
        self._thread.start()

    def tick(self) -> None:
        """Everything that runs by itself has gone one state further."""
        with self._world.lock:
            pipelines.tick(self._world)
            workflow_runs.tick(self._world)

    def stop(self) -> None:
        """Nothing moves by itself any more."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while self._tick_s is not None and not self._stopped.wait(self._tick_s):
            self.tick()
