"""GitLab's dialect, row by row, its sections, and its owners."""

from __future__ import annotations

import pytest

from mrbot.change.codeowners import ownership
from mrbot.change.files import FileChange, FileStatus
from mrbot.change.owners import Owned, Ownership
from mrbot.errors import BadRules
from mrbot.ids import HostKind


def changed(path: str, old: str | None = None) -> FileChange:
    return FileChange(
        path=path,
        old_path=old,
        status=FileStatus.MODIFIED if old is None else FileStatus.RENAMED,
        old_mode="100644",
        new_mode="100644",
        old_blob="a" * 40,
        new_blob="b" * 40,
    )


def judged(text: str | bytes, *paths: str) -> Ownership:
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    return ownership(HostKind.GITLAB, content, [changed(path) for path in paths])


def asked(found: Ownership) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(one.name, one.users, one.paths) for one in found.owned]


def only(found: Ownership) -> Owned:
    (one,) = found.owned
    return one


ROWS = [
    ("L01", "*", "a/b/.hidden", True),
    ("L03", "/*", "docs/x.md", False),
    ("L03 twin", "/*", "x.md", True),
    ("L05", "/README.md", "internal/README.md", False),
    ("L07", "docs", "docs", True),
    ("L07 no contents", "docs", "docs/a", False),
    ("L09", "docs/", "docs/index.md", True),
    ("L09 any depth", "docs/", "a/docs/b/c.md", True),
    ("L11", "/docs/", "a/docs/b.md", False),
    ("L13", "/docs/", "docs", False),
    ("L15", "/docs/*", "docs/a/index.md", False),
    ("L17", "/docs/**", "docs/a.md", True),
    ("L17 one level", "/docs/**", "docs/a/b.md", False),
    ("L19", "/docs/**/*", "docs/a/b.md", True),
    ("L21", "/docs/**/index.md", "docs/index.md", True),
    ("L23", "/**", "a/b", False),
    ("L23 at the root", "/**", "a", True),
    ("L25", "**/*.rb", "x.rb", True),
    ("L27", "/docs/*/README.md", "docs/README.md", False),
    ("L29", "/docs/index.*", "docs/index.html", True),
    ("L31", "file[0-9].rb", "file[0-9].rb", False),
    ("L31 twin", "file[0-9].rb", "a/file7.rb", True),
    ("L33", "*.{js,ts}", "a.js", False),
    ("L33 literal", "*.{js,ts}", "a.{js,ts}", True),
    ("L35", "path\\ with\\ spaces/", "path with spaces/a.md", True),
    ("L37", "foo/*", "fufoo/bar", False),
    ("L37 any depth", "foo/*", "fu/foo/bar", True),
    ("L39", "/", "a/b", True),
    ("L41", "/a/**/b", "a/b", True),
    ("L41 deeper", "/a/**/b", "a/x/y/b", True),
    ("L43", "/a**/b", "aX/Y/b", False),
    ("L43 twin", "/a**/b", "aX/b", True),
    ("L45", ".gitlab/", ".gitlab/ci/x.yml", True),
    ("L47", "/docs//", "docs/a", False),
    ("L49", "foo/**/", "foo/a/b", True),
    ("L51", "caf\u00e9.md", "cafe\u0301.md", False),
    ("L51 twin", "caf\u00e9.md", "caf\u00e9.md", True),
    ("an escaped number sign", "\\#f", "#f", True),
    ("an escaped star", "a\\*", "ab", False),
    ("an escaped star literally", "a\\*", "a*", True),
    ("case", "README.md", "readme.md", False),
    ("one character", "a?c", "a\u20acc", True),
    ("one character is no slash", "/a?c", "a/c", False),
    ("a class negated", "/[!a]", "b", True),
    ("a class negated in the other way", "/[^a]", "a", False),
    ("a class is no slash", "/a[.-0]c", "a/c", False),
    ("a class negated is no slash", "/a[!x]c", "a/c", False),
    ("a class with an escaped bracket", "/a[\\]]", "a]", True),
    ("a class that ends in a hyphen", "/a[b-]", "a-", True),
    ("a class that runs backwards holds its ends", "/a[z-b]", "az", True),
    ("a class that runs backwards holds nothing else", "/a[z-b]", "am", False),
    ("an empty class", "/a[]", "a[]", False),
    ("an empty class negated", "/a[!]", "ab", True),
    ("a class without an end", "/a[b", "a[b", False),
    ("a class beyond ASCII", "/[\u00e0-\u00fc]", "\u00e9", True),
    ("many stars", "/a/**/**/**/b", "a/x/b", True),
    ("a newline in the path", "a*b", "a\nb", True),
]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_pattern_matches_what_gitlab_says(pattern: str, path: str, expected: bool) -> None:
    assert bool(judged(f"{pattern} @kim", path).owned) is expected


