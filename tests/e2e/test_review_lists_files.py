"""`mrbot review` on plain repositories: the files that git lists, a document that keeps to its
published schema, exit codes that scripts can rely on, and the comment that the bot would post."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from mrbot.cli.review import review as command
from tests import needs
from tests.e2e.stage import staged

SCHEMA = json.loads((needs.ROOT / "config/schema/decision.v1.json").read_text())
LETTERS = {"added": "A", "modified": "M", "deleted": "D", "renamed": "R", "type-changed": "T"}
SUBMODULE = "5e1c309dae7f45e0f39b1bf3ac3cd9db12e7d689"

BUCKET = b'resource "aws_s3_bucket_acl" "a" {\n  acl = "%s"\n}\n'
APPROVED = "version: 1\notherwise: approved\n"
ONE = "version: 1\notherwise:\n  require: {count: 1}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    error: str


class Repository:
    """A plain git repository, written with git alone."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit({b"README.md": b"# A repository\n"}, "first")

    def git(self, *arguments: str | bytes, given: bytes | None = None) -> bytes:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.directory), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
        }  # fmt: skip
        return subprocess.run(
            ["git", *arguments], cwd=self.directory, env=environment, check=True, input=given,
            capture_output=True,
        ).stdout  # fmt: skip

    def commit(self, files: dict[bytes, bytes], message: str = "change") -> None:
        for name, content in files.items():
            path = os.fsencode(self.directory) + b"/" + name
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def listed(self, base: str = "main", head: str = "HEAD") -> set[tuple[str, ...]]:
        """What git itself says: letter, old path if there is one, path."""
        out = self.git("diff", "--name-status", "-M", "-z", f"{base}...{head}")
        fields = iter(out.split(b"\0")[:-1])
        return {
            (letter[:1].decode(), *(os.fsdecode(next(fields)) for _ in range(_names(letter))))
            for letter in fields
        }


def _names(letter: bytes) -> int:
    return 2 if letter[:1] in {b"R", b"C"} else 1


def review(directory: Path, *arguments: str, path: str | None = None) -> Done:
    """`mrbot review` as a person runs it, of HEAD against main unless told otherwise."""
    given = ["--repo", str(directory), *arguments]
    given += [] if "--base" in arguments else ["--base", "main"]
    given += [] if "--head" in arguments else ["--head", "HEAD"]
    environment = {**os.environ, **({} if path is None else {"PATH": path})}
    done = subprocess.run(
        [sys.executable, "-m", "mrbot", "review", *given],
        env=environment, capture_output=True, text=True, check=False, cwd=needs.ROOT,
    )  # fmt: skip
    return Done(code=done.returncode, out=done.stdout, error=done.stderr)


def judged(directory: Path, *arguments: str) -> dict[str, object]:
    """The decision as JSON, which keeps to the published schema."""
    given = ["--repo", str(directory), "--format", "json", *arguments]
    given += [] if "--head" in arguments else ["--head", "HEAD"]
    done = CliRunner().invoke(command, [*given, "--base", "main"])
    assert isinstance(done.exception, SystemExit | None), done.exception
    document: dict[str, object] = json.loads(done.stdout)
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    return document


def files_of(document: dict[str, object]) -> set[tuple[str, ...]]:
    files = document["files"]
    assert isinstance(files, list)
    return {
        (LETTERS[one["status"]], *((one["old_path"],) if one["old_path"] else ()), one["path"])
        for one in files
    }


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.git("checkout", "-q", "-b", "change")
    return made


def test_the_schema_is_strict_and_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    objects = {"": SCHEMA, **SCHEMA["$defs"]}
    assert all(one["additionalProperties"] is False for one in objects.values())
    optional = {
        name: set(one["properties"]) - set(one["required"]) for name, one in objects.items()
    }
    # Records from before there were policy servers replay to the same document.
    assert {name: keys for name, keys in optional.items() if keys} == {"policy": {"server"}}


def test_a_change_of_nothing_lists_nothing(repository: Repository) -> None:
    assert judged(repository.directory)["files"] == []


# The same files as git


ODD = (b"with space", b"tab\there", b"line\nbreak", b"quote\"'s", b"back\\slash", b"\xff\xfe.bin",
       "größe.tf".encode(), b"-dash", b":colon", b"a/b/c/deep.tf", b"*star", b"[x]")  # fmt: skip


