"""The list of changed files: what git itself says, whatever the repository would rather show."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from mrbot.change.files import MODE_ABSENT, MODE_SUBMODULE, MODE_SYMLINK, FileChange, FileStatus
from mrbot.errors import BadReference, GitFailure
from mrbot.git.command import Git
from mrbot.git.raw_diff import parse_raw_diff
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from tests.unit.git.conftest import Scratch

LETTER = {
    FileStatus.ADDED: "A", FileStatus.MODIFIED: "M", FileStatus.DELETED: "D",
    FileStatus.RENAMED: "R", FileStatus.COPIED: "C", FileStatus.TYPE_CHANGED: "T",
}  # fmt: skip

ODD_NAMES = [
    b"with space.tf", b"tab\there.tf", b'quote".tf', b"apos'trophe.tf", b"line\nbreak.tf",
    b"back\\slash.tf", b"caf\xc3\xa9.tf", b"latin\xe9.tf", b"\xff\xfe.tf", b"-leading.tf", b"--help",
    b":(glob)**", b":!x", b":/x", b"*.tf", b"[a].tf", b"?.tf", b"a\x01b.tf", b"\xe2\x80\xaertl.tf",
    b"{a => b}.tf", b"a => b", b"R100", b" ", b"#", b"deep/er/\xf0\x9f\x92\xa5/x.tf", b"trailing ",
]  # fmt: skip


def as_git_says(scratch: Scratch, base: Sha, head: Sha) -> list[tuple[str, ...]]:
    """Letter and names of `git diff --name-status -z -M base...head`."""
    out = scratch.git("diff", "--name-status", "-z", "-M", f"{base}...{head}")
    parts = iter(out.split(b"\0")[:-1])
    found = []
    for letter in parts:
        count = 2 if letter[:1] in b"RC" else 1
        found.append((letter[:1].decode(), *(os.fsdecode(next(parts)) for _ in range(count))))
    return found


def as_mrbot_says(files: tuple[FileChange, ...]) -> list[tuple[str, ...]]:
    return [(LETTER[f.status], *((f.old_path,) if f.old_path else ()), f.path) for f in files]


def submodule(scratch: Scratch) -> None:
    scratch.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendor/module")
    scratch.git("commit", "--quiet", "--message", "A submodule")


def odd_names(scratch: Scratch) -> None:
    for name in ODD_NAMES:
        scratch.write(name, name)
    scratch.commit()


def renamed(scratch: Scratch) -> None:
    (scratch.path / "moved").mkdir()
    scratch.git("mv", "long.txt", "moved/here.txt")
    scratch.commit()


def renamed_and_edited(scratch: Scratch) -> None:
    (scratch.path / "moved").mkdir()
    scratch.git("mv", "long.txt", "moved/here.txt")
    scratch.write("moved/here.txt", "".join(f"line {n}\n" for n in range(95)))
    scratch.commit()


def swapped(scratch: Scratch) -> None:
    scratch.git("mv", "long.txt", "x")
    scratch.git("mv", "README.md", "long.txt")
    scratch.git("mv", "x", "README.md")
    scratch.commit()


def executable(scratch: Scratch) -> None:
    scratch.write("long.txt", (scratch.path / "long.txt").read_bytes(), 0o755)
    scratch.commit()


def to_link(scratch: Scratch) -> None:
    scratch.link("long.txt", "/etc/passwd")
    scratch.commit()


def binary(scratch: Scratch) -> None:
    scratch.write("image.png", bytes(range(256)) * 20)
    scratch.commit()


def deleted(scratch: Scratch) -> None:
    (scratch.path / "long.txt").unlink()
    scratch.commit()


def emptied(scratch: Scratch) -> None:
    scratch.write("long.txt", b"")
    scratch.write("empty.txt", b"")
    scratch.commit()


def file_to_directory(scratch: Scratch) -> None:
    (scratch.path / "long.txt").unlink()
    scratch.write("long.txt/inner.txt", "inner\n")
    scratch.commit()


def merged(scratch: Scratch) -> None:
    """The target moved on, and was merged into the change."""
    scratch.write("mine.txt", "mine\n")
    scratch.commit()
    scratch.git("checkout", "--quiet", "main")
    scratch.write("theirs.txt", "theirs\n")
    scratch.commit()
    scratch.git("checkout", "--quiet", "feature")
    scratch.git("merge", "--quiet", "--no-edit", "main")
    scratch.write("after.txt", "after\n")
    scratch.commit()


def hidden_by_attributes(scratch: Scratch) -> None:
    scratch.write(".gitattributes", "* -diff linguist-generated export-ignore\n*.txt binary\n")
    scratch.write("long.txt", "other\n")
    scratch.commit()


def nothing(scratch: Scratch) -> None:
    scratch.commit("Nothing")


CHANGES: list[Callable[[Scratch], None]] = [
    nothing, renamed, renamed_and_edited, swapped, executable, to_link, submodule, binary, deleted,
    emptied, file_to_directory, odd_names, merged, hidden_by_attributes,
]  # fmt: skip


@pytest.fixture
def branched(scratch: Scratch) -> Scratch:
    scratch.write("long.txt", "".join(f"line {n}\n" for n in range(100)))
    scratch.commit("The base")
    scratch.git("checkout", "--quiet", "-b", "feature")
    return scratch


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_the_list_is_that_of_git(branched: Scratch, change: Callable[[Scratch], None]) -> None:
    change(branched)
    target, head = branched.head("main"), branched.head("feature")
    base = branched.read.merge_base(target, head)
    files = branched.read.files(base, head)
    assert as_mrbot_says(files) == as_git_says(branched, target, head)
    assert bool(files) is (change is not nothing)
    if change is odd_names:
        assert sorted(os.fsencode(file.path) for file in files) == sorted(ODD_NAMES)
    if change is merged:
        assert {file.path for file in files} == {"mine.txt", "after.txt"}


def test_modes_and_blobs_are_the_trees(branched: Scratch) -> None:
    base = branched.head()
    branched.link("link", "README.md")
    branched.write("run.sh", "true\n", 0o755)
    (branched.path / "long.txt").unlink()
    branched.commit()
    submodule(branched)
    found = {file.path: file for file in branched.read.files(base, branched.head())}
    assert {path: (f.old_mode, f.new_mode) for path, f in found.items()} == {
        "link": (MODE_ABSENT, MODE_SYMLINK),
        "run.sh": (MODE_ABSENT, "100755"),
        "vendor/module": (MODE_ABSENT, MODE_SUBMODULE),
        "long.txt": ("100644", MODE_ABSENT),
    }
    assert found["vendor/module"].new_blob == "1" * 40
    assert found["long.txt"].new_blob is None
    assert found["run.sh"].old_blob is None
    assert found["run.sh"].new_blob == branched.blob(b"true\n")


@pytest.mark.parametrize(
    "settings",
    [
        {"diff.relative": "true"},
        {"diff.ignoreSubmodules": "all", "submodule.vendor/module.ignore": "all"},
        {"diff.orderFile": "/nonexistent"},
        {"diff.noprefix": "true", "diff.mnemonicPrefix": "true"},
        {"diff.renames": "false"},
        {"diff.renames": "copies"},
        {"diff.renameLimit": "1"},
        {"core.quotePath": "true"},
        {"color.ui": "always", "color.diff": "always"},
        {"core.fileMode": "false"},
    ],
    ids=lambda settings: next(iter(settings)) + " " + next(iter(settings.values())),
)
def test_no_setting_of_the_repository_changes_the_list(
    branched: Scratch, settings: dict[str, str]
) -> None:
    base = branched.head()
    renamed_and_edited(branched)
    branched.write("inner/x.sh", "true\n", 0o755)
    branched.commit()
    submodule(branched)
    head = branched.head()
    before = branched.read.files(base, head)
    for key, value in settings.items():
        branched.git("config", key, value)
    assert branched.read.files(base, head) == before
    assert {file.path for file in before} == {"moved/here.txt", "inner/x.sh", "vendor/module"}
    inner = GitRepository(Git(directory=branched.path / "inner"))
    assert inner.files(base, head) == before


def test_objects_are_never_replaced(branched: Scratch) -> None:
    base = branched.head()
    branched.write("long.txt", "evil\n")
    head = branched.commit()
    branched.git("replace", head, base)
    assert [file.path for file in branched.read.files(base, head)] == ["long.txt"]
    evil, fine = branched.blob(b"evil\n"), branched.blob(b"fine\n")
    branched.git("replace", evil, fine)
    (blob,) = branched.read.blobs([evil], 100).values()
    assert getattr(blob, "content", None) == b"evil\n"


def test_commits_without_a_common_ancestor_are_a_bad_reference(branched: Scratch) -> None:
    branched.git("checkout", "--quiet", "--orphan", "apart")
    apart = branched.commit()
    with pytest.raises(BadReference, match="no common ancestor"):
        branched.read.merge_base(branched.head("main"), apart)


@pytest.mark.parametrize(
    "ref",
    ["", "-x", "--all", "nowhere", "HEAD:README.md", "0" * 40, "main\0", "a..b", "\udcff"],
    ids=repr,
)
def test_what_names_no_commit_is_a_bad_reference(scratch: Scratch, ref: str) -> None:
    with pytest.raises(BadReference):
        scratch.read.resolve(ref)


def test_a_branch_tag_and_commit_resolve_to_the_commit(scratch: Scratch) -> None:
    scratch.git("tag", "-a", "v1", "-m", "One")
    head = scratch.head()
    assert {scratch.read.resolve(ref) for ref in ("main", "v1", head, "HEAD", head[:12])} == {head}


ZERO, ONE = "0" * 40, "1" * 40


@pytest.mark.parametrize(
    "output",
    [
        b"nonsense\0",
        f":100644 100644 {ONE} {ONE} X\0a\0".encode(),
        f":100644 100644 {ONE} {ONE} U\0a\0".encode(),
        f":100644 100644 {ONE} {ONE} M".encode(),
        f":100644 100644 {ONE} {ONE} R100\0a".encode(),
        f":100644 {ONE} {ONE} M\0a\0".encode(),
        f":100644 100644 {ONE} {ONE} \0a\0".encode(),
        b":\xff\0a\0",
    ],
    ids=repr,
)
def test_what_git_never_prints_is_a_failure_and_not_left_out(output: bytes) -> None:
    with pytest.raises(GitFailure):
        parse_raw_diff(output)


def test_no_output_is_no_change() -> None:
    assert parse_raw_diff(b"") == ()


def test_a_copy_keeps_its_source() -> None:
    (file,) = parse_raw_diff(f":100644 100644 {ONE} {ONE} C75\0a\0b\0".encode())
    assert (file.status, file.old_path, file.path) == (FileStatus.COPIED, "a", "b")
