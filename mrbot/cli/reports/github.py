"""Workflow commands, of which GitHub makes annotations.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.cli.reports.clean import line, lines
from mrbot.cli.reports.words import place, rule_id, text_of
from mrbot.policy.checking.result import Checked, FileResult
from mrbot.policy.finding import Finding


def report(checked: Checked, exit_code: int) -> str:
    """A command for each finding and exception, and the sums. Nothing in a message or a path is a
    command of its own: what parts commands is escaped."""
    del exit_code
    told = [command for result in checked.results for command in _commands(result)]
    return "\n".join((*told, str(checked.counts), ""))


def _commands(result: FileResult) -> Iterator[str]:
    for finding in result.failures:
        yield _command("error", result, finding)
    for finding in result.warnings:
        yield _command("warning", result, finding)
    for exempted in result.exceptions:
        told = ", ".join(line(one.msg) for one in exempted.findings)
        properties = f"file={_property(result.filename)},title={_property(exempted.query)}"
        yield f"::notice {properties}::{_data(f'excepted: {told}')}"


def _command(kind: str, result: FileResult, finding: Finding) -> str:
    path, number = place(result, finding)
    where = f"file={_property(path)}" + (f",line={number}" if number else "")
    fix = text_of(finding, "fix")
    text = lines(finding.msg) + (f"\n{fix}" if fix else "")
    return f"::{kind} {where},title={_property(rule_id(finding))}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(line(text)).replace(":", "%3A").replace(",", "%2C")
