import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.errors import BadInput
from mrbot.resources.syntax.json_text import MAX_BYTES, MAX_DEPTH, load_json


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        (b"", 1, "not JSON"),
        (b"{\n,}", 2, "not JSON"),
        (b"{} {}", 1, "Extra data"),
        (b'{"a": 1, "a": 2}', 0, '"a" is twice'),
        (b"NaN", 0, "NaN"),
        (b"[-Infinity]", 0, "Infinity"),
        (b"1e999", 0, "too large"),
        (b"9" * 5000, 0, "too large"),
        (b'"\\ud800"', 0, "surrogate"),
        (b'{"\\udc00": 1}', 0, "surrogate"),
        (b'[\n"\xff"]', 2, "UTF-8"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), 0, "nested deeper than 100"),
        (b"[" * 100_000, 0, "nested deeper than 100"),
        (b'{"a":' * 100_000, 0, "nested deeper than 100"),
        (b" " * (MAX_BYTES + 1), 0, "larger than"),
    ],
)
def test_what_is_refused_says_where_and_why(text, line, part):
    with pytest.raises(BadInput) as caught:
        load_json(text, "a.json")

    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("a.json", line)
    assert part in problem.message


def test_a_byte_order_mark_is_no_part_of_it():
    assert load_json(b"\xef\xbb\xbf{}", "a.json") == {}


def test_the_deepest_allowed_nesting_is_read():
    assert load_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, "a.json")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_json_is_read_as_itself(value):
    assert load_json(json.dumps(value).encode(), "a.json") == value
