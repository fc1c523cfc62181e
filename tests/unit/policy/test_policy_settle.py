from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mrbot.errors import BadSettings
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Document, Evaluated, EvaluationFailed, EvaluationFault
from mrbot.policy.notice import Event, Notice
from mrbot.policy.regorus.engine import RegorusEngine
from mrbot.policy.settle import Choice, NoEngine, settle
from tests import needs


@pytest.fixture
def no_opa(monkeypatch: pytest.MonkeyPatch) -> None:
    """PATH without opa, and with what starting a worker needs."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin:/usr/sbin:/sbin")


def program(folder: Path, text: str) -> str:
    made = folder / "opa"
    made.write_text(f"#!/bin/sh\n{text}\n")
    made.chmod(0o755)
    return str(made)


def test_auto_takes_opa_where_there_is_one() -> None:
    engine = settle("auto", needs.opa(), 5)

    assert engine.engine.name == "opa"
    assert engine.engine.version.split(".")[0].isdecimal()
    engine.close()


def test_auto_takes_the_embedded_engine_where_there_is_no_opa(no_opa: None) -> None:
    needs.regorus()
    engine = settle("auto", None, 5)

    assert engine.engine.name == "regorus"
    assert isinstance(engine, RegorusEngine)
    assert engine.isolation
    engine.close()


def test_an_opa_that_was_named_and_is_not_there_is_no_reason_to_take_another(no_opa: None) -> None:
    for choice in ("auto", "opa"):
        with pytest.raises(BadSettings, match="there is no program '/nowhere/opa'"):
            settle(choice, "/nowhere/opa", 5)


def test_opa_that_was_chosen_and_is_not_there_is_an_error(no_opa: None) -> None:
    with pytest.raises(BadSettings, match="opa is not on PATH"):
        settle("opa", None, 5)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("exit 1", "ended with 1", id="fails"),
        pytest.param("true", "did not say its version", id="says-nothing"),
        pytest.param("echo Version: x", "did not say its version", id="says-nonsense"),
        pytest.param("echo Version: 0.70.0", "needs 1.0 or newer", id="too-old"),
        pytest.param("echo Version: 1.2.0", "did not say its capabilities", id="only-the-version"),
    ],
)
def test_a_program_that_is_not_opa_is_refused(tmp_path: Path, text: str, hint: str) -> None:
    with pytest.raises(BadSettings, match=hint):
        settle("opa", program(tmp_path, text), 5)


def test_no_time_is_no_setting() -> None:
    with pytest.raises(BadSettings, match="more than 0 s"):
        settle("auto", None, 0)


def test_without_an_engine_nothing_passes() -> None:
    engine = NoEngine()
    policies = bundle("team", {"a.rego": b"package main\nwarn contains 1 if false\n"}, ("main",))

    outcome = engine.evaluate(policies, (Document(name="d", content={}),))
    engine.close()

    assert isinstance(outcome, EvaluationFailed)
    assert outcome.fault is EvaluationFault.ENGINE
    assert "opa" in outcome.detail


def test_an_engine_that_was_settled_is_never_changed_for_another(tmp_path: Path) -> None:
    program = tmp_path / "opa"
    shutil.copy(needs.opa(), program)
    told: list[Notice] = []
    engine = settle("auto", str(program), 5, told.append)
    settled = engine.engine
    program.unlink()

    policies = bundle("team", {"a.rego": b"package main\ndeny contains 1 if false\n"}, ("main",))
    outcome = engine.evaluate(policies, (Document(name="d", content={}),))
    engine.close()

    assert isinstance(outcome, EvaluationFailed)
    assert outcome.engine == engine.engine == settled
    assert "restart mrbot" in outcome.detail
    assert [one.event for one in told] == [Event.NOT_STARTED]


@pytest.mark.parametrize("choice", ["opa", "regorus"])
def test_every_answer_names_the_engine_and_its_exact_version(choice: Choice) -> None:
    needs.regorus()
    engine = settle(choice, needs.opa() if choice == "opa" else None, 10)
    policies = bundle("team", {"a.rego": b"package main\ndeny contains 1 if false\n"}, ("main",))

    outcome = engine.evaluate(policies, (Document(name="d", content={}),))
    engine.close()

    assert isinstance(outcome, Evaluated)
    assert outcome.engine == engine.engine
    assert (outcome.engine.name, outcome.served) == (choice, None)
    assert outcome.engine.version.count(".") == 2
    measured = [dict(seen.metrics) for seen in outcome.observed]
    assert bool(measured) == (choice == "opa")
    assert all(one["timer_rego_query_eval_ns"] > 0 for one in measured)
