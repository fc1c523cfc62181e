"""Mirrors without the contents of files: the same answers, in few requests, and no trace on disk."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import request

from mrbot.change.repository import Blob, BlobSkipped
from mrbot.errors import GitFailure
from mrbot.git import partial
from mrbot.git.command import Git, Remote, basic
from mrbot.git.mirror import Mirror
from mrbot.git.objects import MISSING, kinds
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from mrbot.sandbox import Sandbox, git_http
from mrbot.secret import Secret

PROJECT = "acme/infra"
MAIN = "refs/heads/main"
FILES: dict[str, str | bytes | None] = {f"d{n % 5}/f{n}.tf": f"file {n}\n" * 20 for n in range(40)}


@dataclass
class Server:
    """A sandbox whose requests for packs are counted."""

    sandbox: Sandbox
    token: str
    requests: list[str] = field(default_factory=list)
    version: str | None = "as asked"

    @property
    def bare(self) -> Git:
        return Git(directory=self.sandbox.world.repository(self.sandbox.project(PROJECT)).path)

    def commit(self, files: dict[str, str | bytes | None], branch: str = "main") -> Sha:
        return Sha(self.sandbox.commit(PROJECT, branch, files, author="alice"))

    def mirror(self, directory: Path) -> Mirror:
        url = f"{self.sandbox.url}/{PROJECT}.git"
        return Mirror(directory, Remote(url=url, authorization=basic("oauth2", Secret(self.token))))

    def packs(self) -> int:
        """Packs that were asked for since the last call."""
        count = len(self.requests)
        self.requests.clear()
        return count


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Sandbox.start(tmp_path / "sandbox", tick_s=None) as sandbox:
        token = sandbox.add_user("mrbot", bot=True)
        sandbox.add_user("alice")
        sandbox.add_project(PROJECT, members={"mrbot": "maintainer", "alice": "developer"})
        made = Server(sandbox=sandbox, token=token)
        cgi = git_http._cgi

        def counted(world, project, user, service, received, body):
            if service == "git-upload-pack":
                body.seek(0)
                text = body.read()
                if request.headers.get("Content-Encoding") == "gzip":
                    text = gzip.decompress(text)
                if b"want " in text:
                    made.requests.append(text.decode())
            found = cgi(world, project, user, service, received, body)
            body.seek(0)
            if made.version is None:
                found.pop("GIT_PROTOCOL", None)
            assert request.headers.get("Authorization")
            return found

        monkeypatch.setattr(git_http, "_cgi", counted)
        yield made


@pytest.fixture
def changed(server: Server) -> tuple[Sha, Sha]:
    """A base and a head with a file edited, added, removed, and one moved and edited."""
    base = server.commit(FILES)
    moved = str(FILES["d3/f3.tf"])
    head = server.commit(
        {"d1/f1.tf": "edited\n", "new.tf": "new\n", "d2/f2.tf": None, "d3/f3.tf": None,
         "moved/f3.tf": moved + "more\n"}
    )  # fmt: skip
    return base, head


def held(server: Server) -> GitRepository:
    """The server's own repository, read without a mirror."""
    return GitRepository(server.bare)


def here(directory: Path, head: Sha) -> int:
    """How many files of `head` have their contents in the mirror."""
    git = Git(directory=directory)
    oids = [entry.oid for entry in GitRepository(git).tree(head, "")]
    return sum(kind == "blob" for kind, _ in kinds(git, oids).values())


