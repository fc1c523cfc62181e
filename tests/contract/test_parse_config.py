"""conftest's `parse_config`, in the embedded engine; OPA has none, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrbot.policy.failure import Failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.opa.binary import examine
from mrbot.policy.testing.run import run_tests
from tests import needs

READS = {
    "yaml": ("a: [1, yes]\\n", '{"a": [1, true]}'),
    "json": ('{\\"a\\": null}', '{"a": null}'),
    "toml": ("a = 1\\n", '{"a": 1}'),
    "dotenv": ("A=b\\n", '{"A": "b"}'),
    "hcl2": ('a \\"b\\" { c = 1 }', '{"a": {"b": [{"c": 1}]}}'),
}


def holding(folder: Path, body: str) -> Path:
    text = f"package main_test\n\nimport rego.v1\n\ntest_it if {body}\n"
    (folder / "main_test.rego").write_text(text)
    return folder


@pytest.fixture(autouse=True)
def _regorus() -> None:
    needs.regorus()


@pytest.mark.parametrize("parser", READS)
def test_a_text_is_what_a_file_of_it_would_be(tmp_path: Path, parser: str) -> None:
    text, document = READS[parser]
    run = run_tests(
        holding(tmp_path, f'parse_config("{parser}", "{text}") == {document}'), None, seconds=20
    )
    assert not isinstance(run, Failure), run
    assert run.passed, run


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('parse_config("yaml", "a: [")', "line 2: not YAML"),
        ('parse_config("nginx", "x")', "the format nginx is not read here"),
        ('parse_config("nope", "x")', "there is no parser 'nope'"),
        ('parse_config("yaml", 5)', "argument 2 must be a string"),
    ],
    ids=["malformed", "unread", "unknown", "no-text"],
)
def test_what_cannot_be_read_is_an_error_that_says_why(
    tmp_path: Path, call: str, said: str
) -> None:
    run = run_tests(holding(tmp_path, call), None, seconds=20)
    assert not isinstance(run, Failure), run
    [result] = run.results
    assert result.outcome.value == "error"
    assert said in result.detail


def test_a_policy_reads_no_file(tmp_path: Path) -> None:
    run = run_tests(holding(tmp_path, 'parse_config_file("/etc/passwd")'), None, seconds=20)
    assert isinstance(run, Failure)
    assert run.fault is EvaluationFault.UNSUPPORTED


def test_opa_has_none_and_says_so(tmp_path: Path) -> None:
    binary = examine(needs.opa())
    run = run_tests(holding(tmp_path, 'parse_config("yaml", "a: 1")'), binary, seconds=20)
    assert isinstance(run, Failure)
    assert "parse_config" in run.detail
