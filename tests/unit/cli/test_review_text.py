"""A decision as `mrbot review` prints it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.change.notes import FileNote, NoteKind
from mrbot.cli.review import COMMENT_LIMIT
from mrbot.cli.review_text import ATTRIBUTES_PRINTED, printed
from mrbot.effects.comment import Beside
from mrbot.effects.render import render
from mrbot.effects.resource_sections import REWRITTEN
from mrbot.git.line_counts import LineCount
from mrbot.policy.comparison import compared
from mrbot.policy.finding import Severity
from mrbot.resources.model import (
    SENSITIVE,
    SENSITIVE_CHANGED,
    Action,
    NotUnderstood,
    ResourceChange,
    Source,
)
from tests.build import (
    make_assessment,
    make_change,
    make_decision,
    make_evaluated,
    make_file,
    make_finding,
    make_plan,
    make_reading,
    make_requirement,
    make_resource,
)

HOSTILE = "a\x1b[2J\n\r\u202eb\u200b\x07\udc80 c"


def lines(*resources: ResourceChange) -> list[str]:
    decision = make_decision(assessment=make_assessment(reading=make_reading(*resources)))
    return list(printed(decision, {}))


def told(one: ResourceChange) -> list[str]:
    """What is printed of one resource."""
    found = lines(one)
    at = next(n for n, line in enumerate(found) if line.startswith(f"    {one.action.value}"))
    return [line.strip() for line in found[at:]]


@pytest.mark.parametrize("document", ["k8s/a.yaml", "k8s/a.yaml#2"])
def test_a_denial_without_a_place_names_the_file_that_was_judged(document) -> None:
    change = make_change(files=[make_file("k8s/a.yaml")])
    denial = replace(
        make_finding("too many"), document=document, file="k8s/a.yaml", path=None, line=None
    )
    decision = make_decision(
        change=change, assessment=make_assessment(evaluations=[make_evaluated(denial)])
    )

    (line,) = (one for one in printed(decision, {}) if "too many" in one)
    assert line.endswith("[k8s/a.yaml]")
    comment = render(decision, Beside(), COMMENT_LIMIT)
    assert "too many (`k8s/a.yaml`)" in comment


def test_what_edited_policies_say_as_before_is_told_once_in_the_comment() -> None:
    judged = [make_evaluated(make_finding("too many")), make_evaluated(make_finding("too many"))]
    edited = compared(judged[:1], judged[1:])
    assessment = replace(make_assessment(evaluations=judged), edited_policies=edited)
    comment = render(make_decision(assessment=assessment), Beside(), COMMENT_LIMIT)

    assert comment.count("**Denies** `deny`: too many") == 1
    twice = replace(assessment, edited_policies=None)
    assert (
        render(make_decision(assessment=twice), Beside(), COMMENT_LIMIT).count("`: too many") == 2
    )


def test_a_denial_of_no_file_names_none() -> None:
    denial = replace(make_finding("too many"), document="change", path=None, line=None)
    decision = make_decision(assessment=make_assessment(evaluations=[make_evaluated(denial)]))

    (line,) = (one for one in printed(decision, {}) if "too many" in one)
    assert line.endswith("too many")


def test_a_denial_that_is_excepted_is_no_warning() -> None:
    taken_back = make_finding("open to everybody", excepted="the company's website")
    decision = make_decision(assessment=make_assessment(evaluations=[make_evaluated(taken_back)]))
    found = list(printed(decision, {}))
    assert "  excepted     open to everybody (the company's website)" in found
    assert not any("warns" in line for line in found)


def test_a_decision_is_told_from_the_verdict_down() -> None:
    decision = make_decision(
        change=make_change(files=[make_file("infra/main.tf", old_path="infra/old.tf")]),
        assessment=make_assessment(
            reading=make_reading(
                make_resource(before={"a": 1}, after={"a": 2}, environment="prod", project="net"),
                make_resource("aws_x.b", action=Action.DELETE, before={"a": 1}),
                not_understood=[
                    NotUnderstood(path="x.bin", line=0, reason="binary", relevant=False)
                ],
            ),
            plans=[make_plan(drifted=["aws_vpc.main"], failed_checks=["check.health: down"])],
            notes=[FileNote(path="infra/main.tf", kind=NoteKind.MODE, text="becomes executable")],
            requirements=[make_requirement("platform owns production")],
            evaluations=[make_evaluated(make_finding("look again", severity=Severity.WARN))],
        ),
    )

    found = list(printed(decision, {"infra/main.tf": LineCount(added=3, removed=1)}))

    assert found[0].startswith("Waiting: 1 rule awaits approval")
    assert found[2].startswith("  pending      1 approval missing for platform owns production")
    assert found[4:] == [
        "1 file",
        "  renamed      infra/main.tf (was infra/old.tf)  +3 -1",
        "  note         infra/main.tf: becomes executable",
        "",
        "2 resources",
        "  no environment: outside any project, static (1 delete)",
        "    delete   aws_x.b  infra/main.tf:1",
        "  prod: net, static (1 update)",
        "    update   aws_vpc.main  infra/main.tf:1",
        "             a: 1 -> 2",
        "  drifted      aws_vpc.main was changed outside of terraform",
        "  check fails  check.health: down",
        "  warns        look again",
        "  not read     x.bin: binary",
    ]


@pytest.mark.parametrize(
    ("action", "stateful", "said"),
    [
        (Action.DELETE, True, True),
        (Action.REPLACE, True, True),
        (Action.UPDATE, True, False),
        (Action.DELETE, False, False),
    ],
)
def test_what_takes_its_data_with_it_is_said_to(action: Action, stateful: bool, said: bool) -> None:
    (line,) = told(make_resource("aws_x.a", action=action, stateful=stateful))

    assert ("ITS DATA GOES WITH IT" in line) is said


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [(Action.CREATE, None, {"a": 1}), (Action.DELETE, {"a": 1}, None)],
)
def test_what_comes_or_goes_is_one_line(action: Action, before: None, after: None) -> None:
    assert len(told(make_resource("aws_x.a", action=action, before=before, after=after))) == 1


def test_attributes_are_told_where_they_differ_as_far_as_there_is_room() -> None:
    long = "x" * 400
    one = make_resource(
        before={"a": f"{long}safe", "b": "a b", "p": SENSITIVE, "q": SENSITIVE_CHANGED, "r": f"1{long}1"},
        after={"a": f"{long}EVIL", "b": "a  b", "p": SENSITIVE, "q": SENSITIVE_CHANGED, "r": f"2{long}2"},
        forced_by=["b"],
        was="aws_vpc.old",
    )  # fmt: skip

    first, *rest = told(one)

    assert first == "update   aws_vpc.main (was aws_vpc.old)  infra/main.tf:1"
    assert rest[:3] == [
        f'a: …{"x" * 30}safe" -> …{"x" * 30}EVIL"',
        'b: "a b" -> "a␣␣b"  forces the replacement',
        "q: sensitive, changed",
    ]
    assert rest[3].endswith("… (differs further on too)")
    assert len(rest) == 4


def test_more_attributes_than_are_printed_are_counted() -> None:
    after = {f"k{n}": n for n in range(ATTRIBUTES_PRINTED + 3)}

    found = told(make_resource(before={}, after=after))

    assert len(found) == 1 + ATTRIBUTES_PRINTED + 1
    assert found[-1] == "... and 3 more attributes"


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        ([""], "not known: all of it"),
        (["a", "b"], "not known: a, b"),
        (list("abcdefg"), "not known: a, b, c, d, e and 2 more"),
    ],
)
def test_what_is_not_known_is_named(paths: list[str], said: str) -> None:
    assert told(make_resource(unknown=paths))[-1] == said


def test_what_is_only_written_in_another_way_is_said_to_be() -> None:
    one = make_resource(before={"a": 1}, after={"a": 1})

    assert told(replace(one, rewritten=True))[1:] == [REWRITTEN]
    assert told(one)[1:] == []


def test_nothing_is_printed_that_a_terminal_would_obey() -> None:
    said(HOSTILE)


@given(st.text(min_size=1, max_size=40))
def test_whatever_is_in_a_change_each_line_is_one_line_of_what_can_be_printed(text: str) -> None:
    said(text)


def said(text: str) -> None:
    """Every part that comes from outside is `text`."""
    one = make_resource(
        text,
        before={text: text, "b": [text], "c": {"d": text}},
        after={text: text + "x", "b": [], "c": 1},
        environment=text,
        project=text,
        source=Source(path=text, line=1),
        unknown=[text],
        was=text,
    )
    decision = make_decision(
        change=make_change(files=[make_file(text, old_path=text + "o")]),
        assessment=make_assessment(
            reading=make_reading(
                one,
                not_understood=[
                    NotUnderstood(path=text, line=1, reason=text, relevant=relevant)
                    for relevant in (True, False)
                ],
            ),
            plans=[make_plan(drifted=[text], failed_checks=[text])],
            notes=[FileNote(path=text, kind=NoteKind.SYMLINK, text=text)],
            requirements=[make_requirement(text)],
            evaluations=[make_evaluated(make_finding(text, severity=Severity.WARN))],
        ),
    )
    obeyed = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    found = "".join(printed(decision, {}))
    assert [c for c in found if unicodedata.category(c) in obeyed] == []