def _scramble(repository: Repository, seed: int) -> None:
    """A history of a few commits on both sides: odd names, renames, modes, links, submodules,
    binaries, deletions and a merge."""
    chance = random.Random(seed)
    text = {name: (b"%s line\n" % name) * 30 for name in chance.sample(ODD, 8)}
    repository.git("checkout", "-q", "main")
    repository.commit({**text, b"tool.sh": b"#!/bin/sh\n" * 9, b"link-to-be": b"x\n", b"blob": b"\0\1" * 99})  # fmt: skip  # noqa: E501
    repository.git("checkout", "-q", "-B", "change")
    for name in chance.sample(sorted(text), 5):
        match chance.choice(["rename", "rename-edit", "delete", "edit", "mode"]):
            case "rename":
                repository.git("mv", b"./" + name, b"moved-" + name.replace(b"/", b"-"))
            case "rename-edit":
                new = b"edited-" + name.replace(b"/", b"-")
                repository.git("mv", b"./" + name, new)
                repository.commit({new: text[name] + b"more\n"})
            case "delete":
                repository.git("rm", "-q", "--", b"./" + name)
            case "edit":
                repository.commit({name: b"quite another thing\n"})
            case _:
                os.chmod(os.fsencode(repository.directory) + b"/" + name, 0o755)
    repository.commit({b"blob": b"\0\2" * 99, b"new/" + bytes([200 + seed]) + b".dat": b"\0"})
    (repository.directory / "tool.sh").chmod(0o755)
    (repository.directory / "link-to-be").unlink()
    (repository.directory / "link-to-be").symlink_to("tool.sh")
    (repository.directory / "dangling").symlink_to("/nowhere/at/all")
    repository.commit({})
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{SUBMODULE},module")
    repository.git("commit", "-q", "-m", "a submodule")
    repository.git("checkout", "-q", "main")
    repository.commit({b"meanwhile.txt": b"on main\n", b"README.md": b"# Another\n"})
    if seed % 2:
        repository.git("checkout", "-q", "-f", "change")
        repository.git("merge", "-q", "-m", "main again", "main")
        repository.git("checkout", "-q", "main")
        repository.commit({b"later.txt": b"on main\n"})


@pytest.mark.parametrize("seed", range(6))
def test_the_files_are_those_that_git_lists(repository: Repository, seed: int) -> None:
    _scramble(repository, seed)
    listed = repository.listed(head="change")
    assert len(listed) > 8
    document = judged(repository.directory, "--head", "change")
    assert files_of(document) == listed


# Verdicts as exit codes


def test_what_needs_nothing_is_approved_with_exit_code_0(repository: Repository) -> None:
    rules = repository.directory.parent / "rules.yml"
    rules.write_text(APPROVED)
    repository.commit({b"notes.txt": b"1\n"})
    done = review(repository.directory, "--rules", str(rules))
    assert (done.code, done.error) == (0, "")
    assert "Approved" in done.out
    assert judged(repository.directory, "--rules", str(rules))["verdict"] == "approved"


def test_a_missing_approval_is_pending_with_exit_code_1(repository: Repository) -> None:
    rules = repository.directory.parent / "rules.yml"
    rules.write_text(ONE)
    repository.commit({b"notes.txt": b"1\n"})
    arguments = ("--rules", str(rules))
    assert review(repository.directory, *arguments).code == 1
    document = judged(repository.directory, *arguments)
    assert document["verdict"] == "pending"
    approved = review(repository.directory, *arguments, "--approved-by", "kim")
    assert approved.code == 0


def test_a_denied_change_is_rejected_with_exit_code_1(repository: Repository) -> None:
    repository.commit({b"main.tf": BUCKET % b"public-read"})
    assert review(repository.directory).code == 1
    document = judged(repository.directory)
    assert document["verdict"] == "rejected"
    assert document["findings"]
    assert document["resources"]


def test_a_planned_change_keeps_to_the_schema(repository: Repository) -> None:
    needs.terraform()
    rules = (
        "version: 1\nprojects:\n  - {name: net, directory: net, kind: terraform, environment: e}\n"
        "otherwise: approved\n"
    )
    repository.git("checkout", "-q", "main")
    repository.commit({b".mrbot.yml": rules.encode()})
    repository.git("checkout", "-q", "-B", "change")
    repository.commit({b"net/main.tf": b'resource "terraform_data" "a" {}\n'})
    document = judged(repository.directory, "--plan")
    (plan,) = document["plans"]  # type: ignore[misc, attr-defined]
    assert (plan["failed"], plan["summary"]["create"]) == (None, 1)
    assert document["projects"] == ["net"]


