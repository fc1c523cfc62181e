from __future__ import annotations

from structlog.testing import capture_logs

from mrbot.ids import ChangeId, Digest, RepoId
from mrbot.pipeline.engine_log import log_evaluations, log_notice
from mrbot.policy.finding import (
    Engine,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Observed,
    Served,
)
from mrbot.policy.notice import MAX_WORDS, Event, Notice, reason_and_last, shortened

OPA = Engine(name="opa", version="1.22.2")
DIGEST = Digest("sha256:1")
CHANGE = ChangeId(RepoId("gitlab", "acme/infra"), 7)
SERVED = Served(where="https://opa", revisions=(("org", "v1"),), asked=DIGEST)


def test_an_evaluation_is_logged_with_what_was_measured() -> None:
    seen = tuple(
        Observed(document="d", decision_id=f"id-{n}", metrics=(("timer_rego_query_eval_ns", 250_000),))
        for n in range(20)
    )  # fmt: skip
    one = Evaluated(
        findings=(), demands=(), namespaces=("main",), engine=OPA, policy="organisation",
        digest=DIGEST, served=SERVED, observed=seen,
    )  # fmt: skip
    with capture_logs() as logs:
        log_evaluations(CHANGE, [one])

    [line] = logs
    assert (line["event"], line["log_level"]) == ("policy judged", "info")
    assert (line["change"], line["engine"]) == ("gitlab:acme/infra#7", "opa 1.22.2")
    assert (line["server"], line["revisions"]) == ("https://opa", {"org": "v1"})
    assert (line["questions"], line["evaluation_ms"]) == (20, 5.0)
    assert line["decision_ids"] == [f"id-{n}" for n in range(10)]


def test_an_evaluation_without_an_answer_is_a_warning_with_its_kind() -> None:
    one = EvaluationFailed(
        fault=EvaluationFault.REVISION, detail="bundle org\nshould be\x1b[31m",
        engine=OPA, policy="organisation", digest=DIGEST, served=SERVED,
    )  # fmt: skip
    with capture_logs() as logs:
        log_evaluations(CHANGE, [one])

    [line] = logs
    assert line["log_level"] == "warning"
    assert line["fault"] == str(EvaluationFault.REVISION)
    assert line["said"] == "bundle org should be?[31m"


def test_a_process_that_died_is_a_warning_with_its_last_words_and_one_that_started_is_not() -> None:
    about = {"engine": OPA, "policy": "organisation", "digest": DIGEST, "pid": 7}
    with capture_logs() as logs:
        log_notice(Notice(event=Event.STARTED, **about))  # type: ignore[arg-type]
        log_notice(Notice(event=Event.DIED, words="panic: it is so", **about))  # type: ignore[arg-type]

    assert [line["log_level"] for line in logs] == ["info", "warning"]
    assert "said" not in logs[0]
    assert logs[1]["event"] == "policy process died"
    assert logs[1]["said"] == "panic: it is so"


def test_last_words_are_one_line_and_no_longer_than_is_logged() -> None:
    assert shortened("a\n\tb  c") == "a b c"
    assert len(shortened("x" * 10_000)) == MAX_WORDS
    assert shortened("y" * 10_000 + "end").endswith("end")


def test_a_long_reason_and_long_last_words_are_both_there_in_part() -> None:
    both = reason_and_last("because " + "x" * 1000, "y" * 1000 + " the end")

    assert len(both) == MAX_WORDS
    assert both.startswith("because x")
    assert both.endswith("y the end")
    assert reason_and_last("because", "") == "because"
    assert reason_and_last("because of that", "of that") == "because of that"