def test_contents_come_when_they_are_read_and_in_one_request(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    base, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    assert server.packs() == 3  # two to learn what the server can do
    assert here(tmp_path / "m.git", head) == 0
    files = found.files(base, head)
    assert server.packs() == 1
    assert files == held(server).files(base, head)
    assert [file.old_path for file in files if file.old_path] == ["d3/f3.tf"]
    assert found.hunks(files) == held(server).hunks(files)
    oids = {oid for file in files for oid in (file.old_blob, file.new_blob) if oid}
    assert found.blobs(oids, 10_000) == held(server).blobs(oids, 10_000)
    assert server.packs() == 0
    assert here(tmp_path / "m.git", head) == 3


def test_reading_twice_and_fetching_nothing_new_ask_for_nothing(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    base, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    found.files(base, head)
    server.packs()
    again = server.mirror(tmp_path / "m.git")
    again.fetch([MAIN])
    again.files(base, head)
    assert again.entry(head, "new.tf") == held(server).entry(head, "new.tf")
    assert again.tree(head, "") == held(server).tree(head, "")
    assert again.commits(base, head) == held(server).commits(base, head)
    assert again.is_ancestor(base, head)
    assert again.has(head)
    assert not again.has(Sha("1" * 40))
    assert server.packs() == 0


def test_a_checkout_fetches_the_rest_at_once(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    _, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    server.packs()
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    found.checkout(head, tmp_path / "ours")
    assert server.packs() == 1
    held(server).checkout(head, tmp_path / "theirs")
    ours, theirs = (
        {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }
        for name in ("ours", "theirs")
    )
    assert ours == theirs
    assert len(ours) == 41


def test_notes_need_one_request_at_most(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    del changed
    base = server.commit({".gitattributes": "*.lock -diff\n", "d1/.gitattributes": "* -diff\n"})
    head = server.commit({"x.lock": "x\n", "d1/f1.tf": "y\n"})
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    files = found.files(base, head)
    server.packs()
    noted = found.notes(head, files, {})
    assert server.packs() == 1
    assert [note.path for note in noted] == ["d1/f1.tf", "x.lock"]
    assert noted == held(server).notes(head, files, {})


def test_new_commits_a_force_push_and_what_was_kept(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    base, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    found.keep(head)
    server.bare.run(["update-ref", MAIN, base])
    other = server.commit({"other.tf": "other\n"})
    found.fetch([MAIN])
    assert found.fetched(MAIN) == other
    assert found.resolve(f"refs/mrbot/seen/{head}") == head
    server.bare.run(["reflog", "expire", "--expire=now", "--all"])
    # Its files were never read, and the server has them until it prunes.
    assert found.files(base, head) == held(server).files(base, head)
    assert found.merge_base(other, head) == base
    # A request's own ref, and a commit by its id.
    server.bare.run(["update-ref", "refs/merge-requests/7/head", head])
    found.fetch(["refs/merge-requests/7/head", base])
    assert found.fetched("refs/merge-requests/7/head") == head
    assert found.fetched(base) == base


def test_nothing_on_disk_says_that_anything_is_promised_and_nothing_holds_the_token(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    tattler = tmp_path / "bin" / "git"
    tattler.parent.mkdir()
    tattler.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nexec {real} "$@"\n')
    tattler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tattler.parent}:{os.environ['PATH']}")
    base, head = changed
    directory = tmp_path / "m.git"
    found = server.mirror(directory)
    found.fetch([MAIN])
    found.files(base, head)
    config = (directory / "config").read_text()
    for word in ("promisor", "partial", "remote", "http", "extensions", "filter"):
        assert word not in config.lower()
    written = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    written += (tmp_path / "arguments").read_bytes()
    assert b"--stdin mrbot" in written
    encoded = basic("oauth2", Secret(server.token)).reveal().rpartition(" ")[2]
    for secret in (server.token, encoded):
        assert secret.encode() not in written


def test_git_that_knows_no_setting_against_it_fetches_nothing_by_itself(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    """Before 2.44 (and repairs of older ones) git ignores GIT_NO_LAZY_FETCH."""
    base, head = changed
    directory = tmp_path / "m.git"
    server.mirror(directory).fetch([MAIN])
    server.packs()
    git = Git(directory=directory, remote=server.mirror(directory)._remote,
              extra={"GIT_NO_LAZY_FETCH": "0"})  # fmt: skip
    oid = held(server).tree(head, "")[0].oid
    assert kinds(git, [oid, "1" * 40]) == {oid: (MISSING, 0), "1" * 40: (MISSING, 0)}
    with pytest.raises(GitFailure):
        GitRepository(git).files(base, head)
    assert server.packs() == 0


@pytest.mark.parametrize("lack", ["filter", "protocol"])
def test_a_server_that_cannot_do_it_gives_all_at_once(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path, lack: str
) -> None:
    base, head = changed
    if lack == "filter":
        server.bare.run(["config", "uploadpack.allowFilter", "false"])
    else:
        server.version = None
        server.bare.run(["config", "uploadpack.allowAnySHA1InWant", "false"])
    directory = tmp_path / "m.git"
    found = server.mirror(directory)
    found.fetch([MAIN])
    assert here(directory, head) == 41
    server.packs()
    files = found.files(base, head)
    assert files == held(server).files(base, head)
    assert found.hunks(files) == held(server).hunks(files)
    later = server.commit({"d4/f4.tf": "later\n"})
    found.fetch([MAIN])
    assert server.packs() >= 1
    assert here(directory, later) == 41
    found.files(head, later)
    assert server.packs() == 0


def test_a_server_that_can_do_it_no_more_is_a_failure_and_not_a_missing_file(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    base, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    server.version = None
    server.bare.run(["config", "uploadpack.allowAnySHA1InWant", "false"])
    with pytest.raises(GitFailure):
        found.files(base, head)


def test_a_server_that_lost_its_filter_sends_more_and_nothing_breaks(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    _, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    server.bare.run(["config", "uploadpack.allowFilter", "false"])
    later = server.commit({"d4/f4.tf": "later\n", "d4/new.tf": "new\n"})
    found.fetch([MAIN])
    assert found.files(head, later) == held(server).files(head, later)


def test_an_older_mirror_stays_whole(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    _, head = changed
    directory = tmp_path / "m.git"
    found = server.mirror(directory)
    directory.mkdir()
    git = Git(directory=directory)
    git.run(["init", "--bare", "--quiet", "."])
    found.fetch([MAIN])
    assert here(directory, head) == 41
    later = server.commit({"d4/f4.tf": "later\n"})
    found.fetch([MAIN])
    assert here(directory, later) == 41


def test_what_the_server_does_not_have_is_missing_and_spoils_nothing_else(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, head = changed
    found = server.mirror(tmp_path / "m.git")
    found.fetch([MAIN])
    oids = [entry.oid for entry in found.tree(head, "")][:3]
    absent = ["1" * 40, "2" * 40]
    read = found.blobs([*oids, *absent], 10_000)
    assert all(isinstance(read[oid], Blob) for oid in oids)
    assert all(isinstance(read[oid], BlobSkipped) for oid in absent)
    monkeypatch.setattr(partial, "ABSENT_LIMIT", 1)
    with pytest.raises(GitFailure, match="lacks more than 1 objects"):
        found.blobs(["3" * 40, "4" * 40], 10_000)


def test_a_server_that_cannot_be_reached_is_a_failure(
    server: Server, changed: tuple[Sha, Sha], tmp_path: Path
) -> None:
    base, head = changed
    directory = tmp_path / "m.git"
    server.mirror(directory).fetch([MAIN])
    away = Mirror(directory, Remote(url="http://127.0.0.1:9/x.git"))
    with pytest.raises(GitFailure):
        away.files(base, head)
    assert away.has(head)
