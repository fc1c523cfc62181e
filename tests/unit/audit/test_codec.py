"""Values as JSON and back: every class a record may hold, any text, any bytes."""

from __future__ import annotations

import json
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.audit.codec import _CLASSES, _MODULES, decode, encode
from mrbot.change.people import Directory
from mrbot.change.snapshot import Change
from mrbot.decision.material import Material
from mrbot.errors import BadReference
from mrbot.ids import Json
from tests.build import (
    AUTHOR,
    KIM,
    NOW,
    make_change,
    make_directory,
    make_file,
    make_material,
    make_plan,
    make_review,
)

# Any text at all: lone surrogates stand for bytes that are not UTF-8, NULs for our own mark.
TEXT = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["", "\0bytes:", "\0bytes:AA==", "\ud800", "\udcff", "\ud83d\ude00", "$", "$enum"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT,
    bool: st.booleans(),
    int: st.integers(),
    bytes: st.binary(max_size=8),
    datetime: st.datetimes(timezones=st.just(UTC)),
    NoneType: st.none(),
    object: JSON,
}


def strategy(hint: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of the type that `hint` names."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if float in arguments:  # no value but a document holds one
        return JSON
    if hint in LEAVES:
        return LEAVES[hint]
    if hasattr(hint, "__supertype__"):
        return strategy(hint.__supertype__)
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(strategy(arguments[0], depth + 1), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*(strategy(one, depth + 1) for one in arguments))
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is Mapping:
        return st.dictionaries(TEXT, strategy(arguments[1], depth + 1), max_size=2)
    if origin is frozenset:
        return st.frozensets(strategy(arguments[0], depth + 1), max_size=2)
    if origin in {UnionType, typing.Union}:
        return st.one_of(*(strategy(one, depth + 1) for one in arguments))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{f.name: strategy(hints[f.name], depth + 1) for f in fields(hint)})
    raise AssertionError(f"a field of a kind that the codec's tests do not know: {hint}")


def through_json(value: object) -> object:
    """What comes back when it was written down."""
    return decode(json.loads(json.dumps(encode(value))))


def reachable(hint: Any, found: set[type]) -> set[type]:
    """Every class of mrbot's that a value of the type `hint` may hold."""
    if hasattr(hint, "__supertype__") or hint in found:
        return found
    if isinstance(hint, type) and hint.__module__.startswith("mrbot."):
        found.add(hint)
        if is_dataclass(hint):
            for one in typing.get_type_hints(hint).values():
                reachable(one, found)
    for one in typing.get_args(hint):
        reachable(one, found)
    return found


FACTS = reachable(tuple[Change, Material, Directory], set())


def test_a_record_may_hold_every_class_that_it_needs() -> None:
    assert set(_CLASSES.values()) >= FACTS
    assert len(FACTS) > 25


@pytest.mark.parametrize("fact", sorted(FACTS, key=lambda one: one.__name__))
def test_every_class_of_a_record_comes_back_equal(fact: type) -> None:
    @given(strategy(fact))
    def comes_back(value: object) -> None:
        back = through_json(value)
        assert type(back) is fact
        assert back == value

    comes_back()


@pytest.mark.parametrize("name", sorted(_CLASSES))
def test_only_mrbots_own_values_can_be_made_from_a_record(name: str) -> None:
    found = _CLASSES[name]
    assert found.__module__.startswith("mrbot.")
    assert is_dataclass(found) or issubclass(found, Enum)


def test_no_two_classes_share_a_name() -> None:
    for module in _MODULES:
        for name, value in vars(module).items():
            if name in _CLASSES:
                assert _CLASSES[name] is value, f"two classes are called {name}"


@given(JSON)
def test_any_document_comes_back_equal_and_of_the_same_types(value: Json) -> None:
    back = through_json(value)
    assert back == value
    assert repr(back) == repr(value)


@given(TEXT, TEXT)
def test_two_texts_are_never_written_alike(one: str, other: str) -> None:
    assert (json.dumps(encode(one)) == json.dumps(encode(other))) is (one == other)


def test_whole_values_come_back() -> None:
    change = make_change(
        files=[make_file("a\udcff.tf", old_path="\udcfe")], reviews=[make_review()]
    )
    for value in (change, make_material(plans=[make_plan()]), make_directory(), NOW):
        assert through_json(value) == value


def test_sets_are_written_in_one_order() -> None:
    one, other = frozenset([AUTHOR, KIM]), frozenset([KIM, AUTHOR])
    assert json.dumps(encode(one)) == json.dumps(encode(other))


@pytest.mark.parametrize(
    "value", [object(), Exception("x"), {1, 2}, open], ids=lambda one: type(one).__name__
)
def test_what_is_no_value_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="a record cannot hold"):
        encode(value)


def _name(document: Json) -> str:
    try:
        return repr(document)
    except RecursionError:
        return "deep"


def _deep(levels: int) -> Json:
    document: Json = None
    for _ in range(levels):
        document = {"$list": [document]}
    return document


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"x": 1},
        {"$": "Path"},
        {"$": "Person"},
        {"$": "Person", "id": "1", "login": "kim", "more": 1},
        {"$": ["Person"]},
        {"$enum": "FileStatus", "value": "eaten"},
        {"$enum": "Path", "value": "/etc/passwd"},
        {"$bytes": "not base64!"},
        {"$bytes": 1},
        {"$time": "yesterday"},
        {"$list": "x"},
        {"$set": [[{"$list": []}]]},
        {"$map": {"a": {"$": "Nothing"}}},
        "\0bytes:!",
        "\0bytes:/w==",
        _deep(900),
    ],
    ids=_name,
)
def test_what_no_record_holds_is_a_bad_reference(document: Json) -> None:
    with pytest.raises(BadReference, match="holds something it cannot"):
        decode(document)
