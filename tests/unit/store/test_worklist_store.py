from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql

from mrbot.change.snapshot import ChangeState
from mrbot.errors import StoreFailure, Superseded
from mrbot.ids import ChangeId, RepoId
from mrbot.store.opening import open_store
from mrbot.store.worklist import ERROR_LIMIT, StoredWorklist, _next
from tests.unit.store.conftest import CHANGE, NOW, REPO, known, later


@pytest.fixture
def worklist(engine) -> StoredWorklist:
    return StoredWorklist(engine)


def test_nothing_is_claimed_where_nothing_is_dirty(worklist):
    assert worklist.claim("w", NOW, 60) is None
    assert worklist.parked() == ()
    assert worklist.backlog(NOW).oldest_s == 0


def test_a_marked_change_is_claimed_once(worklist):
    worklist.mark(CHANGE, NOW)
    claim = worklist.claim("w", NOW, 60)
    assert claim is not None
    assert (claim.subject, claim.epoch, claim.attempts) == (CHANGE, 1, 0)
    assert worklist.claim("v", NOW, 60) is None
    worklist.done(claim)
    assert worklist.claim("v", NOW, 60) is None


def test_a_repository_is_a_subject_of_its_own(worklist):
    worklist.mark(REPO, NOW)
    claim = worklist.claim("w", NOW, 60)
    assert claim is not None
    assert claim.subject == REPO


def test_a_flood_is_one_piece_of_work(worklist):
    for second in range(50):
        worklist.mark(CHANGE, later(second))
    assert worklist.backlog(later(60)).dirty == 1
    assert worklist.backlog(later(60)).oldest_s == 60
    worklist.done(worklist.claim("w", later(60), 60))
    assert worklist.claim("w", later(60), 60) is None


def test_a_mark_during_the_work_is_not_lost(worklist):
    worklist.mark(CHANGE, NOW)
    claim = worklist.claim("w", NOW, 60)
    worklist.mark(CHANGE, NOW)
    assert worklist.claim("v", NOW, 60) is None
    worklist.done(claim)
    assert worklist.claim("w", NOW, 60) is not None


def test_work_whose_lease_ran_out_is_taken_over_and_its_old_holder_superseded(worklist):
    worklist.mark(CHANGE, NOW)
    first = worklist.claim("w", NOW, 60)
    assert worklist.claim("v", later(59), 60) is None
    second = worklist.claim("v", later(60), 60)
    assert second.epoch == first.epoch + 1
    for act in (
        lambda: worklist.check(first), lambda: worklist.done(first),
        lambda: worklist.renew(first, later(61), 60),
        lambda: worklist.retry(first, NOW, "e"), lambda: worklist.park(first, "e"),
        lambda: worklist.release(first, NOW),
    ):  # fmt: skip
        with pytest.raises(Superseded):
            act()
    worklist.check(second)
    worklist.done(second)


def test_a_renewed_lease_is_not_taken_over(worklist):
    worklist.mark(CHANGE, NOW)
    claim = worklist.claim("w", NOW, 60)
    worklist.renew(claim, later(50), 60)
    assert worklist.claim("v", later(100), 60) is None
    worklist.check(claim)


def test_a_settled_claim_no_longer_holds(worklist):
    worklist.mark(CHANGE, NOW)
    claim = worklist.claim("w", NOW, 60)
    worklist.done(claim)
    with pytest.raises(Superseded):
        worklist.check(claim)


def test_a_failed_subject_rests_counts_its_failures_and_forgets_them_once_done(worklist):
    worklist.mark(CHANGE, NOW)
    worklist.retry(worklist.claim("w", NOW, 60), later(30), "the host is away")
    worklist.mark(CHANGE, NOW)
    assert worklist.claim("w", later(29), 60) is None
    again = worklist.claim("w", later(30), 60)
    assert again.attempts == 1
    worklist.done(again)
    worklist.mark(CHANGE, later(31))
    assert worklist.claim("w", later(31), 60).attempts == 0


def test_parked_work_is_shown_and_tried_once_more_when_marked(worklist):
    worklist.mark(CHANGE, NOW)
    worklist.park(worklist.claim("w", NOW, 60), "x" * (ERROR_LIMIT + 5))
    assert worklist.claim("w", later(9999), 60) is None
    (parked,) = worklist.parked()
    assert (parked.subject, parked.attempts) == (CHANGE, 1)
    assert parked.error.endswith("(5 more characters)")
    assert worklist.backlog(NOW).parked == 1
    worklist.mark(CHANGE, later(10))
    assert worklist.parked() == ()
    assert worklist.claim("w", later(10), 60).attempts == 1


def test_a_mark_that_came_while_the_work_failed_for_good_is_tried(worklist):
    worklist.mark(CHANGE, NOW)
    claim = worklist.claim("w", NOW, 60)
    worklist.mark(CHANGE, NOW)
    worklist.park(claim, "e")
    assert worklist.claim("w", NOW, 60) is not None


