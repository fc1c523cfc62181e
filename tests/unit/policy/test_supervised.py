"""Threads that ask at once: how many judges run, how many stay, and who is blamed for waiting."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mrbot.ids import Json
from mrbot.policy.answer import Answer
from mrbot.policy.bundle import bundle
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import (
    Bundle,
    Document,
    Engine,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
)
from mrbot.policy.question import Question
from mrbot.policy.supervised import SupervisedEngine

ENGINE = Engine(name="fake", version="1")
EMPTY: Json = {"proof": "p", "packages": {"main": {"deny": []}}}


class Office:
    """Starts judges, and sees how many are asked at once. Each waits for `free` before it answers."""

    def __init__(self, says: Callable[[], Json | Failure] = lambda: EMPTY) -> None:
        self.free, self.asked = threading.Event(), threading.Semaphore(0)
        self.says = says
        self.busy, self.most, self.started, self.closed = 0, 0, 0, 0
        self.lock = threading.Lock()

    def start(self, asked: Question, deadline: Deadline) -> Clerk:
        del asked, deadline
        self.started += 1
        return Clerk(self)


class Clerk:
    """A judge without a process."""

    proof, pid = "p", 2**22 + 1

    def __init__(self, office: Office) -> None:
        self.office, self.open = office, True

    def alive(self) -> bool:
        return self.open

    def words(self) -> str:
        return ""

    def answer(self, text: bytes, deadline: Deadline) -> Answer | Failure:
        del text, deadline
        office = self.office
        with office.lock:
            office.busy += 1
            office.most = max(office.most, office.busy)
        office.asked.release()
        office.free.wait(30)
        with office.lock:
            office.busy -= 1
        said = office.says()
        return said if isinstance(said, Failure) else Answer(value=said)

    def close(self) -> None:
        self.office.closed += self.open
        self.open = False


def policies(number: int) -> Bundle:
    text = f'package main\nimport rego.v1\ndeny contains "{number}" if false\n'
    return bundle(f"team {number}", {"p.rego": text.encode()}, ("main",))


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def asking(engine: SupervisedEngine, number: int) -> Evaluated | EvaluationFailed:
    return engine.evaluate(policies(number), (Document(name="d", content={}),))


def test_no_more_judges_are_asked_at_once_than_allowed(pool: ThreadPoolExecutor) -> None:
    office = Office()
    engine = SupervisedEngine(ENGINE, office.start, seconds=60, judges=8, at_once=2)
    outcomes = [pool.submit(asking, engine, number) for number in range(8)]
    assert office.asked.acquire(timeout=30)
    assert office.asked.acquire(timeout=30)
    assert not office.asked.acquire(timeout=0.2)
    office.free.set()

    assert all(isinstance(one.result(), Evaluated) for one in outcomes)
    assert office.most == 2
    assert office.started == 8


def test_whoever_gets_no_turn_is_told_that_others_kept_the_engine_busy(
    pool: ThreadPoolExecutor,
) -> None:
    office = Office()
    engine = SupervisedEngine(ENGINE, office.start, seconds=0.5, judges=8, at_once=1)
    first = pool.submit(asking, engine, 1)
    assert office.asked.acquire(timeout=30)

    outcome = asking(engine, 2)
    office.free.set()

    assert isinstance(outcome, EvaluationFailed)
    assert outcome.fault is EvaluationFault.TIME
    assert outcome.detail == "other policies kept the engine busy for 0.5 s (1 run at once)"
    assert outcome.policy == "team 2"
    assert isinstance(first.result(), Evaluated)
    assert isinstance(asking(engine, 2), Evaluated)


def test_the_same_policies_are_asked_one_after_the_other(pool: ThreadPoolExecutor) -> None:
    office = Office()
    engine = SupervisedEngine(ENGINE, office.start, seconds=0.5, judges=8, at_once=8)
    first = pool.submit(asking, engine, 1)
    assert office.asked.acquire(timeout=30)

    outcome = asking(engine, 1)
    office.free.set()

    assert isinstance(outcome, EvaluationFailed)
    assert outcome.detail == "other changes kept this policy busy for 0.5 s"
    assert isinstance(first.result(), Evaluated)
    assert office.started == 1


def test_a_policy_is_not_blamed_for_the_time_in_which_it_was_not_asked(
    pool: ThreadPoolExecutor,
) -> None:
    late = failure(EvaluationFault.TIME, "the policy did not answer within 60 s")
    said = iter([EMPTY, late, late])
    office = Office(lambda: next(said))
    engine = SupervisedEngine(ENGINE, office.start, seconds=60, judges=8, at_once=1)
    first = pool.submit(asking, engine, 1)
    assert office.asked.acquire(timeout=30)
    second = pool.submit(asking, engine, 2)
    assert not office.asked.acquire(timeout=0.5)
    office.free.set()

    assert isinstance(first.result(), Evaluated)
    waited, alone = second.result(), asking(engine, 3)
    assert isinstance(waited, EvaluationFailed)
    assert re.fullmatch(
        r"the policy did not answer within 60 s, [\d.]+ s of it waiting for its turn", waited.detail
    )
    assert isinstance(alone, EvaluationFailed)
    assert alone.detail == "the policy did not answer within 60 s"
