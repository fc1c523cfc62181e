"""Any JSON in place of any part of an OPA's answers: a verdict of ours, never a stumble."""

from __future__ import annotations

from typing import cast

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from mrbot.ids import Json
from mrbot.policy.finding import Document, Evaluated, EvaluationFailed, Severity
from mrbot.policy.opa.connection import Address
from mrbot.policy.opa.remote import RemoteOpa
from tests.contract.opa_servers import impostor, provenance, says

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NAMES = st.sampled_from(
    ["result", "provenance", "bundles", "revision", "version", "deny", "warn", "require", "exception",
     "msg", "code", "message", "errors", "location", "file", "row", "ast", "rules", "head", "name"]
) | st.text(max_size=5)  # fmt: skip
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
RESULTS = st.lists(st.text(max_size=5) | st.fixed_dictionaries({"msg": ANY}) | ANY, max_size=3)
RULES = st.dictionaries(
    st.sampled_from(["deny", "warn", "require", "exception", "x"]), RESULTS | ANY
)
GOOD = st.fixed_dictionaries({"result": RULES, "provenance": st.just(provenance())})
ODD = st.fixed_dictionaries({"result": RULES | ANY, "provenance": ANY | st.just(provenance())})
ANSWERS = st.one_of(GOOD, GOOD, GOOD, ODD, ANY)
STATUS = st.sampled_from(["200 OK"] * 8 + ["400 Bad", "401 No", "500 Oops", "503 Later"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(first=ANSWERS, second=ANSWERS, status=STATUS)
def test_any_answer_is_judged_or_a_failure(first: Json, second: Json, status: str) -> None:
    with impostor(says(first, status=status), says(second)) as seen:
        server = RemoteOpa(Address(url=seen.url), seconds=20)
        outcome = server.evaluate(("main",), (Document(name="d", content={}),))

    event(type(outcome).__name__ if isinstance(outcome, Evaluated) else outcome.fault.name)
    match outcome:
        case EvaluationFailed():
            assert outcome.detail
        case Evaluated():
            # It was a whole answer, of a revision, in which every result was a finding.
            assert status == "200 OK"
            assert outcome.served is not None
            assert all(revision for _, revision in outcome.served.revisions)
            given_rules = cast("dict[str, dict[str, Json]]", first)["result"]
            told = given_rules.get("deny")
            denied = len(told) if isinstance(told, list) else 0
            assert denied == sum(one.severity is Severity.DENY for one in outcome.findings)
