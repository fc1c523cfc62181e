"""GitLab's Code Quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from mrbot.cli.reports.clean import lines
from mrbot.cli.reports.words import level, place, rule_id
from mrbot.ids import Json
from mrbot.policy.checking.result import Checked, FileResult
from mrbot.policy.finding import Finding, Severity

_SEVERITIES = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
    "info": "info",
}


def report(checked: Checked, exit_code: int) -> str:
    """A list of what was found; what was excepted is in it as information. A fingerprint is of the
    rule, the path and the message, so that it stays when lines move."""
    del exit_code
    seen: Counter[str] = Counter()
    issues = [
        _issue(result, finding, seen) for result in checked.results for finding in _findings(result)
    ]
    return json.dumps(issues, indent=2) + "\n"


def _findings(result: FileResult) -> Iterator[Finding]:
    yield from result.failures
    yield from result.warnings
    for exempted in result.exceptions:
        yield from exempted.findings


def _issue(result: FileResult, finding: Finding, seen: Counter[str]) -> Json:
    path, number = place(result, finding)
    path = str(PurePosixPath(path))
    key = json.dumps([finding.namespace, finding.rule, path, finding.msg])
    seen[key] += 1
    fingerprint = hashlib.sha256(f"{key}#{seen[key]}".encode()).hexdigest()
    excepted = "" if finding.excepted is None else "excepted: "
    return {
        "description": excepted + lines(finding.msg),
        "check_name": rule_id(finding),
        "fingerprint": fingerprint,
        "severity": _severity(finding),
        "location": {"path": path, "lines": {"begin": number or 1}},
    }


def _severity(finding: Finding) -> str:
    if finding.excepted is not None:
        return "info"
    otherwise = "minor" if finding.severity is Severity.WARN else "critical"
    return _SEVERITIES.get(level(finding), otherwise)
