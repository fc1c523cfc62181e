"""Notes on changed files: each told when it is so, and not when it is not."""

from __future__ import annotations

import pytest

from mrbot.change import notes
from mrbot.change.files import MODE_ABSENT, MODE_SUBMODULE, MODE_SYMLINK, FileChange, FileStatus
from mrbot.change.names import collision_notes, folded, name_notes
from mrbot.change.notes import (
    FileNote,
    LfsPointer,
    NoteKind,
    attribute_note,
    bounded,
    content_notes,
    is_binary,
    leaves,
    lfs_pointer,
    mode_notes,
)

OLD, NEW = "1" * 40, "2" * 40


def changed(
    old_mode: str = "100644", new_mode: str = "100644", path: str = "a", old_path: str | None = None
) -> FileChange:
    return FileChange(
        path=path, old_path=old_path, status=FileStatus.MODIFIED, old_mode=old_mode,
        new_mode=new_mode, old_blob=None if old_mode == MODE_ABSENT else OLD,
        new_blob=None if new_mode == MODE_ABSENT else NEW,
    )  # fmt: skip


def told(found: list[FileNote]) -> list[tuple[str, str]]:
    return [(str(note.kind), note.text) for note in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("100644", "100644", []),
        ("100644", "100755", [("mode", "becomes executable: 100644 before, 100755 now")]),
        ("100755", "100644", [("mode", "is no longer executable: 100755 before, 100644 now")]),
        ("100664", "100644", [("mode", "has another mode: 100664 before, 100644 now")]),
        (MODE_ABSENT, "100755", [("mode", "a new file that is executable: 100755")]),
        (MODE_ABSENT, "100644", []),
        ("100755", MODE_ABSENT, []),
        ("100644", MODE_SYMLINK, [("type-changed", "a file becomes a symbolic link")]),
        (MODE_SYMLINK, "100755", [("type-changed", "a symbolic link becomes a file")]),
        (MODE_ABSENT, MODE_SUBMODULE, [("submodule", f"a submodule at commit {NEW}")]),
        (MODE_SUBMODULE, MODE_ABSENT, [("submodule", f"no longer a submodule at commit {OLD}")]),
        (
            MODE_SUBMODULE,
            MODE_SUBMODULE,
            [("submodule", f"a submodule at commit {NEW}, before: {OLD}")],
        ),
        (
            MODE_SYMLINK,
            MODE_SUBMODULE,
            [
                ("type-changed", "a symbolic link becomes a submodule"),
                ("submodule", f"a submodule at commit {NEW}"),
            ],
        ),
    ],
)
def test_modes_are_told(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert told([*mode_notes(changed(old, new))]) == expected


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "expected"),
    [
        (MODE_ABSENT, MODE_SYMLINK, b"", b"b/c", ["a symbolic link to 'b/c'"]),
        (MODE_SYMLINK, MODE_ABSENT, b"b", b"", ["no longer a symbolic link to 'b'"]),
        (MODE_SYMLINK, MODE_SYMLINK, b"b", b"c", ["a symbolic link to 'c', before: 'b'"]),
        ("100644", MODE_SYMLINK, b"b", b"c", ["a symbolic link to 'c'"]),
        (MODE_SYMLINK, "100644", b"b", b"c", ["no longer a symbolic link to 'b'"]),
        (
            MODE_ABSENT,
            MODE_SYMLINK,
            b"",
            b"/etc/passwd",
            ["a symbolic link to '/etc/passwd', which may lead out of the repository"],
        ),
        (MODE_ABSENT, MODE_SYMLINK, b"", b"a\n\xff", ["a symbolic link to 'a\\n\\\\xff'"]),
        (MODE_ABSENT, MODE_SYMLINK, b"", None, ["a symbolic link to '(too long)'"]),
        ("100644", "100644", b"b", b"c", []),
    ],
)
def test_links_are_told_with_both_targets(
    old: str, new: str, before: bytes, after: bytes | None, expected: list[str]
) -> None:
    contents = {OLD: before} if after is None else {OLD: before, NEW: after}
    assert [one.text for one in content_notes(changed(old, new), contents)] == expected


@pytest.mark.parametrize(
    ("path", "target", "out"),
    [
        ("a", "b", False), ("d/a", "../b", False), ("d/e/a", "../../b", False), ("a", "./b//c", False),
        ("a", "/b", True), ("a", "..", True), ("d/a", "../../b", True), ("d/a", "../e/../../b", True),
        ("a", "b/..", True), ("a", "b/../c", True), ("a", "...", False),
    ],
)  # fmt: skip
def test_a_link_that_may_lead_out_is_known(path: str, target: str, out: bool) -> None:
    assert leaves(path, target) is out


