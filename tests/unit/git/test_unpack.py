"""What is planned is what is merged, byte for byte, and nothing of it lands elsewhere or runs."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from mrbot.errors import GitFailure
from mrbot.git import unpack
from tests.unit.git.conftest import Scratch
from tests.unit.git.test_file_list import ODD_NAMES, odd_names, submodule


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "outer" / "checkout"
    path.mkdir(parents=True)
    return path


def below(directory: Path) -> set[bytes]:
    found = set()
    root = os.fsencode(directory)
    for folder, _, files in os.walk(root):
        found |= {os.path.relpath(os.path.join(folder, name), root) for name in files}
    return found


def test_an_empty_tree_leaves_an_empty_directory(scratch: Scratch, target: Path) -> None:
    head = scratch.commit_tree(scratch.raw_tree())
    scratch.read.checkout(head, target)
    assert list(target.iterdir()) == []


def test_files_modes_links_and_odd_names_are_there(scratch: Scratch, target: Path) -> None:
    odd_names(scratch)
    scratch.write("deep/down/main.tf", b"\0\r\n\xff")
    scratch.write("run.sh", "true\n", 0o755)
    scratch.link("deep/up", "../run.sh")
    scratch.link("dangling", "deep/nowhere")
    scratch.link("folder", "deep/down")
    scratch.commit()
    submodule(scratch)
    scratch.read.checkout(scratch.head(), target)
    assert set(ODD_NAMES) <= below(target)
    assert (target / "deep/down/main.tf").read_bytes() == b"\0\r\n\xff"
    assert stat.S_IMODE((target / "deep/down/main.tf").stat().st_mode) == 0o644
    assert stat.S_IMODE((target / "run.sh").stat().st_mode) == 0o755
    assert os.readlink(target / "deep/up") == "../run.sh"
    assert (target / "folder/main.tf").read_bytes() == b"\0\r\n\xff"
    assert (target / "dangling").is_symlink()
    assert list((target / "vendor/module").iterdir()) == []
    assert not (target / ".git").exists()


def test_attributes_leave_nothing_out_and_rewrite_nothing(scratch: Scratch, target: Path) -> None:
    scratch.write("evil.tf", "# $Format:%H$ $Id$\n")
    scratch.write("w.txt", "w\n")
    scratch.commit()
    rules = (
        "*.tf export-ignore\n* export-subst ident eol=crlf\nw.txt working-tree-encoding=UTF-16\n"
    )
    scratch.write(".gitattributes", rules)
    scratch.git("add", ".gitattributes")
    scratch.git("commit", "--quiet", "--message", "Attributes")
    assert b"evil.tf" not in scratch.git("archive", "HEAD")
    scratch.read.checkout(scratch.head(), target)
    assert (target / "evil.tf").read_bytes() == b"# $Format:%H$ $Id$\n"
    assert (target / "w.txt").read_bytes() == b"w\n"


def test_no_filter_hook_or_helper_of_the_repository_runs(
    scratch: Scratch, target: Path, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {proof}\ncat\n")
    script.chmod(0o755)
    base = scratch.head()
    scratch.write(".gitattributes", "* filter=evil diff=evil merge=evil\n")
    scratch.write("a.tf", "one\n")
    head = scratch.commit()
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    for key in (
        "filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.command",
        "diff.evil.textconv", "diff.external", "merge.evil.driver", "gpg.program", "core.pager",
        "core.fsmonitor", "core.sshCommand", "core.alternateRefsCommand", "core.askPass",
        "pager.log", "pager.diff", "tar.tar.command",
    ):  # fmt: skip
        scratch.git("config", key, str(script))
    scratch.git("config", "core.hooksPath", str(hooks))
    scratch.git("config", "log.showSignature", "true")
    scratch.git("config", "filter.evil.required", "true")
    signed = scratch.raw_commit(message=b"x\n", parents=(head,), committer=b"K <k@example.com>")
    signature = b"gpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\n"
    body = scratch.git("cat-file", "commit", signed).replace(b"\n\n", b"\n" + signature, 1)
    signed = type(head)(scratch.raw("commit", body))
    read = scratch.read
    read.files(base, head)
    read.commits(base, signed)
    read.tree(head, "")
    read.blobs([entry.oid for entry in read.tree(head, "")], 1000)
    read.is_ancestor(base, head)
    read.checkout(head, target)
    assert (target / "a.tf").read_text() == "one\n"
    assert not proof.exists()
    # The same would run where git is run as it is.
    scratch.git("-c", "core.hooksPath=/dev/null", "log", "-1", signed)
    assert proof.exists()


def test_nothing_is_fetched_by_a_program_that_the_repository_names(
    scratch: Scratch, tmp_path: Path
) -> None:
    proof = tmp_path / "proof"
    script = tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {proof}\n")
    script.chmod(0o755)
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": str(tmp_path),
        "remote.origin.uploadpack": str(script),
    }.items():
        scratch.git("config", key, value)
    with suppress(GitFailure):  # git before 2.39.4 tries, and may not
        found = scratch.read.blobs(["1" * 40], 100)
        assert getattr(found["1" * 40], "reason", "") == "not a file but missing"
    assert not proof.exists()


LEAVING = [
    "/etc/passwd", "..", "../outside", "a/../../outside", "./../outside", "deep/../..", "deep/..",
    "../checkout/x", "//etc", "",
]  # fmt: skip


@pytest.mark.parametrize("where", LEAVING, ids=repr)
def test_a_link_that_could_leave_the_tree_is_refused(
    scratch: Scratch, target: Path, where: str
) -> None:
    tree = scratch.raw_tree(("120000", b"link", scratch.blob(where.encode())))
    with pytest.raises(GitFailure, match="leads out of the tree"):
        scratch.read.checkout(scratch.commit_tree(tree), target)


def test_a_link_within_the_tree_is_kept(scratch: Scratch, target: Path) -> None:
    for path, to in {
        "a/b/up": "../../README.md",
        "a/b/side": "./c",
        "a/b/over": "../x//y/",
        "a/long": "b/" * 50 + "c",
        "dots": "...",
    }.items():
        scratch.link(path, to)
    scratch.read.checkout(scratch.commit(), target)
    assert (target / "a/b/up").read_text() == "# infra\n"


def test_links_that_lead_out_only_together_are_refused(scratch: Scratch, target: Path) -> None:
    scratch.write("t/file", "x")
    scratch.link("a/b/s", "../../t")
    scratch.link("l", "a/b/s/../../outside")
    with pytest.raises(GitFailure, match="leads out of the tree"):
        scratch.read.checkout(scratch.commit(), target)


@pytest.mark.parametrize(
    "name", [b"..", b".", b".git", b".GIT", b"../../evil", b"a/../../evil", b"/etc/evil", b"a//b"]
)
def test_a_name_that_no_file_may_have_is_refused(
    scratch: Scratch, target: Path, name: bytes
) -> None:
    oid = scratch.blob(b"evil")
    head = scratch.commit_tree(scratch.raw_tree(("100644", name, oid)))
    with pytest.raises(GitFailure, match="a name that no file may have"):
        scratch.read.checkout(head, target)
    inner = scratch.raw_tree(("100644", b"x", oid))
    head = scratch.commit_tree(scratch.raw_tree(("40000", name, inner)))
    with pytest.raises(GitFailure, match="a name that no file may have"):
        scratch.read.checkout(head, target)
    assert below(target.parent) == set()


def test_nothing_is_written_through_a_link(scratch: Scratch, target: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    oid = scratch.blob(b"evil")
    inner = scratch.raw_tree(("100644", b"evil", oid))
    # A link and a directory of one name, which git itself would never make.
    for link in (b"inside", str(outside).encode()):
        tree = scratch.raw_tree(
            ("120000", b"x", scratch.blob(link)),
            ("40000", b"x", inner),
            ("40000", b"inside", inner),
        )
        with pytest.raises(GitFailure):
            scratch.read.checkout(scratch.commit_tree(tree), target)
        for made in sorted(target.rglob("*"), reverse=True):
            made.rmdir() if made.is_dir() and not made.is_symlink() else made.unlink()
    assert below(outside) == set()


def test_a_name_that_is_there_twice_is_refused(scratch: Scratch, target: Path) -> None:
    oid = scratch.blob(b"x")
    head = scratch.commit_tree(scratch.raw_tree(("100644", b"x", oid), ("100644", b"x", oid)))
    with pytest.raises(GitFailure, match="cannot be unpacked"):
        scratch.read.checkout(head, target)


def test_a_tree_whose_files_are_not_here_is_refused(scratch: Scratch, target: Path) -> None:
    head = scratch.commit_tree(scratch.raw_tree(("100644", b"x", "1" * 40)))
    with pytest.raises(GitFailure, match="are not here"):
        scratch.read.checkout(head, target)


@pytest.mark.parametrize(
    ("limit", "value", "told"),
    [("UNPACK_LIMIT_BYTES", 10, "more than the 10"), ("UNPACK_LIMIT_FILES", 1, "more than the 1 ")],
)
def test_a_tree_that_is_too_large_is_refused(
    scratch: Scratch, target: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int,
    told: str,
) -> None:  # fmt: skip
    scratch.write("a.tf", "0123456789\n")
    monkeypatch.setattr(unpack, limit, value)
    with pytest.raises(GitFailure, match=told):
        scratch.read.checkout(scratch.commit(), target)
    assert list(target.iterdir()) == []


def test_more_than_fits_in_memory_at_once_is_read_in_parts(
    scratch: Scratch, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        scratch.write(f"{number}.txt", f"{number}" * 10)
    monkeypatch.setattr(unpack, "BATCH_BYTES", 25)
    scratch.read.checkout(scratch.commit(), target)
    assert {(target / f"{n}.txt").read_text() for n in range(20)} == {
        f"{n}" * 10 for n in range(20)
    }
