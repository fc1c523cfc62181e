import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.resources.attributes import (
    ABSENT,
    MAX_ALIGNED,
    AttributeChange,
    applied,
    attribute_changes,
)
from mrbot.resources.masking import same
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(0, 2) | st.text(max_size=3)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=25,
)


def changes(before, after):
    return list(attribute_changes(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({}, {}, [], id="nothing in nothing"),
        pytest.param({"a": 1}, {"a": 1}, [], id="the same"),
        pytest.param({"a": 1}, {"a": 1.0}, [], id="one number, written twice"),
        pytest.param({"a": 1}, {"a": True}, [(("a",), 1, True)], id="true is not one"),
        pytest.param({"a": 1}, {"a": 2}, [(("a",), 1, 2)], id="altered"),
        pytest.param({}, {"a": None}, [(("a",), ABSENT, None)], id="null is not absent"),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, [(("a", "c"), 2, ABSENT)], id="in"),
        pytest.param({"a": [1]}, {"a": {"0": 1}}, [(("a",), [1], {"0": 1})], id="another shape"),
        pytest.param([1, 2, 3], [1, 9, 2, 3], [((1,), ABSENT, 9)], id="inserted"),
        pytest.param([1, 2, 3], [1, 3], [((1,), 2, ABSENT)], id="removed"),
        pytest.param([1, 1], [1, 1, 1], [((2,), ABSENT, 1)], id="one more of the same"),
        pytest.param(
            [{"n": 1, "v": 1}, {"n": 2}], [{"n": 0}, {"n": 1, "v": 2}, {"n": 2}],
            [((0, "n"), 1, 0), ((0, "v"), 1, ABSENT), ((1,), ABSENT, {"n": 1, "v": 2})],
            id="paired by place where nothing is the same",
        ),
        pytest.param([1, 2], [2, 1], [((0,), 1, 2), ((1,), 2, 1)], id="another order"),
        pytest.param({"p": SENSITIVE}, {"p": SENSITIVE}, [], id="sensitive and the same"),
        pytest.param(
            {"p": SENSITIVE_CHANGED}, {"p": SENSITIVE_CHANGED},
            [(("p",), SENSITIVE_CHANGED, SENSITIVE_CHANGED)],
            id="sensitive and changed",
        ),
    ],
)  # fmt: skip
def test_the_changes_of(before, after, expected):
    assert changes(before, after) == [AttributeChange(*one) for one in expected]


@given(VALUES, VALUES)
@settings(max_examples=300, deadline=None)
def test_applying_the_changes_to_before_gives_after(before, after):
    untouched = copy.deepcopy(before)

    found = changes(before, after)

    assert same(applied(before, iter(found)), after)
    assert same(before, untouched)
    assert bool(found) is not same(before, after)


def test_long_lists_are_paired_by_place_and_still_lead_to_after():
    size = int(MAX_ALIGNED**0.5) + 2
    before, after = list(range(size)), list(range(1000, 1000 + size + 1))

    found = changes(before, after)

    assert len(found) == size + 1
    assert applied(before, iter(found)) == after
