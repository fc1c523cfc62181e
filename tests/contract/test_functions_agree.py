"""Every function and operator on the arguments at its edges: the embedded engine says what OPA says, or
nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mrbot.ids import Json
from tests.contract.plain_opa import PlainOpa
from tests.replay.rego_cases import Case, Embedded, Made, Outcome

EXPRESSIONS = Path(__file__).with_name("expressions.txt").read_text().splitlines()
INPUT: Json = {
    "s": "Straße ÀÉ 😀 x", "str": "str", "a": [3, 1, 2], "n": None, "t": True, "neg": -5, "f": 1.5,
    "e": "", "z": 0, "l": ["x", "y"], "u": None,
    "o": {"a": {"b": [1, {"c": 2}]}, "n": None, "f": False, "x": 1, "y": [1, 2]},
}  # fmt: skip

FRACTIONS = "regorus computes in double precision, OPA in decimal fractions and whole numbers"
ORDER = "regorus puts sets before objects, OPA behind them"
COMPILED = "OPA refuses at once what can never be of the right type; regorus says what it comes to"
WRITTEN = "OPA keeps a number as it was written, and cannot write this one as JSON"
KNOWN = {
    "0.1+0.2": FRACTIONS,
    "0.1*3": FRACTIONS,
    "100*1.1": FRACTIONS,
    "1000000*1000000*1000000*1000000": FRACTIONS,
    "123456789012345678901234567890*10": FRACTIONS,
    "round(1.4999999999999999)": FRACTIONS,
    "json.marshal(1/3)": FRACTIONS,
    'max([[1],[2],{"a":1},{1}])': ORDER,
    'sort([3,"a",null,true,{1},[1],{"a":1},1.5,false])': ORDER,
    "sort([{1,2},{3},set(),{}])": ORDER,
    '{1}<{"a":1}': ORDER,
    '{1}>{"a":1}': ORDER,
    "{}<set()": ORDER,
    "set()<{}": ORDER,
    '[x|x:={{1},{"a":1},[1],"s",1,null,true}[_]]': ORDER,
    "regex.is_valid(1)": COMPILED,
    'to_number("+1")': WRITTEN,
    'to_number(".5")': WRITTEN,
    'to_number("5.")': WRITTEN,
    'to_number("010")': WRITTEN,
}
"""What is known to differ, and why: docs/rego.md tells it."""


def asked(opa: PlainOpa, embedded: Embedded, expression: str) -> tuple[Json, Outcome]:
    """OPA's answer (None: none), and what the embedded engine makes of it."""
    text = json.dumps(INPUT).encode()
    case = Case(
        family="", note=expression, query=f"x = [y | y := {expression}]", modules=(), data={},
        input=text, wanted=[{"x": None}], in_any_order=False,
    )  # fmt: skip
    taken = opa.put("question", case.question)
    answer = opa.ask("mrbot_question/answer", text) if taken else None
    wanted = Case(
        family="", note=expression, query=case.query, modules=(), data={}, input=text,
        wanted=answer, in_any_order=False,
    )  # fmt: skip
    return answer, embedded.asked(wanted, case.question)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_embedded_engine_says_what_opa_says_or_nothing(
    opa: PlainOpa, embedded: Embedded, expression: str
) -> None:
    answer, outcome = asked(opa, embedded, expression)
    differs = outcome.made is Made.WRONG
    assert differs == (expression in KNOWN), (answer, outcome.why)


def test_three_hundred_of_them_have_an_answer_in_both(opa: PlainOpa, embedded: Embedded) -> None:
    outcomes = [asked(opa, embedded, one) for one in EXPRESSIONS]
    both = sum(answer is not None and said.made is Made.PASSED for answer, said in outcomes)
    assert both > 300
