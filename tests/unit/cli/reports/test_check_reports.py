from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from mrbot.cli.reports import FORMATS, report
from mrbot.ids import Json
from mrbot.policy.checking.result import Checked, Exempted, FileResult
from mrbot.policy.finding import Finding, Severity


def finding(
    msg: str = "no",
    rule: str = "deny_x",
    *,
    path: str | None = None,
    line: int | None = None,
    metadata: Json = None,
    excepted: str | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity(rule.split("_", maxsplit=1)[0]),
        msg=msg,
        namespace="main",
        policy="p",
        document="f.yaml",
        path=path,
        line=line,
        metadata=metadata,
        excepted=excepted,
    )


def checked(
    *failures: Finding, warnings: tuple[Finding, ...] = (), filename: str = "f.yaml"
) -> Checked:
    result = FileResult(
        filename=filename, namespace="main", successes=1, failures=failures, warnings=warnings
    )
    return Checked(results=(result,), engine="opa 1.22.2")


QUERY = 'data.main.exception[_][_] == "x"'
EXCEPTED = Checked(
    results=(
        FileResult(
            filename="f.yaml",
            namespace="main",
            exceptions=(Exempted(query=QUERY, findings=(finding("was no", excepted="e"),)),),
        ),
    ),
    engine="opa 1.22.2",
)
HOSTILE = 'a\r\n::error::b\x1b[31m\x00\u202e<x a="1">&%0A::set-output name=x::y'


def made(format_: str, what: Checked, exit_code: int = 1) -> str:
    return report(format_, what, exit_code=exit_code)


def test_text_is_as_conftest_prints_it() -> None:
    told = made("text", checked(finding("no"), warnings=(finding("hm", "warn"),)))

    assert told.splitlines() == [
        "WARN - f.yaml - main - hm",
        "FAIL - f.yaml - main - no",
        "",
        "3 tests, 1 passed, 1 warning, 1 failure, 0 exceptions",
    ]
    assert made("stdout", EXCEPTED).startswith(f"EXCP - f.yaml - main - {QUERY}\n")
    assert made("text", checked(finding(), filename="-")).startswith("FAIL - - main - no\n")


def test_json_has_conftests_structure() -> None:
    loud = finding("no", path="g.yaml", line=3, metadata={"id": "a.b"})

    assert json.loads(made("json", checked(loud, warnings=(finding("hm", "warn"),)))) == [
        {
            "filename": "f.yaml",
            "namespace": "main",
            "successes": 1,
            "warnings": [{"msg": "hm", "metadata": {"query": "data.main.warn"}}],
            "failures": [
                {
                    "msg": "no",
                    "loc": {"file": "g.yaml", "line": 3},
                    "metadata": {"id": "a.b", "query": "data.main.deny_x"},
                }
            ],
        }
    ]
    [standard_input] = json.loads(made("json", checked(filename="-")))
    assert standard_input["filename"] == ""
    [excepted] = json.loads(made("json", EXCEPTED))
    assert excepted["exceptions"] == [{"msg": QUERY, "metadata": {"results": ["was no"]}}]


def test_junit_has_a_case_for_each_finding_and_success() -> None:
    fix = finding("no", path="g.yaml", line=3, metadata={"fix": "mend it"})
    root = ET.fromstring(made("junit", checked(fix, warnings=(finding("hm", "warn"),))))

    [suite] = root
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("3", "2")
    assert [case.attrib["name"] for case in suite] == ["f.yaml - hm", "f.yaml - no", "f.yaml"]
    failure = suite[1][0]
    assert failure.attrib == {"type": "failure", "message": "no"}
    assert failure.text == "no\ng.yaml:3\nmend it"
    [skipped] = ET.fromstring(made("junit", EXCEPTED)).iter("skipped")
    assert skipped.attrib["message"] == QUERY


