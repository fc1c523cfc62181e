"""Mirrors: fetched over real HTTP, with a token that nobody else sees."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mrbot.errors import BadReference, GitFailure
from mrbot.git.command import Git, Remote, basic
from mrbot.git.mirror import Mirror, mirror_directory
from mrbot.ids import RepoId, Sha
from mrbot.sandbox import Sandbox
from mrbot.secret import Secret

PROJECT = "acme/infra"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox.start(tmp_path / "sandbox", tick_s=None) as started:
        yield started


@pytest.fixture
def token(sandbox: Sandbox) -> str:
    made = sandbox.add_user("mrbot", bot=True)
    sandbox.add_user("alice")
    sandbox.add_project(PROJECT, members={"mrbot": "maintainer", "alice": "developer"})
    return made


def mirror(sandbox: Sandbox, token: str, directory: Path) -> Mirror:
    url = f"{sandbox.url}/{PROJECT}.git"
    return Mirror(directory, Remote(url=url, authorization=basic("oauth2", Secret(token))))


def test_what_is_fetched_can_be_read_and_what_was_kept_stays(
    sandbox: Sandbox, token: str, tmp_path: Path
) -> None:
    first = Sha(sandbox.commit(PROJECT, "main", {"main.tf": "one\n"}, author="alice"))
    found = mirror(sandbox, token, tmp_path / "m.git")
    assert not found.has(first)
    found.fetch(["refs/heads/main"])
    assert found.has(first)
    assert found.fetched("refs/heads/main") == first
    found.keep(first)
    second = Sha(sandbox.commit(PROJECT, "main", {"main.tf": "two\n"}, author="alice"))
    found.fetch(["refs/heads/main"])
    assert found.fetched("refs/heads/main") == second
    assert [file.path for file in found.files(first, second)] == ["main.tf"]
    assert found.resolve(f"refs/mrbot/seen/{first}") == first


def test_a_full_commit_id_can_be_fetched(sandbox: Sandbox, token: str, tmp_path: Path) -> None:
    first = Sha(sandbox.commit(PROJECT, "main", {"main.tf": "one\n"}, author="alice"))
    sandbox.commit(PROJECT, "main", {"main.tf": "two\n"}, author="alice")
    found = mirror(sandbox, token, tmp_path / "m.git")
    found.fetch([first])
    assert found.fetched(first) == first


def test_a_branch_may_take_the_place_of_a_directory_of_branches(
    sandbox: Sandbox, token: str, tmp_path: Path
) -> None:
    found = mirror(sandbox, token, tmp_path / "m.git")
    bare = Git(directory=sandbox.world.repository(sandbox.project(PROJECT)).path)
    one = Sha(sandbox.commit(PROJECT, "release", {"a": "1"}, author="alice"))
    found.fetch(["refs/heads/release"])
    bare.run(["branch", "-D", "release"])
    two = Sha(sandbox.commit(PROJECT, "release/1", {"a": "2"}, author="alice"))
    found.fetch(["refs/heads/release/1"])
    assert found.fetched("refs/heads/release/1") == two
    assert found.fetched("refs/heads/release") == one


def test_what_was_never_fetched_is_a_bad_reference(
    sandbox: Sandbox, token: str, tmp_path: Path
) -> None:
    found = mirror(sandbox, token, tmp_path / "m.git")
    with pytest.raises(GitFailure):
        found.fetch(["refs/heads/nowhere"])
    with pytest.raises(BadReference):
        found.fetched("refs/heads/nowhere")
    assert not found.has(Sha("1" * 40))


def test_a_wrong_token_is_a_failure_that_does_not_repeat_it(
    sandbox: Sandbox, token: str, tmp_path: Path
) -> None:
    del token
    found = mirror(sandbox, "wrong-token-123", tmp_path / "m.git")
    with pytest.raises(GitFailure) as caught:
        found.fetch(["refs/heads/main"])
    assert "hint:" not in str(caught.value)
    assert "wrong-token-123" not in str(caught.value)
    assert basic("oauth2", Secret("wrong-token-123")).reveal() not in str(caught.value)


def test_the_token_is_in_no_argument_no_file_and_no_repr(
    sandbox: Sandbox, token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A git that writes down its arguments before it becomes the real one.
    real = shutil.which("git")
    tattler = tmp_path / "bin" / "git"
    tattler.parent.mkdir()
    tattler.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nexec {real} "$@"\n')
    tattler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tattler.parent}:{os.environ['PATH']}")
    sandbox.commit(PROJECT, "main", {"main.tf": "one\n"}, author="alice")
    directory = tmp_path / "m.git"
    found = mirror(sandbox, token, directory)
    found.fetch(["refs/heads/main"])
    header = basic("oauth2", Secret(token)).reveal()
    encoded = header.rpartition(" ")[2]
    written = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    written += (tmp_path / "arguments").read_bytes()
    assert b"fetch" in written
    for secret in (token, header, encoded):
        assert secret.encode() not in written
        assert secret not in repr(Remote(url="x", authorization=basic("oauth2", Secret(token))))
        assert secret not in repr(Git(directory=directory, remote=found._remote))


def test_the_token_does_not_follow_a_redirect_to_another_host(tmp_path: Path) -> None:
    seen: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.headers["Host"], self.headers["Authorization"]))
            if self.server is first:
                self.send_response(302)
                target = f"http://127.0.0.1:{second.server_port}{self.path}"
                self.send_header("Location", target)
            else:
                self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    first = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    second = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threads = [
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
        for one in (first, second)
    ]
    for thread in threads:
        thread.start()
    try:
        url = f"http://127.0.0.1:{first.server_port}/acme/infra.git"
        remote = Remote(url=url, authorization=basic("oauth2", Secret("token")))
        with pytest.raises(GitFailure):
            Mirror(tmp_path / "m.git", remote).fetch(["refs/heads/main"])
    finally:
        for one in (first, second):
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()
    own, other = (f"127.0.0.1:{one.server_port}" for one in (first, second))
    assert [host for host, sent in seen if sent] == [own]
    assert (other, None) in seen


def test_git_sees_nothing_of_the_bots_own_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    environment = Git(directory=tmp_path).environment()
    assert not {"GIT_DIR", "GIT_SSH_COMMAND", "AWS_SECRET_ACCESS_KEY"} & set(environment)
    assert "secret" not in environment.values()


@pytest.mark.parametrize("url", ["ext::sh -c evil", "ssh://host/x", "git://host/x", "-x", "fd::7"])
def test_no_other_transport_is_spoken(tmp_path: Path, url: str) -> None:
    with pytest.raises(GitFailure):
        Mirror(tmp_path / "m.git", Remote(url=url)).fetch(["refs/heads/main"])


def test_a_directory_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(GitFailure, match="could not be started"):
        Git(directory=tmp_path / "nowhere").run(["version"])


def test_no_two_repositories_share_a_directory() -> None:
    names = {
        mirror_directory(Path("/m"), RepoId(host, path)).name
        for host in ("gitlab", "github")
        for path in ("a/b", "a-b", "A/b", "a/b/", "../a", "a" * 300, "a" * 301, "é/b", "a\0b")
    }
    assert len(names) == 18
    assert all(len(os.fsencode(name)) < 200 and "/" not in name for name in names)
