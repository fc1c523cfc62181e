from __future__ import annotations

import json
from pathlib import Path

import pytest

from mrbot.cli.policy import policy
from tests import needs

CLEAN = 'package main\n\nimport rego.v1\n\ndeny contains "draft" if input.change.draft\n'
WRONG = CLEAN.replace("draft\n", "drft\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    needs.regorus()
    (tmp_path / "main.rego").write_text(CLEAN)
    return tmp_path


def test_nothing_found_is_zero_and_says_so(run, folder) -> None:
    done = run(policy, "lint", folder, "--engine", "regorus")

    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "nothing found in 1 file"


def test_a_finding_is_one_with_its_place_and_what_to_do(run, folder) -> None:
    (folder / "main.rego").write_text(WRONG)

    done = run(policy, "lint", folder, "--engine", "regorus")

    assert done.exit_code == 1
    place, finding, fix = done.stdout.splitlines()[:3]
    assert place == str(folder / "main.rego")
    assert finding.split()[:2] == ["5", "error"]
    assert fix.strip() == "did you mean `draft`?"


def test_notes_fail_only_when_that_is_asked_for(run, folder) -> None:
    (folder / "main.rego").write_text(CLEAN.replace("import rego.v1\n\n", ""))

    assert run(policy, "lint", folder, "--engine", "regorus").exit_code == 0
    assert run(policy, "lint", folder, "--engine", "regorus", "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("comment", "code"), [("", 1), (" # mrbot-lint: ignore=unknown-input-field", 0)]
)
def test_what_a_comment_switches_off_is_counted(run, folder, comment, code) -> None:
    (folder / "main.rego").write_text(WRONG.replace("drft\n", f"drft{comment}\n"))

    done = run(policy, "lint", folder, "--engine", "regorus")

    assert done.exit_code == code
    assert ("switched off by comments: 1 unknown-input-field" in done.stdout) is (code == 0)


@pytest.mark.parametrize("named", [("-n", "main,other"), ("-n", "main", "--namespace", "other")])
def test_packages_are_named_one_by_one_or_with_commas(run, folder, named) -> None:
    (folder / "main.rego").write_text(CLEAN.replace("deny", "denies"))

    done = run(policy, "lint", folder, "--engine", "regorus", *named)

    assert "near-convention" in done.stdout
    assert "which packages are asked" not in done.stdout


def test_without_a_rego_file_it_cannot_be_run(run, tmp_path) -> None:
    needs.regorus()

    done = run(policy, "lint", tmp_path)

    assert done.exit_code == 2
    assert "there is no Rego file" in done.stderr


def test_a_schema_that_is_none_is_told(run, folder) -> None:
    (folder / "s.json").write_text("[]")

    done = run(policy, "lint", folder, "--schema", folder / "s.json")

    assert done.exit_code == 2
    assert "a JSON Schema is an object" in done.stderr


def test_a_schema_that_refers_to_nothing_is_told(run, folder) -> None:
    whole = {"$ref": "#/$defs/none", "$defs": {"a": {"items": {"$ref": "#/$defs/no~1ne"}}}}
    (folder / "s.json").write_text(json.dumps(whole))

    done = run(policy, "lint", folder, "--schema", folder / "s.json")

    assert done.exit_code == 2
    assert "s.json: a `$ref` refers to nothing in the schema: '#/$defs/none'" in done.stderr
    assert "'#/$defs/no~1ne'" in done.stderr


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"$ref": "#/$defs/b%20c"}}, "$defs": {"b c": {}}},
        {"anyOf": [{"type": "object"}], "items": {"$ref": "#/anyOf/0"}},
        {"items": {"$ref": "#"}},
        {"items": {"$ref": "https://example.org/s.json#/a"}},
        {"default": {"$ref": "#/none"}},
        {"properties": {"$ref": {"type": "string"}}},
    ],
)
def test_references_that_are_sound_or_lead_elsewhere_are_taken(run, folder, schema) -> None:
    (folder / "s.json").write_text(json.dumps(schema))

    done = run(policy, "lint", folder, "--schema", folder / "s.json", "--engine", "regorus")

    assert done.exit_code in {0, 1}, done.stderr


def test_json_holds_all_that_was_found_and_what_was_not_looked_at(run, folder) -> None:
    (folder / "main.rego").write_text(WRONG)

    told = json.loads(run(policy, "lint", folder, "--engine", "regorus", "--format", "json").stdout)

    assert [(one["rule"], one["line"]) for one in told["findings"]] == [("unknown-input-field", 5)]
    assert told["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert told["not_checked"]


def test_a_code_quality_report_has_a_fingerprint_that_outlives_a_moved_line(run, folder) -> None:
    def report() -> list[dict[str, str]]:
        return json.loads(run(policy, "lint", folder, "--format", "gitlab").stdout)

    (folder / "main.rego").write_text(WRONG)
    [before] = [one for one in report() if one["check_name"] == "unknown-input-field"]
    (folder / "main.rego").write_text(WRONG.replace("import", "# moved\nimport"))
    [after] = [one for one in report() if one["check_name"] == "unknown-input-field"]

    assert before["severity"] == "major"
    assert before["fingerprint"] == after["fingerprint"]
    assert before["location"] != after["location"]


def test_annotations_cannot_be_forged_by_a_policy(run, folder) -> None:
    (folder / "main.rego").write_text(
        CLEAN + 'x if input["a\\n::error::forged"]\n\ny if input.x == "%"\n'
    )

    done = run(policy, "lint", folder, "--engine", "regorus", "--format", "github")

    assert not [line for line in done.stdout.splitlines() if line.startswith("::error::forged")]
    assert [line for line in done.stdout.splitlines() if line.startswith("::error file=")]


def test_the_terminal_is_not_moved_by_a_policy(run, folder) -> None:
    (folder / "main.rego").write_text(CLEAN + 'x if input["\\u001b[2J"]\n')

    done = run(policy, "lint", folder, "--engine", "regorus")

    assert done.exit_code == 1
    assert "\x1b" not in done.stdout


def test_opa_checks_formatting_and_compiles(run, folder, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(Path(needs.opa()).parent), prepend=":")
    (folder / "main.rego").write_text(CLEAN + "x  if  y\n\nz := $`a {1}`\n")

    done = run(policy, "lint", folder, "--engine", "opa")

    assert "[not-formatted]" in done.stdout
    assert "rego_unsafe_var" in done.stdout or "[compile-error]" in done.stdout
    assert "what the embedded engine would refuse" in done.stdout


def test_where_opa_judges_what_only_opa_has_is_a_warning(run, folder, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(Path(needs.opa()).parent), prepend=":")
    (folder / "main.rego").write_text(CLEAN + "\nz := $`a {1}`\n")

    opa = run(policy, "lint", folder, "--engine", "opa")
    regorus = run(policy, "lint", folder, "--engine", "regorus")

    [line] = [line for line in opa.stdout.splitlines() if "needs-opa" in line]
    assert line.split()[:2] == ["7", "warning"]
    [line] = [line for line in regorus.stdout.splitlines() if "needs-opa" in line]
    assert line.split()[:2] == ["7", "error"]
