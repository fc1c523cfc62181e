from __future__ import annotations

import os
from pathlib import Path

import pytest

from mrbot.plan.isolation import NoIsolation
from mrbot.plan.workplace import (
    Unusable,
    project_directory,
    read_inside,
    replace_inside,
    workplace,
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a project in `envs/prod`, beside a file that is not the project's."""
    (tmp_path / "key").write_text("hunter2")
    top = tmp_path / "checkout"
    (top / "envs" / "prod").mkdir(parents=True)
    (top / "envs" / "prod" / "main.tf").write_text("# nothing")
    return top


@pytest.mark.parametrize("directory", ["", ".", "envs/prod", "envs/prod/", "./envs"], ids=repr)
def test_a_directory_inside_the_checkout_is_found(checkout: Path, directory: str) -> None:
    assert project_directory(checkout, directory) == checkout / directory


@pytest.mark.parametrize(
    ("directory", "why"),
    [
        ("/etc", "inside the repository"),
        ("../key", "inside the repository"),
        ("envs/../../x", "inside the repository"),
        ("absent", "no directory absent"),
        ("envs/absent", "no directory envs/absent"),
        ("envs/prod/main.tf", "cannot be opened"),
        ("a\0b", "no usable name"),
        ("a\nb", "no usable name"),
        ("a" * 2000, "no usable name"),
    ],
    ids=["absolute", "above", "above in the middle", "absent", "absent below", "a file", "nul",
         "line break", "long"],
)  # fmt: skip
def test_a_directory_elsewhere_is_refused(checkout: Path, directory: str, why: str) -> None:
    with pytest.raises(Unusable, match=why):
        project_directory(checkout, directory)


@pytest.mark.parametrize("target", ["/etc", "..", "prod"], ids=["out", "up", "within"])
def test_a_linked_directory_is_refused_wherever_it_leads(checkout: Path, target: str) -> None:
    (checkout / "envs" / "link").symlink_to(target)

    for directory in ("envs/link", "envs/link/prod"):
        with pytest.raises(Unusable, match="symbolic link"):
            project_directory(checkout, directory)


def test_a_file_is_read_whole_and_an_absent_one_is_none(checkout: Path) -> None:
    assert read_inside(checkout, "envs/prod/main.tf", 9) == b"# nothing"
    assert read_inside(checkout, "envs/prod/absent.tf", 9) is None
    assert read_inside(checkout, "absent/main.tf", 9) is None


def test_a_file_that_became_a_link_to_a_key_is_not_read(checkout: Path) -> None:
    (checkout / "plan").symlink_to(checkout.parent / "key")
    (checkout / "folder").symlink_to(checkout.parent)

    for path in ("plan", "folder/key"):
        with pytest.raises(Unusable, match="symbolic link"):
            read_inside(checkout, path, 100)


def test_what_is_no_regular_file_or_too_large_is_not_read(checkout: Path) -> None:
    os.mkfifo(checkout / "fifo")

    with pytest.raises(Unusable, match="not a regular file"):
        read_inside(checkout, "fifo", 100)
    with pytest.raises(Unusable, match="not a regular file"):
        read_inside(checkout, "envs", 100)
    with pytest.raises(Unusable, match="larger than 8 bytes"):
        read_inside(checkout, "envs/prod/main.tf", 8)


def test_writing_replaces_a_link_and_never_follows_it(checkout: Path) -> None:
    (checkout / "lock").symlink_to(checkout.parent / "key")
    (checkout / "folder").symlink_to(checkout.parent)

    replace_inside(checkout, "lock", b"new")

    assert (checkout / "lock").read_bytes() == b"new"
    assert (checkout.parent / "key").read_text() == "hunter2"
    with pytest.raises(Unusable, match="symbolic link"):
        replace_inside(checkout, "folder/key", b"new")
    with pytest.raises(Unusable, match="is a directory"):
        replace_inside(checkout, "envs", b"new")


def test_a_workplace_is_gone_afterwards(tmp_path: Path) -> None:
    with workplace(tmp_path, NoIsolation(), b"# none") as place:
        assert all(path.is_dir() for path in place.writable)
        assert place.cli_config.read_bytes() == b"# none"
        (place.tmp / "locked").mkdir(mode=0)

    assert list(tmp_path.iterdir()) == []
