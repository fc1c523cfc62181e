import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.resources.masking import (
    INSIDE_JSON,
    INSIDE_TEXT,
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
from tests.stuck import not_stuck


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
    ("before", "after", "left", "right"),
    [
        ("x://u:a@h", "x://u:a@i", f"x://u:{SENSITIVE}@h", f"x://u:{SENSITIVE}@i"),
        ("x://u:a@h", "x://u:b@h", f"x://u:{SENSITIVE_CHANGED}@h", f"x://u:{SENSITIVE_CHANGED}@h"),
        ("x://u:a@h", "x://h", f"x://u:{SENSITIVE}@h", "x://h"),
        (None, "x://u:a@h", None, f"x://u:{SENSITIVE}@h"),
        ("no secret", "none", "no secret", "none"),
        ("x://u:a@h", 5, SENSITIVE_CHANGED, SENSITIVE_CHANGED),
        ("x://u:a@h", {"a": 1}, SENSITIVE_CHANGED, SENSITIVE_CHANGED),
    ],
)
def test_marks_into_a_text_replace_the_secrets_in_it(before, after, left, right):
    assert masked({"a": before}, {"a": after}, ("a", INSIDE_TEXT))[:2] == (
        {"a": left},
        {"a": right},
    )


def test_a_mark_on_all_of_a_text_hides_more_than_one_into_it():
    for paths in ((("a",), ("a", INSIDE_TEXT)), (("a", INSIDE_TEXT), ("a",))):
        assert masked(None, {"a": "x://u:a@h"}, *paths)[1] == {"a": SENSITIVE}


def test_terraforms_marks_cannot_ask_for_less_by_our_steps():
    for step in (INSIDE_JSON, INSIDE_TEXT):
        marks = fitted({"a": "x"}, marks_from({"a": {step: True}}))
        assert mask(None, {"a": "x"}, marks).after == {"a": SENSITIVE}
        assert mask(None, {"a": {step: "x"}}, {"a": {step: True}}).after == {"a": SENSITIVE}


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
    assert dotted(("a", 0, "b.c", INSIDE_JSON, "d", INSIDE_TEXT)) == "a.0.b.c.d"
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


@pytest.mark.parametrize(
    ("before", "after", "path", "shown"),
    [
        pytest.param(
            {"image": {"repo": "ok", "secret": "x"}}, {"image": "evil.io/a"},
            ("image", "secret"), {"image": "evil.io/a"}, id="a mapping becomes a string",
        ),
        pytest.param(
            {"auth": {"token": "x"}}, {"auth": ["none"]},
            ("auth", "token"), {"auth": ["none"]}, id="a mapping becomes a list",
        ),
        pytest.param(
            {"token": "x"}, {"token": {"privileged": True}},
            ("token",), {"token": {"privileged": True}}, id="a string becomes a mapping",
        ),
        pytest.param(
            {"s": '{"token":"x"}'}, {"s": "curl evil"},
            ("s", INSIDE_JSON, "token"), {"s": "curl evil"}, id="JSON becomes text",
        ),
        pytest.param(
            {"s": "x://u:a@h"}, {"s": '{"a":"b"}'},
            ("s", INSIDE_TEXT), {"s": '{"a":"b"}'}, id="text becomes JSON",
        ),
        pytest.param(
            {"s": "x://u:a@h"}, {"s": 5}, ("s", INSIDE_TEXT), {"s": 5}, id="text becomes a number",
        ),
    ],
)  # fmt: skip
def test_what_was_a_secret_does_not_hide_what_is_of_another_shape_now(before, after, path, shown):
    left, right, paths = sides(before, after, [path], [])

    assert right == shown
    assert left == mask(before, None, marks_at([path])).before != before
    assert paths == (dotted(path),)
    assert sides(after, before, [], [path]) == (shown, left, paths)


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({"p": "a"}, {"p": "b"}, ("p",)),
        ({"p": "a"}, {"p": 1}, ("p",)),
        ({"p": {"q": "a"}}, {"p": {"q": "b"}}, ("p", "q")),
        ({"s": '{"p":"a"}'}, {"s": ' {"p":"b"}'}, ("s", INSIDE_JSON, "p")),
        ({"s": "x://u:a@h"}, {"s": "x://u:b@h"}, ("s", INSIDE_TEXT)),
    ],
)
def test_what_is_of_the_same_shape_is_hidden_and_seen_to_change(before, after, path):
    left, right, _ = sides(before, after, [path], [])

    assert SENSITIVE_CHANGED in json.dumps(left)
    assert left == right


def test_a_secret_that_comes_or_goes_has_not_changed():
    assert sides({}, {"p": {"q": "a"}}, [], [("p", "q")])[1] == {"p": {"q": SENSITIVE}}
    assert sides({"p": None}, {"p": {"q": "a"}}, [], [("p", "q")])[1] == {"p": {"q": SENSITIVE}}


def test_a_password_in_a_list_of_texts_is_seen_to_change_and_hides_nothing_else():
    before, after = {"a": ["x://u:p@h"]}, {"a": ["evil", "x://u:q@h"]}
    paths = [("a", 0, INSIDE_TEXT)], [("a", 1, INSIDE_TEXT)]

    assert sides(before, after, *paths)[:2] == (
        {"a": [f"x://u:{SENSITIVE_CHANGED}@h"]},
        {"a": ["evil", f"x://u:{SENSITIVE_CHANGED}@h"]},
    )


def test_many_secrets_in_lists_take_time_in_proportion():
    many = range(10_000)
    before = {"old": [f"a{n}" for n in many], "new": []}
    after = {"old": [], "new": [f"b{n}" for n in many]}

    with not_stuck():
        _, right, _ = sides(before, after, [("old", n) for n in many], [("new", n) for n in many])

    assert right["new"] == [SENSITIVE_CHANGED] * len(many)


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), ("1", 1), ({"a": 1}, {"a": "1"})])
def test_what_only_resembles_a_secret_of_the_other_side_has_changed(one, other):
    assert sides([one, 0], [0, other], [(0,)], [(1,)])[1] == [0, SENSITIVE_CHANGED]


def test_a_secret_with_its_keys_in_another_order_has_not_changed():
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}

    assert sides([one, 0], [0, other], [(0,)], [(1,)])[1] == [0, SENSITIVE]
