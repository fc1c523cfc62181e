from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from mrbot.errors import StoreFailure, Superseded
from mrbot.ids import ChangeId, RepoId
from mrbot.plan.plan import Plan, PlanFailed, PlanFault, Summary, Tool
from mrbot.resources.model import Action, Certainty, ResourceChange, Source
from mrbot.store.locks import Locks
from mrbot.store.plan_json import dump_plan, load_plan
from mrbot.store.plans import Plans, PlanState
from mrbot.store.transaction import writing
from tests.unit.store.conftest import CHANGE, HEAD, NOW, OTHER_HEAD, REPO, digest


def plan(project: str = "network", head=HEAD, effect: str = "e") -> Plan:
    resource = ResourceChange(
        format="terraform", address="aws_vpc.main", kind="aws_vpc", action=Action.REPLACE,
        before={"cidr": "10.0.0.0/8", "tags": [None, True, 1, 1.5, "ü\x00"]}, after=None,
        unknown_paths=("arn",), sensitive_paths=("key", "key.0"), project=project,
        environment="production", certainty=Certainty.PLANNED, source=Source(path="a.tf", line=3),
    )  # fmt: skip
    return Plan(
        project=project, environment="production", head=head,
        tool=Tool(name="tofu", version="1.9", origin="PATH"),
        summary=Summary(create=1, update=2, replace=3, delete=4, move=5, import_=6, forget=7,
                        outputs=8),
        resources=(resource,), document={"format_version": "1.2"},
        effect_digest=digest(effect), artefact_digest=digest("a"),
        drifted=("aws_x.gone",), failed_checks=("check.health: is down",),
    )  # fmt: skip


FAILED = PlanFailed(
    project="dns", environment=None, head=HEAD, fault=PlanFault.INIT, detail="no such provider"
)


@pytest.fixture
def plans(engine) -> Plans:
    return Plans(engine)


@pytest.mark.parametrize("one", [plan(), FAILED], ids=["plan", "failure"])
def test_a_plan_comes_back_as_it_was(one):
    assert load_plan(dump_plan(one)) == one


@pytest.mark.parametrize(
    "damage",
    [
        "", "[]", "{}", '{"kind": "new"}', '{"kind": "plan"}', '{"kind": "failed"}',
        dump_plan(FAILED).replace(PlanFault.INIT, "a new fault"),
        dump_plan(plan()).replace('"replace"', '"obliterate"', 1),
        dump_plan(plan()).replace('"create":1', '"create":true'),
        dump_plan(plan()).replace('"unknown_paths":["arn"]', '"unknown_paths":[1]'),
        dump_plan(plan()).replace('"stateful":false', '"stateful":0'),
    ],
)  # fmt: skip
def test_a_damaged_plan_is_a_failure_and_not_a_plan(damage):
    with pytest.raises(StoreFailure, match="damaged"):
        load_plan(damage)


def test_there_is_no_plan_before_one_is_saved(plans):
    assert plans.get(CHANGE, "network", HEAD) is None
    assert plans.at(CHANGE, HEAD) == ()
    assert plans.sealed(CHANGE, "network", HEAD) is None


def test_plans_are_found_by_head_with_their_artefacts(plans, claim):
    held = claim()
    plans.save(held, plan(), b"sealed", NOW)
    plans.save(held, FAILED, None, NOW)
    plans.save(held, plan(head=OTHER_HEAD), b"other", NOW)
    failed, ready = plans.at(CHANGE, HEAD)
    assert (failed.plan, failed.state) == (FAILED, PlanState.FAILED)
    assert (ready.plan, ready.state, ready.made_at) == (plan(), PlanState.READY, NOW)
    assert plans.sealed(CHANGE, "network", HEAD) == b"sealed"
    assert plans.sealed(CHANGE, "dns", HEAD) is None


def test_a_new_plan_replaces_the_old_one(plans, claim):
    held = claim()
    plans.save(held, plan(effect="1"), b"one", NOW)
    plans.save(held, plan(effect="2"), b"two", NOW)
    assert plans.get(CHANGE, "network", HEAD).plan == plan(effect="2")
    assert plans.sealed(CHANGE, "network", HEAD) == b"two"


