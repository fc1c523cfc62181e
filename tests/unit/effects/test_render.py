"""The comment: what it always holds, what nothing can put into it, and how it gives way."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from mrbot.decision.decide import Decision
from mrbot.deployment.deployment import DeploymentState
from mrbot.effects.comment import MARKER, Answer, Beside, CommentLimit, DeploymentView, Past
from mrbot.effects.effect import STATUS_DESCRIPTION_LIMIT, StatusState
from mrbot.effects.headline import headline, status_description, status_state
from mrbot.effects.render import render
from mrbot.plan.plan import Summary
from mrbot.policy.finding import Severity
from mrbot.resources.model import Action, NotUnderstood, Source
from tests.build import (
    HEAD,
    KIM,
    LEE,
    make_assessment,
    make_change,
    make_decision,
    make_directory,
    make_evaluated,
    make_evaluation_failed,
    make_file,
    make_finding,
    make_host_change,
    make_person,
    make_plan,
    make_plan_failed,
    make_project,
    make_reading,
    make_requirement,
    make_resource,
    make_review,
)
from tests.unit.effects.test_escape import HOSTILE
from tests.unit.effects.typical import TYPICAL, approved


def characters(count: int) -> CommentLimit:
    """A host that counts characters only."""
    return CommentLimit(characters=count, bytes=4 * count)


LIMIT = characters(65_536)
CASES = Path(__file__).resolve().parents[2] / "cases" / "comments"
OURS = re.compile(
    r"<!-- mrbot:v1 [A-Za-z0-9_=-]+ -->|</?details>|</?summary>|<br>|\(<https?://[^<>\s]+>\)"
)


@pytest.mark.parametrize("name", TYPICAL)
def test_a_typical_comment_reads_as_it_was_agreed(name: str) -> None:
    body = render(*TYPICAL[name](), LIMIT)
    case = CASES / f"{name}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        case.write_text(body)
    assert body == case.read_text(), f"UPDATE_GOLDEN=1 rewrites {case.name}; look at it then"


def assert_only_ours(body: str) -> None:
    """No command, no tag, no comment and no marker but our own is in `body`."""
    assert not re.search(r"(?m)^\s*/", body)
    assert not re.search(r"<[A-Za-z/!?]", OURS.sub("", body))
    assert body.startswith(MARKER)
    assert body.count(MARKER) == body.count("<!--") == 1
    body.encode()


def everything(text: str) -> tuple[Decision, Beside]:
    """A decision with `text` in every place that comes from outside."""
    path = text.replace("\0", "") or "x"
    at = Source(path=path, line=1)
    person = make_person(text or "x", id="99")
    resources = [
        make_resource(
            text, kind=text, action=action, source=at, project=text or None, environment=text or None,
            before={text: text}, after={text: [text], "x": text},
        )
        for action in Action
    ]  # fmt: skip
    findings = [
        make_finding(
            text, rule=text, severity=severity, path=path, line=1,
            metadata={"id": text, "fix": text}, excepted=excepted,
        )
        for severity in Severity
        for excepted in (None, text)
    ]  # fmt: skip
    lost = [
        NotUnderstood(path=path, line=1, reason=text, relevant=known) for known in (True, False)
    ]
    decision = make_decision(
        change=make_change(
            host=make_host_change(target_branch=text, title=text, description=text),
            files=[make_file(path)],
            people=[person],
            reviews=[make_review(person), make_review(KIM)],
        ),
        assessment=make_assessment(
            projects=[make_project(text)],
            reading=make_reading(*resources, not_understood=lost),
            plans=[
                make_plan(text, environment=text, summary=Summary(create=1, move=2)),
                make_plan_failed(text, detail=text),
            ],
            evaluations=[make_evaluated(*findings), make_evaluation_failed(detail=text)],
            requirements=[
                make_requirement(text, users=(text or "x", "kim"), groups=(text,), source=text)
            ],
        ),
        directory=make_directory(missing=[text], groups={"x": [person]}),
    )
    beside = Beside(
        history=(Past(verdict=text, head=HEAD, at=text),),
        answers=(Answer(command=text, by=text, state=text, text=text),),
        deployments=(
            DeploymentView(
                environment=text,
                sha=HEAD,
                state=DeploymentState.RUNNING,
                url=text,
                detail=text,
            ),
        ),
        awaiting_apply=(text,),
        applied=(text,),
        record=1,
        page=text,
    )
    return decision, beside


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("limit", [1_000_000, 65_536, 12_000])
def test_nothing_from_outside_becomes_markup(text: str, limit: int) -> None:
    text = text.encode("utf-8", "replace").decode() if "\ud800" in text else text
    body = render(*everything(text), characters(limit))
    assert len(body) <= limit
    assert_only_ours(body)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_comment_has_the_same_parts_whatever_is_in_it(text: str) -> None:
    text = text.encode("utf-8", "replace").decode() if "\ud800" in text else text

    def parts(body: str) -> list[str]:
        found = MarkdownIt("gfm-like", {"linkify": False}).parse(body)
        kinds = [t for t in found if t.type in {"heading_open", "table_open", "html_block", "hr"}]
        return [f"{token.type} {token.tag}" for token in kinds]

    whole = characters(10**6)
    assert parts(render(*everything(text), whole)) == parts(render(*everything("calm"), whole))


# Giving way


@lru_cache
def crowd(resources: int = 10_000, denies: int = 2_000) -> Decision:
    """More of everything than a comment can hold; every text as long when it is escaped as can be."""
    bad = "&<`|" * 200
    return make_decision(
        change=make_change(reviews=[make_review(LEE)]),
        assessment=make_assessment(
            projects=[make_project(f"project-{n}", f"infra/{n}") for n in range(60)],
            reading=make_reading(
                *(
                    make_resource(
                        f"aws_x.{bad}{n}",
                        kind=f"aws_{n % 700}",
                        action=list(Action)[n % 4],
                        before={"a": bad},
                        after={"a": n},
                        environment=f"environment {n % 90} {bad}",
                        source=Source(path=f"{bad}/{n}.tf", line=n),
                    )
                    for n in range(resources)
                ),
                not_understood=[
                    NotUnderstood(path=f"{n}{bad}", line=0, reason=bad, relevant=n % 2 == 0)
                    for n in range(500)
                ],
            ),
            plans=[make_plan_failed(f"failed-{n}", detail=bad * 10) for n in range(50)]
            + [make_plan(f"planned-{n}") for n in range(50)],
            evaluations=[
                make_evaluated(*(make_finding(f"{bad}{n}", metadata={"fix": bad}) for n in range(denies))),
                *(make_evaluation_failed(detail=bad * 9) for _ in range(30)),
            ],
            requirements=[
                make_requirement("the one that matters", users=("kim",)),
                *(make_requirement(f"{n} {bad}", users=("lee", f"u{n}{bad}")) for n in range(300)),
            ],
        ),
    )  # fmt: skip


@pytest.mark.parametrize("limit", [1_000_000, 65_536, 20_000, 12_000])
def test_a_crowd_is_cut_to_the_limit_and_every_cut_is_counted(limit: int) -> None:
    decision = crowd()
    beside = Beside(
        history=tuple(Past(verdict="approved", head=HEAD, at="x") for _ in range(500)),
        applied=tuple(f"project {n}" for n in range(500)),
        page="https://mrbot.example/changes/gitlab/group/infra/7",
    )
    body = render(decision, beside, characters(limit))
    assert len(body) <= limit
    assert_only_ours(body)
    assert f"### mrbot: {headline(decision)}" in body
    assert "the one that matters" in body
    assert "mrbot approve " + decision.code in body
    # 10,000 resources, half of them deleted or replaced
    kept = body.count("- **Deletes**") + body.count("- **Replaces**")
    (rest,) = re.findall(r"… and ([\d,]+) \*\*deleted or replaced\*\*", body)
    assert kept > 0
    assert kept + int(rest.replace(",", "")) == 5_000
    # 2,000 denials
    kept = body.count("- **Denies**")
    (rest,) = re.findall(r"… and ([\d,]+) findings", body)
    assert kept > 0
    assert kept + int(rest.replace(",", "")) == 2_000
    # 301 requirements
    table = body.partition("#### Who must approve")[2].partition("To approve:")[0]
    kept = table.count("\n| ") - 1
    more = re.findall(r"… and ([\d,]+) more rules", table)
    assert kept + sum(int(one) for one in more) == 301
    assert "Too long for a comment" in body
    assert "[Everything is here](<https://mrbot.example/" in body


def test_at_the_hosts_limit_ten_thousand_resources_keep_what_matters() -> None:
    body = render(crowd(), Beside(), LIMIT)
    assert len(body) > LIMIT.characters // 8
    assert body.count("- **Denies**") >= 3


def test_a_limit_of_bytes_holds_too() -> None:
    decision, beside = everything("\N{SNOWMAN}" * 500)
    whole = render(decision, beside, LIMIT)
    limit = CommentLimit(characters=65_536, bytes=len(whole.encode()) - 1)

    body = render(decision, beside, limit)

    assert len(whole.encode()) > len(whole)
    assert len(body.encode()) <= limit.bytes
    assert "Too long" in body


def test_a_limit_that_no_host_has_is_an_error() -> None:
    with pytest.raises(ValueError, match="cannot hold a verdict"):
        render(*approved(), characters(100))


def test_a_comment_that_fits_is_not_shortened() -> None:
    assert "Too long" not in render(*approved(), LIMIT)


# The words


def test_the_first_line_says_the_verdict_and_the_next_what_to_do() -> None:
    decision = make_decision(
        assessment=make_assessment(requirements=[make_requirement("owners", users=("kim",))])
    )
    _, first, _, second = render(decision, Beside(), LIMIT).split("\n")[:4]
    assert first == "### mrbot: Waiting: 1 rule awaits approval"
    assert second == "- **Awaited:** 1 approval missing for owners: @\u200bkim"


def test_how_to_approve_is_said_only_where_an_approval_is_missing() -> None:
    assert "mrbot approve" not in render(*approved(), LIMIT)


@pytest.mark.parametrize(
    ("waiting", "first", "state"),
    [
        ((), "Approved", StatusState.SUCCESS),
        (("prod",), "Approved, not yet applied: comment `/apply`", StatusState.PENDING),
    ],
)
def test_an_approval_is_green_only_once_everything_is_applied(
    waiting: tuple[str, ...], first: str, state: StatusState
) -> None:
    decision = make_decision()
    assert headline(decision, waiting) == first
    assert status_state(decision, waiting) == state


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (make_decision(change=make_change(host=make_host_change(draft=True))), "pending"),
        (make_decision(assessment=make_assessment(evaluations=[make_evaluated(make_finding())])),
         "failure"),
        (make_decision(assessment=make_assessment(evaluations=[make_evaluation_failed()])), "error"),
    ],
)  # fmt: skip
def test_no_other_verdict_is_green(decision: Decision, state: str) -> None:
    assert status_state(decision) == state
    assert status_state(decision, ("prod",)) == state


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_status_is_one_line_within_the_hosts_limit(text: str) -> None:
    evaluated = make_evaluated(make_finding(text))
    decision = make_decision(assessment=make_assessment(evaluations=[evaluated]))
    said = status_description(decision)
    assert said.startswith("Blocked: 1 policy denial")
    assert len(said) <= STATUS_DESCRIPTION_LIMIT
    assert len(said.splitlines()) == 1


def test_the_page_of_a_merged_change_says_how_it_ended_and_asks_for_nothing() -> None:
    decision, _ = TYPICAL["waiting"]()
    ended = "Merged as 0123456789 WITHOUT mrbot's approval: nothing was deployed"
    body = render(decision, replace(Beside(), ended=ended), LIMIT)
    assert f"### mrbot: {ended}\n" in body
    assert "To approve" not in body
    assert "**Awaited:**" not in body
