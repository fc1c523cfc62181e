import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.resources.masking import (
    INSIDE_JSON,
    dotted,
    either,
    fitted,
    marks_at,
    marks_from,
    mask,
    mask_sides,
    replaced,
    same,
)
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED


def masked(before, after, *paths):
    found = mask(before, after, marks_at(paths))
    return found.before, found.after, found.paths


def test_without_marks_nothing_is_masked():
    assert masked({"a": 1}, {"a": 2}) == ({"a": 1}, {"a": 2}, ())
    assert masked(None, None, ()) == (None, None, ())


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("x", "x", (SENSITIVE, SENSITIVE)),
        ("x", "y", (SENSITIVE_CHANGED, SENSITIVE_CHANGED)),
        (None, "y", (None, SENSITIVE)),
        ("x", None, (SENSITIVE, None)),
        ("", 0, (SENSITIVE_CHANGED, SENSITIVE_CHANGED)),
        (0, 0, (SENSITIVE, SENSITIVE)),
        (1, True, (SENSITIVE_CHANGED, SENSITIVE_CHANGED)),
        ({"k": 1}, {"k": 1}, (SENSITIVE, SENSITIVE)),
        (SENSITIVE_CHANGED, SENSITIVE_CHANGED, (SENSITIVE_CHANGED, SENSITIVE_CHANGED)),
    ],
)
def test_a_masked_pair_still_tells_whether_it_differed(before, after, wanted):
    left, right, paths = masked({"a": before}, {"a": after}, ("a",))

    assert (left["a"], right["a"]) == wanted
    assert paths == ("a",)


def test_what_is_beside_a_marked_value_stays_and_nothing_is_modified():
    before = {"a": [{"s": 1, "t": 2}], "b": 3}
    kept = json.loads(json.dumps(before))

    left, _, paths = masked(before, None, ("a", 0, "s"))

    assert left == {"a": [{"s": SENSITIVE, "t": 2}], "b": 3}
    assert paths == ("a.0.s",)
    assert before == kept


def test_a_list_that_grew_is_masked_item_by_item():
    assert masked(["x"], ["x", "y"], (0,), (1,))[:2] == ([SENSITIVE], [SENSITIVE, SENSITIVE])


@pytest.mark.parametrize("value", ["text", 1, ["x"]])
def test_marks_by_name_hide_a_value_without_names(value):
    assert masked({"a": value}, None, ("a", "b"))[0] == {"a": SENSITIVE}


def test_marks_reach_into_json_text():
    before, after = json.dumps({"p": "x", "q": 1}), json.dumps({"p": "y", "q": 1})

    left, right, paths = masked({"j": before}, {"j": after}, ("j", INSIDE_JSON, "p"))

    assert json.loads(left["j"]) == json.loads(right["j"]) == {"p": SENSITIVE_CHANGED, "q": 1}
    assert paths == ("j.p",)


@pytest.mark.parametrize("other", ["no json", "", 5, {"p": "x"}, "[" * 500])
def test_marks_into_json_text_hide_what_is_none(other):
    left, right, _ = masked({"j": '{"p": "x"}'}, {"j": other}, ("j", INSIDE_JSON, "p"))

    assert (left["j"], right["j"]) == (SENSITIVE_CHANGED, SENSITIVE_CHANGED)


@pytest.mark.parametrize(
    ("tree", "marks"),
    [
        (None, False),
        (False, False),
        (True, True),
        ({"a": False, "b": True}, {"b": True}),
        ([False, {"c": True}], {1: {"c": True}}),
        ("?", True),
        (0, True),
    ],
)
def test_terraforms_marks_are_read_and_anything_else_hides(tree, marks):
    assert marks_from(tree) == marks


def test_marks_join():
    assert either({"a": True}, {"b": {"c": True}}) == {"a": True, "b": {"c": True}}
    assert either({"a": {"b": True}}, {"a": True}) == {"a": True}
    assert either(False, {}) in (False, {})
    assert either(True, {"a": True}) is True


def test_marks_that_do_not_fit_grow_to_what_they_fit():
    assert fitted({"a": "x"}, {"a": {"b": True}}) == {"a": True}
    assert fitted({"a": ["x"]}, {"a": {3: True}}) == {"a": True}
    assert fitted({"a": ["x"]}, {"a": {0: True}, "gone": True}) == {
        "a": {0: True},
        "gone": True,
    }


def test_a_whole_path_is_dotted():
    assert dotted(("a", 0, "b.c", INSIDE_JSON, "d")) == "a.0.b.c.d"
    assert dotted(()) == ""


names = st.sampled_from(["a", "b"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.just("secret"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
)
marks = st.recursive(
    st.booleans(),
    lambda inner: st.dictionaries(names | st.integers(0, 2), inner, max_size=3),
)


@given(values, values, marks)
def test_masking_twice_is_masking_once(before, after, marks):
    once = mask(before, after, marks)
    twice = mask(once.before, once.after, marks)

    assert (twice.before, twice.after) == (once.before, once.after)


@given(values)
def test_all_is_hidden_where_all_is_marked(value):
    assert replaced(value, True, lambda _: SENSITIVE) in (None, SENSITIVE)
    assert same(value, value)


def sides(before, after, old=(), new=()):
    masked = mask_sides(before, after, old, new)
    return masked.before, masked.after, masked.paths


def test_what_was_a_secret_in_a_list_does_not_hide_what_stands_there_now():
    before, after = {"env": ["TOKEN=a", "x"]}, {"env": ["curl evil", "TOKEN=a"]}

    assert sides(before, after, [("env", 0)], [("env", 1)]) == (
        {"env": [SENSITIVE, "x"]},
        {"env": ["curl evil", SENSITIVE]},
        ("env.0", "env.1"),
    )


def test_a_secret_that_moved_in_a_list_and_changed_is_seen_to():
    before, after = {"env": ["TOKEN=a"]}, {"env": ["x", "TOKEN=b"]}

    assert sides(before, after, [("env", 0)], [("env", 1)])[:2] == (
        {"env": [SENSITIVE_CHANGED]},
        {"env": ["x", SENSITIVE_CHANGED]},
    )


def test_secrets_that_changed_places_are_seen_to():
    before, after = {"env": ["A=1", "B=2"]}, {"env": ["B=2", "A=1"]}
    marks = [("env", 0), ("env", 1)]

    assert sides(before, after, marks, marks)[0] == {"env": [SENSITIVE_CHANGED] * 2}


def test_what_one_side_calls_sensitive_is_hidden_on_both_outside_of_lists():
    assert sides({"v": "a"}, {"v": "a"}, [], [("v",)]) == (
        {"v": SENSITIVE},
        {"v": SENSITIVE},
        ("v",),
    )


def test_a_secret_in_json_text_in_a_list_leaves_the_text_readable():
    path = ("docs", 0, INSIDE_JSON, "key")
    before, after = {"docs": []}, {"docs": ['{"key": "k", "other": 1}']}

    assert sides(before, after, [], [path])[1] == {"docs": ['{"key":"(sensitive)","other":1}']}
