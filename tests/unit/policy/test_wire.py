from __future__ import annotations

import json

import pytest

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy import wire
from mrbot.policy.wire import MAX_DEPTH, MAX_DIGITS, dump_json


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth - 1):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="empty-object"),
        pytest.param([], id="empty-list"),
        pytest.param("é\U0001f600\x00\n\u2028", id="odd-characters"),
        pytest.param("\\ud800", id="the-letters-of-half-a-character"),
        pytest.param(10**MAX_DIGITS // 2, id="as-many-digits-as-may-be"),
        pytest.param("7" * 5000, id="a-text-of-digits"),
        pytest.param([int("123456789" * 3)] * 500, id="long-numbers"),
        pytest.param(-1.5e300, id="large-float"),
        pytest.param(nested(MAX_DEPTH), id="as-deep-as-may-be"),
        pytest.param("[" * 500, id="a-text-of-brackets"),
    ],
)
def test_a_document_comes_back_as_it_went(value: Json) -> None:
    text = dump_json(value)

    assert b"\n" not in text
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("\ud800", id="half"),
        pytest.param(["é\udfff"], id="half-inside"),
        pytest.param({"\udc00": 1}, id="half-in-a-key"),
        pytest.param(float("nan"), id="nan"),
        pytest.param({"a": [float("-inf")]}, id="infinity"),
        pytest.param(-(10 ** (MAX_DIGITS + 1)), id="digits"),
        pytest.param(10**5000, id="more-digits-than-python-writes"),
        pytest.param([{"a": [1, {"b": 10**MAX_DIGITS}]}], id="digits-deep-inside"),
        pytest.param(["7" * 5000, 10**MAX_DIGITS], id="digits-behind-a-text-of-digits"),
        pytest.param({"a": "\ud83d", "b": "\ude00"}, id="two-halves-apart"),
        pytest.param(nested(MAX_DEPTH + 1), id="deep"),
        pytest.param(nested(50_000), id="very-deep"),
    ],
)
def test_what_engines_read_differently_is_refused(value: Json) -> None:
    with pytest.raises(BadInput):
        dump_json(value)


@pytest.mark.parametrize("shift", range(31))
def test_a_long_number_is_found_wherever_in_the_text_it_stands(shift: int) -> None:
    fine, long = 10 ** (MAX_DIGITS - 1), 10**MAX_DIGITS

    assert dump_json(["x" * shift, fine])
    with pytest.raises(BadInput, match="more than 300 digits"):
        dump_json(["x" * shift, long])


def test_a_list_of_containers_nests_no_deeper_than_its_deepest() -> None:
    wide: Json = [nested(MAX_DEPTH - 1), {}, [], {"a": nested(MAX_DEPTH - 2)}] * 3

    assert dump_json(wide)
    with pytest.raises(BadInput, match="nests deeper"):
        dump_json([1, {"a": [], "b": wide}])


def test_a_document_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_DOCUMENT_BYTES", 10)

    assert dump_json("x" * 8)
    with pytest.raises(BadInput, match="more than a document may have"):
        dump_json("x" * 9)
