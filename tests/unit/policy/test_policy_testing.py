from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mrbot.errors import BadInput, BadPolicy
from mrbot.policy.failure import Failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.opa.binary import Binary, examine
from mrbot.policy.testing.result import Outcome, Run
from mrbot.policy.testing.run import run_tests
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


def ran(where: Path, binary: Binary | None, **more: Any) -> Run:
    run = run_tests(where, binary, seconds=1, **more)
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
    assert loop.outcome is Outcome.ERROR
    assert "within 1 s" in loop.detail
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


REASONS = """package main_test

import rego.v1

import data.main

test_reaches_two_lines if {
    count(main.deny) == 0 with input as {"n": 1}
    count(main.deny) == 2 with input as {"n": 9}
    false
}

helper(x) := x

test_prints if {
    print("seen", 1)
    1 == 2
}
"""


def test_a_failed_test_is_told_with_the_line_that_did_not_hold_and_what_it_printed(
    tmp_path: Path, binary: Binary | None
) -> None:
    where = folder(
        tmp_path, p_DOT_rego=POLICY, p_test_DOT_rego=REASONS, data_DOT_json='{"limit": 5}'
    )

    reaches, prints = ran(where, binary).results

    assert reaches.detail == 'not true: line 9: count(main.deny) == 2 with input as {"n": 9}'
    assert prints.detail == "not true: line 17: 1 == 2"
    assert prints.printed.endswith("seen 1\n")


def test_tests_of_one_name_do_not_hide_each_other(tmp_path: Path, binary: Binary | None) -> None:
    where = folder(
        tmp_path,
        a_test_DOT_rego="package t\nimport rego.v1\ntest_a if true\n",
        b_test_DOT_rego="package t\nimport rego.v1\ntest_a if false\n",
    )

    run = ran(where, binary)

    assert len(run.results) == 2
    assert not run.passed


def test_a_test_that_is_not_a_boolean_has_not_passed(tmp_path: Path, binary: Binary | None) -> None:
    where = folder(
        tmp_path,
        t_test_DOT_rego="package t\nimport rego.v1\ntest_number := 3\n"
        'test_cases[name] if {\n  some name, one in {"a": true, "b": false}\n  one\n}\n',
    )

    assert [one.outcome is Outcome.PASS for one in ran(where, binary).results] == [False, False]


COVERED = """package main

import rego.v1

deny contains "big" if {
    input.n > 3
}

warn contains "odd" if {
    count(input.odd) > 0

    # a comment between
    count(input.very) > 0
    not input.never
}

limit := 3
"""
COVERING = """package main_test

import rego.v1

import data.main

test_big if "big" in main.deny with input as {"n": 9}

test_nothing_odd if count(main.warn) == 0 with input as {"odd": "yes", "very": ""}
"""


def test_coverage_names_the_lines_of_policies_that_no_test_reaches(
    tmp_path: Path, binary: Binary | None
) -> None:
    where = folder(
        tmp_path,
        p_DOT_rego=COVERED,
        p_test_DOT_rego=COVERING,
        idle_DOT_rego="package idle\nimport rego.v1\np if {\n  input.x\n  input.y\n}\n",
    )

    coverage = ran(where, binary, coverage=True).coverage

    assert coverage is not None
    idle, policy = coverage.files
    assert (idle.path, idle.covered) == ("idle.rego", ())
    assert {4, 5} <= set(idle.not_covered)
    assert policy.path == "p.rego"
    assert {6, 10} <= set(policy.covered)
    assert 14 in policy.not_covered
    assert not set(policy.covered) & set(policy.not_covered)
    assert 0 < coverage.percent < 100


def test_there_is_no_coverage_while_a_test_fails(tmp_path: Path, binary: Binary | None) -> None:
    where = folder(tmp_path, p_DOT_rego=COVERED, p_test_DOT_rego="package t\ntest_a if false\n")

    assert ran(where, binary, coverage=True).coverage is None


def test_a_pattern_chooses_tests_by_their_full_name(tmp_path: Path, binary: Binary | None) -> None:
    where = folder(
        tmp_path,
        a_test_DOT_rego="package a\ntest_x if true\ntest_y if false\n",
        b_test_DOT_rego="package b\ntest_x if false\n",
    )

    run = ran(where, binary, pattern=r"data\.a\.test_[x]")

    assert [(one.package, one.name) for one in run.results] == [("a", "test_x")]
    assert run.passed


def test_a_pattern_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"--run '\(' is not a regular expression"):
        run_tests(folder(tmp_path), None, seconds=1, pattern="(")
