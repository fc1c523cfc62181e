"""Typical decisions, as their comments are kept in tests/cases/comments."""

from __future__ import annotations

from mrbot.change.notes import FileNote, NoteKind
from mrbot.change.people import ReviewState
from mrbot.decision.decide import Decision
from mrbot.decision.requirement import Origin, TheseFiles
from mrbot.decision.verdict import Weight
from mrbot.deployment.deployment import DeploymentState
from mrbot.effects.comment import Answer, Beside, DeploymentView, Past
from mrbot.plan.plan import Summary
from mrbot.policy.finding import Severity
from mrbot.resources.model import SENSITIVE_CHANGED, Action, Certainty, NotUnderstood, Source
from tests.build import (
    HEAD,
    KIM,
    LEE,
    make_assessment,
    make_binding,
    make_change,
    make_decision,
    make_directory,
    make_evaluated,
    make_evaluation_failed,
    make_file,
    make_finding,
    make_plan,
    make_plan_failed,
    make_project,
    make_reading,
    make_reason,
    make_requirement,
    make_resource,
    make_review,
    sha,
)

EARLIER = sha("an earlier head")
DIRECTORY = make_directory(groups={"platform": [KIM, LEE], "security": [LEE]})
PAGE = "https://mrbot.example/changes/gitlab/group/infra/7"
_AT = Source(path="infra/main.tf", line=12)
_DB = Source(path="infra/db.tf", line=4)


def approved() -> tuple[Decision, Beside]:
    """A tag is added, one owner approved: the shortest comment there is."""
    resource = make_resource(
        "aws_vpc.main",
        before={"tags": {}},
        after={"tags": {"team": "net"}},
        project="network-prod",
        environment="production",
        certainty=Certainty.PLANNED,
        source=_AT,
    )
    decision = make_decision(
        change=make_change(reviews=[make_review(KIM)]),
        assessment=make_assessment(
            projects=[make_project()],
            reading=make_reading(resource),
            plans=[make_plan()],
            requirements=[make_requirement("platform owns production", groups=("platform",))],
        ),
        directory=DIRECTORY,
    )
    return decision, Beside(record=12, page=PAGE)


def waiting() -> tuple[Decision, Beside]:
    """Two approvals are awaited; one was given for something else, one by the author."""
    files = [make_file("infra/main.tf"), make_file("infra/db.tf")]
    binding = make_binding(files)
    resources = [
        make_resource(
            "aws_db_instance.orders",
            action=Action.REPLACE,
            before={"storage_encrypted": False, "password": SENSITIVE_CHANGED, "tags": {}},
            after={"storage_encrypted": True, "password": SENSITIVE_CHANGED, "tags": {"a": "b"}},
            stateful=True,
            unknown=["arn", "endpoint"],
            forced_by=["storage_encrypted"],
            was="aws_db_instance.shop",
            project="network-prod",
            environment="production",
            certainty=Certainty.PLANNED,
            source=_DB,
        ),
        make_resource(
            'aws_security_group_rule.ssh["10.0.0.0/8"]',
            action=Action.CREATE,
            project="network-prod",
            environment="production",
            certainty=Certainty.PLANNED,
            source=_AT,
        ),
    ]
    stale = make_review(KIM, head=EARLIER, seen=[make_binding(files[:1], head=EARLIER)])
    decision = make_decision(
        change=make_change(files=files, reviews=[stale], people=[LEE]),
        assessment=make_assessment(
            projects=[make_project(), make_project("network-staging", environment="staging")],
            reading=make_reading(*resources),
            plans=[
                make_plan(
                    summary=Summary(create=1, replace=1),
                    drifted=["aws_vpc.main"],
                    failed_checks=["check.health: the endpoint does not answer"],
                )
            ],
            notes=[
                FileNote(
                    path="infra/db.tf",
                    kind=NoteKind.MODE,
                    text="becomes executable: 100644 before, 100755 now",
                )
            ],
            requirements=[
                make_requirement("platform owns production", count=2, groups=("platform",)),
                make_requirement(
                    "owners of /infra/db.tf",
                    users=("kim",),
                    origin=Origin.CODEOWNERS,
                    source="CODEOWNERS",
                    scope=TheseFiles(paths=frozenset({"infra/db.tf"})),
                ),
            ],
            binding=binding,
            evaluations=[
                make_evaluated(
                    make_finding(
                        "the replica of `orders` is in the same zone",
                        rule="warn_zone",
                        severity=Severity.WARN,
                    )
                )
            ],
        ),
        directory=DIRECTORY,
    )
    beside = Beside(
        record=13,
        history=(Past(verdict="approved", head=EARLIER, at="2026-11-22 20:55 UTC"),),
        answers=(
            Answer(command="mrbot plan network-prod", by="kim", state="done", text="planned"),
        ),
    )
    return decision, beside


