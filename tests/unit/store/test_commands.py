from __future__ import annotations

import pytest

from mrbot.change.people import ReviewSource
from mrbot.errors import StoreFailure, Superseded
from mrbot.store.commands import ANSWER_LIMIT, CommandLine, Commands, CommandState
from mrbot.store.inbox import StoredInbox
from mrbot.store.reviews import Reviews
from tests.unit.store.conftest import ANN, CHANGE, HEAD, NOW, comment


@pytest.fixture
def commands(engine) -> Commands:
    return Commands(engine)


def line(verb: str, number: int = 1) -> CommandLine:
    return CommandLine(line=number, verb=verb, text=f"mrbot {verb}")


@pytest.fixture
def recorded(engine, commands, claim):
    """Records a comment with these verbs; gives the claim it was recorded under."""

    def record(*verbs: str, key: str = "k"):
        held = claim()
        StoredInbox(engine).put(comment(key, number=key), NOW)
        (accepted,) = commands.unread(CHANGE)
        commands.record(held, accepted, [line(verb, n) for n, verb in enumerate(verbs, 1)])
        return held

    return record


def states(commands) -> list[CommandState]:
    return [one.state for one in commands.history(CHANGE)]


def test_a_comment_without_commands_is_read_once(commands, recorded):
    recorded()
    assert commands.unread(CHANGE) == ()
    assert commands.pending(CHANGE) == ()


def test_commands_wait_in_the_order_they_were_given(commands, recorded):
    recorded("plan", "apply")
    recorded("help", key="k2")
    assert [one.command.verb for one in commands.pending(CHANGE)] == ["plan", "apply", "help"]
    assert commands.pending(CHANGE)[0].source.comment.author == ANN


def test_recording_a_comment_twice_asks_for_nothing_twice(engine, commands, claim):
    held = claim()
    StoredInbox(engine).put(comment(), NOW)
    (accepted,) = commands.unread(CHANGE)
    for _ in range(2):
        commands.record(held, accepted, [line("apply")])
    assert len(commands.pending(CHANGE)) == 1


def test_a_command_is_started_once_and_ends_once(commands, recorded):
    held = recorded("apply")
    (command,) = commands.pending(CHANGE)
    assert commands.start(held, command.id)
    assert not commands.start(held, command.id)
    commands.finish(held, command.id, CommandState.DONE, "x" * (ANSWER_LIMIT + 3))
    commands.finish(held, command.id, CommandState.FAILED, "too late")
    (ended,) = commands.history(CHANGE)
    assert ended.state is CommandState.DONE
    assert ended.answer.endswith("(3 more characters)")
    assert not commands.start(held, command.id)


def test_a_command_may_be_refused_without_being_started(commands, recorded):
    held = recorded("apply")
    commands.finish(held, commands.pending(CHANGE)[0].id, CommandState.REFUSED, "not yours")
    assert states(commands) == [CommandState.REFUSED]


def test_a_command_cannot_end_as_running(commands, recorded):
    held = recorded("apply")
    with pytest.raises(StoreFailure):
        commands.finish(held, commands.pending(CHANGE)[0].id, CommandState.RUNNING, "")


@pytest.mark.parametrize("verb", ["apply", "approve", "something-new"])
def test_what_ran_when_the_worker_died_is_uncertain_and_never_repeated(
    commands, recorded, claim, verb
):
    commands.start(recorded(verb), commands.pending(CHANGE)[0].id)
    (uncertain,) = commands.recover(claim())
    assert uncertain.command.verb == verb
    assert "not be repeated" in uncertain.answer
    assert commands.pending(CHANGE) == ()
    assert commands.recover(claim()) == ()


@pytest.mark.parametrize("verb", ["plan", "recheck", "help", "discard"])
def test_what_is_safe_to_repeat_is_repeated(commands, recorded, claim, verb):
    commands.start(recorded(verb), commands.pending(CHANGE)[0].id)
    assert commands.recover(claim()) == ()
    assert states(commands) == [CommandState.PENDING]


def test_recovering_leaves_alone_what_runs_under_this_very_claim(commands, recorded):
    held = recorded("apply")
    commands.start(held, commands.pending(CHANGE)[0].id)
    assert commands.recover(held) == ()
    assert states(commands) == [CommandState.RUNNING]


def test_who_lost_the_claim_can_do_nothing(engine, commands, recorded, claim):
    lost = recorded("apply")
    StoredInbox(engine).put(comment("k9", number="9"), NOW)
    claim()
    (command,), (unread,) = commands.pending(CHANGE), commands.unread(CHANGE)
    for act in (
        lambda: commands.start(lost, command.id),
        lambda: commands.finish(lost, command.id, CommandState.DONE, ""),
        lambda: commands.record(lost, unread, []), lambda: commands.recover(lost),
    ):  # fmt: skip
        with pytest.raises(Superseded):
            act()
    assert states(commands) == [CommandState.PENDING]
    assert commands.unread(CHANGE) == (unread,)


def test_an_approval_by_code_is_kept_apart_and_given_once(engine, commands, recorded):
    recorded("approve")
    (command,) = commands.pending(CHANGE)
    reviews = Reviews(engine)
    for _ in range(2):
        reviews.approve_by_code(CHANGE, ANN, HEAD, "record-1", command.source.delivery, NOW)
    (given,) = reviews.latest(CHANGE, ReviewSource.CODE)
    assert (given.person, given.head, given.publication) == (ANN, HEAD, "record-1")
    assert len(reviews.history(CHANGE)) == 1
    assert reviews.latest(CHANGE, ReviewSource.HOST) == ()
