"""SARIF 2.1.0, which code hosts and editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from mrbot import __version__
from mrbot.cli.reports.clean import lines
from mrbot.cli.reports.words import level, place, rule_id, text_of
from mrbot.ids import Json
from mrbot.policy.checking.result import Checked, FileResult
from mrbot.policy.finding import Finding, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5", "info": "0.0"}
"""What GitHub shows as severity: https://docs.github.com/en/code-security/reference/code-scanning"""


def report(checked: Checked, exit_code: int) -> str:
    """One run. What was excepted is there as a result that is suppressed."""
    rules: dict[str, Json] = {}
    indices: dict[str, int] = {}
    seen: Counter[str] = Counter()
    results: list[Json] = []
    for result in checked.results:
        for finding, suppressed in _findings(result):
            identifier = rule_id(finding)
            rules.setdefault(identifier, _rule(identifier, finding))
            index = indices.setdefault(identifier, len(indices))
            results.append(_result(result, finding, suppressed, index, seen))
    run: dict[str, Json] = {
        "tool": {
            "driver": {
                "name": "mrbot",
                "version": __version__,
                "rules": list(rules.values()),
                "properties": {"engine": checked.engine},
            }
        },
        "invocations": [{"executionSuccessful": True, "exitCode": exit_code}],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _findings(result: FileResult) -> Iterator[tuple[Finding, str]]:
    """Each finding, and the exception that takes it back, if one does."""
    for finding in (*result.failures, *result.warnings):
        yield finding, ""
    for exempted in result.exceptions:
        for finding in exempted.findings:
            yield finding, exempted.query


def _rule(identifier: str, finding: Finding) -> Json:
    """The rule by the first of its findings."""
    made: dict[str, Json] = {
        "id": identifier,
        "name": finding.rule,
        "shortDescription": {"text": text_of(finding, "title") or identifier},
        "defaultConfiguration": {"level": _level(finding)},
    }
    fix, reference = text_of(finding, "fix"), text_of(finding, "reference")
    if fix or reference:
        made["help"] = {"text": "\n".join(filter(None, (fix, reference)))}
    if reference.startswith("https://"):
        made["helpUri"] = quote(reference, safe=":/?#[]@!$&'()*+,;=%~-._")
    if (score := _SCORES.get(level(finding))) is not None:
        made["properties"] = {"security-severity": score, "tags": ["security"]}
    return made


def _level(finding: Finding) -> str:
    return "warning" if finding.severity is Severity.WARN else "error"


def _result(
    result: FileResult, finding: Finding, suppressed: str, index: int, seen: Counter[str]
) -> Json:
    path, number = place(result, finding)
    place_: dict[str, Json] = {"artifactLocation": {"uri": _uri(path)}}
    if number:
        place_["region"] = {"startLine": number}
    key = json.dumps([finding.namespace, finding.rule, path, finding.msg])
    seen[key] += 1
    digest = hashlib.sha256(f"{key}#{seen[key]}".encode()).hexdigest()
    made: dict[str, Json] = {
        "ruleId": rule_id(finding),
        "ruleIndex": index,
        "level": _level(finding),
        "message": {"text": lines(finding.msg) or "(the rule gave no message)"},
        "locations": [{"physicalLocation": place_}],
        "partialFingerprints": {"mrbot/v1": digest},
    }
    if suppressed:
        made["suppressions"] = [{"kind": "external", "justification": lines(suppressed)}]
    return made


def _uri(path: str) -> str:
    """A path as SARIF takes it: relative with slashes, or `file:`."""
    encoded = quote(str(PurePosixPath(path)), safe="/@!$&'()*+,;=~-._")
    return f"file://{encoded}" if path.startswith("/") else encoded
