"""What reports take from a finding's metadata: its id, remedy and reference."""

from __future__ import annotations

from mrbot.cli.reports.clean import lines
from mrbot.policy.checking.result import FileResult
from mrbot.policy.finding import Finding

_LEVELS = ("critical", "high", "medium", "low", "info")


def text_of(finding: Finding, key: str) -> str:
    """The text that the rule gave beside its message under this key; empty when there is none."""
    given = finding.metadata.get(key) if isinstance(finding.metadata, dict) else None
    return lines(given) if isinstance(given, str) else ""


def rule_id(finding: Finding) -> str:
    """The rule's own id, else its package and name."""
    own = " ".join(text_of(finding, "id").split())
    return own[:200] or f"{finding.namespace}/{finding.rule}"


def level(finding: Finding) -> str:
    """How severe the rule calls it, in one of five words; empty when it says nothing known."""
    given = text_of(finding, "severity").strip().lower()
    return given if given in _LEVELS else ""


def place(result: FileResult, finding: Finding) -> tuple[str, int | None]:
    """Where it is: what the rule says, else the file that was judged."""
    if finding.path is None:
        return result.filename, finding.line
    return finding.path, finding.line