def test_sarif_has_rules_places_and_help() -> None:
    metadata: Json = {
        "id": "a.b",
        "fix": "mend it",
        "reference": "https://example.org/a b",
        "severity": "HIGH",
    }
    loud = finding("no", path="dir/g h.yaml", line=3, metadata=metadata)
    document = json.loads(made("sarif", checked(loud, loud, warnings=(finding("hm", "warn"),))))

    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    named, plain = run["tool"]["driver"]["rules"]
    assert named["id"] == "a.b"
    assert named["help"] == {"text": "mend it\nhttps://example.org/a b"}
    assert named["helpUri"] == "https://example.org/a%20b"
    assert named["properties"]["security-severity"] == "8.0"
    assert plain["id"] == "main/warn"
    first, second, third = run["results"]
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "dir/g%20h.yaml"},
                "region": {"startLine": 3},
            }
        }
    ]
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("a.b", 0, "error")
    assert first["partialFingerprints"] != second["partialFingerprints"]
    assert (third["ruleIndex"], third["level"]) == (1, "warning")
    assert third["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": "f.yaml"}}}]


def test_what_is_excepted_is_suppressed_in_sarif_and_information_in_gitlab() -> None:
    [run] = json.loads(made("sarif", EXCEPTED, 0))["runs"]
    [result] = run["results"]
    assert result["suppressions"] == [{"kind": "external", "justification": QUERY}]
    assert result["message"] == {"text": "was no"}
    [issue] = json.loads(made("gitlab", EXCEPTED, 0))
    assert (issue["severity"], issue["description"]) == ("info", "excepted: was no")


def test_github_has_a_command_for_each_finding() -> None:
    fix = finding("no", path="a,b:c.yaml", line=3, metadata={"fix": "mend it", "id": "r"})

    assert made("github", checked(fix, warnings=(finding("hm", "warn"),))).splitlines() == [
        "::error file=a%2Cb%3Ac.yaml,line=3,title=r::no%0Amend it",
        "::warning file=f.yaml,title=main/warn::hm",
        "3 tests, 1 passed, 1 warning, 1 failure, 0 exceptions",
    ]
    assert made("github", EXCEPTED).splitlines()[0] == (
        "f".replace("f", '::notice file=f.yaml,title=data.main.exception[_][_] == "x"')
        + "::excepted: was no"
    )


@pytest.mark.parametrize(
    ("metadata", "rule", "severity"),
    [
        (None, "deny", "critical"),
        (None, "violation", "critical"),
        (None, "warn", "minor"),
        ({"severity": "critical"}, "warn", "blocker"),
        ({"severity": "Medium"}, "deny", "major"),
        ({"severity": "nonsense"}, "deny", "critical"),
        ({"severity": 3}, "deny", "critical"),
    ],
)
def test_gitlab_severities(metadata: Json, rule: str, severity: str) -> None:
    [issue] = json.loads(made("gitlab", checked(finding("m", rule, metadata=metadata))))

    assert issue["severity"] == severity


def test_a_gitlab_fingerprint_stays_when_lines_move_and_is_there_once() -> None:
    def issues(line: int) -> list[dict[str, str]]:
        found: list[dict[str, str]] = json.loads(
            made("gitlab", checked(finding(path="./g.yaml", line=line), finding(path="g.yaml")))
        )
        return found

    before, after = issues(3), issues(9)

    assert [one["fingerprint"] for one in before] == [one["fingerprint"] for one in after]
    assert len({one["fingerprint"] for one in before}) == 2
    assert before[0]["location"] == {"path": "g.yaml", "lines": {"begin": 3}}


@pytest.mark.parametrize("format_", FORMATS)
def test_text_from_outside_steers_nothing(format_: str) -> None:
    hostile = finding(HOSTILE, path=HOSTILE, line=1, metadata={"fix": HOSTILE, "id": HOSTILE})
    told = made(format_, checked(hostile, filename=HOSTILE))

    assert not {"\x1b", "\x00", "\u202e", "\r"} & set(told)
    commands = [line for line in told.splitlines() if line.lstrip().startswith("::")]
    if format_ == "github":
        [command] = commands
        assert command.startswith("::error file=a %3A%3Aerror%3A%3Ab")
        assert "%250A%3A%3Aset-output" in command.split("title=")[0]
    else:
        assert format_ == "junit" or commands == []
    if format_ in {"json", "sarif", "gitlab"}:
        json.loads(told)
    if format_ == "junit":
        ET.fromstring(told)


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_at_all_is_a_whole_report_too(format_: str) -> None:
    told = made(format_, Checked(results=(), engine="opa 1.22.2"), 0)

    assert told.endswith("\n")
    if format_ in {"json", "gitlab"}:
        assert json.loads(told) == []


def test_a_long_message_is_shortened_and_says_so() -> None:
    told = made("github", checked(finding("x" * 50_000)))

    assert "… (40000 more characters)" in told
