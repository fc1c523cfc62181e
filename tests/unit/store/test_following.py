"""Publications, deployments and known changes."""

from __future__ import annotations

import threading

import pytest

from mrbot.change.snapshot import ChangeState
from mrbot.decision.ruleset import DeploymentTarget, PipelineTarget, WorkflowTarget
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.effects.effect import CommentRef, StatusState
from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, RepoId
from mrbot.store.changes import Changes
from mrbot.store.deployments import Deployments
from mrbot.store.intent_json import dump_intent, load_intent
from mrbot.store.publications import Publications, PublishedStatus
from tests.unit.store.conftest import CHANGE, HEAD, NOW, OTHER_HEAD, REPO, digest, known, later

TARGETS = [
    PipelineTarget(variables=(("A", "1"),), inputs=(("b", "ü"),)),
    WorkflowTarget(file="deploy.yml", inputs=(("env", "production"),)),
    DeploymentTarget(task="deploy", payload={"a": [1, None]}),
]


def intent(key: str = "1", target=TARGETS[0]) -> Intent:
    return Intent(
        key=digest(key), change=CHANGE, repo=REPO, target_branch="main", sha=HEAD,
        environment="production", target=target,
    )  # fmt: skip


def test_nothing_was_published_at_first(engine):
    assert Publications(engine).comment(CHANGE) is None
    assert Publications(engine).status(REPO, HEAD, "mrbot") is None


def test_the_last_publication_is_known(engine):
    store = Publications(engine)
    for record in ("record-1", "record-2"):
        store.save_comment(CHANGE, CommentRef(id="5", url="u"), digest("a"), record, NOW)
    found = store.comment(CHANGE)
    assert (found.record, found.comment.id, found.published_at) == ("record-2", "5", NOW)


def test_the_last_status_of_a_commit_and_name_is_known(engine):
    store = Publications(engine)
    pending = PublishedStatus(state=StatusState.PENDING, digest=digest("a"), known="11")
    green = PublishedStatus(state=StatusState.SUCCESS, digest=digest("b"), known="12")
    store.save_status(REPO, HEAD, "mrbot: main", pending, NOW)
    store.save_status(REPO, HEAD, "mrbot: main", green, NOW)
    store.save_status(REPO, OTHER_HEAD, "mrbot: main", pending, NOW)
    assert store.status(REPO, HEAD, "mrbot: main") == green
    assert store.status(REPO, OTHER_HEAD, "mrbot: main") == pending
    assert store.status(REPO, HEAD, "mrbot: production") is None


@pytest.mark.parametrize("target", TARGETS, ids=["pipeline", "workflow", "deployment"])
def test_an_intent_comes_back_as_it_was(engine, target):
    assert Deployments(engine).intend(intent(target=target), NOW).intent == intent(target=target)


@pytest.mark.parametrize(
    "damage",
    [
        "{}", dump_intent(intent()).replace('"pipeline"', '"rocket"'),
        dump_intent(intent()).replace("#7", ""), dump_intent(intent()).replace('["A","1"]', "[1]"),
    ],
)  # fmt: skip
def test_a_damaged_intent_is_a_failure(damage):
    with pytest.raises(StoreFailure, match="damaged"):
        load_intent(damage)


def test_a_deployment_is_intended_once(engine):
    store = Deployments(engine)
    assert store.get(digest("1")) is None
    store.intend(intent(), NOW)
    assert store.advance(
        digest("1"), [DeploymentState.PENDING], DeploymentState.DISPATCHING, next_check_at=NOW
    )
    again = store.intend(intent(), later(5))
    assert (again.state, again.intended_at) == (DeploymentState.DISPATCHING, NOW)
    assert len(store.of(CHANGE)) == 1


def test_of_two_who_dispatch_one_does(engine):
    store, start, won = Deployments(engine), threading.Barrier(4), []
    store.intend(intent(), NOW)

    def dispatch() -> None:
        start.wait()
        won.append(
            store.advance(
                digest("1"), [DeploymentState.PENDING], DeploymentState.DISPATCHING,
                next_check_at=NOW,
            )
        )  # fmt: skip

    threads = [threading.Thread(target=dispatch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False, False, False, True]


def test_a_deployment_is_followed_to_its_end(engine):
    store = Deployments(engine)
    store.intend(intent(), NOW)
    assert [one.intent.key for one in store.due(NOW)] == [digest("1")]
    running = Run(id="31", sha=HEAD, url="u", state=DeploymentState.RUNNING, detail="job 1 of 2")
    assert store.follow(digest("1"), [DeploymentState.PENDING], running, later(60))
    assert store.due(later(59)) == ()
    (active,) = store.active(REPO)
    assert (active.run, active.url, active.detail) == ("31", "u", "job 1 of 2")
    ended = Run(id="31", sha=HEAD, url="u", state=DeploymentState.SUCCEEDED)
    assert store.follow(digest("1"), [DeploymentState.RUNNING], ended, later(60))
    assert store.active() == store.due(later(999)) == ()
    assert not store.follow(digest("1"), [DeploymentState.RUNNING], running, later(60))


def test_an_unknown_change_is_unknown(engine):
    assert Changes(engine).get(CHANGE) is None
    assert Changes(engine).still_open() == ()


def test_changes_are_found_by_what_events_tell(engine):
    store = Changes(engine)
    known(engine, 1)
    known(engine, 2, into="production")
    known(engine, 3, head=OTHER_HEAD)
    known(engine, 4, state=ChangeState.CLOSED)
    known(engine, 5, repo=RepoId("gh", "o/r"))
    assert [one.id.number for one in store.open_into(REPO, "main")] == [3, 1]
    assert [one.id.number for one in store.open_with_head(REPO, HEAD)] == [2, 1]
    assert [one.id.number for one in store.still_open(REPO)] == [3, 2, 1]
    assert [one.id.number for one in store.still_open()] == [5, 3, 2, 1]


def test_a_change_is_known_as_it_was_last_read(engine):
    known(engine, 1)
    known(engine, 1, state=ChangeState.MERGED)
    assert Changes(engine).get(ChangeId(REPO, 1)).state is ChangeState.MERGED
