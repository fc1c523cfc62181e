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
    "value", [None, {}, [], "é\U0001f600\x00", 10**MAX_DIGITS // 2, -1.5e300, nested(MAX_DEPTH)]
)
def test_a_document_comes_back_as_it_went(value: Json) -> None:
    text = dump_json(value)

    assert text.isascii()
    assert "\n" not in text
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
        pytest.param(nested(MAX_DEPTH + 1), id="deep"),
        pytest.param(nested(50_000), id="very-deep"),
    ],
)
def test_what_engines_read_differently_is_refused(value: Json) -> None:
    with pytest.raises(BadInput):
        dump_json(value)


def test_a_document_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_DOCUMENT_BYTES", 10)

    assert dump_json("x" * 8)
    with pytest.raises(BadInput, match="more than a document may have"):
        dump_json("x" * 9)
