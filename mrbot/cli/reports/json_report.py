"""conftest's JSON: a list of what each package said of each file."""

from __future__ import annotations

import json

from mrbot.ids import Json
from mrbot.policy.checking.result import Checked, Exempted, FileResult
from mrbot.policy.finding import Finding
from mrbot.policy.parsers import STDIN


def report(checked: Checked, exit_code: int) -> str:
    """The results; `metadata` holds what the rule gave, and the `query` that was asked. An exception's
    `results` are the messages that it took back, which conftest does not tell."""
    del exit_code
    return json.dumps([_result(one) for one in checked.results], indent="\t") + "\n"


def _result(result: FileResult) -> Json:
    told: dict[str, list[Json]] = {
        "warnings": [_finding(one) for one in result.warnings],
        "failures": [_finding(one) for one in result.failures],
        "exceptions": [_exempted(one) for one in result.exceptions],
    }
    return {
        "filename": "" if result.filename == STDIN else result.filename,
        "namespace": result.namespace,
        "successes": result.successes,
        **{key: found for key, found in told.items() if found},
    }


def _finding(finding: Finding) -> Json:
    made: dict[str, Json] = {"msg": finding.msg}
    if finding.path is not None:
        line: dict[str, Json] = {} if finding.line is None else {"line": finding.line}
        made["loc"] = {"file": finding.path, **line}
    own = finding.metadata if isinstance(finding.metadata, dict) else {}
    made["metadata"] = {**own, "query": f"data.{finding.namespace}.{finding.rule}"}
    return made


def _exempted(exempted: Exempted) -> Json:
    results: list[Json] = [one.msg for one in exempted.findings]
    return {"msg": exempted.query, "metadata": {"results": results}}
