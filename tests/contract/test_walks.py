"""`[path, value] := walk(x)` and objects that are looked up: as in OPA, or refused."""

from __future__ import annotations

import pytest

from tests.contract.plain_opa import PlainOpa
from tests.contract.test_annotations import asked
from tests.replay.rego_cases import Embedded, Made

SET = 's contains {"a": 1, "b": 2}\ns contains {"a": 3}\n'


@pytest.mark.parametrize(
    "text",
    [
        'p contains v if { [q, v] := walk({"a": [1, 2]}); count(q) == 2 }\n',
        "p contains v if {\n\t[_, v] := walk([1, [2]])\n\tis_number(v)\n}\n",
        "p contains q if { [q, _] := walk([1]) }\n",
        "p contains 1 if { [_, _] := walk([1]) }\n",
        "q := 5\np contains v if { [q, v] := walk([1]); q == [0] }\n",
        'p contains v if { [_, v] := walk(input.x) with input as {"x": [7]} }\n',
        "p contains v if { [a, v] := walk([1]); [b, w] := walk([v]); count(a) == count(b) }\n",
        SET + 'p contains x if { x := 1; s[{"a": x}] }\n',
        SET + 'p contains x if { x := 1; not s[{"a": x}] }\n',
        SET + 'p contains x if { x := 3; not s[{"a": x}] }\n',
        SET + 'p contains 1 if f(3)\nf(x) if s[{"a": x}]\n',
        SET + 'p contains 1 if not f(1)\nf(x) if s[{"a": x}]\n',
    ],
)
def test_both_engines_find_the_same(opa: PlainOpa, embedded: Embedded, text: str) -> None:
    answer, outcome = asked(opa, embedded, text)
    assert answer is not None
    assert outcome.made is Made.PASSED, outcome.why


@pytest.mark.parametrize(
    "text",
    [
        "p contains x if { v := 1; x := [v | [_, v] := walk([2])] }\n",
        "p contains v if [_, v] := walk([1])\n",
        "p contains x if { x := walk([1]) }\n",
        "p contains v if { [_, v] = walk([1]) }\n",
        "p contains v if { v := f(1) }\nf(q) := [v | [q, v] := walk([2])]\n",
        "p contains x if { x := [v | [_, v] := walk([1, [2]])] }\n",
        SET + 'p contains x if { s[{"a": x}] }\n',
        SET + 'p contains x if { s[{"a": x}]; x = 3 }\n',
        SET + 'p contains x if { x = 1; s[{"a": x}] }\n',
        SET + 'p contains x if { y := [x | x := 1]; count(y) == 1; s[{"a": x}] }\n',
        SET + 'p contains x if { every z in [1] { x := z; x == 1 }; s[{"a": x}] }\n',
        SET + 'q if { y := [x | x := 1]; s[{"a": x}]; x == y[0] }\np contains 1 if not q\n',
        SET + 'p := x if { x := 3; x == 4 } else := x if { s[{"a": x}] }\n',
        SET + 'p contains y if { x := 1; y := [z | some x; s[{"a": x}]; z := x + 0] }\n',
        SET + 'p contains f(1)\nf(x) := [z | x == 1; z := [w | some x; s[{"a": x}]; w := x]]\n',
        'walk(x) := ["", 7]\np contains v if { [_, v] := walk(5) }\n',
        'walk(x) := ["", 7]\np contains v if { v := walk(5)[1] }\n',
        'walk(x) := ["", 7]\nq if { [_, v] := walk(5); v == 7 }\np contains 1 if not q\n',
        'import data.main.g as walk\ng(x) := ["", 7]\np contains v if { [_, v] := walk(5) }\n',
    ],
)
def test_what_may_not_mean_the_same_is_refused(
    opa: PlainOpa, embedded: Embedded, text: str
) -> None:
    answer, outcome = asked(opa, embedded, text)
    assert answer is not None
    assert outcome.made is Made.REFUSED, outcome
