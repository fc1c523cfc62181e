"""The changed lines of a text."""

from __future__ import annotations

from mrbot.change.hunks import Hunk, HunkLine
from mrbot.effects.patch import LINE_CHARACTERS, patch_of
from tests.build import make_resource

LONG = "x" * 2 * LINE_CHARACTERS


def patch(old: list[str], new: list[str]) -> list[str]:
    """The patch of a file whose first line stays, and all others do not."""
    lines = [HunkLine(kind=" ", text="", old_line=1, new_line=1)]
    lines += [
        HunkLine(kind="-", text="", old_line=n, new_line=None) for n in range(2, len(old) + 1)
    ]
    lines += [
        HunkLine(kind="+", text="", old_line=None, new_line=n) for n in range(2, len(new) + 1)
    ]
    hunk = Hunk(
        old_start=1, old_lines=len(old), new_start=1, new_lines=len(new), lines=tuple(lines)
    )
    resource = make_resource(before={"lines": [*old]}, after={"lines": [*new]})
    return patch_of(resource, [hunk])[1:]


def test_lines_are_in_their_order_and_as_they_are() -> None:
    assert patch(["a", "b", "\tc"], ["a", "d"]) == [" a", "-b", "-\tc", "+d"]
    assert patch(["a"], ["a", "b", "c"]) == [" a", "+b", "+c"]
    assert patch(["", "", "a"], ["", "b", ""]) == [" ", "-", "-a", "+b", "+"]


def test_long_lines_are_shown_from_where_they_differ() -> None:
    kept, removed, added, other = patch([LONG, f"{LONG}a"], [LONG, f"{LONG}b", LONG])

    assert kept == f" {'x' * LINE_CHARACTERS}…"
    assert (removed, added) == (f"-…{'x' * 30}a", f"+…{'x' * 30}b")
    assert other == f"+{'x' * LINE_CHARACTERS}…"


def test_that_long_lines_differ_further_on_is_said() -> None:
    _, removed, added = patch(["", f"1{LONG}a"], ["", f"2{LONG}b"])

    assert removed == f"-1{'x' * (LINE_CHARACTERS - 1)}… and differs further on"
    assert added.endswith("… and differs further on")


def test_what_cannot_be_seen_is_written_out() -> None:
    assert patch(["", "a", "b"], ["", "a\u200b\x1b", "b "])[3:] == ["+a\\u200b\\u001b", "+b␣"]
