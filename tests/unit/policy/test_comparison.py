"""Two sets of policies, side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.policy.comparison import Comparison, Said, compared
from mrbot.policy.finding import Demand, Finding, Severity
from tests.build import make_evaluated, make_evaluation_failed, make_finding

ONE, OTHER = make_finding("one"), make_finding("other")
DEMAND = Demand(
    msg="data goes",
    count=1,
    users=(),
    groups=("dba",),
    roles=(),
    rule="require",
    namespace="main",
    policy="policy of target branch",
)


def test_nothing_compared_with_nothing_is_the_same() -> None:
    assert compared([], []) == Comparison(before=Said(), after=Said(), both=0)
    assert compared([], []).same


def test_what_both_say_is_counted_and_not_listed() -> None:
    side = [make_evaluated(ONE, OTHER, demands=(DEMAND,))]
    assert compared(side, side) == Comparison(before=Said(), after=Said(), both=3)


def test_what_only_one_says_is_listed_on_its_side() -> None:
    found = compared([make_evaluated(ONE, demands=(DEMAND,))], [make_evaluated(OTHER)])
    assert found.before == Said(findings=(ONE,), demands=(DEMAND,))
    assert found.after == Said(findings=(OTHER,))
    assert (found.both, found.same) == (0, False)


@pytest.mark.parametrize(
    "twin",
    [
        replace(ONE, policy="policy of this change"),
        replace(ONE, metadata=None),
    ],
    ids=["another directory", "as it is"],
)
def test_where_a_finding_comes_from_makes_no_difference(twin: Finding) -> None:
    assert compared([make_evaluated(ONE)], [make_evaluated(twin)]).same


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, severity=Severity.WARN),
        replace(ONE, msg="else"),
        replace(ONE, rule="deny_else"),
        replace(ONE, namespace="else"),
        replace(ONE, document="else"),
        replace(ONE, path="else.tf"),
        replace(ONE, line=99),
        replace(ONE, excepted="main.exception"),
        replace(ONE, metadata={"id": "else"}),
    ],
    ids=["severity", "text", "rule", "package", "document", "file", "line", "exception", "id"],
)
def test_anything_that_a_reader_sees_makes_a_difference(other: Finding) -> None:
    found = compared([make_evaluated(ONE)], [make_evaluated(other)])
    assert found.before.findings == (ONE,)
    assert found.after.findings == (other,)


def test_a_side_without_an_answer_is_never_the_same() -> None:
    failed = make_evaluation_failed()
    found = compared([make_evaluated()], [failed])
    assert not found.same
    [said] = found.after.failed
    assert failed.detail in said
    assert not compared([failed], [failed]).same
