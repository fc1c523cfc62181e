"""The whole decision: what makes it anything but approved, each beside what does not."""

from __future__ import annotations

import json

import pytest

from mrbot.change.people import ReviewState
from mrbot.decision.decide import Decision
from mrbot.decision.document import decision_document
from mrbot.decision.ruleset import Deploy, PlanWhen, Project
from mrbot.decision.verdict import Weight, name_of, reasons_of
from mrbot.policy.finding import Severity
from mrbot.resources.model import NotUnderstood
from tests.build import (
    KIM,
    LEE,
    STRANGER,
    make_assessment,
    make_change,
    make_decision,
    make_directory,
    make_evaluated,
    make_evaluation_failed,
    make_file,
    make_finding,
    make_host_change,
    make_plan,
    make_plan_failed,
    make_project,
    make_reading,
    make_reason,
    make_requirement,
    make_review,
)


def said(decision: Decision) -> tuple[str, list[str]]:
    """The verdict and the codes of its reasons."""
    return name_of(decision.verdict), [reason.code for reason in reasons_of(decision.verdict)]


def test_nothing_missing_and_nobody_against_is_approved() -> None:
    assert said(make_decision()) == ("approved", [])


def test_the_same_facts_give_the_same_decision() -> None:
    assert make_decision() == make_decision()


def test_reasons_of_the_assessment_are_reasons_of_the_decision() -> None:
    reason = make_reason(Weight.UNDECIDABLE, code="bad-rules")
    assert said(make_decision(assessment=make_assessment(reasons=[reason]))) == (
        "undecidable",
        ["bad-rules"],
    )


# Policies


@pytest.mark.parametrize(
    ("finding", "verdict"),
    [
        (make_finding(), "rejected"),
        (make_finding(severity=Severity.VIOLATION), "rejected"),
        (make_finding(severity=Severity.WARN), "approved"),
        (make_finding(excepted="known"), "approved"),
        (make_finding(severity=Severity.VIOLATION, excepted="known"), "approved"),
    ],
    ids=["deny", "violation", "warn", "excepted deny", "excepted violation"],
)
def test_only_a_denial_that_nothing_excepts_blocks(finding: object, verdict: str) -> None:
    assessment = make_assessment(evaluations=[make_evaluated(finding)])  # type: ignore[arg-type]
    decision = make_decision(assessment=assessment)
    assert name_of(decision.verdict) == verdict
    assert decision.findings == (finding,)


def test_policies_that_gave_no_answer_leave_it_undecidable() -> None:
    evaluations = [make_evaluated(), make_evaluation_failed()]
    decision = make_decision(assessment=make_assessment(evaluations=evaluations))
    assert said(decision) == ("undecidable", ["policy-failed"])


@pytest.mark.parametrize(("relevant", "verdict"), [(True, "undecidable"), (False, "approved")])
def test_a_relevant_file_that_cannot_be_read_leaves_it_undecidable(
    relevant: bool, verdict: str
) -> None:
    lost = NotUnderstood(path="a.tf", line=3, reason="no such thing", relevant=relevant)
    decision = make_decision(
        assessment=make_assessment(reading=make_reading(not_understood=[lost]))
    )
    assert name_of(decision.verdict) == verdict


# Plans


def test_a_failed_plan_leaves_it_undecidable() -> None:
    assessment = make_assessment(projects=[make_project()], plans=[make_plan_failed()])
    for planning in (True, False):
        assert said(make_decision(assessment=assessment, planning=planning)) == (
            "undecidable",
            ["plan-failed"],
        )


@pytest.mark.parametrize(
    ("project", "planning", "verdict"),
    [
        (make_project(), True, "pending"),
        (make_project(), False, "approved"),
        (make_project(plan=PlanWhen.NEVER), True, "approved"),
        (make_project(plan=PlanWhen.ON_REQUEST), True, "approved"),
        (make_project(plan=PlanWhen.ON_REQUEST, deploy=Deploy.APPLY_BEFORE_MERGE), True, "pending"),
    ],
    ids=["automatic", "no planning here", "never", "on request", "to be applied"],
)
def test_a_plan_is_awaited_where_there_must_be_one(
    project: Project, planning: bool, verdict: str
) -> None:
    decision = make_decision(assessment=make_assessment(projects=[project]), planning=planning)
    assert name_of(decision.verdict) == verdict
    planned = make_assessment(projects=[project], plans=[make_plan(project.name)])
    assert name_of(make_decision(assessment=planned, planning=planning).verdict) == "approved"


