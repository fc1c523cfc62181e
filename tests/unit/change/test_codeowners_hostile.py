"""Files and paths written to break a reader, in both dialects, each with its harmless twin."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrbot.change import codeowners
from mrbot.change.codeowners import ownership
from mrbot.change.files import FileChange, FileStatus
from mrbot.change.owners import Ownership
from mrbot.errors import BadRules
from mrbot.ids import HostKind

DIALECTS = list(HostKind)


def judged(dialect: HostKind, content: bytes, *paths: str) -> Ownership:
    files = [
        FileChange(
            path=path,
            old_path=None,
            status=FileStatus.MODIFIED,
            old_mode="100644",
            new_mode="100644",
            old_blob="a" * 40,
            new_blob="b" * 40,
        )
        for path in paths
    ]
    return ownership(dialect, content, files)


def owned_paths(found: Ownership) -> list[str]:
    return [path for one in found.owned for path in one.paths]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_file_of_three_megabytes_is_not_loaded_and_its_twin_is(dialect: HostKind) -> None:
    rest = b"* @kim\n"
    comment = b"#" * (codeowners.LIMIT_BYTES - len(rest) - 1) + b"\n"
    with pytest.raises(BadRules, match="3000000"):
        judged(dialect, comment + rest, "x")
    assert owned_paths(judged(dialect, comment[1:] + rest, "x")) == ["x"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nul_bytes_are_refused(dialect: HostKind) -> None:
    with pytest.raises(BadRules, match="binary"):
        judged(dialect, b"* @kim\n\0", "x")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_hundred_thousand_lines_are_read(dialect: HostKind) -> None:
    lines = b"".join(b"/d%d/ @u%d\n" % (at, at) for at in range(100_000))
    found = judged(dialect, lines, "d99999/x", "d0/x")
    assert [one.users for one in found.owned] == [("u0",), ("u99999",)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_more_work_than_mrbot_does_is_refused(dialect: HostKind) -> None:
    lines = b"".join(b"/d%d/ @u\n" % at for at in range(2_100))
    with pytest.raises(BadRules, match="bytes"):
        judged(dialect, lines, "x" * 1_000_000)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pattern_of_many_wildcards_counts_for_more_work(dialect: HostKind) -> None:
    path = "ab" * 150_000
    with pytest.raises(BadRules, match="wildcards"):
        judged(dialect, b"*a" * 2_000 + b"z @kim\n", path)
    assert judged(dialect, b"*a" * 2 + b"z @kim\n", path).owned == ()


def test_more_matches_than_mrbot_keeps_are_refused() -> None:
    sections = b"".join(b"[s%d]\n* @u\n" % at for at in range(1_001))
    paths = [f"p{at}" for at in range(1_000)]
    with pytest.raises(BadRules, match="times"):
        judged(HostKind.GITLAB, sections, *paths)
    assert len(judged(HostKind.GITLAB, b"[s]\n* @u\n", *paths).owned[0].paths) == 1_000


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("pattern", [b"*a" * 2_000, b"/" + b"**/a/" * 1_000, b"*" + b"?" * 3_000])
def test_a_pattern_that_makes_others_backtrack_is_matched_in_linear_time(
    dialect: HostKind, pattern: bytes
) -> None:
    content = b"# one\n" + pattern + b"b @kim\n"
    assert judged(dialect, content, "a" * 5_000 + "c", "a/" * 2_000 + "c").owned == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pattern_too_long_to_match_is_refused_by_its_line(dialect: HostKind) -> None:
    with pytest.raises(BadRules, match="too long") as refused:
        judged(dialect, b"* @kim\n" + b"-" * 1_000_000 + b" @kim\n", "x")
    assert refused.value.problems[0].line == 2


@pytest.mark.parametrize("dialect", DIALECTS)
def test_long_lines_are_shown_short(dialect: HostKind) -> None:
    found = judged(dialect, b"* " + b"nobody " * 100_000, "x")
    assert [len(one.reason) < 400 for one in found.skipped] == [True]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        pytest.param(b"*", b"a/\xff\xfe", True, id="everything"),
        pytest.param(b"x\xff", b"x\xff", True, id="the same byte"),
        pytest.param(b"x\xff", b"x\xfe", False, id="another byte"),
        pytest.param(b"x?y", b"x\xffy", True, id="one byte is one character"),
        pytest.param(b"x\xff", "x\u00ff".encode(), False, id="a byte is no letter"),
        pytest.param(b"x\\xff", b"x\xff", False, id="what is shown is no name"),
        pytest.param(b"d\xff/", b"d\xff/a", True, id="a directory"),
    ],
)
def test_a_path_that_is_not_utf8_is_owned_by_its_bytes(
    dialect: HostKind, pattern: bytes, path: bytes, expected: bool
) -> None:
    name = os.fsdecode(path)
    found = judged(dialect, pattern + b" @kim\n", name)
    assert owned_paths(found) == ([name] if expected else [])
    assert all(one.name.isprintable() for one in found.owned)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_a_newline_ends_a_line(dialect: HostKind) -> None:
    # U+2028, U+0085 and the form feed end a line to str.splitlines(): a second entry would appear.
    content = "* @kim\n#\u2028* @eve\n#\u0085* @eve\n#\x0c* @eve\n#\r* @eve\n".encode()
    assert [one.users for one in judged(dialect, content, "x").owned] == [("kim",)]


_LINE = st.text(alphabet="ab/*?[]!^-\\# @.,\t\r{}|()$+\u20ac\udcff", max_size=24)


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=150, database=None)
@given(
    lines=st.lists(_LINE, max_size=6), path=st.text("ab/.[-\u20ac\udcff\n", min_size=1, max_size=9)
)
def test_whatever_is_written_is_read_and_each_line_accounted_for(
    dialect: HostKind, lines: list[str], path: str
) -> None:
    content = "\n".join(lines).encode("utf-8", "surrogateescape")
    found = judged(dialect, content, path)
    assert set(owned_paths(found)) <= {path}
    assert {*(one.line for one in found.owned), *(one.line for one in found.skipped)} <= set(
        range(1, len(lines) + 1)
    )
    assert found == judged(dialect, content, path)
