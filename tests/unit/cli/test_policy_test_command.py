from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mrbot.cli.policy import policy
from tests import needs

PASSES = "package main_test\n\ntest_a if data.main.deny == set() with input as {}\n"
POLICY = "package main\n\ndeny contains msg if {\n\tinput.x\n\tmsg := 1\n}\n"


@pytest.fixture(autouse=True)
def engine() -> None:
    needs.regorus()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.rego").write_text(POLICY)
    (tmp_path / "p_test.rego").write_text(PASSES)
    return tmp_path


def test_the_counts_come_last_and_success_is_zero(run, folder) -> None:
    done = run(policy, "test", folder, "--engine", "regorus")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed (regorus)"


def test_coverage_lists_every_policy_and_its_gaps(run, folder) -> None:
    done = run(policy, "test", folder, "--engine", "regorus", "--coverage")

    assert done.exit_code == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[1] == ["p.rego", "33.3%", "1/3", "3,", "5"]
    assert rows[2] == ["all", "policies", "33.3%", "1/3"]


def test_too_little_coverage_is_a_failure_that_names_both_numbers(run, folder) -> None:
    done = run(policy, "test", folder, "--engine", "regorus", "--coverage-min", "80")

    assert done.exit_code == 1
    assert "reach 33.3 % of the policies' lines, and 80 % are asked for" in done.stderr


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("package t\n", 1, "there is no test below"),
        ("package t\ntodo_test_a if false\n", 1, "every test is skipped"),
        ("package t\ntest_a if false\n", 1, ""),
        ("package t\ntest_a if }\n", 2, "p_test.rego:2: a policy does not parse"),
        ("package t\ntest_a if x\n", 2, "p_test.rego:2: a policy does not parse"),
    ],
    ids=["no test", "all skipped", "fails", "does not parse", "does not compile"],
)
def test_what_is_no_success_is_told(run, folder, text, code, said) -> None:
    (folder / "p_test.rego").write_text(text)

    done = run(policy, "test", folder, "--engine", "regorus")

    assert done.exit_code == code
    assert said in done.stderr


def test_a_test_without_end_is_stopped_and_the_next_one_runs(run, folder) -> None:
    (folder / "p_test.rego").write_text(
        "package t\ntest_loops if {\n  some a in numbers.range(1, 9000)\n"
        "  some b in numbers.range(1, 9000)\n  a * b < 0\n}\ntest_b if true\n"
    )

    done = run(policy, "test", folder, "--engine", "regorus", "--timeout", "0.5")

    assert done.exit_code == 1
    assert "did not answer within 0.5 s" in done.stdout
    assert "1 passed, 1 failed" in done.stdout


def test_json_holds_tests_and_coverage(run, folder) -> None:
    done = run(policy, "test", folder, "--engine", "regorus", "--coverage", "--format", "json")
    told = json.loads(done.stdout)

    assert told["passed"] is True
    assert told["counts"] == {"pass": 1, "fail": 0, "error": 0, "skip": 0}
    assert [(one["path"], one["line"]) for one in told["tests"]] == [("p_test.rego", 3)]
    assert told["coverage"]["files"][0]["ranges"] == [[3, 3], [5, 5]]


def test_junit_has_a_suite_a_file_and_the_reason(run, folder) -> None:
    (folder / "p_test.rego").write_text(
        'package t\ntest_a if true\ntest_b if {\n\tprint("\\u001b[31m")\n\t1 == 2\n}\n'
    )

    done = run(policy, "test", folder, "--engine", "regorus", "--format", "junit")
    [suite] = ET.fromstring(done.stdout)

    assert done.exit_code == 1
    assert suite.attrib["name"] == "p_test.rego"
    assert [case.attrib["name"] for case in suite] == ["test_a", "test_b"]
    assert suite[1][0].attrib["message"] == "not true: line 5: 1 == 2"
    assert "\x1b" not in done.stdout


def test_junit_of_nothing_is_a_failure(run, folder) -> None:
    (folder / "p_test.rego").unlink()

    done = run(policy, "test", folder, "--engine", "regorus", "--format", "junit")

    assert done.exit_code == 1
    assert ET.fromstring(done.stdout).find(".//failure") is not None
