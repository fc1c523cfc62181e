from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from mrbot.errors import GitFailure, StoreFailure, Superseded, Transient
from mrbot.ids import ChangeId, RepoId
from mrbot.inbox.worker import LONGEST_DELAY_S, LONGEST_WISH_S, Worker, retry_after, visible
from mrbot.inbox.worklist import Claim
from mrbot.store.opening import open_store
from mrbot.store.worklist import StoredWorklist

NOW = datetime(2026, 11, 22, 21, 10, tzinfo=UTC)
REPO = RepoId("gl", "group/infra")
CHANGE = ChangeId(REPO, 7)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worklist(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/db")
    yield StoredWorklist(engine)
    engine.dispose()


@pytest.fixture
def worker(worklist, clock):
    def make(handle: Callable[[Claim], None], stop: threading.Event | None = None, **options):
        return Worker(
            worklist, handle, clock, stop or threading.Event(), name="w", idle_s=0.001, **options
        )

    return make


def failing(error: Exception) -> Callable[[Claim], None]:
    def handle(_claim: Claim) -> None:
        raise error

    return handle


@pytest.mark.parametrize(
    ("attempt", "error", "seconds"),
    [
        (1, ValueError(), 2), (2, ValueError(), 4), (3, GitFailure(""), 8),
        (8, ValueError(), 256), (9, ValueError(), LONGEST_DELAY_S),
        (10_000, ValueError(), LONGEST_DELAY_S), (0, ValueError(), 2), (-5, ValueError(), 2),
        (1, Transient("", retry_after=90), 90), (5, Transient("", retry_after=1), 32),
        (1, Transient("", retry_after=1e9), LONGEST_WISH_S),
        (1, Transient("", retry_after=float("inf")), LONGEST_WISH_S),
    ],
)  # fmt: skip
def test_the_wait_doubles_is_bounded_and_is_what_a_host_asks_for(attempt, error, seconds):
    assert retry_after(attempt, error) == seconds


def test_what_an_unexpected_error_says_is_not_shown():
    assert visible(GitFailure("no such branch")) == "GitFailure: no such branch"
    assert visible(ValueError("token=hunter2")) == "unexpected ValueError"


def test_an_empty_worklist_is_left_alone(worker):
    assert not worker(failing(AssertionError())).step()


def test_dirty_work_is_handled_and_done(worker, worklist):
    handled: list[Claim] = []
    worklist.mark(CHANGE, NOW)
    one = worker(handled.append)
    assert one.step()
    assert not one.step()
    assert [claim.subject for claim in handled] == [CHANGE]


def test_failed_work_is_tried_again_after_its_delay(worker, worklist, clock):
    worklist.mark(CHANGE, NOW)
    assert worker(failing(GitFailure("no"))).step()
    clock.pass_(1.9)
    handled: list[Claim] = []
    assert not worker(handled.append).step()
    clock.pass_(0.2)
    assert worker(handled.append).step()
    assert handled[0].attempts == 1


def test_a_bug_in_one_change_is_parked_and_stops_no_other(worker, worklist, clock):
    poison, fine, handled = ChangeId(REPO, 1), ChangeId(REPO, 2), []

    def handle(claim: Claim) -> None:
        if claim.subject == poison:
            raise KeyError("password: hunter2")
        handled.append(claim.subject)

    worklist.mark(poison, NOW)
    worklist.mark(fine, NOW)
    one = worker(handle, park_after=3)
    with structlog.testing.capture_logs() as logged:
        for _ in range(10):
            while one.step():
                pass
            clock.pass_(600)
    assert handled == [fine]
    (parked,) = worklist.parked()
    assert (parked.subject, parked.attempts, parked.error) == (poison, 3, "unexpected KeyError")
    assert "hunter2" not in str(logged)
    assert [entry["event"] for entry in logged] == ["will be tried again"] * 2 + ["parked"]
    assert "test_worker.py" in logged[-1]["where"]
    worklist.mark(poison, clock())
    assert worker(handled.append).step(), "a new event tries it once more"


def test_what_may_pass_by_itself_is_never_parked(worker, worklist, clock):
    worklist.mark(CHANGE, NOW)
    one = worker(failing(Transient("502", status=502)), park_after=2)
    for _ in range(6):
        assert one.step()
        clock.pass_(600)
    assert worklist.parked() == ()


@pytest.mark.parametrize("learns", [False, True])
def test_work_that_was_taken_over_is_dropped_without_a_word(worker, worklist, clock, learns):
    def handle(_claim: Claim) -> None:
        clock.pass_(3600)
        assert worklist.claim("other", clock(), 60) is not None
        if learns:
            raise Superseded("somebody else holds it")

    worklist.mark(CHANGE, NOW)
    assert worker(handle).step()
    assert worklist.backlog(clock()).held == 1, "the other still has it"
    assert worklist.backlog(clock()).dirty == 1


def test_work_whose_facts_moved_on_begins_again_soon_and_did_not_fail(worker, worklist, clock):
    worklist.mark(CHANGE, NOW)
    assert worker(failing(Superseded("the head moved"))).step()
    assert worklist.claim("v", clock(), 60) is None
    clock.pass_(2)
    taken = worklist.claim("v", clock(), 60)
    assert taken is not None
    assert taken.attempts == 0


def test_a_failing_storage_is_waited_out(worker, worklist, clock):
    class Failing(StoredWorklist):
        def claim(self, *_args):
            raise StoreFailure("the disk is full")

    one = Worker(
        Failing(worklist._engine), failing(AssertionError()), clock, threading.Event(), name="w"
    )
    assert not one.step()


def test_the_lease_is_renewed_while_the_work_goes_on(worklist, clock):
    renewed = threading.Event()

    class Watched(StoredWorklist):
        def renew(self, claim, now, lease_s):
            super().renew(claim, now, lease_s)
            renewed.set()

    watched = Watched(worklist._engine)

    def handle(_claim: Claim) -> None:
        clock.pass_(0.05)
        assert renewed.wait(10)

    worklist.mark(CHANGE, NOW)
    Worker(watched, handle, clock, threading.Event(), name="w", lease_s=0.06).step()
    assert renewed.is_set()
    assert worklist.backlog(clock()).dirty == 0
    assert not [thread for thread in threading.enumerate() if thread.name == "lease-w"]


def test_a_worker_that_is_told_to_stop_finishes_what_it_holds(worker, worklist):
    stop, handled = threading.Event(), []

    def handle(claim: Claim) -> None:
        stop.set()
        handled.append(claim.subject)

    for number in (1, 2):
        worklist.mark(ChangeId(REPO, number), NOW)
    thread = threading.Thread(target=worker(handle, stop).run)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()
    assert len(handled) == 1
    backlog = worklist.backlog(NOW)
    assert (backlog.dirty, backlog.held) == (1, 0)


def test_workers_side_by_side_handle_every_change(worker, worklist):
    stop, seen, lock = threading.Event(), [], threading.Lock()

    def handle(claim: Claim) -> None:
        with lock:
            seen.append(claim.subject)
            if len(seen) == 12:
                stop.set()

    for number in range(1, 13):
        worklist.mark(ChangeId(REPO, number), NOW)
    threads = [threading.Thread(target=worker(handle, stop).run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(set(seen)) == len(seen) == 12
