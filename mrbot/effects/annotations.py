"""What policies found, at the lines it is about, for hosts that show it there: pure."""

from __future__ import annotations

from mrbot.decision.decide import Decision, blocks
from mrbot.effects.effect import Annotation, AnnotationLevel
from mrbot.effects.escape import flat
from mrbot.policy.finding import Finding

ANNOTATIONS_LIMIT = 50
"""Most annotations of one status: what GitHub takes with one request. The comment has everything."""
MESSAGE_LIMIT = 1_000
"""Characters of one annotation's text."""


def annotated_lines(decision: Decision) -> tuple[Annotation, ...]:
    """One for each finding that names a line of a file which is there at the head, those that block
    first. A path may be anything that a policy wrote: others are left to the comment."""
    there = {file.path for file in decision.change.files if file.new_blob is not None}
    placed = [one for one in decision.findings if one.line is not None and one.path in there]
    made = [_annotation(one) for one in sorted(placed, key=_importance)]
    return tuple(dict.fromkeys(made))[:ANNOTATIONS_LIMIT]


def _importance(finding: Finding) -> tuple[bool, bool, str, int]:
    return (
        not blocks(finding),
        finding.excepted is not None,
        finding.path or "",
        finding.line or 0,
    )


def _annotation(finding: Finding) -> Annotation:
    metadata = finding.metadata if isinstance(finding.metadata, dict) else {}
    fix = metadata.get("fix")
    text = f"{finding.msg} Fix: {fix}" if fix else finding.msg
    if finding.excepted is not None:
        text = f"Excepted ({finding.excepted}): {text}"
    return Annotation(
        path=finding.path or "",
        line=finding.line or 1,
        level=_level(finding),
        title=flat(str(metadata.get("id") or finding.rule), 100),
        message=flat(text, MESSAGE_LIMIT),
    )


def _level(finding: Finding) -> AnnotationLevel:
    if finding.excepted is not None:
        return AnnotationLevel.NOTICE
    return AnnotationLevel.FAILURE if blocks(finding) else AnnotationLevel.WARNING
