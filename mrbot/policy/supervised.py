"""An engine made of processes: one judge a bundle, started when needed, replaced when it is lost.

Both engines are this one with another kind of judge. Bundles never share a process, because their
packages would collide and one team's policies could read another's data. A judge that ran out of
time or memory, or died, is closed and never asked again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from mrbot.errors import BadInput
from mrbot.ids import Digest, Json
from mrbot.policy.conventions import Judged, Origin, judge
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
from mrbot.policy.question import Question, answered, question
from mrbot.policy.wire import dump_json

DEFAULT_JUDGES = 4
"""How many bundles are kept loaded; the least recently used is stopped for the next."""

_LOSING = frozenset({EvaluationFault.TIME, EvaluationFault.MEMORY, EvaluationFault.ENGINE})


class Judge(Protocol):
    """A process with one bundle loaded."""

    @property
    def proof(self) -> str:
        """What every answer of this judge bears."""
        ...

    @property
    def pid(self) -> int:
        """Of its process group."""
        ...

    def alive(self) -> bool:
        """Whether it can be asked."""
        ...

    def answer(self, content: Json, text: bytes, deadline: Deadline) -> Json | Failure:
        """The value of the question's rule for one input: `content`, as JSON `text`."""
        ...

    def close(self) -> None:
        """Its process has ended. May be called again."""
        ...


class Starter(Protocol):
    """Starts judges."""

    def __call__(self, asked: Question, deadline: Deadline) -> Judge | Failure:
        """A judge with the question's bundle loaded and checked."""
        ...


class _Seat:
    """Where the judge of one bundle sits; `lock` is held while it is asked."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.judge: Judge | None = None

    def clear(self) -> None:
        if self.judge is not None:
            self.judge.close()
        self.judge = None


class SupervisedEngine:
    """A `PolicyEngine`. May be used by several threads; belongs to the process that made it."""

    def __init__(
        self, engine: Engine, start: Starter, *, seconds: float, judges: int = DEFAULT_JUDGES
    ) -> None:
        self._engine, self._start = engine, start
        self._seconds, self._judges = seconds, judges
        self._seats: OrderedDict[Digest, _Seat] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def engine(self) -> Engine:
        """Settled when this object was made."""
        return self._engine

    def evaluate(
        self, bundle: Bundle, documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        """The findings of every rule that counts, over every document; all of them or a failure.

        Without documents the bundle is still loaded and checked.
        """
        outcome = self._evaluate(bundle, documents)
        if isinstance(outcome, Failure):
            return failed(outcome, self._engine, bundle)
        return outcome

    def pids(self) -> tuple[int, ...]:
        """The process groups of the judges that are loaded, for whoever watches over them."""
        with self._lock:
            judges = [seat.judge for seat in self._seats.values()]
        return tuple(judge.pid for judge in judges if judge is not None)

    def close(self) -> None:
        """Every judge has ended, and none will be started again."""
        with self._lock:
            self._closed = True
            seats = tuple(self._seats.values())
            self._seats.clear()
        for seat in seats:
            # A judge that is being asked is closed under its question's feet: that then fails.
            seat.clear()

    def _evaluate(self, bundle: Bundle, documents: tuple[Document, ...]) -> Evaluated | Failure:
        deadline = Deadline(self._seconds)
        asked = question(bundle)
        if isinstance(asked, Failure):
            return asked
        with self._seat(bundle.digest, deadline) as seat:
            if isinstance(seat, Failure):
                return seat
            try:
                outcome = self._judge_all(seat, asked, documents, deadline)
            except OSError as error:  # no memory, no descriptors, no disk for another process
                outcome = failure(EvaluationFault.ENGINE, f"the engine cannot run now: {error}")
            if isinstance(outcome, Failure) and outcome.fault in _LOSING:
                seat.clear()
        if isinstance(outcome, Failure):
            return outcome
        return Evaluated(
            findings=tuple(finding for judged in outcome for finding in judged.findings),
            demands=tuple(dict.fromkeys(demand for judged in outcome for demand in judged.demands)),
            namespaces=asked.namespaces,
            engine=self._engine,
            policy=bundle.name,
            digest=bundle.digest,
        )

    def _judge_all(
        self, seat: _Seat, asked: Question, documents: tuple[Document, ...], deadline: Deadline
    ) -> tuple[Judged, ...] | Failure:
        found: list[Judged] = []
        if seat.judge is None or not seat.judge.alive():
            seat.clear()
            started = self._start(asked, deadline)
            if isinstance(started, Failure):
                return started
            seat.judge = started
        for document in documents:
            judged = _ask(seat.judge, asked, document, deadline)
            if isinstance(judged, Failure):
                return judged
            found.extend(judged)
        return tuple(found)

    @contextmanager
    def _seat(self, digest: Digest, deadline: Deadline) -> Iterator[_Seat | Failure]:
        with self._lock:
            seat = None if self._closed else self._seats.setdefault(digest, _Seat())
            if seat is not None:
                self._seats.move_to_end(digest)
        if seat is None:
            yield failure(EvaluationFault.ENGINE, "the engine was closed")
            return
        if not seat.lock.acquire(timeout=deadline.left):
            detail = f"other changes kept this policy busy for {self._seconds:g} s"
            yield failure(EvaluationFault.TIME, detail)
            return
        try:
            yield seat
        finally:
            with self._lock:
                kept = self._seats.get(digest) is seat
            if not kept:  # it was given up while this thread waited for it or used it
                seat.clear()
            seat.lock.release()
            self._make_room()

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


def failed(reason: Failure, engine: Engine, bundle: Bundle) -> EvaluationFailed:
    """`reason`, with the engine and the policy it is about."""
    return EvaluationFailed(
        fault=reason.fault,
        detail=reason.detail,
        engine=engine,
        policy=bundle.name,
        digest=bundle.digest,
        path=reason.path,
        line=reason.line,
    )


def _ask(
    judge_of: Judge, asked: Question, document: Document, deadline: Deadline
) -> list[Judged] | Failure:
    try:
        text = dump_json(document.content)
    except BadInput as error:
        detail = f"{document.name} cannot be given to a policy: {error}"
        return failure(EvaluationFault.UNSUPPORTED, detail)
    answer = judge_of.answer(document.content, text, deadline)
    if isinstance(answer, Failure):
        return answer
    values = answered(asked, answer, judge_of.proof)
    if isinstance(values, Failure):
        return values
    found = []
    for namespace, rules in values.items():
        origin = Origin(policy=asked.bundle.name, namespace=namespace, document=document)
        judged = judge(rules, origin)
        if isinstance(judged, Failure):
            return judged
        found.append(judged)
    return found
