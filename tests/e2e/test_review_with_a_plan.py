"""`mrbot review --plan-json`: a plan made elsewhere takes the place of reading the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_review_lists_files import Repository, judged, review
from tests.unit.plan.plan_documents import plan, resource

RULES = (
    b"version: 1\nprojects:\n  - {name: net, directory: net, kind: terraform, environment: prod}\n"
    b"otherwise: approved\n"
)
REPLACED = resource(
    "aws_db_instance.orders",
    actions=["delete", "create"],
    before={"encrypted": False, "password": "hunter2"},
    after={"encrypted": True, "password": "hunter3"},
    after_sensitive={"password": True},
    replace_paths=[["encrypted"]],
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit({b".mrbot.yml": RULES, b"net/main.tf": b'resource "aws_db_instance" "orders" {}\n'})
    made.git("checkout", "-q", "-b", "change")
    made.commit({b"net/main.tf": b'resource "aws_db_instance" "orders" {\n  encrypted = true\n}\n'})
    return made


def written(repository: Repository, document: object) -> str:
    path = repository.directory.parent / "plan.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return f"net={path}"


def test_a_plan_says_what_the_files_cannot(repository: Repository) -> None:
    given = written(
        repository,
        plan(
            REPLACED,
            resource_drift=[resource("aws_vpc.main")],
            checks=[{"address": {"to_display": "check.up"}, "status": "fail"}],
        ),
    )

    done = review(repository.directory, "--plan-json", given)

    assert "prod: net, planned (1 replace)" in done.out
    assert "replace  aws_db_instance.orders  net/main.tf:1  ITS DATA GOES WITH IT" in done.out
    assert "encrypted: false -> true  forces the replacement" in done.out
    assert "password: sensitive, changed" in done.out
    assert "aws_vpc.main was changed outside of terraform" in done.out
    assert "check fails  check.up" in done.out
    assert "hunter" not in done.out
    assert done.code == 1


def test_the_decision_with_a_plan_keeps_to_the_schema(repository: Repository) -> None:
    document = judged(repository.directory, "--plan-json", written(repository, plan(REPLACED)))

    (one,) = [r for r in document["resources"] if r["kind"] == "aws_db_instance"]  # type: ignore[attr-defined]  # JSON
    assert (one["certainty"], one["action"], one["stateful"]) == ("planned", "replace", True)
    assert one["replace_paths"] == ["encrypted"]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("", "not JSON"),
        ("[" * 50_000, "not JSON"),
        ({**plan(), "format_version": "7.0"}, "format version '7.0' is unknown"),
        ({**plan(), "errored": True}, "not whole"),
    ],
    ids=["empty", "deep", "another version", "not whole"],
)
def test_a_plan_that_cannot_be_read_makes_it_undecidable(
    repository: Repository, document: object, said: str
) -> None:
    done = review(repository.directory, "--plan-json", written(repository, document))

    assert done.code == 2
    assert "net could not be planned" in done.out
    markdown = review(
        repository.directory, "--format", "markdown", "--plan-json", written(repository, document)
    )
    assert said in markdown.out.replace("\\", "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("net", "PROJECT=FILE"),
        ("other=plan.json", "those are net"),
        ("net=/nowhere/plan.json", "cannot be read"),
    ],
)
def test_what_is_given_wrongly_is_told(repository: Repository, given: str, said: str) -> None:
    done = review(repository.directory, "--plan-json", given)

    assert (done.code, done.out) == (2, "")
    assert said in done.error
    assert "Traceback" not in done.error
