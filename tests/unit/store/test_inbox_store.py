from __future__ import annotations

import multiprocessing
import os
import signal
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text

from mrbot.change.people import ReviewSource, ReviewState
from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import PipelineTarget
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.effects.effect import CommentRef
from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, RepoId
from mrbot.inbox.delivery import BranchMoved, Delivery, RunProgressed
from mrbot.store.commands import Commands
from mrbot.store.deployments import Deployments
from mrbot.store.inbox import StoredInbox
from mrbot.store.opening import open_store
from mrbot.store.publications import Publications
from mrbot.store.retention import forget_deliveries
from mrbot.store.reviews import Reviews
from mrbot.store.schema import deliveries
from mrbot.store.transaction import reading, writing
from mrbot.store.worklist import StoredWorklist
from tests.unit.store.conftest import (
    ANN,
    BEN,
    CHANGE,
    HEAD,
    NOW,
    OTHER_HEAD,
    REPO,
    comment,
    digest,
    hint,
    known,
    later,
    review,
)


@pytest.fixture
def inbox(engine) -> StoredInbox:
    return StoredInbox(engine)


@pytest.fixture
def worklist(engine) -> StoredWorklist:
    return StoredWorklist(engine)


def count(engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(deliveries)).scalar_one()


def drained(worklist) -> set[str]:
    """Every dirty subject; afterwards nothing is dirty."""
    found = set()
    while (claim := worklist.claim("w", later(99_999), 60)) is not None:
        found.add(str(claim.subject))
        worklist.done(claim)
    return found


def publish(engine, record: str) -> None:
    Publications(engine).save_comment(
        CHANGE, CommentRef(id="1", url="u"), digest("a"), record, NOW
    )  # fmt: skip


def test_a_delivery_makes_its_change_dirty(inbox, worklist):
    assert inbox.put(hint(), NOW)
    assert drained(worklist) == {str(CHANGE)}


def test_a_redelivery_makes_its_change_dirty_again_and_adds_nothing(inbox, worklist, engine):
    assert inbox.put(comment(), NOW)
    drained(worklist)
    assert not inbox.put(comment(), NOW)
    assert drained(worklist) == {str(CHANGE)}
    assert count(engine) == 1
    assert len(Commands(engine).unread(CHANGE)) == 1


def test_the_same_key_on_another_host_is_another_delivery(inbox):
    assert inbox.put(hint(), NOW)
    assert inbox.put(hint(repo=RepoId("gh", "o/r")), NOW)


def test_a_captured_body_under_a_new_key_repeats_no_command(inbox, engine):
    inbox.put(comment("first"), NOW)
    assert not inbox.put(comment("second"), NOW)
    assert len(Commands(engine).unread(CHANGE)) == 1
    assert inbox.put(comment("third", number="2"), NOW), "another comment with the same text"
    assert len(Commands(engine).unread(CHANGE)) == 2


def test_a_captured_approval_under_a_new_key_is_not_bound_to_what_is_shown_now(inbox, engine):
    def delivered(key: str) -> Delivery:
        told = review(key)
        return Delivery(
            repo=told.repo, key=key, event=told.event, cause=told.cause, body=digest("f")
        )

    publish(engine, "record-1")
    inbox.put(delivered("first"), NOW)
    publish(engine, "record-2")
    assert not inbox.put(delivered("second"), NOW)
    (only,) = Reviews(engine).history(CHANGE)
    assert only.publication == "record-1"


def test_two_gitlab_approvals_with_equal_bodies_are_two(inbox, engine):
    publish(engine, "record-1")
    inbox.put(review("first"), NOW)
    publish(engine, "record-2")
    assert inbox.put(review("second"), NOW)
    (latest,) = Reviews(engine).latest(CHANGE, ReviewSource.HOST)
    assert latest.publication == "record-2"


def test_a_push_flood_is_one_dirty_change(inbox, worklist):
    for number in range(30):
        inbox.put(hint(f"k{number}"), NOW)
    assert worklist.backlog(NOW).dirty == 1


def test_a_review_is_evidence_with_its_head_and_what_was_shown(inbox, engine):
    inbox.put(review("a"), NOW)
    publish(engine, "record-1")
    inbox.put(review("b", BEN, ReviewState.CHANGES_REQUESTED, OTHER_HEAD), later(1))
    inbox.put(review("c", ANN, ReviewState.DISMISSED), later(2))
    ben, ann = Reviews(engine).latest(CHANGE, ReviewSource.HOST)
    assert (ben.person, ben.state, ben.head, ben.publication) == (
        BEN, ReviewState.CHANGES_REQUESTED, OTHER_HEAD, "record-1",
    )  # fmt: skip
    assert (ann.person, ann.state) == (ANN, ReviewState.DISMISSED)
    first = Reviews(engine).history(CHANGE)[0]
    assert (first.publication, first.given_at) == (None, NOW)


def test_a_comment_remembers_what_was_shown_when_it_came(inbox, engine):
    publish(engine, "record-1")
    inbox.put(comment(), NOW)
    publish(engine, "record-2")
    (accepted,) = Commands(engine).unread(CHANGE)
    assert (accepted.publication, accepted.comment.body) == ("record-1", "/apply")