def test_an_empty_file_asks_nobody() -> None:
    assert judged("", "a") == Ownership(owned=(), skipped=())


def test_the_last_entry_that_matches_wins_within_a_section() -> None:
    assert asked(judged("* @a\n*.tf @b", "x", "x.tf")) == [
        ("*", ("a",), ("x",)),
        ("*.tf", ("b",), ("x.tf",)),
    ]


def test_every_section_asks() -> None:
    assert asked(judged("* @a\n[Docs]\n*.md @b\n[Legal]\n* @c", "x.md")) == [
        ("*", ("a",), ("x.md",)),
        ("[Docs] *.md", ("b",), ("x.md",)),
        ("[Legal] *", ("c",), ("x.md",)),
    ]


def test_a_pattern_written_twice_has_the_last_owners_at_the_first_place() -> None:
    found = judged("* @a\n*.tf @b\n* @c", "x.tf", "y")
    assert asked(found) == [("*.tf", ("b",), ("x.tf",)), ("*", ("c",), ("y",))]


def test_sections_of_one_name_in_any_case_are_one() -> None:
    assert asked(judged("[Docs]\n*.md @a\n[Other]\n[DOCS]\n*.md @b", "x.md")) == [
        ("[Docs] *.md", ("b",), ("x.md",))
    ]


def test_entries_before_any_header_are_in_the_section_codeowners() -> None:
    assert asked(judged("* @a\n[CodeOwners]\n*.md @b", "x.md")) == [("*.md", ("b",), ("x.md",))]


@pytest.mark.parametrize(
    ("header", "count"),
    [
        ("[S]", 1),
        ("[S][2]", 2),
        ("[S][0]", 1),
        ("[S][]", 1),
        ("[S][x]", 1),
        ("[S][007]", 7),
        (f"[S][{'9' * 5000}]", 999_999),
        (f"[S][{'0' * 5000}2]", 2),
    ],
    ids=["none", "two", "nought", "empty", "letters", "leading noughts", "huge", "huge noughts"],
)
def test_a_header_says_how_many_approvals(header: str, count: int) -> None:
    assert only(judged(f"{header}\n* @a", "x")).count == count


def test_default_owners_serve_entries_without_any() -> None:
    assert asked(judged("[S][2] @d @e/f\na\nb @g", "a", "b")) == [
        ("[S] a", ("d",), ("a",)),
        ("[S] b", ("g",), ("b",)),
    ]


@pytest.mark.parametrize(
    "header", [pytest.param("[Docs] [2] @a", id="L53"), pytest.param("[Docs]@a", id="L55")]
)
def test_a_header_written_wrongly_has_no_default_owners_and_is_shown(header: str) -> None:
    found = judged(f"{header}\n*", "x")
    assert (only(found).users, only(found).groups, only(found).count) == ((), (), 1)
    assert found.skipped[0].line == 1
    assert "ignores" in found.skipped[0].reason


@pytest.mark.parametrize("line", ["^ [Docs]", "[Docs"])
def test_l57_what_only_looks_like_a_header_is_an_entry_of_the_section_before(line: str) -> None:
    found = judged(f"[S]\n* @a\n{line}\nx @b", "x")
    assert asked(found) == [("[S] x", ("b",), ("x",))]
    assert "not as a section's header" in found.skipped[0].reason