def blocked() -> tuple[Decision, Beside]:
    """A policy and a person say no."""
    finding = make_finding(
        'aws_s3_bucket.logs can be read by anybody (acl = "public-read")',
        rule="deny_public_bucket",
        path="infra/s3.tf",
        line=3,
        metadata={"id": "S3-001", "fix": "remove the acl, or set it to private"},
    )
    known = make_finding(
        "aws_s3_bucket.site has no versioning", rule="deny", excepted="static-sites"
    )
    against = make_review(LEE, state=ReviewState.CHANGES_REQUESTED)
    bucket = make_resource(
        "aws_s3_bucket.logs",
        action=Action.CREATE,
        after={"acl": "public-read"},
        environment="production",
        project="network-prod",
        source=Source(path="infra/s3.tf", line=3),
    )
    decision = make_decision(
        change=make_change(files=[make_file("infra/s3.tf", old=None)], reviews=[against]),
        assessment=make_assessment(
            reading=make_reading(
                bucket,
                not_understood=[
                    NotUnderstood(
                        path="docs/net.drawio",
                        line=0,
                        reason="no reader for this kind of file",
                        relevant=False,
                    )
                ],
            ),
            requirements=[make_requirement("every change")],
            evaluations=[make_evaluated(finding, known)],
        ),
    )
    return decision, Beside(record=14)


def undecidable() -> tuple[Decision, Beside]:
    """Terraform, the policies and the rules all failed."""
    output = (
        "Error: Missing required argument\n\n"
        '  on main.tf line 12, in resource "aws_vpc" "main":\n'
        '  12: resource "aws_vpc" "main" {\n\n'
        'The argument "cidr_block" is required, but no definition was found.'
    )
    decision = make_decision(
        assessment=make_assessment(
            projects=[make_project()],
            reading=make_reading(
                not_understood=[
                    NotUnderstood(
                        path="infra/broken.tf",
                        line=7,
                        reason="a block that is never closed",
                        relevant=True,
                    )
                ]
            ),
            plans=[make_plan_failed(detail=output)],
            evaluations=[make_evaluation_failed(detail="deny took longer than 2 s")],
            requirements=[make_requirement("platform owns production", groups=("gone",))],
            reasons=[
                make_reason(
                    Weight.UNDECIDABLE,
                    "bad-rules",
                    "the target branch's rules cannot be used: approvals[0] has no name",
                )
            ],
        ),
        directory=make_directory(missing=["gone"]),
    )
    return decision, Beside()


def merged() -> tuple[Decision, Beside]:
    """Merged, and one of two environments is deployed."""
    decision, beside = approved()
    views = (
        DeploymentView(
            environment="staging",
            sha=HEAD,
            state=DeploymentState.SUCCEEDED,
            url="https://gitlab.example/group/infra/-/pipelines/101",
            detail="",
        ),
        DeploymentView(
            environment="production",
            sha=HEAD,
            state=DeploymentState.RUNNING,
            url="https://gitlab.example/group/infra/-/pipelines/102",
            detail="2 of 5 jobs are done",
        ),
    )
    ended = f"Merged as {HEAD[:10]}, deployment under way"
    return decision, Beside(record=12, page=beside.page, deployments=views, ended=ended)


TYPICAL = {
    "approved": approved,
    "waiting": waiting,
    "blocked": blocked,
    "undecidable": undecidable,
    "merged": merged,
}
