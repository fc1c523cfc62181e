"""The changed lines of each file: those of git, whatever names, content and settings try."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mrbot.change.hunks import Hunk, HunkLine, Hunks
from mrbot.errors import GitFailure
from mrbot.git import hunks as module
from mrbot.git.command import Git
from mrbot.git.hunks import hunks, parsed
from mrbot.git.line_counts import line_counts
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from tests.unit.git.conftest import Scratch
from tests.unit.git.test_file_list import ODD_NAMES, submodule

TEN = "".join(f"line {n}\n" for n in range(1, 11))


def changed(scratch: Scratch, base: Sha) -> Hunks:
    files = scratch.read.files(base, scratch.head())
    found = hunks(Git(directory=scratch.path), files)
    assert {*found.by_path, *found.unreadable} == {file.path for file in files}
    assert not set(found.by_path) & set(found.unreadable)
    return found


def between(scratch: Scratch, before: bytes | str, after: bytes | str) -> tuple[Hunk, ...] | None:
    """The hunks of one file with these two contents; None when it is unreadable."""
    scratch.write("file", before)
    base = scratch.commit()
    scratch.write("file", after)
    scratch.commit()
    return changed(scratch, base).by_path.get("file")


def signed(found: tuple[Hunk, ...] | None) -> list[str]:
    assert found is not None
    return [line.kind + line.text + ("" if line.ends else "$") for h in found for line in h.lines]


def applied(before: bytes, found: tuple[Hunk, ...]) -> bytes:
    """What `before` becomes by the hunks alone, each kept and removed line checked on the way."""
    old = before.split(b"\n")
    old = [line + b"\n" for line in old[:-1]] + ([old[-1]] if old[-1] else [])
    new: list[bytes] = []
    at = 0
    for hunk in found:
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        new += old[at:start]
        at = start
        for line in hunk.lines:
            text = line.text.encode("utf-8", "surrogateescape") + (b"\n" if line.ends else b"")
            if line.kind in "- ":
                assert (line.old_line, old[at]) == (at + 1, text)
                at += 1
            if line.kind in "+ ":
                new.append(text)
                assert line.new_line == len(new)
        assert sum(line.kind in "- " for line in hunk.lines) == hunk.old_lines
        assert sum(line.kind in "+ " for line in hunk.lines) == hunk.new_lines
    return b"".join(new + old[at:])


def test_an_edit_is_its_lines_with_three_around_them(scratch: Scratch) -> None:
    (hunk,) = between(scratch, TEN, TEN.replace("line 5\n", "five\nand more\n")) or ()
    assert (hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines) == (2, 7, 2, 8)
    assert hunk.lines[0] == HunkLine(kind=" ", text="line 2", old_line=2, new_line=2)
    assert hunk.lines[3:6] == (
        HunkLine(kind="-", text="line 5", old_line=5, new_line=None),
        HunkLine(kind="+", text="five", old_line=None, new_line=5),
        HunkLine(kind="+", text="and more", old_line=None, new_line=6),
    )
    assert hunk.lines[-1] == HunkLine(kind=" ", text="line 8", old_line=8, new_line=9)


def test_added_removed_moved_and_edited_files_are_known_by_their_path(scratch: Scratch) -> None:
    scratch.write("gone", "gone\n")
    scratch.write("old/name", TEN)
    scratch.write("old/other", TEN + "x\n")
    scratch.write("run.sh", "true\n")
    base = scratch.commit()
    scratch.git("rm", "--quiet", "gone")
    scratch.git("mv", "old", "new")
    scratch.write("new/other", TEN + "y\n")
    scratch.write("fresh", "fresh\n")
    scratch.write("empty", "")
    scratch.write("run.sh", "true\n", 0o755)
    scratch.commit()
    found = changed(scratch, base)
    assert found.unreadable == ()
    assert {path: signed(one) for path, one in found.by_path.items()} == {
        "gone": ["-gone"],
        "new/name": [],
        "new/other": [" line 8", " line 9", " line 10", "-x", "+y"],
        "fresh": ["+fresh"],
        "empty": [],
        "run.sh": [],
    }


def test_every_name_has_the_lines_of_its_own_file(scratch: Scratch) -> None:
    base = scratch.head()
    for number, name in enumerate(ODD_NAMES):
        scratch.write(name, f"{number}\n")
    scratch.commit()
    found = changed(scratch, base)
    assert {path: signed(one) for path, one in found.by_path.items()} == {
        name.decode("utf-8", "surrogateescape"): [f"+{number}"]
        for number, name in enumerate(ODD_NAMES)
    }


IMITATIONS = [
    "diff --git a/000000001 b/000000001", "--- a/000000001", "+++ b/000000001", "-- a/x", "++ b/x",
    "@@ -1,3 +1,3 @@", "@@ -0,0 +1 @@ x", "\\ No newline at end of file", "GIT binary patch",
    "Binary files a/x and b/x differ", "deleted file mode 100644", "new file mode 100644",
    "rename from x", "", " ", "-", "+", "Submodule x 1..2:", "index 1..2 100644",
]  # fmt: skip


@pytest.mark.parametrize("line", IMITATIONS, ids=repr)
def test_content_that_looks_like_a_patch_is_content(scratch: Scratch, line: str) -> None:
    scratch.write("b", "before\n")
    before, after = f"{line}\nkept\n{line}\n{line}\n", f"kept\n{line}\nnew\n{line}\n"
    scratch.write("a", before)
    base = scratch.commit()
    scratch.write("a", after)
    scratch.write("b", "after\n")
    scratch.commit()
    found = changed(scratch, base).by_path
    assert applied(before.encode(), found["a"]) == after.encode()
    assert signed(found["b"]) == ["-before", "+after"]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (b"a", b"a\n", ["-a$", "+a"]),
        (b"a\n", b"a", ["-a", "+a$"]),
        (b"a\nb", b"c\nb", ["-a", "+c", " b$"]),
        (b"a\n", b"a\r\n", ["-a", "+a\r"]),
        (b"a\rb\n", b"a\rc\n", ["-a\rb", "+a\rc"]),
        (b"a\fb\n", b"a\x0bb\x1c\n", ["-a\fb", "+a\x0bb\x1c"]),
        ("a\u2028b\u0085\n", "a\u2029b\n", ["-a\u2028b\u0085", "+a\u2029b"]),
        (b"\xe9\n", b"\xe8\n", ["-\udce9", "+\udce8"]),
        (b"", b"\n", ["+"]),
        (b"\n\n", b"\n", [" ", "-"]),
        ("\ufeffa\n", "a\n", ["-\ufeffa", "+a"]),
    ],
    ids=repr,
)
def test_every_difference_is_seen(
    scratch: Scratch, before: bytes | str, after: bytes | str, lines: list[str]
) -> None:
    assert signed(between(scratch, before, after)) == lines


@pytest.mark.parametrize("seed", range(12))
def test_the_hunks_alone_make_the_new_file_of_the_old_one(scratch: Scratch, seed: int) -> None:
    chance = random.Random(seed)
    parts = [
        b"a\n",
        b"b\r\n",
        b"\n",
        b"--- a\n",
        b"+++ b\n",
        b"@@ -1 +1 @@\n",
        b"\xff\n",
        b"a\rb\n",
    ]
    old = [chance.choice(parts) for _ in range(chance.randrange(60))]
    new = [part for part in old if chance.random() > 0.2]
    for _ in range(5):
        new.insert(chance.randrange(len(new) + 1), chance.choice(parts))
    before, after = b"".join(old), b"".join(new) + chance.choice([b"", b"end"])
    found = between(scratch, before, after)
    assert found is not None
    assert applied(before, found) == after


def test_a_binary_file_is_unreadable_and_spoils_no_other(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write("a", "a\n")
    scratch.write("b", b"\0\n")
    scratch.write("c", "c\n")
    scratch.commit()
    found = changed(scratch, base)
    assert found.unreadable == ("b",)
    assert {path: signed(one) for path, one in found.by_path.items()} == {"a": ["+a"], "c": ["+c"]}


def test_links_and_submodules_have_no_lines(scratch: Scratch) -> None:
    scratch.write("becomes-link", "a\n")
    scratch.link("becomes-file", "target")
    base = scratch.commit()
    scratch.link("becomes-link", "target")
    (scratch.path / "becomes-file").unlink()
    scratch.write("becomes-file", "b\n")
    scratch.link("link", "target")
    scratch.commit()
    submodule(scratch)
    found = changed(scratch, base)
    assert found.unreadable == ()
    assert {path: signed(one) for path, one in found.by_path.items()} == {
        "becomes-link": ["-a"], "becomes-file": ["+b"], "link": [], "vendor/module": [],
    }  # fmt: skip


def test_a_file_that_is_not_here_is_unreadable(scratch: Scratch) -> None:
    head = scratch.commit_tree(
        scratch.raw_tree(("100644", b"here", scratch.blob(b"x\n")), ("100644", b"lost", "1" * 40))
    )
    empty = scratch.commit_tree(scratch.raw_tree())
    found = hunks(Git(directory=scratch.path), scratch.read.files(empty, head))
    assert found.unreadable == ("lost",)
    assert signed(found.by_path["here"]) == ["+x"]


@pytest.mark.parametrize(
    ("limit", "value", "unreadable"),
    [
        ("FILE_LIMIT_BYTES", 10, ("large",)),
        ("TOTAL_LIMIT_BYTES", 24, ("large",)),
        ("PATCH_LIMIT_BYTES", 200, ("large",)),
        ("PATCHES_LIMIT_BYTES", 270, ("large",)),
        ("LINES_LIMIT", 20, ("large",)),
        ("LINES_LIMIT", 0, ("large", "other", "small")),
    ],
)
def test_more_than_is_read_is_counted_as_unreadable(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, limit: str, value: int,
    unreadable: tuple[str, ...],
) -> None:  # fmt: skip
    base = scratch.head()
    scratch.write("large", "x\n" * 50)
    scratch.write("other", "other\n")
    scratch.write("small", "small\n")
    scratch.commit()
    assert changed(scratch, base).unreadable == ()
    monkeypatch.setattr(module, limit, value)
    assert changed(scratch, base).unreadable == unreadable


def test_no_setting_and_no_attribute_of_the_repository_has_a_say(
    scratch: Scratch, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {proof}\n")
    script.chmod(0o755)
    scratch.write("file", TEN)
    base = scratch.commit()
    scratch.write("file", TEN.replace("line 5", "five"))
    scratch.commit()
    before = changed(scratch, base)
    for key, value in {
        "diff.context": "0", "diff.noprefix": "true", "diff.mnemonicPrefix": "true",
        "diff.external": str(script), "diff.evil.command": str(script),
        "diff.evil.textconv": str(script), "diff.suppressBlankEmpty": "true",
        "diff.interHunkContext": "100", "diff.algorithm": "patience", "color.ui": "always",
        "diff.orderFile": "/nonexistent", "diff.wsErrorHighlight": "all", "core.abbrev": "4",
        "diff.ignoreSubmodules": "all", "diff.submodule": "log", "diff.colorMoved": "zebra",
        "core.bigFileThreshold": "1", "core.attributesFile": ".gitattributes",
    }.items():  # fmt: skip
        scratch.git("config", key, value)
    (scratch.path / ".gitattributes").write_text("* -diff diff=evil binary\n")
    (scratch.path / ".git" / "info").mkdir(exist_ok=True)
    (scratch.path / ".git" / "info" / "attributes").write_text("* -diff\n")
    assert changed(scratch, base) == before
    assert signed(before.by_path["file"])[3:5] == ["-line 5", "+five"]
    assert not proof.exists()
    # git as it is would show nothing.
    assert b"five" not in scratch.git("diff-tree", "-r", "-p", base, "HEAD")


def test_nothing_is_written_into_the_repository(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write("a", "a\n")
    scratch.commit()
    files = sorted(scratch.path.rglob("*"))
    changed(scratch, base)
    assert sorted(scratch.path.rglob("*")) == files


def test_it_works_from_below_the_top_in_a_bare_mirror_and_with_sha256(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "a" dir'
    path.mkdir()
    made = Scratch(path=path)
    made.git("init", "--quiet", "--object-format=sha256")
    base = made.commit()
    made.write("inner/a", "a\n")
    head = made.commit()
    made.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    for place in (path / "inner", tmp_path / "bare.git"):
        git = Git(directory=place)
        found = hunks(git, GitRepository(git).files(base, head))
        assert {name: signed(one) for name, one in found.by_path.items()} == {"inner/a": ["+a"]}


def test_nothing_changed_is_no_hunks(scratch: Scratch) -> None:
    assert changed(scratch, scratch.head()) == Hunks(by_path={}, unreadable=())
    with pytest.raises(GitFailure):
        hunks(Git(directory=Path("/")), ())


def test_the_counts_are_those_of_the_hunks(scratch: Scratch) -> None:
    scratch.write("moved", TEN)
    scratch.write("edited", TEN)
    base = scratch.commit()
    scratch.git("mv", "moved", "to \there")
    scratch.write("to \there", TEN + "x\n")
    scratch.write("edited", TEN[10:] + "y\nz\n")
    scratch.write("binary", b"\0")
    head = scratch.commit()
    found = changed(scratch, base)
    assert found.unreadable == ("binary",)
    counts = line_counts(Git(directory=scratch.path), base, head)
    assert {path: (one.added, one.removed) for path, one in counts.items()} == {
        path: tuple(sum(line.kind == kind for h in one for line in h.lines) for kind in "+-")
        for path, one in found.by_path.items()
    }


PATCH = b"diff --git a/1 b/1\n--- a/1\n+++ b/1\n@@ -1 +1,2 @@\n-a\n+b\n+c\n"


@pytest.mark.parametrize(
    "patch",
    [
        PATCH.replace(b"+1,2", b"+1,9"),
        PATCH.replace(b"+1,2", b"+1,1"),
        PATCH.replace(b"-a", b"?a"),
        PATCH + PATCH,
        PATCH.replace(b"--- a/1\n", b"").replace(b"diff", b""),
        b"diff --git a/1 b/1\nBinary files a/1 and b/1 differ\n",
        b"",
        b"x",
    ],
    ids=["short", "long", "no sign", "two files", "no header", "binary", "nothing", "no patch"],
)
def test_a_patch_that_cannot_be_read_has_no_hunks(patch: bytes) -> None:
    assert parsed(PATCH) is not None
    assert parsed(patch) is None