@pytest.mark.parametrize(
    ("text", "optional"),
    [
        pytest.param("^[S]\n* @a", True, id="optional"),
        pytest.param("[S]\n* @a", False, id="required"),
        pytest.param("[S]\n* @a\n^[S]\n* @b", False, id="L61"),
        pytest.param("^[S]\n* @a\n[s]\n* @b", False, id="L61 the other way"),
        pytest.param("^[S]\n* @a\n^[S]\n* @b", True, id="optional twice"),
        pytest.param("^[S]\n* @a\n[T]\nb @b", True, id="another section is required"),
        pytest.param("z @a\n^[codeowners]\n* @b", False, id="the hidden section"),
    ],
)
def test_a_section_is_optional_only_if_every_header_says_so(text: str, optional: bool) -> None:
    assert only(judged(text, "x")).optional is optional


def test_an_optional_section_with_a_count_is_shown() -> None:
    found = judged("^[S][5]\n* @a", "x")
    assert only(found).optional
    assert "optional" in found.skipped[0].reason


@pytest.mark.parametrize(
    "order", ["* @d\n!*.rb\n/special/*.rb @r", "!*.rb\n* @d\n/special/*.rb @r"]
)
def test_l59_an_exclusion_cannot_be_undone_in_its_section(order: str) -> None:
    assert asked(judged(order, "special/x.rb", "y")) == [("*", ("d",), ("y",))]


def test_an_exclusion_holds_in_its_own_section_only() -> None:
    assert asked(judged("* @a\n!*.rb\n[S]\n* @b", "x.rb")) == [("[S] *", ("b",), ("x.rb",))]


def test_an_exclusion_of_nothing_excludes_nothing() -> None:
    found = judged("* @a\n!", "x")
    assert asked(found) == [("*", ("a",), ("x",))]
    assert found.skipped[0].line == 2


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        pytest.param(
            "@a @g/sub a@b.example", (("a",), ("g/sub",), (), ("a@b.example",)), id="each kind"
        ),
        pytest.param("@@developer", ((), (), ("write",), ()), id="developer"),
        pytest.param("@@maintainers", ((), (), ("maintain",), ()), id="maintainers"),
        pytest.param("@@owner @@owners", ((), (), ("admin",), ()), id="owner"),
        pytest.param("@@guest", ((), (), (), ()), id="a role GitLab has not"),
        pytest.param("@@@a", ((), (), (), ()), id="three at signs"),
        pytest.param("@a,@b", (("a", "b"), (), (), ()), id="a comma"),
        pytest.param("@a @a", (("a",), (), (), ()), id="twice"),
        pytest.param("# @victim", (("victim",), (), (), ()), id="L63"),
        pytest.param("#@victim.", (("victim",), (), (), ()), id="L63 a sentence"),
        pytest.param("nobody", ((), (), (), ()), id="malformed"),
        pytest.param("@ a@ @", ((), (), (), ()), id="bare at signs"),
        pytest.param("\udcff", ((), (), (), ()), id="a byte that is not UTF-8"),
        pytest.param("", ((), (), (), ()), id="none"),
    ],
)
def test_owners_are_found_wherever_they_stand(
    owners: str, expected: tuple[tuple[str, ...], ...]
) -> None:
    one = only(judged(f"file {owners}", "file"))
    assert (one.users, one.groups, one.roles, one.emails) == expected


def test_l65_an_entry_without_a_usable_owner_still_asks_and_is_shown() -> None:
    found = judged("* @a\n*.tf nobody", "x.tf")
    assert (only(found).line, only(found).users, only(found).paths) == (2, (), ("x.tf",))
    assert "nobody" in found.skipped[0].reason


def test_l67_a_binary_file_is_refused_where_gitlab_would_ask_nobody() -> None:
    with pytest.raises(BadRules, match="binary"):
        judged(b"* @a\n\0\n", "x")


def test_a_rename_asks_the_owners_of_both_paths() -> None:
    found = ownership(HostKind.GITLAB, b"/old/ @a\n/new/ @b\n", [changed("new/x", "old/x")])
    assert asked(found) == [("/old/", ("a",), ("old/x",)), ("/new/", ("b",), ("new/x",))]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    found = judged(b"\xef\xbb\xbf[S] @a\r\n*.py\r\n", "x.py")
    assert asked(found) == [("[S] *.py", ("a",), ("x.py",))]
    assert found.skipped == ()
