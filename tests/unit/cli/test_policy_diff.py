"""`mrbot policy diff`: which recorded changes other policies would have judged otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from mrbot.audit.other_policies import OrganisationPolicies, RepositoryPolicies, concerns, differing
from mrbot.change.people import Directory, Review, ReviewSource, ReviewState
from mrbot.cli.policy_diff import diff
from mrbot.decision.material import PolicyFolder, TextFile
from mrbot.decision.verdict import name_of
from mrbot.ids import Person
from mrbot.plan.vault import Vault
from mrbot.store.opening import open_store
from mrbot.store.store import Store
from tests.unit.cli.recording import DENIES, git, made_record

SILENT = b'package main\nimport rego.v1\ndeny contains msg if { false; msg := "" }\n'
MORE = b'deny_more contains "more" if input.kind == "change"\n'
BROKEN = b"package main\nimport rego.v1\ndeny contains }\n"


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A repository of policies: they deny at first, and then say nothing."""
    folder = tmp_path / "policies-repo"
    (folder / "policies").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for text in (DENIES, SILENT):
        (folder / "policies/main.rego").write_bytes(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message=policies")
    return folder


@pytest.fixture
def kept(tmp_path: Path, record: bytes) -> Path:
    path = tmp_path / "record.json"
    path.write_bytes(record)
    return path


def folder(text: bytes, directory: str = "policies") -> PolicyFolder:
    files = (TextFile(path=f"{directory}/main.rego", content=text),)
    return PolicyFolder(directory=directory, origin="a test", files=files)


def of(policies: Path, *more: str) -> list[str]:
    return ["--repo", str(policies), "--engine", "regorus", "--config", "none.yml", *more]


def test_the_same_policies_judge_alike(policies: Path, kept: Path, run) -> None:
    result = run(diff, *of(policies, "--from", "HEAD", "--to", "HEAD", "--record", str(kept)))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == (
        "1 change: 0 would get another verdict, 0 other results, 1 neither"
    )


def test_another_verdict_is_told_with_what_was_said(policies: Path, kept: Path, run) -> None:
    result = run(diff, *of(policies, "--from", "HEAD~1", "--to", "HEAD", "--record", str(kept)))
    assert result.exit_code == 1
    assert "before: policies of HEAD~1; after: policies of HEAD" in result.stdout
    assert "rejected -> pending: gitlab:acme/infra#7" in result.stdout
    assert "    only before: deny main.deny" in result.stdout
    assert "1 change: 1 would get another verdict, 0 other results, 0 neither" in result.stdout


def test_what_both_say_is_not_told_of_the_one(policies: Path, kept: Path, run) -> None:
    (policies / "policies/main.rego").write_bytes(DENIES + MORE)
    git(policies, "commit", "--quiet", "--all", "--message=more")
    (policies / "policies/main.rego").write_bytes(DENIES)
    result = run(diff, *of(policies, "--record", str(kept)))
    assert "rejected as before, with other results" in result.stdout
    assert "    only before: deny main.deny_more: more" in result.stdout
    assert "only after" not in result.stdout


def test_policies_that_are_not_committed_yet_are_the_default(
    policies: Path, kept: Path, run
) -> None:
    (policies / "policies/main.rego").write_bytes(DENIES)
    result = run(diff, *of(policies, "--record", str(kept)))
    assert result.exit_code == 1
    assert "pending -> rejected" in result.stdout
    assert "after: policies of the work tree" in result.stdout


def test_policies_that_do_not_work_are_another_verdict_and_say_why(
    policies: Path, kept: Path, run
) -> None:
    (policies / "policies/main.rego").write_bytes(BROKEN)
    result = run(diff, *of(policies, "--record", str(kept)))
    assert result.exit_code == 1
    assert "pending -> undecidable" in result.stdout
    assert "only after: no answer: organisation: a policy does not parse" in result.stdout


def test_the_same_as_json(policies: Path, kept: Path, run) -> None:
    options = ["--from", "HEAD~1", "--to", "HEAD", "--record", str(kept), "--format", "json"]
    content = json.loads(run(diff, *of(policies, *options)).stdout)
    [one] = content["changes"]
    assert (content["before"], content["after"]) == ("HEAD~1", "HEAD")
    assert (one["before"], one["after"]) == ("rejected", "pending")
    assert one["policies"]["before"]["findings"]


def test_the_last_changes_of_the_ledger_are_judged_each_once(
    server, record: bytes, policies: Path, run
) -> None:
    document = json.loads(record)
    for number in (3, 4, 4, 5):
        document["change"]["host"]["id"]["number"] = number
        _append(server, json.dumps(document).encode(), f"gitlab:acme/infra#{number}")
    options = ["--repo", str(policies), "--engine", "regorus", "--config", str(server.config)]
    options += ["--from", "HEAD~1", "--to", "HEAD"]
    two = run(diff, *options, "--changes", "2")
    assert "infra#5 (record 4)" in two.stdout
    assert "infra#4 (record 3)" in two.stdout
    assert "2 changes: 2 would get another verdict" in two.stdout
    assert "3 changes: 3 would" in run(diff, *options).stdout


def test_an_erased_record_is_counted_and_the_others_are_judged(
    server, record: bytes, policies: Path, run
) -> None:
    _append(server, record, "gitlab:acme/infra#7")
    _append(server, record, "gitlab:acme/infra#8")
    server.alter("DELETE FROM ledger_contents WHERE number = 2")
    options = ["--repo", str(policies), "--engine", "regorus", "--config", str(server.config)]
    result = run(diff, *options, "--from", "HEAD", "--to", "HEAD")
    assert result.exit_code == 0
    assert "cannot be judged again: gitlab:acme/infra#8 (record 2)" in result.stdout
    assert "1 cannot be judged again" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "nowhere"], "names no commit"),
        (["--directory", "nowhere", "--from", "HEAD"], "there is no Rego in nowhere of HEAD"),
        ([], "name them with --config, or records with --record"),
        (["--record", "nowhere.json"], "there is no such file"),
        (["--of", "repository", "--namespace", "main"], "for --of organisation"),
    ],
    ids=["no-commit", "no-directory", "no-records", "no-file", "namespaces"],
)
def test_what_cannot_be_compared_is_said(
    policies: Path, run, options: list[str], said: str
) -> None:
    result = run(diff, *of(policies, *options))
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_empty_ledger_is_said(server, policies: Path, run) -> None:
    _append(server, b"{}", "gitlab:acme/infra#1", kind="apply")
    result = run(diff, "--repo", policies, "--engine", "regorus", "--config", server.config)
    assert result.exit_code == 2
    assert "no decision is recorded yet" in result.stderr


