"""JUnit's XML: a suite for each package, a case for each finding and for each rule that said nothing.

Source: https://github.com/testmoapp/junitxml
"""

from __future__ import annotations

from collections import defaultdict
from xml.etree import ElementTree as ET

from mrbot.cli.reports.clean import line, lines
from mrbot.cli.reports.words import place, text_of
from mrbot.policy.checking.result import Checked, FileResult
from mrbot.policy.finding import Finding


def report(checked: Checked, exit_code: int) -> str:
    """Warnings are failures of the type `warning`, as in conftest; exceptions are skipped."""
    del exit_code
    root = ET.Element("testsuites")
    suites: dict[str, list[FileResult]] = defaultdict(list)
    for result in checked.results:
        suites[result.namespace].append(result)
    for namespace, results in suites.items():
        name = line(f"mrbot.{namespace}")
        told = sum(len(one.warnings) + len(one.failures) for one in results)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(sum(one.tests for one in results)),
            failures=str(told),
            errors="0",
            skipped=str(sum(len(one.exceptions) for one in results)),
        )
        for result in results:
            _cases(suite, name, result)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _cases(suite: ET.Element, name: str, result: FileResult) -> None:
    for finding in result.warnings:
        _failed(suite, name, result, finding, "warning")
    for finding in result.failures:
        _failed(suite, name, result, finding, "failure")
    for exempted in result.exceptions:
        case = _case(suite, name, f"{result.filename} - {exempted.query}")
        ET.SubElement(case, "skipped", message=line(exempted.query))
    for _ in range(result.successes):
        _case(suite, name, result.filename)


def _case(suite: ET.Element, name: str, title: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=name, name=line(title))


def _failed(suite: ET.Element, name: str, result: FileResult, finding: Finding, kind: str) -> None:
    case = _case(suite, name, f"{result.filename} - {finding.msg}")
    path, number = place(result, finding)
    where = f"{line(path)}:{number}" if number else line(path)
    fix = text_of(finding, "fix")
    body = "\n".join(filter(None, (lines(finding.msg), where, fix)))
    ET.SubElement(case, "failure", type=kind, message=line(finding.msg)).text = body
