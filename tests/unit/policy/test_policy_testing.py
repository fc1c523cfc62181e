from __future__ import annotations

from pathlib import Path

import pytest

from mrbot.errors import BadPolicy
from mrbot.policy.failure import Failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.opa_binary import Binary, examine
from mrbot.policy.testing import Run, run_tests
from tests import needs

POLICY = "package main\nimport rego.v1\ndeny contains data.limit if input.n > data.limit\n"
TESTS = """package main_test

import rego.v1

import data.main

test_it_fires if 5 in main.deny with input as {"n": 9}

test_it_does_not if count(main.deny) == 1 with input as {"n": 1}

todo_test_later if false

test_loops if {
    some a in numbers.range(1, 3000)
    some b in numbers.range(1, 3000)
    some c in numbers.range(1, 3000)
    a * b * c < 0
}

test_after_the_loop if true
"""
V0 = 'package old_test\ntest_v0 { data.main.deny[5] with input as {"n": 9} }\n'


@pytest.fixture(params=["opa", "regorus"])
def binary(request: pytest.FixtureRequest) -> Binary | None:
    if request.param == "opa":
        return examine(needs.opa())
    needs.regorus()
    return None


def folder(where: Path, **files: str) -> Path:
    for name, text in files.items():
        path = where / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return where


def ran(where: Path, binary: Binary | None) -> Run:
    run = run_tests(where, binary, seconds=1)
    assert isinstance(run, Run), run
    return run


def test_a_folder_without_tests_has_not_passed(tmp_path: Path, binary: Binary | None) -> None:
    run = ran(folder(tmp_path, p_DOT_rego=POLICY), binary)

    assert run.results == ()
    assert not run.passed


def test_every_test_is_told_with_its_place(tmp_path: Path, binary: Binary | None) -> None:
    where = folder(
        tmp_path,
        p_DOT_rego=POLICY,
        a__p_test_DOT_rego=TESTS,
        b__old_test_DOT_rego=V0,
        data_DOT_json='{"limit": 5}',
    )

    run = ran(where, binary)

    assert [
        (r.path, r.line, r.name, r.outcome.value) for r in run.results if "loops" not in r.name
    ] == [
        ("a/p_test.rego", 7, "test_it_fires", "pass"),
        ("a/p_test.rego", 9, "test_it_does_not", "fail"),
        ("a/p_test.rego", 11, "todo_test_later", "skip"),
        ("a/p_test.rego", 20, "test_after_the_loop", "pass"),
        ("b/old_test.rego", 2, "test_v0", "pass"),
    ]
    [loop] = [result for result in run.results if "loops" in result.name]
    assert loop.outcome.value in {"error", "fail"}
    assert not run.passed


def test_tests_that_all_pass_have_passed(tmp_path: Path, binary: Binary | None) -> None:
    tests = "package t\nimport rego.v1\ntest_a if 1 == 1\n"

    assert ran(folder(tmp_path, p_DOT_rego=POLICY, t_test_DOT_rego=tests), binary).passed


def test_skipped_tests_alone_have_not_passed(tmp_path: Path, binary: Binary | None) -> None:
    tests = "package t\nimport rego.v1\ntodo_test_a if 1 == 1\n"

    assert not ran(folder(tmp_path, t_test_DOT_rego=tests), binary).passed


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("package main\nimport rego.v1\ndeny contains }\n", EvaluationFault.PARSE),
        (
            'package main\nimport rego.v1\ndeny contains "x" if http.send({"method": "get"})\n',
            EvaluationFault.UNSUPPORTED,
        ),
    ],
)
def test_policies_that_do_not_load_are_a_failure_with_a_place(
    tmp_path: Path, binary: Binary | None, text: str, fault: EvaluationFault
) -> None:
    run = run_tests(folder(tmp_path, sub__p_DOT_rego=text), binary, seconds=2)

    assert isinstance(run, Failure)
    assert (run.fault, run.path, run.line) == (fault, "sub/p.rego", 3)


def test_what_is_not_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="not a folder"):
        run_tests(tmp_path / "nowhere", None, seconds=1)
