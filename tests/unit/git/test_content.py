"""Blobs, trees and entries: whole, bounded, and by their exact names."""

from __future__ import annotations

import pytest

from mrbot.change.files import MODE_SYMLINK
from mrbot.change.repository import Blob, BlobSkipped
from mrbot.errors import GitFailure
from mrbot.git import repository
from tests.unit.git.conftest import Scratch
from tests.unit.git.test_file_list import ODD_NAMES, odd_names, submodule


def test_no_objects_are_no_blobs(scratch: Scratch) -> None:
    assert scratch.read.blobs([], 100) == {}


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"no newline", b"\0\n\0\r\n\xff", b"x blob 3\nabc\n", b"a" * 100_000]
)
def test_a_blob_is_read_whole(scratch: Scratch, content: bytes) -> None:
    oid = scratch.blob(content)
    assert scratch.read.blobs([oid], 100_000) == {oid: Blob(oid=oid, content=content)}


def test_many_blobs_are_read_at_once_and_each_is_its_own(scratch: Scratch) -> None:
    contents = {scratch.blob(f"{n}\n".encode() * n): f"{n}\n".encode() * n for n in range(30)}
    found = scratch.read.blobs([*contents, *contents], 10_000)
    assert {oid: one.content for oid, one in found.items() if isinstance(one, Blob)} == contents


def test_a_blob_over_the_limit_is_skipped_with_its_size(scratch: Scratch) -> None:
    fits, over = scratch.blob(b"a" * 10), scratch.blob(b"b" * 11)
    found = scratch.read.blobs([fits, over], 10)
    assert isinstance(found[fits], Blob)
    assert found[over] == BlobSkipped(
        oid=over, size=11, reason="11 bytes, more than the 10 that mrbot reads of a file"
    )


def test_all_blobs_together_have_a_limit(scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    oids = [scratch.blob(b"a" * 9 + bytes([n])) for n in range(5)]
    monkeypatch.setattr(repository, "TOTAL_LIMIT_BYTES", 30)
    found = scratch.read.blobs(oids, 100)
    assert set(found) == set(oids)
    skipped = [one for one in found.values() if isinstance(one, BlobSkipped)]
    assert len(skipped) == 2
    assert "more than the 30 bytes" in skipped[0].reason


def test_what_is_no_file_is_skipped_and_says_so(scratch: Scratch) -> None:
    tree, commit = scratch.head("HEAD^{tree}"), scratch.head()
    found = scratch.read.blobs([tree, commit, "1" * 40], 100)
    assert [one.reason for one in found.values() if isinstance(one, BlobSkipped)] != []
    assert {oid: getattr(one, "reason", "") for oid, one in found.items()} == {
        tree: "not a file but tree",
        commit: "not a file but commit",
        "1" * 40: "not a file but missing",
    }


def test_an_entry_is_the_one_file_of_exactly_that_name(scratch: Scratch) -> None:
    odd_names(scratch)
    scratch.write("dir/inner.tf")
    scratch.link("link", "dir")
    submodule(scratch)
    head = scratch.commit()
    names = {entry.path for entry in scratch.read.tree(head, "")}
    for name in ODD_NAMES:
        path = name.decode("utf-8", "surrogateescape")
        found = scratch.read.entry(head, path)
        assert found is not None, path
        assert found.path == path
        assert path in names


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "/", "dir", "dir/", "dir/*", "dir/inner.t?", "DIR/inner.tf", "./dir/inner.tf",
        "dir//inner.tf", "dir/../README.md", ":(glob)**", ":(top)README.md", ":!README.md", "*",
        "**", "README.*", ":(icase)readme.md", "vendor/module", "link/inner.tf", "README.md/",
        "README.md\0", "nowhere", "-r",
    ],
    ids=repr,
)  # fmt: skip
def test_no_other_name_is_an_entry(scratch: Scratch, path: str) -> None:
    scratch.write("dir/inner.tf")
    scratch.link("link", "dir")
    submodule(scratch)
    head = scratch.commit()
    try:
        assert scratch.read.entry(head, path) is None
    except GitFailure:
        assert path in {"", "/", "dir/../README.md", "README.md\0"}


def test_a_link_is_an_entry_with_its_mode(scratch: Scratch) -> None:
    scratch.link(".mrbot.yml", "elsewhere.yml")
    entry = scratch.read.entry(scratch.commit(), ".mrbot.yml")
    assert entry is not None
    assert entry.mode == MODE_SYMLINK


def test_a_tree_lists_every_file_below_a_directory(scratch: Scratch) -> None:
    for path in ("a/b/c.tf", "a/d.tf", "ab/e.tf", "[a]/f.tf", "a.tf"):
        scratch.write(path)
    head = scratch.commit()

    def listed(directory: str) -> list[str]:
        return [entry.path for entry in scratch.read.tree(head, directory)]

    assert listed("") == ["README.md", "[a]/f.tf", "a.tf", "a/b/c.tf", "a/d.tf", "ab/e.tf"]
    assert listed("a") == listed("a/") == ["a/b/c.tf", "a/d.tf"]
    assert listed("a/b") == ["a/b/c.tf"]
    assert listed("[a]") == ["[a]/f.tf"]
    for nothing in ("nowhere", "a.tf", "a*", "**", ":(glob)**", "A"):
        assert listed(nothing) == []


def test_a_directory_behind_a_link_is_not_there(scratch: Scratch) -> None:
    scratch.write("real/deny.rego")
    scratch.link("policies", "real")
    assert scratch.read.tree(scratch.commit(), "policies") == ()


def test_ancestry(scratch: Scratch) -> None:
    one = scratch.head()
    two = scratch.commit()
    scratch.git("checkout", "--quiet", "-b", "side", one)
    side = scratch.commit("Side")
    read = scratch.read
    assert read.is_ancestor(one, one)
    assert read.is_ancestor(one, two)
    assert not read.is_ancestor(two, one)
    assert not read.is_ancestor(side, two)
    with pytest.raises(GitFailure):
        read.is_ancestor(one, type(one)("1" * 40))
