from __future__ import annotations

import pytest

from mrbot.errors import StoreFailure, Superseded
from mrbot.ids import ChangeId
from mrbot.store.effects import Effects, EffectState
from tests.unit.store.conftest import NOW, REPO, digest, later


@pytest.fixture
def effects(engine) -> Effects:
    return Effects(engine)


def test_an_effect_that_was_never_intended_has_no_outcome(effects, claim):
    assert effects.outcome("comment") is None
    assert effects.open(claim()) == ()


def test_the_intent_is_stored_before_and_the_outcome_after(effects, claim):
    held = claim()
    assert effects.intend(held, "comment", "comment", digest("a"), NOW) is None
    assert effects.outcome("comment").state is EffectState.INTENDED
    effects.complete(held, "comment", "note-5")
    done = effects.intend(held, "comment", "comment", digest("a"), NOW)
    assert (done.state, done.reference) == (EffectState.DONE, "note-5")


def test_an_effect_that_is_to_be_otherwise_is_intended_anew_and_keeps_its_reference(effects, claim):
    held = claim()
    effects.intend(held, "comment", "comment", digest("a"), NOW)
    effects.complete(held, "comment", "note-5")
    assert effects.intend(held, "comment", "comment", digest("b"), NOW) is None
    found = effects.outcome("comment")
    assert (found.state, found.digest, found.reference) == (
        EffectState.INTENDED, digest("b"), "note-5",
    )  # fmt: skip


def test_after_a_crash_the_intent_stands_in_the_way_until_it_was_looked_up(effects, claim):
    effects.intend(claim(), "comment", "comment", digest("a"), NOW)
    held = claim()
    left = effects.intend(held, "comment", "comment", digest("b"), later(9))
    assert (left.state, left.digest, left.intended_at) == (EffectState.INTENDED, digest("a"), NOW)
    assert effects.open(held) == (left,)
    effects.repeat(held, "comment", digest("b"), later(9))
    assert effects.outcome("comment").epoch == held.epoch
    effects.complete(held, "comment", "note-5")
    assert effects.outcome("comment").digest == digest("b")


def test_what_cannot_be_looked_up_is_uncertain_until_people_settle_it(effects, claim):
    held = claim()
    effects.intend(held, "apply", "apply", digest("a"), NOW)
    effects.mark_uncertain(held, "apply")
    for wanted in ("a", "b"):
        found = effects.intend(held, "apply", "apply", digest(wanted), NOW)
        assert found.state is EffectState.UNCERTAIN
    with pytest.raises(StoreFailure):
        effects.repeat(held, "apply", digest("a"), NOW)
    effects.withdraw(held, "apply")
    assert effects.intend(held, "apply", "apply", digest("b"), NOW) is None


def test_what_is_done_cannot_be_withdrawn_or_doubted(effects, claim):
    held = claim()
    effects.intend(held, "apply", "apply", digest("a"), NOW)
    effects.complete(held, "apply", "run-1")
    effects.withdraw(held, "apply")
    with pytest.raises(StoreFailure):
        effects.mark_uncertain(held, "apply")
    assert effects.outcome("apply").state is EffectState.DONE


def test_nothing_is_completed_that_was_not_intended(effects, claim):
    with pytest.raises(StoreFailure, match="intended first"):
        effects.complete(claim(), "comment", "note-5")


def test_who_lost_the_claim_can_do_nothing(effects, claim):
    lost = claim()
    effects.intend(lost, "comment", "comment", digest("a"), NOW)
    claim()
    for act in (
        lambda: effects.intend(lost, "other", "comment", digest("a"), NOW),
        lambda: effects.complete(lost, "comment", "note-5"),
        lambda: effects.repeat(lost, "comment", digest("a"), NOW),
        lambda: effects.mark_uncertain(lost, "comment"),
        lambda: effects.withdraw(lost, "comment"),
    ):
        with pytest.raises(Superseded):
            act()
    assert effects.outcome("comment").state is EffectState.INTENDED
    assert effects.outcome("other") is None


def test_another_changes_effect_is_out_of_reach(effects, claim):
    effects.intend(claim(), "comment", "comment", digest("a"), NOW)
    with pytest.raises(StoreFailure):
        effects.complete(claim(ChangeId(REPO, 8)), "comment", "note-5")
