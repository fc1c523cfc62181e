"""Counts are for display: what cannot be read is left out, and nothing fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrbot.errors import GitFailure
from mrbot.git.command import Git
from mrbot.git.line_counts import LineCount, counted, line_counts
from mrbot.ids import Sha


def test_nothing_printed_counts_nothing() -> None:
    assert counted(b"") == {}


def test_lines_are_counted_for_each_file_that_has_lines() -> None:
    output = b"2\t1\tmain.tf\0-\t-\tlogo.png\x000\t3\t\0old\tname\0new\nname\x001\t0\tl\xe9a\0"
    assert counted(output) == {
        "main.tf": LineCount(added=2, removed=1),
        "new\nname": LineCount(added=0, removed=3),
        "l\udce9a": LineCount(added=1, removed=0),
    }


@pytest.mark.parametrize("output", [b"2\t1\0", b"x\t1\ta\0", b"2\t1\t\0old\0", b"\0"], ids=repr)
def test_what_git_never_prints_is_a_failure(output: bytes) -> None:
    with pytest.raises(GitFailure):
        counted(output)


def test_no_repository_counts_nothing(tmp_path: Path) -> None:
    assert line_counts(Git(directory=tmp_path), Sha("1" * 40), Sha("2" * 40)) == {}
