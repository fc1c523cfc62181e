from __future__ import annotations

import pytest

from mrbot.plan.precheck import (
    MAX_PROBLEMS,
    PlanTimeCode,
    PlanTimeRules,
    listed,
    provider_problems,
    source_problems,
)

STRICT = PlanTimeRules()
AWS = "registry.terraform.io/hashicorp/aws"
EXTERNAL = "registry.terraform.io/hashicorp/external"


def lines(text: str, rules: PlanTimeRules = STRICT, path: str = "main.tf") -> list[int]:
    return [problem.line for problem in source_problems([(path, text.encode())], rules)]


def test_no_source_has_no_problem() -> None:
    assert source_problems([], STRICT) == []
    assert lines("") == []


@pytest.mark.parametrize(
    "text",
    [
        'data "external" "a" { program = ["sh"] }',
        'data external a {\n program = ["sh"]\n}',
        'check "c" {\n data "external" "a" { program = ["sh"] }\n}',
        'data "shell" "a" {}',
        'provider "kubernetes" {\n exec { command = "aws" }\n}',
        'provider "helm" {\n kubernetes = { exec = { command = "aws" } }\n}',
        'provider "helm" {\n kubernetes = { "exec" = { command = "aws" } }\n}',
        'provider "aws" {\n shared_config_files = ["config"]\n}',
        'terraform {\n backend "s3" {\n  shared_config_files = ["config"]\n }\n}',
        'data "external" "a" {',
    ],
    ids=["data", "unquoted", "in a check", "another runner", "exec", "exec in an object",
         "quoted exec", "AWS config", "backend", "unreadable"],
)  # fmt: skip
def test_source_that_runs_a_program_while_planning_is_refused(text: str) -> None:
    assert lines(text)


@pytest.mark.parametrize(
    "text",
    [
        'resource "external" "a" {}',
        'data "aws_ami" "external" {}',
        'locals {\n exec = "data external"\n}',
        '# data "external" "a" {}\n',
        'resource "terraform_data" "a" {\n provisioner "local-exec" { command = "true" }\n}',
        'provider "aws" {\n region = "eu-west-1"\n}',
        'variable "a" {\n default = <<EOT\ndata "external" "a" {}\nEOT\n}',
    ],
    ids=["a resource", "another type", "a name", "a comment", "apply time", "provider", "heredoc"],
)
def test_source_that_runs_none_is_not(text: str) -> None:
    assert lines(text) == []


def test_a_problem_tells_file_and_line() -> None:
    text = '\n\ndata "external" "a" {}\nprovider "k" {\n  exec {}\n}\n'

    problems = source_problems([("modules/a/main.tf", text.encode())], STRICT)

    assert [str(problem).split(":")[:2] for problem in problems] == [
        ["modules/a/main.tf", "3"],
        ["modules/a/main.tf", "5"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"data": {"external": {"a": {}}}}',
        '{"data": [{"external": {"a": {}}}]}',
        '[{"check": {"c": {"data": {"external": {"a": {}}}}}}]',
        '{"provider": {"kubernetes": [{"exec": {}}]}}',
        '{"terraform": {"backend": {"s3": {"shared_config_files": []}}}}',
        '{"data": ',
        "[" * 100_000,
    ],
    ids=["data", "in a list", "in a check", "exec", "backend", "unreadable", "deep"],
)
def test_json_source_is_read_too(text: str) -> None:
    assert lines(text, path="main.tf.json")
    assert lines('{"data": {"aws_ami": {"external": {}}}, "locals": {"exec": 1}}',
                 path="main.tf.json") == []  # fmt: skip


def test_what_the_settings_allow_passes_and_only_that() -> None:
    text = 'data "external" "a" {}\nprovider "k" {\n exec {}\n}\n'

    assert lines(text, PlanTimeRules(allow=frozenset({PlanTimeCode.DATA}))) == [3]
    assert lines(text, PlanTimeRules(allow=frozenset({PlanTimeCode.SETTINGS}))) == [1]
    assert lines(text, PlanTimeRules(allow=frozenset(PlanTimeCode))) == []


@pytest.mark.parametrize(
    ("addresses", "rules", "refused"),
    [
        ([], STRICT, 0),
        ([], PlanTimeRules(providers=frozenset()), 0),
        ([AWS], STRICT, 0),
        ([AWS, EXTERNAL], STRICT, 1),
        (["example.com/evil/external"], STRICT, 1),
        ([EXTERNAL], PlanTimeRules(allow=frozenset({PlanTimeCode.DATA})), 0),
        ([AWS], PlanTimeRules(providers=frozenset({AWS})), 0),
        ([AWS], PlanTimeRules(providers=frozenset()), 1),
        (["example.com/hashicorp/aws"], PlanTimeRules(providers=frozenset({AWS})), 1),
        ([EXTERNAL], PlanTimeRules(providers=frozenset({EXTERNAL})), 0),
    ],
    ids=["none", "none and none allowed", "usual", "runs programs", "elsewhere", "allowed",
         "listed", "not listed", "same name elsewhere", "listed though it runs programs"],
)  # fmt: skip
def test_a_provider_that_may_not_run_is_named(
    addresses: list[str], rules: PlanTimeRules, refused: int
) -> None:
    problems = provider_problems(addresses, rules)

    assert len(problems) == refused
    assert all(address in "".join(problems) for address in addresses[-refused or len(addresses) :])


def test_many_problems_are_cut_and_counted() -> None:
    text = listed(f"problem {number}" for number in range(MAX_PROBLEMS + 3))

    assert text.splitlines()[-1] == "and 3 more"
    assert len(text.splitlines()) == MAX_PROBLEMS + 1
