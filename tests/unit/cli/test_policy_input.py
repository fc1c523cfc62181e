"""`mrbot policy input`: the very documents that policies are given, for any change."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import referencing

from mrbot.audit.record import read_record
from mrbot.cli.policy_input import input as policy_input
from mrbot.policy.bundle import bundle
from mrbot.policy.finding import Document, Evaluated
from tests.e2e.test_review_lists_files import Repository
from tests.needs import ROOT
from tests.unit.plan.plan_documents import plan, resource

RULES = (
    b"version: 1\nprojects:\n  - {name: net, directory: net, kind: terraform, environment: prod}\n"
    b"otherwise: approved\n"
)
SCHEMAS = {
    kind: json.loads((ROOT / f"config/schema/input-{kind}.v1.json").read_text())
    for kind in ("change", "plan", "document", "combined")
}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit({b".mrbot.yml": RULES, b"net/main.tf": b'resource "aws_vpc" "main" {}\n'})
    made.git("checkout", "-q", "-b", "change")
    made.commit(
        {
            b"net/main.tf": b'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/8"\n}\n',
            b"net/a.yaml": b"kind: A\n---\nkind: B\nwhen: 2026-11-25\n",
            b"net/b.json": b'{"kind": "C"}',
            b"net/c.toml": b"at = 2026-11-25\n",
        }
    )
    return made


def ends(repository: Repository) -> list[str]:
    return ["--repo", str(repository.directory), "--base", "main", "--head", "change"]


def valid(kind: str, content: object) -> None:
    registry = referencing.Registry().with_resources(
        (one["$id"], referencing.Resource.from_contents(one)) for one in SCHEMAS.values()
    )
    jsonschema.Draft202012Validator(SCHEMAS[kind], registry=registry).validate(content)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_one(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[kind])


def test_the_change_is_printed_as_policies_see_it(repository: Repository, run) -> None:
    result = run(policy_input, *ends(repository), "--author", "dana")
    assert (result.exit_code, result.stderr) == (0, "")
    content = json.loads(result.stdout)
    valid("change", content)
    assert content["change"]["author"]["login"] == "dana"
    assert "aws_vpc.main" in {one["address"] for one in content["resources"]}
    assert content["projects"] == ["net"]
    assert len(content["commits"]) == 1


def test_a_plan_is_printed_with_its_secrets_gone(repository: Repository, run) -> None:
    path = repository.directory.parent / "plan.json"
    secret = resource(
        "aws_db_instance.orders",
        actions=["update"],
        before={"password": "hunter2"},
        after={"password": "hunter3"},
        after_sensitive={"password": True},
    )
    path.write_text(json.dumps(plan(secret)))
    options = ["--input", "plan", "--plan-json", f"net={path}"]
    result = run(policy_input, *ends(repository), *options)
    assert (result.exit_code, result.stderr) == (0, "")
    valid("plan", json.loads(result.stdout))
    assert "hunter" not in result.stdout
    assert json.loads(result.stdout)["resource_changes"][0]["change"]["actions"] == ["update"]


def test_of_several_documents_one_is_chosen_by_its_name(repository: Repository, run) -> None:
    several = run(policy_input, *ends(repository), "--input", "document")
    assert several.exit_code == 2
    for name in ("net/a.yaml#1", "net/a.yaml#2", "net/b.json", "net/c.toml"):
        assert name in several.stderr
    options = ["--input", "document", "--document", "net/a.yaml#2"]
    one = run(policy_input, *ends(repository), *options)
    assert json.loads(one.stdout) == {"kind": "B", "when": "2026-11-25"}


@pytest.mark.parametrize(
    ("options", "first"),
    [
        pytest.param(["document", "--all"], ["net/a.yaml#1", "net/a.yaml#2"], id="all"),
        pytest.param(["combined"], ["net/a.yaml", "net/a.yaml"], id="combined-as-conftest-does"),
    ],
)
def test_all_documents_are_printed_together(
    repository: Repository, run, options: list[str], first: list[str]
) -> None:
    result = run(policy_input, *ends(repository), "--input", *options)
    content = json.loads(result.stdout)
    valid("combined", content)
    paths = [one["path"] for one in content]
    assert paths == [*first, "net/b.json", "net/c.toml"]


def test_a_file_that_is_no_document_is_told_beside_the_others(repository: Repository, run) -> None:
    repository.commit({b"net/bad.yaml": b"a: [\n"})
    result = run(policy_input, *ends(repository), "--input", "combined")
    assert result.exit_code == 0
    assert "net/bad.yaml" in result.stderr
    assert "undecidable" in result.stderr
    assert "net/b.json" in result.stdout


def test_a_recorded_change_is_printed_as_it_was_judged(
    tmp_path: Path, record, run, regorus
) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(record)
    result = run(policy_input, "--record", path)
    assert (result.exit_code, result.stderr) == (0, "")
    content = json.loads(result.stdout)
    valid("change", content)
    kept = read_record(record)
    assert content["change"]["head"] == kept.change.head
    assert content["now"] == kept.material.now.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_is_printed_is_what_was_judged(tmp_path: Path, record, run, regorus) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(record)
    content = json.loads(run(policy_input, "--record", path).stdout)
    kept = read_record(record)
    library = kept.material.organisation
    files = {file.path: file.content for file in library.policies.files}
    made = bundle("organisation", files, library.namespaces)
    outcome = regorus.evaluate(made, (Document(name="change", content=content),))
    assert isinstance(outcome, Evaluated)
    recorded = {(one["rule"], one["msg"]) for one in kept.outcome["findings"]}
    assert recorded
    assert {(one.rule, one.msg) for one in outcome.findings} == recorded


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name both --base and --head"),
        (["--base", "main"], "name both --base and --head"),
        (["--base", "main", "--head", "nowhere"], "names no commit"),
        (["--record", "nowhere.json"], "there is no such file"),
        (["--record", "x", "--base", "main"], "either --record or --base and --head"),
    ],
    ids=["nothing", "half", "no-branch", "no-record", "both"],
)
def test_what_cannot_be_printed_is_said(
    repository: Repository, run, options: list[str], said: str
) -> None:
    result = run(policy_input, "--repo", repository.directory, *options, "--config", "none.yml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_change_without_a_plan_says_how_to_get_one(repository: Repository, run) -> None:
    result = run(policy_input, *ends(repository), "--input", "plan")
    assert result.exit_code == 2
    assert "--plan-json" in result.stderr


def test_a_document_that_is_not_there_is_said_with_those_that_are(
    repository: Repository, run
) -> None:
    options = ["--input", "document", "--document", "nowhere.yaml"]
    result = run(policy_input, *ends(repository), *options)
    assert result.exit_code == 2
    assert "'nowhere.yaml'" in result.stderr
    assert "net/b.json" in result.stderr


def test_a_damaged_record_is_said(tmp_path: Path, record, run) -> None:
    path = tmp_path / "record.json"
    document = json.loads(record)
    document["material"]["versions"] = 5
    path.write_bytes(json.dumps(document).encode())
    result = run(policy_input, "--record", path)
    assert result.exit_code == 2
    assert "damaged" in result.stderr