def test_a_busy_repository_does_not_starve_a_quiet_one(worklist):
    quiet = RepoId("gl", "quiet/one")
    for number in range(1, 6):
        worklist.mark(ChangeId(REPO, number), NOW)
    worklist.mark(ChangeId(quiet, 1), later(5))
    served = [worklist.claim("w", later(6), 60).subject.repo for _ in range(6)]
    assert served.index(quiet) == 1


def test_every_open_change_is_swept_and_no_other(worklist, engine):
    assert worklist.requeue_open(NOW) == 0
    known(engine, 1)
    known(engine, 2, state=ChangeState.MERGED)
    known(engine, 3, repo=RepoId("gh", "o/r"))
    assert worklist.requeue_open(NOW) == 2
    claims = {str(worklist.claim("w", NOW, 60).subject) for _ in range(2)}
    assert claims == {"gl:group/infra#1", "gh:o/r#3"}


def test_a_time_without_a_zone_is_refused(worklist):
    with pytest.raises(StoreFailure):
        worklist.mark(CHANGE, NOW.replace(tzinfo=None))


def test_a_failing_database_is_a_store_failure(worklist, engine):
    blocker = sqlite3.connect(engine.url.database)
    blocker.execute("BEGIN IMMEDIATE")

    @event.listens_for(engine, "connect")
    def impatient(connection, _record):
        connection.execute("PRAGMA busy_timeout=10")

    engine.dispose()
    with pytest.raises(StoreFailure, match="locked"):
        worklist.mark(CHANGE, NOW)
    blocker.rollback()
    blocker.close()
    worklist.mark(CHANGE, NOW)


def test_postgresql_passes_by_what_another_is_claiming():
    assert "FOR UPDATE OF worklist SKIP LOCKED" in str(
        _next(1.0).compile(dialect=postgresql.dialect())
    )


# --- many at once -------------------------------------------------------------------------------

SUBJECTS, MARKS = 5, 20


def _drain(engine: Engine, worker: str, marking_ended) -> list[tuple[str, int]]:
    """Claims until all is done; what was claimed, with the mark that was covered."""
    worklist, taken = StoredWorklist(engine), []
    while True:
        ended = marking_ended.is_set()
        claim = worklist.claim(worker, NOW, 600)
        if claim is None:
            if ended and worklist.backlog(NOW).dirty == 0:
                return taken
            continue
        taken.append((str(claim.subject), claim.dirty))
        worklist.check(claim)
        worklist.done(claim)


def _mark_all(engine: Engine) -> None:
    for _ in range(MARKS):
        for number in range(1, SUBJECTS + 1):
            StoredWorklist(engine).mark(ChangeId(REPO, number), NOW)


def _checked(taken: list[tuple[str, int]], markers: int) -> None:
    """Nothing was claimed twice for one mark, and the last mark of every subject was covered."""
    assert max(Counter(taken).values()) == 1
    last = {subject: max(mark for one, mark in taken if one == subject) for subject, _ in taken}
    assert set(last.values()) == {markers * MARKS}
    assert len(last) == SUBJECTS


def test_threads_lose_no_mark_and_share_no_claim(engine):
    ended = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        drains = [pool.submit(_drain, engine, f"w{n}", ended) for n in range(3)]
        markers = [pool.submit(_mark_all, engine) for _ in range(2)]
        for marker in markers:
            marker.result()
        ended.set()
        _checked([one for drain in drains for one in drain.result()], markers=2)


def _drain_process(url: str, worker: str, ended, out) -> None:
    engine = open_store(url)
    out.put(_drain(engine, worker, ended))
    engine.dispose()


def test_processes_lose_no_mark_and_share_no_claim(url, engine):
    context = multiprocessing.get_context("spawn")
    ended, out = context.Event(), context.Queue()
    workers = [
        context.Process(target=_drain_process, args=(url, f"w{n}", ended, out)) for n in range(2)
    ]
    for worker in workers:
        worker.start()
    _mark_all(engine)
    ended.set()
    taken = [one for _ in workers for one in out.get(timeout=60)]
    for worker in workers:
        worker.join(timeout=60)
    out.close()
    out.join_thread()
    _checked(taken, markers=1)


def _claim_and_die(url: str) -> None:
    import os
    import signal

    StoredWorklist(open_store(url)).claim("dying", NOW, 60)
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_work_of_a_killed_process_is_taken_over_when_its_lease_ends(url, engine, worklist):
    worklist.mark(CHANGE, NOW)
    process = multiprocessing.get_context("spawn").Process(target=_claim_and_die, args=(url,))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -9
    assert worklist.claim("w", later(59), 60) is None
    taken = worklist.claim("w", later(60), 60)
    assert (taken.subject, taken.epoch) == (CHANGE, 2)
