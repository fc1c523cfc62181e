"""What an approval is bound to."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from mrbot.change.people import Binding
from mrbot.decision.binding import CODE_LENGTH, approve_code, digest_of, effect_of
from tests.build import digest, make_binding, make_file, make_plan, make_plan_failed, sha

ONE = make_binding()
OTHERS: dict[str, Binding] = {
    "head": make_binding(head=sha("other")),
    "target": make_binding(target_branch="production"),
    "effect": make_binding(effect=digest("effect")),
    "policies": make_binding(policy=digest("other")),
    "content": make_binding([make_file(new="evil")]),
    "base": make_binding([make_file(old="rebased")]),
    "mode": make_binding([make_file(new_mode="100755")]),
    "no files": make_binding([]),
    "more files": make_binding([make_file(), make_file("b.tf")]),
    "former name": make_binding([replace(make_file(), old_path="a.tf")]),
}


def test_equal_bindings_have_equal_codes() -> None:
    files = [make_file("a.tf"), make_file("b.tf")]
    assert approve_code(make_binding(files)) == approve_code(make_binding(reversed(files)))
    assert len(approve_code(ONE)) == CODE_LENGTH


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_whatever_differs_gives_another_code(other: Binding) -> None:
    assert approve_code(other) != approve_code(ONE)


def test_a_byte_and_the_way_it_is_shown_are_two_names() -> None:
    byte, words = os.fsdecode(b"\xff.tf"), r"\xff.tf"
    file = make_file("x")
    codes = {approve_code(make_binding([replace(file, path=path)])) for path in (byte, words)}
    assert len(codes) == 2


def test_there_is_no_effect_without_a_plan() -> None:
    assert effect_of([]) is None
    assert effect_of([make_plan_failed()]) is None


def test_the_effect_is_that_of_all_plans_in_any_order() -> None:
    one, two = make_plan("one"), make_plan("two")
    assert effect_of([one, two]) == effect_of([two, one])
    assert effect_of([one]) != effect_of([one, two])
    assert effect_of([one]) != effect_of([replace(one, effect_digest=digest("other"))])


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest_of({"a": 1, "b": [None, True]}) == digest_of({"b": [None, True], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": "1"})