OID = "sha256:" + "ab" * 32
POINTER = f"version https://git-lfs.github.com/spec/v1\noid {OID}\nsize 12345\n".encode()


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (POINTER, LfsPointer(oid=OID, size=12345)),
        (POINTER.rstrip(b"\n"), LfsPointer(oid=OID, size=12345)),
        (POINTER.replace(b"git-lfs.github", b"hawser.github"), LfsPointer(oid=OID, size=12345)),
        (
            POINTER.replace(b"oid", b"ext-0-foo sha256:" + b"1" * 64 + b"\noid"),
            LfsPointer(oid=OID, size=12345),
        ),
        (POINTER + b"more\n", None),
        (b"# " + POINTER, None),
        (POINTER.replace(b"12345", b"-1"), None),
        (POINTER.replace(b"sha256", b"md5"), None),
        (POINTER.replace(b"size", b"ext-" + b"x" * 1024 + b"\nsize"), None),
        (b"", None),
    ],
)
def test_a_pointer_is_told_from_content(content: bytes, pointer: LfsPointer | None) -> None:
    assert lfs_pointer(content) == pointer


@pytest.mark.parametrize(
    ("before", "after", "kinds", "text"),
    [
        (b"x", POINTER, ["lfs"], f"a pointer to a file that is not in git: {OID} (12,345 bytes)"),
        (POINTER, b"x", ["lfs"], f"no longer a pointer to a file that is not in git: {OID}"),
        (POINTER, POINTER.replace(b"345", b"346"), ["lfs"], "(12,346 bytes), before: sha256"),
        (b"x", b"\0" * 2000, ["binary"], "binary, 2,000 bytes, before: 1 bytes"),
        (b"\0", POINTER, ["lfs", "binary"], ""),
        (b"x", b"y", [], ""),
        (POINTER, POINTER, [], ""),
    ],
)
def test_content_that_is_no_text_is_told(
    before: bytes, after: bytes, kinds: list[str], text: str
) -> None:
    found = [*content_notes(changed(), {OLD: before, NEW: after})]
    assert [note.kind for note in found] == kinds
    assert text in "".join(note.text for note in found)


