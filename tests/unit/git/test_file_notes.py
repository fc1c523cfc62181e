"""Notes gathered from real repositories, with git's own reading of attributes."""

from __future__ import annotations

import pytest

from mrbot.change.notes import FileNote, NoteKind
from mrbot.git import file_notes
from mrbot.ids import Sha
from tests.unit.change.test_notes import OID, POINTER
from tests.unit.git.conftest import Scratch
from tests.unit.git.test_file_list import odd_names, submodule


def noted(scratch: Scratch, base: Sha) -> tuple[FileNote, ...]:
    head = scratch.head()
    return scratch.read.notes(head, scratch.read.files(base, head), {})


def texts(found: tuple[FileNote, ...], kind: NoteKind) -> dict[str, str]:
    return {note.path: note.text for note in found if note.kind == kind}


def test_an_ordinary_change_has_no_notes(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write("main.tf", "x\n")
    scratch.write(".gitattributes", "* text=auto eol=lf\n*.md diff=markdown\n")
    scratch.commit()
    assert noted(scratch, base) == ()
    assert scratch.read.notes(scratch.head(), (), {}) == ()


def test_links_submodules_modes_and_pointers_are_noted(scratch: Scratch) -> None:
    scratch.write("image", "plain\n")
    base = scratch.commit()
    scratch.link("deep/link", "../../outside")
    scratch.write("run.sh", "true\n", 0o755)
    scratch.write("image", POINTER)
    scratch.write("logo.png", b"\x89PNG\0\n")
    scratch.commit()
    submodule(scratch)
    assert [(str(note.kind), note.path, note.text) for note in noted(scratch, base)] == [
        (
            "symlink",
            "deep/link",
            "a symbolic link to '../../outside', which may lead out of the repository",
        ),
        ("lfs", "image", f"a pointer to a file that is not in git: {OID} (12,345 bytes)"),
        ("binary", "logo.png", "binary, 6 bytes"),
        ("mode", "run.sh", "a new file that is executable: 100755"),
        ("submodule", "vendor/module", "a submodule at commit " + "1" * 40),
    ]


def test_a_large_file_is_binary_by_the_contents_that_the_caller_has(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write("large", b"\0" * 10_000)
    head = scratch.commit()
    files = scratch.read.files(base, head)
    oid = files[0].new_blob or ""
    assert scratch.read.notes(head, files, {}) == ()
    (note,) = scratch.read.notes(head, files, {oid: b"\0" * 10_000})
    assert note.text == "binary, 10,000 bytes"


def test_attributes_in_force_at_the_head_are_those_of_git(scratch: Scratch) -> None:
    names = (
        "a.tf",
        "b.lock",
        "gen/x.tf",
        "gen/inner/y.tf",
        "gen/keep/z.tf",
        "my.bin",
        "q\t\n.lock",
    )
    for name in names:
        scratch.write(name, "before\n")
    scratch.write("elsewhere/.gitattributes", "* -diff\n")
    base = scratch.commit()
    for name in names:
        scratch.write(name, "after\n")
    scratch.write(
        ".gitattributes",
        "[attr]machine -diff gitlab-generated\n*.lock machine\n/gen/** linguist-generated\n"
        "*.bin binary\ngen/inner export-ignore\n",
    )
    scratch.write("gen/keep/.gitattributes", "z.tf !linguist-generated\n")
    scratch.commit()
    # What lies in the work tree or beside it is not the head's.
    scratch.write(".gitattributes", "* -diff\n")
    scratch.write(".git/info/attributes", "* -diff\n")
    found = texts(noted(scratch, base), NoteKind.HIDDEN)
    assert set(found) == {"b.lock", "q\t\n.lock", "gen/x.tf", "gen/inner/y.tf", "my.bin"} | {
        "gen/keep/.gitattributes"
    }
    assert "gitlab-generated" in found["b.lock"]
    assert "diff is 'unset'" in found["b.lock"]
    assert "linguist-generated is 'set'" in found["gen/x.tf"]


def test_a_link_in_the_place_of_attributes_says_nothing(scratch: Scratch) -> None:
    base = scratch.head()
    scratch.write("rules", "* -diff\n")
    scratch.link(".gitattributes", "rules")
    scratch.commit()
    assert texts(noted(scratch, base), NoteKind.HIDDEN) == {}


def test_a_new_name_collides_with_an_old_one_and_a_changed_one_does_not(scratch: Scratch) -> None:
    scratch.write("prod/main.tf", "x\n")
    scratch.write("Twin", "x\n")
    scratch.write("twin", "x\n")
    scratch.write("old.tf", "old\n")
    base = scratch.commit()
    scratch.write("Prod/new.tf", "y\n")
    scratch.write("Twin", "y\n")
    scratch.git("mv", "old.tf", "PROD")
    scratch.commit()
    assert texts(noted(scratch, base), NoteKind.COLLISION) == {
        "Prod/new.tf": "differs by case or Unicode form only from 'PROD'",
        "PROD": "differs by case or Unicode form only from 'Prod'",
    }


def test_every_odd_name_has_notes_that_can_be_shown(scratch: Scratch) -> None:
    base = scratch.head()
    odd_names(scratch)
    found = noted(scratch, base)
    named = set(texts(found, NoteKind.NAME))
    assert {"tab\there.tf", "line\nbreak.tf", "latin\udce9.tf", "\u202ertl.tf", " "} <= named
    assert not {"*.tf", "café.tf", "a => b", "-leading.tf"} & named
    assert all(note.text.isprintable() for note in found)


def test_a_name_that_git_refuses_stops_nothing(scratch: Scratch) -> None:
    """Trees can be made that git itself would not make."""
    rules = scratch.raw_tree(("100644", b".gitattributes", scratch.blob(b"* -diff\n")),
                             ("100644", b"x", scratch.blob(b"x\n")))  # fmt: skip
    head = scratch.commit_tree(scratch.raw_tree(("40000", b".git", rules)))
    empty = scratch.commit_tree(scratch.raw_tree())
    found = scratch.read.notes(head, scratch.read.files(empty, head), {})
    assert set(texts(found, NoteKind.RESERVED)) == {".git/.gitattributes", ".git/x"}


def test_attributes_that_take_git_too_long_are_not_known_and_stop_nothing(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_notes, "ATTRIBUTES_LIMIT_S", 0.5)
    base = scratch.head()
    # Past the work tree, where git itself would be as slow.
    tree = scratch.raw_tree(("100644", b"c", scratch.blob(b"x")))
    for _ in range(60):
        tree = scratch.raw_tree(("40000", b"a", tree))
    rules = scratch.blob(b"**/*a*/" * 40 + b"b x\n")
    entries = ("100644", b".gitattributes", rules), ("40000", b"a", tree)
    head = scratch.commit_tree(scratch.raw_tree(*entries))

    found = scratch.read.notes(head, scratch.read.files(base, head), {})

    assert [(note.path, note.text) for note in found] == [
        ("", "which files .gitattributes hide is not known: git took longer than 0.5 s to tell")
    ]