@pytest.mark.parametrize("body", ["", "\x00", "\ud800", "'; drop table deliveries; --", "ü" * 9000])
def test_any_text_of_a_comment_comes_back_as_it_was(inbox, engine, body):
    inbox.put(comment(body=body), NOW)
    assert Commands(engine).unread(CHANGE)[0].comment.body == body


def test_a_moved_target_branch_concerns_the_open_changes_into_it(inbox, worklist, engine):
    known(engine, 1)
    known(engine, 2, into="production")
    known(engine, 3, state=ChangeState.MERGED)
    known(engine, 4, repo=RepoId("gl", "group/other"))
    inbox.put(
        Delivery(repo=REPO, key="k", event="push", cause=BranchMoved(branch="main", sha=HEAD)), NOW
    )
    assert drained(worklist) == {f"{REPO}#1"}


def run(**fields) -> Delivery:
    return Delivery(repo=REPO, key="k", event="pipeline", cause=RunProgressed(**fields))


def test_a_pipeline_concerns_the_open_changes_with_its_commit(inbox, worklist, engine):
    known(engine, 1)
    known(engine, 2, head=OTHER_HEAD)
    known(engine, 3)
    inbox.put(run(run="31", sha=HEAD, change=9), NOW)
    assert drained(worklist) == {f"{REPO}#1", f"{REPO}#3", f"{REPO}#9"}


def test_a_run_nobody_follows_concerns_nothing(inbox, worklist):
    inbox.put(run(run="31"), NOW)
    assert drained(worklist) == set()


def test_a_followed_run_makes_its_deployment_due_and_its_change_dirty(inbox, worklist, engine):
    store = Deployments(engine)
    for number, environment in ((1, "production"), (2, "staging")):
        key = digest(str(number))
        store.intend(
            Intent(
                key=key, change=ChangeId(REPO, number), repo=REPO, target_branch="main", sha=HEAD,
                environment=environment, target=PipelineTarget(),
            ),
            NOW,
        )  # fmt: skip
        running = Run(id=f"3{number}", sha=HEAD, url="u", state=DeploymentState.RUNNING)
        assert store.follow(key, [DeploymentState.PENDING], running, later(600))
    inbox.put(run(run="31"), later(10))
    assert drained(worklist) == {f"{REPO}#1"}
    assert [one.run for one in store.due(later(10))] == ["31"]


def test_old_deliveries_are_forgotten_and_what_rests_on_them_is_not(inbox, engine):
    inbox.put(hint("hint"), NOW)
    inbox.put(comment("comment"), NOW)
    inbox.put(review("review"), NOW)
    inbox.put(hint("young"), later(10))
    assert forget_deliveries(engine, later(5)) == 1
    assert count(engine) == 3
    assert inbox.put(hint("hint"), later(11)), "known no longer"


def test_a_failure_between_the_steps_leaves_nothing_at_all(inbox, worklist, engine):
    @event.listens_for(engine, "before_cursor_execute")
    def fail(_connection, _cursor, statement, *_rest):
        if statement.startswith("INSERT INTO worklist"):
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        inbox.put(review(), NOW)
    event.remove(engine, "before_cursor_execute", fail)
    assert count(engine) == 0
    assert Reviews(engine).history(CHANGE) == ()
    assert inbox.put(review(), NOW), "the host's redelivery is taken as new"
    assert drained(worklist) == {str(CHANGE)}


def _put_and_die(url: str, step: str) -> None:
    engine = open_store(url)

    @event.listens_for(engine, "after_cursor_execute" if step != "COMMIT" else "commit")
    def die(*args):
        if step == "COMMIT" or args[2].startswith(step):
            os.kill(os.getpid(), signal.SIGKILL)

    StoredInbox(engine).put(review(), NOW)
    engine.dispose()


@pytest.mark.parametrize(
    "step", ["INSERT INTO deliveries", "INSERT INTO reviews", "INSERT INTO worklist", "COMMIT"]
)
def test_a_kill_before_the_commit_leaves_nothing_and_a_redelivery_everything(
    url, engine, inbox, worklist, step
):
    process = multiprocessing.get_context("spawn").Process(target=_put_and_die, args=(url, step))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -9
    assert (count(engine), worklist.claim("w", NOW, 60)) == (0, None)
    assert inbox.put(review(), NOW)
    assert len(Reviews(engine).history(CHANGE)) == 1
    assert drained(worklist) == {str(CHANGE)}


def test_a_delivery_that_is_not_what_was_written_is_a_store_failure(inbox, engine):
    inbox.put(comment(), NOW)
    for damage in ("nonsense", "[]", '{"kind": "comment"}', '{"kind": "change", "change": 1}'):
        with writing(engine) as connection:
            connection.execute(text("update deliveries set cause = :it"), {"it": damage})
        with pytest.raises(StoreFailure, match="damaged"):
            Commands(engine).unread(CHANGE)


def test_forgetting_uses_the_time_of_acceptance(inbox, engine):
    inbox.put(hint(), NOW)
    assert forget_deliveries(engine, NOW - timedelta(days=1)) == 0