def test_the_plan_of_one_project_is_not_that_of_another() -> None:
    assessment = make_assessment(
        projects=[make_project("one"), make_project("two")], plans=[make_plan("one")]
    )
    (reason,) = reasons_of(make_decision(assessment=assessment).verdict)
    assert reason.text == "two has not been planned: comment /plan"


# People

ASKED = make_assessment(requirements=[make_requirement("owners", count=2, groups=("platform",))])
PLATFORM = make_directory(groups={"platform": [KIM, LEE]})


def test_missing_approvals_are_awaited_and_say_who_may_give_them() -> None:
    decision = make_decision(assessment=ASKED, directory=PLATFORM)
    (reason,) = reasons_of(decision.verdict)
    assert name_of(decision.verdict) == "pending"
    assert reason.text == "2 approvals missing for owners: a member of platform"
    change = make_change(reviews=[make_review(KIM)])
    (reason,) = reasons_of(
        make_decision(change=change, assessment=ASKED, directory=PLATFORM).verdict
    )
    assert reason.text == "1 approval missing for owners: a member of platform (1 of 2 given)"


def test_all_approvals_given_is_approved() -> None:
    change = make_change(reviews=[make_review(KIM), make_review(LEE)])
    assert said(make_decision(change=change, assessment=ASKED, directory=PLATFORM)) == (
        "approved",
        [],
    )


def test_one_of_many_names_is_counted_and_not_listed() -> None:
    many = make_requirement("owners", users=tuple(f"user{number}" for number in range(100)))
    (reason,) = reasons_of(make_decision(assessment=make_assessment(requirements=[many])).verdict)
    assert reason.text.endswith("@user11, 88 more")


def test_an_unknown_group_leaves_it_undecidable_even_when_all_is_given() -> None:
    requirement = make_requirement("owners", users=("kim",), groups=("gone",))
    change = make_change(reviews=[make_review(KIM)])
    decision = make_decision(
        change=change,
        assessment=make_assessment(requirements=[requirement]),
        directory=make_directory(missing=["gone"]),
    )
    assert said(decision) == ("undecidable", ["unknown-group"])


def test_a_role_that_does_not_exist_leaves_it_undecidable() -> None:
    asked = make_assessment(requirements=[make_requirement(role="emperor")])
    assert said(make_decision(assessment=asked)) == (
        "undecidable",
        ["unknown-role", "approval-missing"],
    )


def test_a_request_for_changes_blocks_when_it_comes_from_somebody_who_is_asked() -> None:
    against = make_review(LEE, state=ReviewState.CHANGES_REQUESTED, head=None, seen=[])
    requirement = make_requirement(count=1, groups=("platform",))
    change = make_change(reviews=[make_review(KIM), against])
    decision = make_decision(
        change=change,
        assessment=make_assessment(requirements=[requirement]),
        directory=PLATFORM,
    )
    assert said(decision) == ("rejected", ["changes-requested"])


def test_a_stranger_cannot_block_by_requesting_changes() -> None:
    against = make_review(STRANGER, state=ReviewState.CHANGES_REQUESTED)
    change = make_change(reviews=[make_review(KIM), make_review(LEE), against])
    decision = make_decision(change=change, assessment=ASKED, directory=PLATFORM)
    assert said(decision) == ("approved", [])


def test_a_dismissed_review_neither_blocks_nor_counts() -> None:
    change = make_change(reviews=[make_review(KIM, state=ReviewState.DISMISSED)])
    decision = make_decision(change=change, assessment=ASKED, directory=PLATFORM)
    assert said(decision) == ("pending", ["approval-missing"])


def test_a_draft_is_never_approved() -> None:
    draft = make_change(host=make_host_change(draft=True))
    assert said(make_decision(change=draft)) == ("pending", ["draft"])


# The document


def test_a_decision_can_be_written_as_json_whatever_its_paths_are() -> None:
    change = make_change(files=[make_file("infra/\udcff.tf", old_path="\udcfe")])
    document = decision_document(make_decision(change=change))
    assert json.loads(json.dumps(document)) == document
    assert document["verdict"] == "approved"
