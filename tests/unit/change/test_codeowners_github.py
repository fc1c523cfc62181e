"""GitHub's dialect, row by row, and what a line that GitHub does not use comes to."""

from __future__ import annotations

import pytest

from mrbot.change.codeowners import ownership
from mrbot.change.files import FileChange, FileStatus
from mrbot.change.owners import Owned, Ownership
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
    return ownership(HostKind.GITHUB, content, [changed(path) for path in paths])


def users(found: Ownership) -> dict[str, tuple[str, ...]]:
    return {path: one.users for one in found.owned for path in one.paths}


ROWS = [
    ("G01", "*", "a/b/c", True),
    ("G01 at the root", "*", "a", True),
    ("G01 hidden", "*", "a/.b", True),
    ("G03", "*.js", "x.js/inner", True),
    ("G03 nested", "*.js", "a/b/x.js", True),
    ("G03 other", "*.js", "a/x.jsx", False),
    ("G05", "/build/logs/", "x/build/logs/a", False),
    ("G05 twin", "/build/logs/", "build/logs/a", True),
    ("G07", "docs/*", "docs/build-app/troubleshooting.md", False),
    ("G07 twin", "docs/*", "docs/getting-started.md", True),
    ("G09", "apps/", "x/y/apps/z", True),
    ("G09 the file itself", "apps/", "x/apps", False),
    ("G11", "/docs/", "docs/a/b", True),
    ("G13", "**/logs", "build/logs/x.txt", True),
    ("G13 at the root", "**/logs", "logs", True),
    ("G15", "/apps/github", "apps/githubx", False),
    ("G15 twin", "/apps/github", "apps/github/x", True),
    ("G17", "foo", "bar/foo/baz", True),
    ("G19", "/foo", "bar/foo", False),
    ("G21", "foo/bar", "foo/bar/baz", True),
    ("G21 anchored", "foo/bar", "x/foo/bar", False),
    ("G23", "f*", "bar/foo/baz", True),
    ("G25", "/f*", "foo/bar/baz", True),
    ("G25 anchored", "/f*", "bar/foo", False),
    ("G27", "/*/", "foo/bar", True),
    ("G27 at the root", "/*/", "foo", False),
    ("G29", "foo/*.txt", "foo/bar/baz.txt", False),
    ("G31", "foo/*/baz", "foo/baz", False),
    ("G31 twin", "foo/*/baz", "foo/bar/baz", True),
    ("G33", "**/*bar*", "foo/barrio", True),
    ("G35", "foo/bar/**", "qux/foo/bar/baz", False),
    ("G35 twin", "foo/bar/**", "foo/bar/baz/x", True),
    ("G35 the file itself", "foo/bar/**", "foo/bar", False),
    ("G37", "foo/**/bar", "qux/foo/bar", False),
    ("G37 no directory between", "foo/**/bar", "foo/bar", True),
    ("G37 two between", "foo/**/bar", "foo/a/b/bar", True),
    ("G37 whole segments", "foo/**/bar", "foo/xbar", False),
    ("G39", "foo/**/bar/b*", "foo/qux/bar/baz", True),
    ("G41", "/apps/[param]/file.ts", "apps/p/file.ts", False),
    ("G41 literal", "/apps/[param]/file.ts", "apps/[param]/file.ts", True),
    ("G41 braces", "*.{js,ts}", "a.js", False),
    ("G43", "README.md", "readme.md", False),
    ("G45", "path\\ with\\ spaces/", "path with spaces/a", True),
    ("G47", "/*/*", "a/b/c", False),
    ("G47 twin", "/*/*", "a/b", True),
    ("G49", "a**b", "a/b", False),
    ("G49 twin", "a**b", "axyb", True),
    ("L39 of GitHub", "/", "a/b", False),
    ("two slashes", "//", "a/b", False),
    ("two slashes within", "docs//", "docs/a", False),
    ("a star of its own at the root", "/*", "a/b", False),
    ("everything below the root", "/**", "a/b", True),
    ("any depth", "**", "a/b", True),
    ("one character", "a?c", "abc", True),
    ("one character is no slash", "a?c", "a/c", False),
    ("one character of several bytes", "a?c", "a\u20acc", True),
    ("an escaped star", "a\\*", "abc", False),
    ("a dot is a dot", "a.b", "axb", False),
    ("a newline in the path", "a*b", "a\nb", True),
]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"), [r[1:] for r in ROWS], ids=[r[0] for r in ROWS]
)
def test_a_pattern_matches_what_github_says(pattern: str, path: str, expected: bool) -> None:
    assert bool(judged(f"{pattern} @kim", path).owned) is expected


