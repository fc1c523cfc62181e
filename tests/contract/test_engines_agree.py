"""Both engines say the same: of the library, over its own tests and over changes at random, and of
policies at random. Where the embedded engine cannot, it says so; it never says something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mrbot.app import organisation_of
from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.conventions import Judged, Origin, judge
from mrbot.policy.finding import (
    Bundle,
    Document,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Finding,
)
from mrbot.policy.opa.binary import examine
from mrbot.policy.question import PACKAGE, RULE, Question, answered, question
from mrbot.policy.regorus import worker as regorus_worker
from mrbot.policy.supervised import SupervisedEngine
from mrbot.policy.testing.result import Run
from mrbot.policy.testing.run import run_tests
from mrbot.policy.wire import dump_json
from tests import needs
from tests.contract import library_resources, plain_opa
from tests.contract.engines import start
from tests.contract.random_policies import documents, policies

CHANGES = 250
POLICIES = 900
"""Examples: together some twenty seconds of a machine that is not busy."""

_SETTINGS = settings(
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[SupervisedEngine, SupervisedEngine]]:
    opa, regorus = start("opa", seconds=30), start("regorus", seconds=30)
    yield opa, regorus
    opa.close()
    regorus.close()


def library() -> Bundle:
    """As `mrbot` ships it."""
    organisation = organisation_of(None, None, None)
    files = {file.path: file.content for file in organisation.policies.files}
    return bundle("organisation", files, organisation.namespaces)


@cache
def resources() -> tuple[dict[str, Json], ...]:
    return library_resources.harvested()


def agreed(
    engines: tuple[SupervisedEngine, SupervisedEngine], made: Bundle, contents: list[Json]
) -> tuple[Finding, ...] | None:
    """What both said; None when the embedded engine said why it cannot, or OPA refuses the policy.

    Fails when the embedded engine says something else, or anything where OPA fails while running.
    """
    given_ = tuple(Document(name=f"d{n}", content=one) for n, one in enumerate(contents))
    opa, regorus = (engine.evaluate(made, given_) for engine in engines)
    if isinstance(opa, EvaluationFailed):
        assert opa.fault in {
            EvaluationFault.PARSE,
            EvaluationFault.UNSUPPORTED,
            EvaluationFault.RUNTIME,
        }
        return None
    if isinstance(regorus, EvaluationFailed):
        assert regorus.detail
        return None
    assert isinstance(opa, Evaluated)
    assert regorus.findings == opa.findings
    assert regorus.demands == opa.demands
    assert regorus.namespaces == opa.namespaces
    return opa.findings


def test_every_test_of_the_library_ends_the_same() -> None:
    needs.regorus()
    opa = run_tests(needs.ROOT / "policies", examine(needs.opa()), seconds=30)
    regorus = run_tests(needs.ROOT / "policies", None, seconds=30)

    assert isinstance(opa, Run)
    assert isinstance(regorus, Run)
    assert len(opa.results) > 150
    ended = [
        [(one.package, one.name, one.outcome) for one in run.results] for run in (opa, regorus)
    ]
    assert ended[0] == ended[1]
    assert opa.passed


def test_the_library_says_the_same_of_everything_in_its_own_tests(
    engines: tuple[SupervisedEngine, SupervisedEngine],
) -> None:
    made = library()
    everything: list[Json] = [library_resources.change([one]) for one in resources()]

    findings = agreed(engines, made, everything)

    assert findings is not None
    assert len(resources()) > 150
    rules = {(one.namespace, one.rule) for one in findings}
    assert len(rules) > 40, "the documents must make the rules fire"


@settings(_SETTINGS, max_examples=CHANGES)
@given(data=st.data())
def test_the_library_says_the_same_of_changes_at_random(
    engines: tuple[SupervisedEngine, SupervisedEngine], data: st.DataObject
) -> None:
    content = data.draw(library_resources.changes(resources()))

    assert agreed(engines, _library(), [content]) is not None


@cache
def _library() -> Bundle:
    return library()


class Sides:
    """Both engines without their processes around them, so that thousands of policies can be tried:
    OPA's own server, which takes one policy after the other, and the worker's own loading."""

    def __init__(self) -> None:
        needs.regorus()
        self._server = plain_opa.PlainOpa()
        self.answered = 0

    def close(self) -> None:
        self._server.close()

    def opa(self, asked: Question, text: str) -> bool:
        """Whether OPA takes the policy."""
        self._server.delete("question")
        put = self._server.put("main", text)
        return put and self._server.put("question", asked.module("p"))

    def opa_answer(self, raw: bytes) -> Json:
        """None when evaluating fails."""
        return self._server.ask(f"{PACKAGE}/answer", raw)

    def regorus(self, asked: Question, text: str) -> Any:
        """An engine with the policy; None when it is refused."""
        modules = [("m0000.rego", text, False), ("question.rego", asked.module("p"), False)]
        try:
            engine, loaded = regorus_worker._load(modules, "{}")
        except RuntimeError:
            return None
        return None if loaded["refused"] else engine

    def regorus_answer(self, engine: Any, raw: bytes) -> Json:
        """None when evaluating fails."""
        asked = engine.clone()
        asked.set_input_json(raw.decode())
        try:
            value: Json = json.loads(asked.eval_rule_as_json(RULE))
        except RuntimeError:
            return None
        return value


@pytest.fixture(scope="module")
def sides() -> Iterator[Sides]:
    made = Sides()
    yield made
    made.close()
    assert made.answered > POLICIES / 2, "hardly any policy was answered by both"


@settings(_SETTINGS, max_examples=POLICIES)
@given(text=policies("main"), contents=st.lists(documents, min_size=4, max_size=4))
def test_policies_at_random_find_the_same_or_are_refused(
    sides: Sides, text: str, contents: list[Json]
) -> None:
    asked = question(bundle("team", {"p.rego": text.encode()}, ("main",)))
    assert isinstance(asked, Question), asked
    engine = sides.regorus(asked, text) if sides.opa(asked, text) else None
    for content in contents if engine is not None else []:
        raw = dump_json(content)
        opa, regorus = sides.opa_answer(raw), sides.regorus_answer(engine, raw)
        if opa is not None and regorus is not None:
            sides.answered += 1
            assert found(asked, regorus) == found(asked, opa), json.dumps(content)


def found(asked: Question, answer: Json) -> tuple[Finding, ...]:
    """The findings in an engine's answer, in their order."""
    values = answered(asked, answer, "p")
    assert isinstance(values, dict), values
    origin = Origin(policy="team", namespace="main", document=Document(name="d", content=None))
    judged = judge(values["main"], origin)
    assert isinstance(judged, Judged), judged
    return judged.findings
