"""An engine made of processes: one judge a bundle, started when needed, replaced when it is lost.

Both engines are this one with another kind of judge. Bundles never share a process, because their
packages would collide and one team's policies could read another's data. A judge that ran out of
time or memory, or died, is closed and never asked again. No more judges are asked at once than
there are cores: more would only take each other's time, which their deadlines count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mrbot.errors import BadInput
from mrbot.policy.answer import MAX_OBSERVED
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
    Observed,
)
from mrbot.policy.judge import Judge, Starter
from mrbot.policy.notice import Event, Notice, Watch, reason_and_last, shortened, unwatched
from mrbot.policy.question import Question, answered, question
from mrbot.policy.seats import Seat, Seats, cores

DEFAULT_JUDGES = 4
"""How many bundles are kept loaded; the least recently used is stopped for the next."""

_LOSING = frozenset(
    {
        EvaluationFault.TIME,
        EvaluationFault.MEMORY,
        EvaluationFault.ENGINE,
        EvaluationFault.UNDEFINED,
        EvaluationFault.ANSWER,
    }
)
_NOTABLE_SECONDS = 0.1


class SupervisedEngine:
    """A `PolicyEngine`. May be used by several threads; belongs to the process that made it."""

    def __init__(
        self,
        engine: Engine,
        start: Starter,
        *,
        seconds: float,
        judges: int = DEFAULT_JUDGES,
        at_once: int | None = None,
        watch: Watch = unwatched,
    ) -> None:
        """`at_once` is how many judges may be asked at the same time: one a core if None. `watch`
        is told what becomes of them."""
        self._engine, self._start, self._watch = engine, start, watch
        self._seconds = seconds
        self._seats = Seats(judges=judges, at_once=at_once or cores())

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
        return self._seats.pids()

    def close(self) -> None:
        """Every judge has ended, and none will be started again."""
        self._seats.close()

    def _evaluate(self, bundle: Bundle, documents: tuple[Document, ...]) -> Evaluated | Failure:
        deadline = Deadline(self._seconds)
        asked = question(bundle)
        if isinstance(asked, Failure):
            return asked
        left = deadline.left
        with self._seats.taken(bundle.digest, deadline) as seat:
            if isinstance(seat, Failure):
                return seat
            waited = left - deadline.left
            try:
                outcome = self._judge_all(seat, asked, documents, deadline)
            except OSError as error:  # no memory, no descriptors, no disk for another process
                outcome = failure(EvaluationFault.ENGINE, f"the engine cannot run now: {error}")
            if isinstance(outcome, Failure) and outcome.fault in _LOSING:
                self._give_up(asked, seat, outcome)
        if isinstance(outcome, Failure):
            return _blamed(outcome, waited)
        told = [judged for said in outcome for judged in said.judged]
        return Evaluated(
            findings=tuple(finding for judged in told for finding in judged.findings),
            demands=tuple(dict.fromkeys(demand for judged in told for demand in judged.demands)),
            namespaces=asked.namespaces,
            engine=self._engine,
            policy=bundle.name,
            digest=bundle.digest,
            observed=tuple(said.observed for said in outcome if said.observed is not None)[
                :MAX_OBSERVED
            ],
        )

    def _judge_all(
        self, seat: Seat, asked: Question, documents: tuple[Document, ...], deadline: Deadline
    ) -> tuple[_Said, ...] | Failure:
        found: list[_Said] = []
        if seat.judge is None or not seat.judge.alive():
            if seat.judge is not None:
                self._tell(Event.DIED, asked, seat.judge, seat.judge.words())
            seat.clear()
            started = self._start(asked, deadline)
            if isinstance(started, Failure):
                return started
            seat.judge = started
            self._tell(Event.STARTED, asked, started, "")
        for document in documents:
            said = _ask(seat.judge, asked, document, deadline)
            if isinstance(said, Failure):
                return said
            found.append(said)
        return tuple(found)

    def _give_up(self, asked: Question, seat: Seat, why: Failure) -> None:
        judge_of = seat.judge
        seat.clear()
        # Only of one that has ended is it known at once what it said last.
        last = "" if judge_of is None else judge_of.words()
        event = Event.NOT_STARTED if judge_of is None else Event.LOST
        self._tell(event, asked, judge_of, reason_and_last(f"{why.fault}: {why.detail}", last))

    def _tell(self, event: Event, asked: Question, judge_of: Judge | None, words: str) -> None:
        self._watch(
            Notice(
                event=event,
                engine=self._engine,
                policy=asked.bundle.name,
                digest=asked.bundle.digest,
                pid=None if judge_of is None else judge_of.pid,
                words=shortened(words),
            )
        )


def _blamed(reason: Failure, waited: float) -> Failure:
    """A policy that ran out of time is not blamed for the time in which it was not asked."""
    if reason.fault is not EvaluationFault.TIME or waited < _NOTABLE_SECONDS:
        return reason
    return replace(reason, detail=f"{reason.detail}, {waited:.1f} s of it waiting for its turn")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What every package said of one document."""

    judged: tuple[Judged, ...]
    observed: Observed | None


def _ask(
    judge_of: Judge, asked: Question, document: Document, deadline: Deadline
) -> _Said | Failure:
    try:
        text = document.text
    except BadInput as error:
        detail = f"{document.name} cannot be given to a policy: {error}"
        return failure(EvaluationFault.UNSUPPORTED, detail)
    answer = judge_of.answer(text, deadline)
    if isinstance(answer, Failure):
        return answer
    values = answered(asked, answer.value, judge_of.proof)
    if isinstance(values, Failure):
        return values
    found = []
    for namespace, rules in values.items():
        origin = Origin(policy=asked.bundle.name, namespace=namespace, document=document)
        judged = judge(rules, origin)
        if isinstance(judged, Failure):
            return judged
        found.append(judged)
    return _Said(judged=tuple(found), observed=answer.observed(document.name))
