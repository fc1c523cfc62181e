"""What the comment says of resources and files, part by part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.change.notes import FileNote, NoteKind
from mrbot.effects import resource_sections as sections
from mrbot.effects.detail import STEPS, Detail
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action, ResourceChange
from tests.build import make_assessment, make_decision, make_reading, make_resource

FULL = STEPS[0]


def decision(*resources: ResourceChange, notes: tuple[FileNote, ...] = ()):
    return make_decision(assessment=make_assessment(reading=make_reading(*resources), notes=notes))


def test_what_holds_data_is_named_first_however_much_else_goes() -> None:
    others = [make_resource(f"aws_x.n{n}", action=Action.DELETE) for n in range(50)]
    database = make_resource("aws_db_instance.a", action=Action.DELETE, stateful=True)
    short = Detail(text=60, listed=3, kept=5)

    lines = sections.what_is_destroyed(decision(*others, database), short)

    assert lines[0].startswith("- **Deletes** `aws_db_instance.a`")
    assert lines[0].endswith("**and its data with it**")
    assert len(lines) == 1 + 5 + 1
    assert "45" in lines[-1]


@pytest.mark.parametrize(
    ("forced_by", "why", "said"),
    [
        ((), None, ""),
        (("a.b", "c"), "whatever", ": `a.b`, `c` cannot change in place"),
        ((), "replace_because_tainted", ": replace because tainted"),
        ((), "/label", ": &#47;label"),
    ],
)
def test_a_replacement_says_why(forced_by: tuple[str, ...], why: str | None, said: str) -> None:
    one = make_resource("aws_x.a", action=Action.REPLACE, forced_by=forced_by, why=why)

    (line,) = sections.what_is_destroyed(decision(one), FULL)

    assert line == f"- **Replaces** `aws_x.a` (`infra/main.tf` line 1){said}"


def test_attributes_are_told_where_they_differ_and_no_further() -> None:
    one = make_resource(
        "aws_x.a",
        before={"tags": {"a": "1", "b": "2"}, "ports": [80, 443], "p": SENSITIVE, "gone": None},
        after={"tags": {"a": "1", "b": "3"}, "ports": [80, 22, 443], "p": SENSITIVE},
    )

    assert sections.resources(decision(one), FULL)[1:] == [
        '  - `tags.b`: `"2"` → `"3"`',
        "  - `ports.1`: absent → `22`",
        "  - `gone`: `null` → absent",
    ]


def test_a_sensitive_value_that_differs_is_said_to_and_not_shown() -> None:
    masked = {"password": SENSITIVE_CHANGED}
    one = make_resource("aws_x.a", before=masked, after=masked, forced_by=["password"])

    assert sections.resources(decision(one), FULL)[1:] == [
        "  - `password`: sensitive, changed **(forces the replacement)**"
    ]


def test_values_are_shown_where_they_differ_and_what_does_not_show_is_written_out() -> None:
    long = "x" * 400
    one = make_resource(
        "aws_x.a",
        before={"user_data": f"{long}safe", "a b": "a b", "u": f"h:{SENSITIVE_CHANGED}@", "v": "1"},
        after={
            "user_data": f"{long}EVIL",
            "a b": "a  b",
            "u": f"h:{SENSITIVE_CHANGED}@",
            "v\u200b": 1,
        },
    )
    lead = "x" * 30

    assert sections.resources(decision(one), FULL)[1:] == [
        f'  - `user_data`: `…{lead}safe"` → `…{lead}EVIL"`',
        '  - `a b`: `"a b"` → `"a␣␣b"`',
        f'  - `u`: `"h:{SENSITIVE_CHANGED}@"` → `"h:{SENSITIVE_CHANGED}@"`',
        '  - `v`: `"1"` → absent',
        "  - `v\\u200b`: absent → `1`",
    ]


def test_that_a_value_differs_further_on_is_said() -> None:
    long = "x" * 400
    one = make_resource("aws_x.a", before={"a": f"1{long}a"}, after={"a": f"2{long}b"})

    assert sections.resources(decision(one), FULL)[-1].endswith("…` (differs further on too)")


@pytest.mark.parametrize("rewritten", [True, False])
def test_what_is_only_written_in_another_way_is_said_to_be(rewritten: bool) -> None:
    one = replace(make_resource("aws_x.a", before={}, after={}), rewritten=rewritten)

    (line,) = sections.resources(decision(one), FULL)

    assert line.endswith(f": {sections.REWRITTEN}") is rewritten


def test_more_attributes_than_are_shown_are_counted() -> None:
    size = sections.ATTRIBUTES_SHOWN + 7
    one = make_resource("aws_x.a", before={}, after={f"k{n}": n for n in range(size)})

    lines = sections.resources(decision(one), FULL)

    assert len(lines) == 1 + sections.ATTRIBUTES_SHOWN + 1
    assert lines[-1] == "  - … and 7 more attributes"


def test_what_is_not_known_is_counted_and_named() -> None:
    unsure = make_resource("aws_x.a", action=Action.UNKNOWN)
    partly = make_resource("aws_x.b", unknown=["id", ""])

    assert sections.what_is_unknown(decision(unsure, partly), FULL) == [
        "- **Not known what happens to** `aws_x.a` (`infra/main.tf` line 1)",
        "- 2 values in 1 resource not known yet: only a plan or the provider can tell",
    ]
    assert sections.what_is_unknown(decision(make_resource()), FULL) == []
    listed = sections.resources(decision(partly), FULL)
    assert listed[-1] == "  - not known: `id`, `all of it`"


def test_a_moved_resource_says_where_it_was() -> None:
    (line,) = sections.resources(decision(make_resource("aws_x.b", was="aws_x.a")), FULL)[:1]

    assert line == "- update `aws_x.b` (was `aws_x.a`) (`infra/main.tf` line 1)"


def test_notes_are_prose_whatever_is_in_them() -> None:
    note = FileNote(path="a`b.tf", kind=NoteKind.SYMLINK, text="a link to @all <b>/merge")

    (line,) = sections.file_notes(decision(notes=(note,)), FULL)

    assert line == "- ``a`b.tf``: a link to @\u200ball &lt;b&gt;/merge"