def test_policies_of_a_repository_concern_only_its_changes(tmp_path: Path, regorus) -> None:
    record = made_record(tmp_path / "repo", regorus)
    own = RepositoryPolicies(folder=folder(DENIES, "policy"))
    assert concerns(record, OrganisationPolicies(folder=folder(DENIES)))
    assert not concerns(record, own)
    material = replace(record.material, target_policies=(folder(SILENT, "policy"),))
    assert concerns(replace(record, material=material), own)


def test_an_approval_that_counted_counts_under_other_policies(tmp_path: Path, regorus) -> None:
    record = made_record(tmp_path / "repo", regorus, SILENT)
    outcome = record.outcome
    assert isinstance(outcome, dict)
    assert outcome["verdict"] == "pending"
    lee = Person(id="9", login="lee")
    silent = OrganisationPolicies(folder=folder(SILENT))
    binding = differing(record, silent, silent, regorus).before.assessment.binding
    assert binding.policy_digest == outcome["policy_digest"]
    review = Review(
        person=lee, state=ReviewState.APPROVED, source=ReviewSource.HOST,
        head=record.change.head, seen=(binding,),
    )  # fmt: skip
    approved = replace(
        record,
        change=replace(record.change, reviews=(review,)),
        directory=Directory(roles=((lee.id, "admin"),)),
    )
    found = differing(approved, silent, OrganisationPolicies(folder=folder(DENIES)), regorus)
    assert (name_of(found.before.verdict), name_of(found.after.verdict)) == ("approved", "rejected")


def _append(server, content: bytes, subject: str, kind: str = "decision") -> None:
    engine = open_store(f"sqlite:///{server.state}/mrbot.db")
    ledger = Store(engine, Vault.from_file(server.state / "key")).ledger
    ledger.append(kind=kind, subject=subject, at="2026-11-25T00:00:00Z", content=content)
    engine.dispose()
