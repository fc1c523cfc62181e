from __future__ import annotations

import pytest
from sqlalchemy import text

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId
from mrbot.store.binding_json import dump_binding, load_binding
from mrbot.store.bindings import Bindings
from mrbot.store.transaction import writing
from tests.unit.store.conftest import CHANGE, HEAD, NOW, OTHER_HEAD, REPO, binding


@pytest.fixture
def bindings(engine) -> Bindings:
    return Bindings(engine)


def test_nothing_was_seen_where_nothing_was_shown(bindings):
    assert bindings.shown_of(CHANGE, HEAD) == ()
    assert bindings.shown_by(CHANGE, "record-1") is None


def test_a_binding_comes_back_as_it_was(bindings):
    bindings.show(CHANGE, binding(effect=None), "record-1", NOW)
    assert bindings.shown_by(CHANGE, "record-1") == binding(effect=None)


def test_a_record_shows_its_own_binding_and_no_other(bindings):
    bindings.show(CHANGE, binding(effect="1"), "record-1", NOW)
    bindings.show(CHANGE, binding(effect="2"), "record-2", NOW)
    assert bindings.shown_by(CHANGE, "record-1") == binding(effect="1")


def test_all_that_was_shown_of_a_head_is_each_binding_once(bindings):
    bindings.show(CHANGE, binding(effect="1"), "record-1", NOW)
    bindings.show(CHANGE, binding(effect="2"), "record-2", NOW)
    bindings.show(CHANGE, binding(effect="1"), "record-3", NOW)
    bindings.show(CHANGE, binding(head=OTHER_HEAD), "record-other-head", NOW)
    assert bindings.shown_of(CHANGE, HEAD) == (binding(effect="1"), binding(effect="2"))


def test_another_changes_bindings_are_its_own(bindings):
    bindings.show(ChangeId(REPO, 8), binding(), "record-1", NOW)
    assert bindings.shown_of(CHANGE, HEAD) == ()
    assert bindings.shown_by(CHANGE, "record-1") is None


def test_what_a_record_showed_is_never_altered_afterwards(bindings):
    bindings.show(CHANGE, binding(effect="1"), "record-1", NOW)
    bindings.show(CHANGE, binding(effect="2"), "record-1", NOW)
    assert bindings.shown_by(CHANGE, "record-1") == binding(effect="1")


def test_equal_bindings_have_equal_documents():
    assert dump_binding(binding()) == dump_binding(binding())
    assert dump_binding(binding()) != dump_binding(binding(blob="3"))
    assert load_binding(dump_binding(binding())) == binding()


@pytest.mark.parametrize("damage", ["", "[]", "{}", dump_binding(binding()).replace('"1",', "")])
def test_a_damaged_binding_is_a_failure_and_not_a_binding(bindings, engine, damage):
    bindings.show(CHANGE, binding(), "record-1", NOW)
    with writing(engine) as connection:
        connection.execute(text("update bindings set document = :it"), {"it": damage})
    with pytest.raises(StoreFailure, match="damaged"):
        bindings.shown_of(CHANGE, HEAD)
