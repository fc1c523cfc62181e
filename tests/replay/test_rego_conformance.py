"""OPA's own conformance suite: OPA passes it, and the embedded engine is never silently wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests import needs
from tests.replay.rego_cases import Case, Embedded, Made, Opa, Outcome, cases, judged
from tests.replay.rego_page import PAGE, opa_version, page

PASSED = 1_640
"""Cases that the embedded engine answers as the suite wants. 1,574 is what regorus alone was found to;
some of those are refused now, because others like them are wrong."""

STRICT = "a function that fails is an error to mrbot, and undefined to the suite"
NOT_IN_OPA = {
    "baseandvirtualdocs/base/virtual: conflicts": "mrbot refuses data in the place of rules",
    "fix1863/is defined": "the question is a rule, and reads all rules: it is recursive",
    "topdowndynamicdispatch/dynamic dispatch": "the same",
    "time/time caching": "test.sleep is a function of OPA's own tests",
    "reachable_paths/cycle_1022_3": "the suite is of 1.14; newer OPA answers otherwise",
    "withkeyword/builtin-builtin: arity 0": "opa.runtime tells of the machine: mrbot refuses it",
    "functionerrors/undefined builtin result": STRICT,
    "jsonpatch/set-failure add-to-bad-path": STRICT,
    "jsonpatch/json_patch_tests": STRICT,
    "jsonpatch/set-failure add-with-mismatched-key-value": STRICT,
    "regexmatch/regex.match bad RE": STRICT,
    "regex.replace: bad regex pattern: Syntax error": STRICT,
    "strings/any_prefix_match/type_error_nostrict": STRICT,
    "strings/any_suffix_match/type_error_nostrict": STRICT,
    "subset/array and set 1": STRICT,
    "subset/array and set 2": STRICT,
    "uuid-parse/negative": STRICT,
    "withkeyword/builtin: nested, mock function calls original": STRICT,
}
"""What OPA 1.22 does not answer as the suite wants, asked as mrbot asks it."""
CHANGED = "reachable_paths/cycle_1022_3"


@pytest.fixture(scope="module")
def suite() -> tuple[Case, ...]:
    found = cases()
    assert len(found) == 2_067
    return found


@pytest.fixture(scope="module")
def embedded(suite: tuple[Case, ...]) -> list[tuple[Case, Outcome]]:
    needs.regorus()
    engine = Embedded()
    found = [(case, engine.asked(case)) for case in suite]
    engine.close()
    return found


@pytest.fixture(scope="module")
def in_opa(suite: tuple[Case, ...]) -> list[tuple[Case, Outcome]]:
    needs.opa()
    engine = Opa()
    found = [(case, engine.asked(case)) for case in suite]
    engine.close()
    return found


def test_opa_passes_all_that_its_version_covers(in_opa: list[tuple[Case, Outcome]]) -> None:
    failed = {case.note for case, outcome in in_opa if outcome.made is not Made.PASSED}
    assert failed == set(NOT_IN_OPA)


def test_what_opa_leaves_to_its_errors_is_an_error_of_a_function(
    in_opa: list[tuple[Case, Outcome]],
) -> None:
    for case, outcome in in_opa:
        if NOT_IN_OPA.get(case.note) == STRICT and outcome.made is not Made.PASSED:
            assert outcome.made is Made.RAISED, case.note
            assert outcome.why.startswith(("eval_builtin_error", "eval_type_error")), outcome.why


def test_the_embedded_engine_is_never_silently_wrong(
    embedded: list[tuple[Case, Outcome]],
) -> None:
    wrong = {case.note: outcome.why for case, outcome in embedded if outcome.made is Made.WRONG}
    assert set(wrong) <= {CHANGED}, wrong


def test_where_the_suite_is_old_the_embedded_engine_answers_as_opa_does_now(
    suite: tuple[Case, ...],
) -> None:
    needs.regorus()
    [changed] = [case for case in suite if case.note == CHANGED]
    opa, engine = Opa(), Embedded()
    outcome = engine.asked(replace(changed, wanted=opa.value(changed)))
    opa.close()
    engine.close()
    assert outcome.made is Made.PASSED, outcome.why


def test_the_embedded_engine_passes_what_it_is_said_to(
    embedded: list[tuple[Case, Outcome]],
) -> None:
    assert Counter(outcome.made for _, outcome in embedded)[Made.PASSED] == PASSED


def test_the_page_is_what_the_engines_say(
    embedded: list[tuple[Case, Outcome]], in_opa: list[tuple[Case, Outcome]]
) -> None:
    made = Counter(outcome.made for _, outcome in in_opa)
    assert PAGE.read_text() == page(embedded, made, opa_version())


@pytest.mark.parametrize(
    ("wanted", "value", "made"),
    [
        ([{"x": 1}], [{"x": 1.0}], Made.PASSED),
        ([{"x": 1}], [{"x": 2}], Made.WRONG),
        ([{"x": 1}], [], Made.WRONG),
        ([{"x": True}], [{"x": 1}], Made.WRONG),
        ([{"x": [1, 2]}], [{"x": [2, 1]}], Made.WRONG),
        (None, [{"x": 1}], Made.WRONG),
    ],
    ids=["same", "other", "none", "boolean", "order", "error-wanted"],
)
def test_a_wrong_value_is_told_from_a_right_one(wanted: object, value: object, made: Made) -> None:
    case = Case(
        family="", note="", query="x = 1", modules=(), data={}, input=b"", wanted=wanted,
        in_any_order=False,
    )  # fmt: skip
    assert judged(case, value).made is made
