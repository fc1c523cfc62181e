from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mrbot.cli.policy import policy
from tests import needs

POLICY = """package main

deny_root contains msg if {
	input.kind == "Pod"
	input.root
	msg := sprintf("%s runs as root", [input.name])
}

warn contains "it is old" if input.old

exception contains ["root"] if input.name == "legacy"
"""
POD = "kind: Pod\nname: web\nroot: yes\n"


@pytest.fixture(autouse=True, params=["regorus", "opa"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name: str = request.param
    if name == "opa":
        monkeypatch.setenv("PATH", str(Path(needs.opa()).parent), prepend=os.pathsep)
    else:
        needs.regorus()
    monkeypatch.chdir(tmp_path)
    put({"policy/p.rego": POLICY, "pod.yaml": POD})
    return name


@pytest.fixture
def check(engine: str):
    def checked(*arguments: str, stdin: str = "") -> Result:
        given = ["check", "--engine", engine, *arguments]
        return CliRunner().invoke(policy, given, input=stdin)

    return checked


def put(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text)


def test_a_failure_is_printed_and_ends_with_one(check) -> None:
    done = check("pod.yaml")

    assert (done.exit_code, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "FAIL - pod.yaml - main - web runs as root",
        "",
        "2 tests, 1 passed, 0 warnings, 1 failure, 0 exceptions",
    ]


@pytest.mark.parametrize(
    ("text", "options", "code"),
    [
        ("kind: Job\n", [], 0),
        ("old: true\n", [], 0),
        ("old: true\n", ["--fail-on-warn"], 1),
        (POD, ["--fail-on-warn"], 2),
        (POD, ["--no-fail"], 0),
        (POD, ["--no-fail", "--fail-on-warn"], 0),
        ("kind: Pod\nname: legacy\nroot: true\n", ["--fail-on-warn"], 0),
    ],
)
def test_exit_codes(check, text: str, options: list[str], code: int) -> None:
    put({"pod.yaml": text})

    assert check("pod.yaml", *options).exit_code == code


def test_documents_of_one_file_are_counted_together_and_inputs_may_be_named_both_ways(
    check,
) -> None:
    put({"pod.yaml": f"{POD}---\n{POD}old: true\n---\nname: legacy\nkind: Pod\nroot: true\n"})

    done = check("--input", "pod.yaml", "policy/../pod.json", "-o", "json")

    assert done.exit_code == 1
    assert "pod.json: cannot be read" in done.stderr
    [result] = json.loads(check("--input", "pod.yaml", "-o", "json").stdout)
    assert (result["successes"], len(result["failures"]), len(result["warnings"])) == (2, 2, 1)
    assert [one["msg"] for one in result["exceptions"]] == ['data.main.exception[_][_] == "root"']


def test_all_files_are_one_input_when_they_are_combined(check) -> None:
    put(
        {
            "policy/p.rego": "package main\ndeny contains p if {\n"
            "\tsome one in input\n\tone.contents.b\n"
            '\tp := sprintf("%s of %d", [one.path, count(input)])\n}\n',
            "a.yaml": "a: 1\n---\nb: 2\n",
            "c.json": "{}",
        }
    )

    done = check("--combine", "c.json", "a.yaml")

    assert "FAIL - Combined - main - a.yaml of 3" in done.stdout


def test_the_name_of_the_file_is_in_the_data(check) -> None:
    put({"policy/p.rego": "package main\ndeny contains data.conftest.file.name\n", "x/b.json": "1"})

    done = check("pod.yaml", "x/b.json")

    assert [line for line in done.stdout.splitlines() if line.startswith("FAIL")] == [
        "FAIL - pod.yaml - main - pod.yaml",
        "FAIL - x/b.json - main - b.json",
    ]


def test_data_is_given_to_policies(check) -> None:
    put(
        {
            "policy/p.rego": "package main\ndeny contains data.x.names[_]\n",
            "d/x/n.yaml": "names: [eve]\n",
        }
    )

    assert "main - eve" in check("-d", "d", "pod.yaml").stdout


def test_namespaces_are_asked_by_name_pattern_or_all(check) -> None:
    put(
        {
            "policy/q.rego": "package team.a\ndeny contains 'a' if true\n".replace("'", '"'),
            "policy/lib.rego": "package lib\nhelp := 1\n",
        }
    )

    def asked(*options: str) -> list[str]:
        done = check("pod.yaml", "-o", "json", *options)
        return [one["namespace"] for one in json.loads(done.stdout)]

    assert asked() == ["main"]
    assert asked("-n", "team.*") == ["team.a"]
    assert asked("-n", "team.a", "-n", "main") == ["team.a", "main"]
    assert asked("-n", "team.a, main") == ["team.a", "main"]
    assert asked("--all-namespaces") == ["main", "team.a"]


def test_the_standard_input_is_yaml_or_what_its_parser_says(check) -> None:
    assert check("-", stdin=POD).stdout.startswith("FAIL - - main - web runs as root\n")
    done = check("-", "--parser", "json", "--stdin-filename", "p", stdin='{"old": 1}')
    assert done.stdout.startswith("WARN - p - main - it is old\n")


def test_quiet_prints_nothing_when_all_is_well(check) -> None:
    assert check("--quiet", "pod.yaml").stdout.startswith("FAIL")
    put({"pod.yaml": "a: 1\n"})
    assert check("--quiet", "pod.yaml").stdout == ""


def test_approvals_that_a_policy_asks_for_are_told_and_change_no_exit_code(check) -> None:
    put({"policy/p.rego": 'package main\nrequire contains {"msg": "two eyes", "users": ["eve"]}\n'})

    done = check("pod.yaml")

    assert (done.exit_code, done.stdout.splitlines()[-1][:7]) == (0, "0 tests")
    assert done.stderr == "mrbot: asks for approvals, in a review: main: two eyes\n"


@pytest.mark.parametrize(
    ("files", "arguments", "said"),
    [
        pytest.param({}, ["pod.yaml", "-p", "gone"], "gone: cannot be read", id="no-policies"),
        pytest.param({}, ["pod.yaml", "-n", "gone"], "there is no package 'gone'", id="namespace"),
        pytest.param({}, ["pod.yaml", "-n", "g*"], "there is no package 'g*'", id="pattern"),
        pytest.param({}, [], "there is no file to judge", id="no-input"),
        pytest.param({"a.yaml": "a: [\n"}, ["a.yaml"], "a.yaml:2: not YAML", id="unparsable"),
        pytest.param({}, ["pod.yaml", "--parser", "x"], "there is no parser 'x'", id="parser"),
        pytest.param(
            {"policy/p.rego": "package main\n\ndeny if true\n"},
            ["pod.yaml"],
            "main.deny, judging pod.yaml: it is true, not a set of results",
            id="wrong-shape",
        ),
        pytest.param(
            {"policy/p.rego": "package main\n\ndeny contains {\n"},
            ["pod.yaml"],
            "policy/p.rego:",
            id="policy-does-not-parse",
        ),
        pytest.param(
            {"policy/p.rego": 'package main\ndeny contains 1 if http.send({"url": "x"})\n'},
            ["pod.yaml"],
            "policy/p.rego:2: a policy needs what this engine does not have: http.send",
            id="network",
        ),
        pytest.param(
            {"d/a.json": '{"k": 1}', "d/b.json": '{"k": 2}'},
            ["pod.yaml", "-d", "d"],
            "d/b.json: data.k is in d/a.json as well",
            id="data-conflict",
        ),
        pytest.param(
            {
                "d/a.json": '{"conftest": 1}',
                "policy/p.rego": "package main\nwarn contains data.conftest\n",
            },
            ["pod.yaml", "-d", "d"],
            "data.conftest is in",
            id="data-takes-the-files-place",
        ),
    ],
)
@pytest.mark.parametrize("options", [[], ["--no-fail"]], ids=["", "no-fail"])
def test_what_cannot_be_judged_never_looks_like_success(
    check, files: dict[str, str], arguments: list[str], options: list[str], said: str
) -> None:
    put(files)

    done = check(*arguments, *options)

    assert (done.exit_code, done.stdout) == (1, "")
    assert said in done.stderr


def test_an_unknown_format_is_refused_with_those_there_are(check) -> None:
    done = check("pod.yaml", "-o", "table")

    assert done.exit_code == 2
    assert "'sarif'" in done.stderr


def test_what_a_file_is_called_steers_no_terminal(check) -> None:
    put({"\x1b[31m.yaml": "a: ["})

    done = check("\x1b[31m.yaml")

    assert "\x1b" not in done.stderr
    assert done.exit_code == 1
