import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.resources.attributes import (
    ABSENT,
    MAX_CHANGED_PATHS,
    AttributeChange,
    applied,
    attribute_changes,
    changed_paths,
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
        pytest.param({"a": 1}, {"a": 1.0}, [(("a",), 1, 1.0)], id="two versions"),
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
        pytest.param([1, 2], [2, 1], [((0,), 1, ABSENT), ((1,), ABSENT, 1)], id="another order"),
        pytest.param(
            [0, 5, 1, 2, 5, 3, 9], [7, 1, 5, 2, 3, 8],
            [((0,), 0, 7), ((1,), 5, ABSENT), ((2,), ABSENT, 5), ((4,), 5, ABSENT), ((5,), 9, 8)],
            id="several",
        ),
        pytest.param({"p": SENSITIVE}, {"p": SENSITIVE}, [], id="sensitive and the same"),
        pytest.param(
            {"p": SENSITIVE_CHANGED}, {"p": SENSITIVE_CHANGED},
            [(("p",), SENSITIVE_CHANGED, SENSITIVE_CHANGED)],
            id="sensitive and changed",
        ),
        pytest.param(
            {"p": f"a{SENSITIVE_CHANGED}b", "q": f"a{SENSITIVE}b"},
            {"p": f"a{SENSITIVE_CHANGED}b", "q": f"a{SENSITIVE}b"},
            [(("p",), f"a{SENSITIVE_CHANGED}b", f"a{SENSITIVE_CHANGED}b")],
            id="sensitive and changed within a text",
        ),
    ],
)  # fmt: skip
def test_the_changes_of(before, after, expected):
    assert changes(before, after) == [AttributeChange(*one) for one in expected]


@given(VALUES, VALUES)
@settings(max_examples=300)
def test_applying_the_changes_to_before_gives_after(before, after):
    untouched = copy.deepcopy(before)

    found = changes(before, after)

    assert same(applied(before, iter(found)), after)
    assert same(before, untouched)
    assert bool(found) is not same(before, after)


@given(st.lists(st.integers(0, 9), max_size=30), st.lists(st.integers(0, 9), max_size=30))
@settings(max_examples=300)
def test_lists_with_repetitions_lead_to_after(before, after):
    assert applied(before, attribute_changes(before, after)) == after


def test_what_stays_in_a_long_list_is_no_change():
    before = [{"line": n} for n in range(20_000)]
    after = [*before[:5_000], {"line": -1}, *before[5_000:15_000], *before[15_001:]]

    assert changes(before, after) == [
        AttributeChange((5_000,), ABSENT, {"line": -1}),
        AttributeChange((15_001,), {"line": 15_000}, ABSENT),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, None, [], id="nothing"),
        pytest.param(None, {"a": 1}, [[]], id="created"),
        pytest.param({"a": 1}, None, [[]], id="deleted"),
        pytest.param({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [["a", 0, "b"]], id="within"),
        pytest.param(
            {"a": list(range(MAX_CHANGED_PATHS + 1))}, {"a": list(range(1, MAX_CHANGED_PATHS + 2))},
            [["a", 0], ["a", MAX_CHANGED_PATHS]],
            id="one off in a long list",
        ),
        pytest.param(
            {}, {str(n): n for n in range(MAX_CHANGED_PATHS + 1)}, [[]], id="more than are listed"
        ),
    ],
)  # fmt: skip
def test_the_changed_paths_of(before, after, expected):
    assert changed_paths(before, after) == expected
