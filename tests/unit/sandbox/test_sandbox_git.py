"""Clone and push over HTTP, and what protected branches and hidden refs refuse."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mrbot.sandbox.repository import git_environment
from tests.unit.sandbox.conftest import GITHUB, GITLAB, Place

PERSON = {
    "GIT_AUTHOR_NAME": "Alice", "GIT_AUTHOR_EMAIL": "alice@example.com",
    "GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.com",
}  # fmt: skip


def git(*args: str, cwd: Path, ok: bool = True) -> str:
    done = subprocess.run(
        ("git", *args), cwd=cwd, env=git_environment(PERSON), capture_output=True, text=True
    )
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout.strip() if ok else done.stderr


def remote(place: Place, project: str, login: str) -> str:
    return place.sandbox.url.replace("://", f"://x:{place.tokens[login]}@") + f"/{project}.git"


@pytest.fixture
def clone(place: Place, tmp_path: Path) -> Path:
    git("clone", remote(place, GITLAB, "alice"), "work", cwd=tmp_path)
    return tmp_path / "work"


def commit(folder: Path, branch: str, name: str = "a.tf", text: str = "a\n") -> str:
    git("checkout", "-q", "-B", branch, cwd=folder)
    (folder / name).write_text(text)
    git("add", ".", cwd=folder)
    git("commit", "-q", "-m", f"Change {name}", cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder)


def test_a_member_clones_and_pushes_a_branch(place: Place, clone: Path) -> None:
    sha = commit(clone, "feature")
    git("push", "-q", "origin", "feature", cwd=clone)
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    assert repository.branch("feature") == sha


def test_nothing_is_served_without_a_token(place: Place, tmp_path: Path) -> None:
    said = git("clone", f"{place.sandbox.url}/{GITLAB}.git", cwd=tmp_path, ok=False)
    assert "could not read Username" in said


@pytest.mark.parametrize("login", ["stranger"])
def test_a_private_project_does_not_exist_for_others(
    place: Place, tmp_path: Path, login: str
) -> None:
    assert "not found" in git("clone", remote(place, GITLAB, login), cwd=tmp_path, ok=False)


def test_a_guest_may_read_and_not_push(place: Place, clone: Path) -> None:
    commit(clone, "feature")
    git("remote", "set-url", "origin", remote(place, GITLAB, "guest"), cwd=clone)
    git("fetch", cwd=clone)
    assert "403" in git("push", "origin", "feature", cwd=clone, ok=False)


def test_nobody_pushes_to_a_protected_branch(clone: Path) -> None:
    commit(clone, "feature")
    assert "protected branches" in git("push", "origin", "HEAD:main", cwd=clone, ok=False)


def test_a_protected_branch_is_never_rewritten(place: Place, tmp_path: Path) -> None:
    place.sandbox.protect_branch(GITHUB, "main", push="write")
    git("clone", "-q", remote(place, GITHUB, "alice"), "work", cwd=tmp_path)
    folder = tmp_path / "work"
    commit(folder, "main")
    git("push", "-q", "origin", "main", cwd=folder)
    git("commit", "-q", "--amend", "-m", "Other", cwd=folder)
    assert "force push" in git("push", "-f", "origin", "main", cwd=folder, ok=False)
    assert "force push" in git("push", "origin", ":main", cwd=folder, ok=False)


@pytest.mark.parametrize("ref", ["refs/merge-requests/1/head", "refs/pull/1/head"])
def test_the_hosts_own_refs_take_no_push(clone: Path, ref: str) -> None:
    commit(clone, "feature")
    assert "hidden ref" in git("push", "origin", f"HEAD:{ref}", cwd=clone, ok=False)


def test_the_head_ref_follows_a_push_and_old_heads_stay_fetchable(
    place: Place, clone: Path
) -> None:
    first = commit(clone, "feature")
    git("push", "-q", "origin", "feature", cwd=clone)
    number = place.sandbox.open_change(GITLAB, "alice", "feature")
    git("commit", "-q", "--amend", "-m", "Rewritten", cwd=clone)
    second = git("rev-parse", "HEAD", cwd=clone)
    git("push", "-q", "-f", "origin", "feature", cwd=clone)
    ref = f"refs/merge-requests/{number}/head"
    assert git("ls-remote", "origin", ref, cwd=clone).split()[0] == second
    git("fetch", "-q", "origin", first, cwd=clone)
    assert place.sandbox.change(GITLAB, number).head == second


def test_a_partial_clone_fetches_blobs_when_they_are_read(place: Place, tmp_path: Path) -> None:
    git("clone", "-q", "--bare", "--filter=blob:none", remote(place, GITLAB, "bob"), "m",
        cwd=tmp_path)  # fmt: skip
    missing = git("rev-list", "--objects", "--missing=print", "main", cwd=tmp_path / "m")
    assert "?" in missing
    assert git("show", "main:README.md", cwd=tmp_path / "m") == "# infra"


def test_a_large_push_arrives_whole(place: Place, clone: Path) -> None:
    # More than git's postBuffer, so that it comes chunked.
    import random

    noise = random.Random(1).randbytes(2_000_000).hex()
    sha = commit(clone, "large", "noise.txt", noise)
    git("push", "-q", "origin", "large", cwd=clone)
    repository = place.sandbox.world.repository(place.sandbox.project(GITLAB))
    assert repository.read(sha, "noise.txt") == noise.encode()
    assert repository.branch("large") == sha


def test_only_the_smart_protocol_is_served(place: Place) -> None:
    answer = place.gitlab()("GET", "")
    assert answer.status_code == 404
    import requests

    url = f"{remote(place, GITLAB, 'alice')}/config"
    assert requests.get(url, timeout=5).status_code == 403
