"""Takes dirty subjects one after another and has them handled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from mrbot.errors import MrbotError, StoreFailure, Superseded, Transient
from mrbot.inbox.worklist import Claim, Worklist

LEASE_S = 60.0
"""Seconds after which the work of a worker that fell silent may be taken over."""
IDLE_S = 1.0
"""Seconds between two looks at an empty worklist."""
PARK_AFTER = 8
"""Failures in a row after which work is parked. What may pass by itself is never parked."""
FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 300.0
LONGEST_WISH_S = 3600.0
"""A host that asks for a longer pause than this is asked again after it."""

_log = structlog.get_logger(__name__)


def retry_after(attempt: int, error: BaseException) -> float:
    """Seconds to wait after the `attempt`-th failure in a row (from 1): doubling, bounded, and no
    less than a host asked for."""
    delay = min(FIRST_DELAY_S * 2.0 ** min(max(attempt - 1, 0), 30), LONGEST_DELAY_S)
    if isinstance(error, Transient):
        return max(delay, min(error.retry_after, LONGEST_WISH_S))
    return delay


def visible(error: BaseException) -> str:
    """What may be stored and shown of an error: our own errors hold no secret by contract; of any
    other only the kind is known to be harmless."""
    name = type(error).__name__
    return f"{name}: {error}" if isinstance(error, MrbotError) else f"unexpected {name}"


class Worker:
    """Claims, handles and settles until it is stopped. Give every worker a name of its own."""

    def __init__(
        self,
        worklist: Worklist,
        handle: Callable[[Claim], None],
        clock: Callable[[], datetime],
        stop: threading.Event,
        *,
        name: str,
        lease_s: float = LEASE_S,
        idle_s: float = IDLE_S,
        park_after: int = PARK_AFTER,
    ) -> None:
        self._worklist = worklist
        self._handle = handle
        self._clock = clock
        self._stop = stop
        self._name = name
        self._lease_s = lease_s
        self._idle_s = idle_s
        self._park_after = park_after

    def run(self) -> None:
        """Returns after the stop event is set and the work at hand is settled."""
        while not self._stop.is_set():
            if not self.step():
                self._stop.wait(self._idle_s)

    def step(self) -> bool:
        """At most one subject was handled. False: there was none, or the storage is failing."""
        try:
            claim = self._worklist.claim(self._name, self._clock(), self._lease_s)
            if claim is None:
                return False
            self._work(claim)
        except StoreFailure as failed:
            # The lease ends by itself and the subject is still dirty: nothing is lost.
            _log.error("storage failed", worker=self._name, error=str(failed))
            return False
        except Superseded:
            _log.info("superseded", worker=self._name)
        return True

    def _work(self, claim: Claim) -> None:
        try:
            with self._renewed(claim):
                self._handle(claim)
        except Superseded as moved:
            # Where only the facts moved on, the claim is still ours: begin again, soon.
            self._worklist.release(claim, self._clock() + timedelta(seconds=FIRST_DELAY_S))
            _log.info("begins again", subject=str(claim.subject), why=str(moved))
        except Exception as error:  # noqa: BLE001 - a bug in one change must not stop the others
            self._failed(claim, error)
        else:
            self._worklist.done(claim)

    def _failed(self, claim: Claim, error: Exception) -> None:
        attempt = claim.attempts + 1
        shown = visible(error)
        log = _log.bind(subject=str(claim.subject), attempt=attempt, error=shown)
        if attempt >= self._park_after and not isinstance(error, Transient):
            self._worklist.park(claim, shown)
            log.error("parked", where=_where(error))
            return
        delay = retry_after(attempt, error)
        self._worklist.retry(claim, self._clock() + timedelta(seconds=delay), shown)
        log.warning("will be tried again", delay_s=delay, where=_where(error))

    @contextmanager
    def _renewed(self, claim: Claim) -> Iterator[None]:
        """The lease is kept alive meanwhile, in a thread of its own."""
        ended = threading.Event()
        thread = threading.Thread(
            target=self._renew, args=(claim, ended), name=f"lease-{self._name}", daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _renew(self, claim: Claim, ended: threading.Event) -> None:
        while not ended.wait(self._lease_s / 3):
            try:
                self._worklist.renew(claim, self._clock(), self._lease_s)
            except Superseded:
                return  # the handler learns of it at its next check
            except StoreFailure as failed:
                _log.warning("lease not renewed", worker=self._name, error=str(failed))


def _where(error: BaseException) -> str:
    """File, line and function of the innermost frame: enough to find a bug, and never a value."""
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    return f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}"
