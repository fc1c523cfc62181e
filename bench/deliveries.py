"""Webhooks per second: what accepting a delivery costs beside the disk."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.figure import Effort, Row, Samples, rows, timed
from mrbot.errors import StoreFailure
from mrbot.ids import RepoId
from mrbot.inbox.delivery import ChangeMayHaveChanged, Delivery
from mrbot.store.inbox import StoredInbox
from mrbot.store.opening import open_store

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REPO = RepoId("gitlab", "acme/infra")
CHANGES = 50
"""How many changes the deliveries are spread over."""
THREADS = 8
"""As many as `mrbot serve` answers with."""


def measure(work: Path, effort: Effort) -> list[Row]:
    """`Inbox.put` on SQLite against one row that sqlite3 commits with the same durability."""
    engine = open_store(f"sqlite:///{work / 'inbox.db'}")
    inbox = StoredInbox(engine)
    refused: list[str] = []

    def put(number: int) -> float:
        cause = ChangeMayHaveChanged(change=number % CHANGES + 1)
        delivery = Delivery(repo=REPO, key=str(number), event="Merge Request Hook", cause=cause)
        return timed(lambda: accept(delivery))

    def accept(delivery: Delivery) -> None:
        # It would be answered with 503 and sent again: a figure of its own, not the end of the run.
        try:
            inbox.put(delivery, NOW)
        except StoreFailure:
            refused.append(delivery.key)

    count = effort.deliveries
    try:
        bare, bare_rate = _bare(work / "bare.db", count)
        single, single_rate = _one_by_one(put, range(count))
        started = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as threads:
            together = Samples(seconds=tuple(threads.map(put, range(count, 2 * count))))
        together_rate = count / (time.perf_counter() - started)
    finally:
        engine.dispose()
    measured = {
        "a delivery: one bare row in SQLite": (bare, bare_rate),
        "a delivery: accepted, one by one": (single, single_rate),
        f"a delivery: accepted, {THREADS} threads": (together, together_rate),
    }
    found = rows({name: samples for name, (samples, _) in measured.items()})
    found = [replace(row, note=_note(*measured[row.name])) for row in found]
    if refused:
        found.append(Row(name="deliveries refused", samples=None, note=f"{len(refused):,}"))
    return found


def _note(samples: Samples, rate: float) -> str:
    return f"{rate:,.0f} a second, p99 {samples.at(0.99) * 1000:.1f} ms"


def _one_by_one(action: Callable[[int], float], numbers: range) -> tuple[Samples, float]:
    taken = tuple(action(number) for number in numbers)
    return Samples(seconds=taken), len(taken) / sum(taken)


def _bare(path: Path, count: int) -> tuple[Samples, float]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, cause TEXT)")

        def insert(number: int) -> float:
            values = (str(number), f'{{"change": {number}}}')
            return timed(lambda: connection.execute("INSERT INTO kept VALUES (?, ?)", values))

        return _one_by_one(insert, range(count))