def test_a_plan_is_applied_once(plans, claim):
    held = claim()
    plans.save(held, plan(), b"sealed", NOW)
    begin = (held, "network", HEAD, PlanState.READY, PlanState.APPLYING)
    assert plans.move(*begin)
    assert not plans.move(*begin)
    assert [one.state for one in plans.unsettled(CHANGE)] == [PlanState.APPLYING]
    assert plans.move(held, "network", HEAD, PlanState.APPLYING, PlanState.APPLIED)
    assert plans.unsettled(CHANGE) == ()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (PlanState.APPLIED, PlanState.APPLYING),
        (PlanState.UNCERTAIN, PlanState.APPLYING),
        (PlanState.UNCERTAIN, PlanState.READY),
        (PlanState.FAILED, PlanState.APPLYING),
        (PlanState.APPLY_FAILED, PlanState.APPLYING),
    ],
)
def test_nothing_leads_back_to_an_apply(plans, claim, was, becomes):
    with pytest.raises(StoreFailure, match="does not become"):
        plans.move(claim(), "network", HEAD, was, becomes)


def test_a_plan_that_is_being_applied_is_neither_replaced_nor_discarded(plans, claim):
    held = claim()
    plans.save(held, plan(), b"sealed", NOW)
    plans.save(held, FAILED, None, NOW)
    plans.move(held, "network", HEAD, PlanState.READY, PlanState.APPLYING)
    with pytest.raises(StoreFailure, match="it stays"):
        plans.save(held, plan(effect="2"), b"other", NOW)
    assert plans.discard(held) == 1
    assert plans.sealed(CHANGE, "network", HEAD) == b"sealed"


def test_who_lost_the_claim_can_do_nothing(plans, claim):
    lost = claim()
    plans.save(lost, plan(), b"sealed", NOW)
    claim()
    for act in (
        lambda: plans.save(lost, plan(), b"other", NOW),
        lambda: plans.move(lost, "network", HEAD, PlanState.READY, PlanState.APPLYING),
        lambda: plans.discard(lost),
    ):
        with pytest.raises(Superseded):
            act()
    assert plans.sealed(CHANGE, "network", HEAD) == b"sealed"


def test_a_plan_damaged_in_the_database_is_a_failure(plans, claim, engine):
    plans.save(claim(), plan(), b"sealed", NOW)
    with writing(engine) as connection:
        connection.execute(text("update plans set document = '{}'"))
    with pytest.raises(StoreFailure, match="damaged"):
        plans.at(CHANGE, HEAD)


# --- locks --------------------------------------------------------------------------------------

OTHER = ChangeId(REPO, 8)


def test_a_project_is_held_by_one_change(engine):
    locks = Locks(engine)
    assert locks.of() == ()
    assert locks.acquire("network", CHANGE, "planned", NOW).change == CHANGE
    held = locks.acquire("network", OTHER, "planned too", NOW)
    assert (held.change, held.reason) == (CHANGE, "planned")
    assert locks.acquire("network", CHANGE, "again", NOW).reason == "planned"
    assert locks.acquire("dns", OTHER, "planned", NOW).change == OTHER
    assert [one.project for one in locks.of(REPO)] == ["dns", "network"]


def test_the_same_project_of_another_repository_is_another(engine):
    far = ChangeId(RepoId("gh", "o/r"), 7)
    assert Locks(engine).acquire("network", CHANGE, "", NOW).change == CHANGE
    assert Locks(engine).acquire("network", far, "", NOW).change == far
    assert len(Locks(engine).of()) == 2


def test_a_change_releases_what_it_holds_and_nothing_else(engine):
    locks = Locks(engine)
    for project, change in (("a", CHANGE), ("b", CHANGE), ("c", OTHER)):
        locks.acquire(project, change, "", NOW)
    assert locks.release(CHANGE, "c") == ()
    assert locks.release(CHANGE, "a") == ("a",)
    assert locks.release(CHANGE) == ("b",)
    assert [one.project for one in locks.of()] == ["c"]


def test_of_many_who_reach_for_a_lock_at_once_one_has_it(engine):
    start, holders = threading.Barrier(5), []

    def reach(number: int) -> None:
        start.wait()
        holders.append(Locks(engine).acquire("network", ChangeId(REPO, number), "", NOW).change)

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(holders) == 5
    assert len(set(holders)) == 1
