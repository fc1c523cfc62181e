"""Findings at their lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.change.files import FileStatus
from mrbot.effects.annotations import ANNOTATIONS_LIMIT, MESSAGE_LIMIT, annotated_lines
from mrbot.effects.effect import Annotation, AnnotationLevel
from mrbot.policy.finding import Finding, Severity
from tests.build import (
    make_assessment,
    make_change,
    make_decision,
    make_evaluated,
    make_file,
    make_finding,
)

FILE = make_file("infra/main.tf")


def annotated(*findings: Finding) -> tuple[Annotation, ...]:
    gone = replace(make_file("gone.tf", status=FileStatus.DELETED), new_blob=None)
    decision = make_decision(
        change=make_change(files=[FILE, gone]),
        assessment=make_assessment(evaluations=[make_evaluated(*findings)]),
    )
    return annotated_lines(decision)


def test_without_findings_there_are_none() -> None:
    assert annotated() == ()


def test_a_finding_is_shown_at_its_line_with_its_remedy() -> None:
    finding = make_finding(
        "it is open", path="infra/main.tf", line=3, metadata={"id": "net.open", "fix": "Shut it."}
    )
    assert annotated(finding) == (
        Annotation(
            path="infra/main.tf",
            line=3,
            level=AnnotationLevel.FAILURE,
            title="net.open",
            message="it is open Fix: Shut it.",
        ),
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("infra/main.tf", None),
        (None, 3),
        ("elsewhere.tf", 3),
        ("../../etc/passwd", 3),
        ("gone.tf", 3),
    ],
    ids=["no-line", "no-path", "unchanged", "outside", "deleted"],
)
def test_a_finding_that_names_no_line_of_a_changed_file_is_left_to_the_comment(
    path: str | None, line: int | None
) -> None:
    assert annotated(make_finding(path=path, line=line)) == ()


def test_what_blocks_stands_first_and_what_was_taken_back_last() -> None:
    place = {"path": "infra/main.tf", "line": 3}
    found = annotated(
        make_finding("excepted", excepted="main.exception", **place),
        make_finding("warned", severity=Severity.WARN, rule="warn", **place),
        make_finding("denied", **place),
    )
    assert [(one.level.value, one.message) for one in found] == [
        ("failure", "denied"),
        ("warning", "warned"),
        ("notice", "Excepted (main.exception): excepted"),
    ]


def test_there_are_no_more_than_a_request_takes() -> None:
    found = annotated(
        *(
            make_finding(f"finding {n}", path="infra/main.tf", line=n)
            for n in range(1, ANNOTATIONS_LIMIT + 10)
        )
    )
    assert len(found) == ANNOTATIONS_LIMIT


def test_a_text_is_one_line_of_bounded_length() -> None:
    (one,) = annotated(
        make_finding("a\n\x1b[31m\u202eb" + "x" * 5000, path="infra/main.tf", line=1)
    )
    assert len(one.message) == MESSAGE_LIMIT
    assert one.message.isprintable()