def test_binary_is_what_git_takes_for_it() -> None:
    assert is_binary(b"x" * 7999 + b"\0")
    assert not is_binary(b"x" * 8000 + b"\0")


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({}, []),
        ({"diff": "set", "text": "auto", "eol": "lf"}, []),
        ({"diff": "markdown"}, []),
        ({"diff": "lfs", "filter": "lfs", "merge": "lfs"}, []),
        ({"diff": "unset", "binary": "set"}, ["its diff is not shown", "'unset'"]),
        ({"diff": "sops"}, ["a program", "'sops'"]),
        ({"linguist-generated": "set"}, ["folded away on GitHub"]),
        ({"linguist-generated": "true"}, ["folded away on GitHub"]),
        ({"linguist-generated": "false"}, []),
        ({"gitlab-generated": "set", "export-ignore": "set"}, ["on GitLab", "archives"]),
        ({"filter": "git-crypt", "diff": "git-crypt"}, ["checkout", "a program"]),
        ({"filter": "unset", "export-ignore": "unset"}, []),
        ({"working-tree-encoding": "UTF-16"}, ["'UTF-16'"]),
    ],
    ids=repr,
)
def test_attributes_that_hide_are_told(attributes: dict[str, str], words: list[str]) -> None:
    found = attribute_note(changed(), attributes)
    assert (found is not None) is bool(words)
    assert all(found is not None and word in found.text for word in words)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("modules/vpc/main.tf", []),
        ("with space/a.tf", []),
        ("größe/é.tf", []),
        ("конфигурация/файл.yml", []),
        ("prod/конфиг.yml", []),
        ("main.\u0441\u043e\u043c", ["mixes"]),
        (".\u0435nv", ["mixes"]),
        ("環境/本番.tf", []),
        ("l\udce9a.tf", ["not UTF-8 (\\xe9)"]),
        ("a\nb", ["control characters (U+000A)"]),
        ("a\tb", ["control characters"]),
        ("a\x1b[2Jb", ["U+001B"]),
        ('a"b', ['quotes or backslashes (")']),
        ("it's", ["quotes"]),
        ("a\\b", ["backslashes"]),
        (" a", ["spaces at an end"]),
        ("dir /a", ["spaces at an end"]),
        ("a\u00a0b", ["U+00A0 NO-BREAK SPACE"]),
        ("a\u202eft.exe", ["U+202E RIGHT-TO-LEFT OVERRIDE"]),
        ("a\u200bb", ["U+200B ZERO WIDTH SPACE"]),
        ("a\u3164b", ["U+3164 HANGUL FILLER"]),
        ("a\u2028b", ["U+2028"]),
        ("pr\u043ed/main.tf", ["U+043E CYRILLIC SMALL LETTER O"]),
        ("\u03bfrders.tf", ["U+03BF GREEK SMALL LETTER OMICRON"]),
        ("prod\uff41.tf", ["U+FF41"]),
        ("e\u0301.tf", ["normal form"]),
    ],
    ids=ascii,
)
def test_names_that_mislead_are_told(path: str, words: list[str]) -> None:
    found = [note for note in name_notes(changed(path=path)) if note.kind == NoteKind.NAME]
    assert len(found) == bool(words)
    assert all(word in found[0].text for word in words)
    assert all(note.text.isprintable() for note in found)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("a/.github/x", []), (".gitignore", []), (".gitlab-ci.yml", []), ("git/x", []),
        ("auxiliary.tf", []), ("com.tf", []), ("console/x", []), ("a.b/c..d", []), ("nul1", []),
        (".git/config", ["git's own"]), ("a/.GIT/x", ["git's own"]), (".git./x", ["git's own", "dot"]),
        (".g\u200cit/x", ["git's own"]), ("git~1", ["git's own"]), (".git::$INDEX_ALLOCATION", ["git's"]),
        ("aux", ["device"]), ("modules/AUX.tf", ["device"]), ("con/x", ["device"]),
        ("com1.txt", ["device"]), ("nul:x", ["device"]), ("a./b", ["dot"]), ("a ", ["space"]),
        ("a?b", ["Windows refuses (?)"]), ("a<b>", ["(< >)"]),
    ],
    ids=ascii,
)  # fmt: skip
def test_reserved_names_are_told(path: str, words: list[str]) -> None:
    found = [note for note in name_notes(changed(path=path)) if note.kind == NoteKind.RESERVED]
    assert len(found) == bool(words)
    assert all(word in found[0].text for word in words)


@pytest.mark.parametrize(
    ("new", "tree", "other"),
    [
        ("a/b", ["a/b", "a/c", "b"], None),
        ("Main.tf", ["Main.tf", "main.tf"], "main.tf"),
        ("Prod/x", ["Prod/x", "prod/y"], "prod"),
        ("a/Prod/x", ["Prod/q", "a/Prod/x", "a/Prod/y"], None),
        ("a/Prod/x", ["a/Prod/x", "a/prod/x"], "a/prod"),
        ("prod", ["prod", "Prod/x"], "Prod"),
        ("caf\u00e9", ["cafe\u0301", "caf\u00e9"], "cafe\u0301"),
        ("stra\u00dfe", ["STRASSE", "stra\u00dfe"], "STRASSE"),
        ("a\u200bb", ["ab", "a\u200bb"], "ab"),
        ("l\udce9", ["l\udce8", "l\udce9"], None),
    ],
    ids=ascii,
)
def test_names_that_some_systems_take_for_one_are_told(
    new: str, tree: list[str], other: str | None
) -> None:
    found = [*collision_notes([new], tree)]
    if other is None:
        assert found == []
    else:
        text = f"differs by case or Unicode form only from {other!r}"
        assert found == [FileNote(path=new, kind=NoteKind.COLLISION, text=text)]


def test_two_new_files_collide_with_each_other() -> None:
    assert {one.path for one in collision_notes(["A", "a"], ["A", "a"])} == {"A", "a"}
    assert folded("A/\u00c9") == folded("a/e\u0301")


def test_notes_are_in_order_and_those_left_out_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "NOTES_LIMIT", 2)
    made = [FileNote(path=str(n), kind=NoteKind.NAME, text="x") for n in range(5)]
    link = FileNote(path="4", kind=NoteKind.SYMLINK, text="x")
    found = bounded([*reversed(made), link])
    left = FileNote(path="", kind=NoteKind.NAME, text="3 more files")
    assert found == (made[0], made[1], link, left)
    assert bounded(found[:3]) == found[:3]