def test_an_empty_file_asks_nobody() -> None:
    assert judged("", "a") == Ownership(owned=(), skipped=())


def test_a_change_of_no_files_asks_nobody() -> None:
    assert judged("* @kim") == Ownership(owned=(), skipped=())


def test_one_entry_holds_every_path_it_owns() -> None:
    assert judged(
        "# who\n*.tf @kim @org/team kim@example.org # why @eve", "a.tf", "b", "c.tf"
    ).owned == (
        Owned(
            name="*.tf",
            users=("kim",),
            groups=("org/team",),
            roles=(),
            emails=("kim@example.org",),
            count=1,
            optional=False,
            paths=("a.tf", "c.tf"),
            line=2,
        ),
    )


def test_the_last_line_that_matches_wins() -> None:
    assert users(judged("* @a\n*.tf @b\nx/ @c", "r", "m.tf", "x/m.tf")) == {
        "r": ("a",),
        "m.tf": ("b",),
        "x/m.tf": ("c",),
    }


def test_owners_on_two_lines_of_one_pattern_do_not_add_up() -> None:
    assert users(judged("* @a\n* @b", "x")) == {"x": ("b",)}


@pytest.mark.parametrize("line", ["/free/", "/free/ # @kim"])
def test_a_pattern_without_owners_frees_its_paths(line: str) -> None:
    assert users(judged(f"* @a\n{line}", "free/x", "y")) == {"y": ("a",)}
    assert judged(f"* @a\n{line}").skipped == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param("\\#f @x", "comment", id="G51"),
        pytest.param("f#g @x", "comment", id="a comment within the pattern"),
        pytest.param("* @a,@b", "not a @user", id="G53"),
        pytest.param("*** @a", "***", id="G55"),
        pytest.param("a/***/b @a", "***", id="G55 within"),
        pytest.param("!secret @a", "negation", id="negation"),
        pytest.param("/ @a", "nothing", id="the bare slash"),
        pytest.param("a\\", "backslash", id="an escape of nothing"),
        pytest.param("* docs@", "not a @user", id="half an address"),
        pytest.param("* someone", "not a @user", id="a bare name"),
        pytest.param("* @a\u00a0@b", "not a @user", id="a no-break space"),
        pytest.param("* @\udcff", "not a @user", id="a byte that is not UTF-8"),
    ],
)
def test_a_line_that_github_skips_is_shown_and_takes_nothing(line: str, reason: str) -> None:
    found = judged(f"* @kim\n{line}", "#f", "secret", "a/b", "f#g")
    assert users(found) == dict.fromkeys(["#f", "secret", "a/b", "f#g"], ("kim",))
    assert [one.line for one in found.skipped] == [2]
    assert reason in found.skipped[0].reason


def test_an_invalid_owner_beside_a_valid_one_is_shown_and_left_out() -> None:
    found = judged("* @kim docs@", "x")
    assert users(found) == {"x": ("kim",)}
    assert "docs@" in found.skipped[0].reason


def test_g57_windows_line_ends_and_a_byte_order_mark_change_nothing() -> None:
    found = judged(b"\xef\xbb\xbf*.tf @a\r\n*.py @b\r\n", "x.tf", "x.py")
    assert users(found) == {"x.tf": ("a",), "x.py": ("b",)}
    assert found.skipped == ()


def test_g61_a_rename_asks_the_owners_of_both_paths() -> None:
    content = b"/old/ @a\n/new/ @b\n"
    found = ownership(HostKind.GITHUB, content, [changed("new/x", "old/x")])
    assert users(found) == {"old/x": ("a",), "new/x": ("b",)}


def test_g59_only_the_content_given_counts_not_the_changed_file() -> None:
    assert users(judged("* @a", "CODEOWNERS")) == {"CODEOWNERS": ("a",)}


def test_a_plain_repository_has_githubs_dialect() -> None:
    content = b"docs/* @a\n"
    files = [changed("docs/a/b"), changed("docs/c")]
    assert ownership(HostKind.LOCAL, content, files) == ownership(HostKind.GITHUB, content, files)
