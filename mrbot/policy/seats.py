"""Where judges sit: one seat a bundle, few seats, and fewer that are used at the same time."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from mrbot.ids import Digest
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.group import await_end
from mrbot.policy.judge import Judge


class Seat:
    """The judge of one bundle, if it is loaded; `lock` is held while it is asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.judge: Judge | None = None

    def clear(self) -> None:
        """Nobody sits here, and whoever did has ended."""
        if self.judge is not None:
            self.judge.close()
        self.judge = None


class Seats:
    """At most `judges` bundles stay loaded, the least recently used leaving first; at most
    `at_once` of them are asked at the same time. May be used by several threads."""

    def __init__(self, *, judges: int, at_once: int) -> None:
        self._judges, self._at_once = judges, at_once
        self._turns = threading.BoundedSemaphore(at_once)
        self._seats: OrderedDict[Digest, Seat] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def taken(self, digest: Digest, deadline: Deadline) -> Iterator[Seat | Failure]:
        """The bundle's seat is the caller's alone, and it is the caller's turn; else why not."""
        with self._lock:
            seat = None if self._closed else self._seats.setdefault(digest, Seat())
            if seat is not None:
                self._seats.move_to_end(digest)
        if seat is None:
            yield failure(EvaluationFault.ENGINE, "the engine was closed")
            return
        if not seat.lock.acquire(timeout=deadline.left):
            detail = f"other changes kept this policy busy for {deadline.seconds:g} s"
            yield failure(EvaluationFault.TIME, detail)
            return
        try:
            with self._turn(deadline) as refused:
                yield refused or seat
        finally:
            with self._lock:
                kept = self._seats.get(digest) is seat
            if not kept:  # it was given up while this thread waited for it or used it
                seat.clear()
            seat.lock.release()
            self._make_room()

    def pids(self) -> tuple[int, ...]:
        """The process groups of the judges that are loaded."""
        with self._lock:
            judges = [seat.judge for seat in self._seats.values()]
        return tuple(judge.pid for judge in judges if judge is not None)

    def close(self) -> None:
        """Every judge has ended, and no seat will be given again."""
        with self._lock:
            self._closed = True
            seats = tuple(self._seats.values())
            self._seats.clear()
        pids = [seat.judge.pid for seat in seats if seat.judge is not None]
        for seat in seats:
            # A judge that is being asked is closed under its question's feet: that then fails.
            seat.clear()
        await_end(pids)

    @contextmanager
    def _turn(self, deadline: Deadline) -> Iterator[Failure | None]:
        if not self._turns.acquire(timeout=deadline.left):
            detail = f"other policies kept the engine busy for {deadline.seconds:g} s"
            yield failure(EvaluationFault.TIME, f"{detail} ({self._at_once} run at once)")
            return
        try:
            yield None
        finally:
            self._turns.release()

    def _make_room(self) -> None:
        """At most so many seats are kept; one that is in use is passed over."""
        leaving = []
        with self._lock:
            for digest, seat in tuple(self._seats.items()):
                if len(self._seats) <= self._judges:
                    break
                if seat.lock.acquire(blocking=False):
                    del self._seats[digest]
                    leaving.append(seat)
        for seat in leaving:
            seat.clear()
            seat.lock.release()


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