# What cannot be used or decided: exit code 2, and it says why


def test_a_commit_that_is_not_there_is_named(repository: Repository) -> None:
    done = review(repository.directory, "--head", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "nowhere" in done.error
    assert "Traceback" not in done.error


def test_a_record_that_cannot_be_written_is_told_without_a_traceback(
    repository: Repository, tmp_path: Path
) -> None:
    done = review(repository.directory, "--record", str(tmp_path / "nowhere/record.json"))
    assert done.code == 2
    assert "record.json: the record cannot be written here: No such file" in done.error
    assert "Traceback" not in done.error


def test_a_directory_that_is_no_repository_is_named(tmp_path: Path) -> None:
    done = review(tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.error
    assert done.error.strip()


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ("version: [", "not YAML"),
        ("version: 1\nother: approved\n", "other"),
        ("version: 1\n", "otherwise"),
    ],
    ids=["no YAML", "unknown key", "missing key"],
)
def test_a_rule_file_that_cannot_be_used_is_told_with_its_place(
    repository: Repository, rules: str, says: str
) -> None:
    file = repository.directory.parent / "rules.yml"
    file.write_text(rules)
    repository.commit({b"notes.txt": b"1\n"})
    done = review(repository.directory, "--rules", str(file))
    assert done.code == 2
    assert says in done.out + done.error
    assert "rules.yml" in done.out + done.error
    assert "Traceback" not in done.error


def test_a_policy_that_does_not_parse_is_told_with_its_place(repository: Repository) -> None:
    folder = repository.directory.parent / "policies"
    folder.mkdir()
    (folder / "broken.rego").write_text("package main\n\ndeny contains msg if {\n")
    repository.commit({b"notes.txt": b"1\n"})
    done = review(repository.directory, "--policies", str(folder))
    assert done.code == 2
    assert "broken.rego" in done.out + done.error
    assert "Traceback" not in done.error
    assert judged(repository.directory, "--policies", str(folder))["verdict"] == "undecidable"


def test_terraform_that_does_not_parse_is_told_with_its_place(repository: Repository) -> None:
    repository.commit({b"main.tf": b'resource "a" {{{\n'})
    done = review(repository.directory)
    assert done.code == 2
    assert "main.tf" in done.out
    document = judged(repository.directory)
    assert document["verdict"] == "undecidable"
    assert document["not_understood"]


def test_without_an_engine_nothing_is_decided(repository: Repository, tmp_path: Path) -> None:
    repository.commit({b"notes.txt": b"1\n"})
    git = tmp_path / "bin"
    git.mkdir()
    (git / "git").symlink_to(subprocess.check_output(["which", "git"], text=True).strip())
    done = review(repository.directory, "--engine", "opa", path=str(git))
    assert (done.code, done.out) == (2, "")
    assert "opa" in done.error.lower()
    assert "Traceback" not in done.error


# The comment


def test_the_markdown_is_what_the_bot_posts_apart_from_the_record(tmp_path: Path) -> None:
    files = {".mrbot.yml": ONE, "main.tf": (BUCKET % b"private").decode()}
    with staged(tmp_path, "gitlab", files) as stage:
        stage.push_with_git("grow", {"main.tf": (BUCKET % b"public-read").decode()})
        number = stage.actor("alice").open("grow", "Grow")
        stage.play()
        posted = stage.comment(number)
        clone = stage.directory / "work-alice"
        done = review(clone, "--base", "origin/main", "--head", "grow", "--format", "markdown")
    assert done.code == 1
    assert _without_record(done.out) == _without_record(posted)


_ITS_OWN = ("<!-- mrbot", "Head ", "- From the record:", "- Rules and policies ", "mrbot approve ")
"""Lines that a server's comment has to itself: its record and when that was made; and the digest
and the code that cover its own policy owners."""


def _without_record(comment: str) -> list[str]:
    return [line for line in comment.splitlines() if not line.startswith(_ITS_OWN)]
