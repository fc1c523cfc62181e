"""The parts of the comment, each a pure function of the decision."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

from mrbot.change.files import shown
from mrbot.decision.approval import Standing
from mrbot.decision.decide import Decision, blocks, wanted
from mrbot.decision.verdict import reasons_of
from mrbot.effects.comment import Answer, DeploymentView, Past
from mrbot.effects.escape import code, fenced, plain
from mrbot.ids import Json
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.finding import Evaluated, EvaluationFailed, Finding, Severity
from mrbot.resources.model import Action, Certainty, ResourceChange

REASONS_SHOWN = 20
"""Reasons listed at the top; the rest are counted."""

ATTRIBUTES_SHOWN = 40
"""Attribute differences listed for one resource."""

PLAN_OUTPUT_SHOWN = 3000
"""Characters of a failed plan's output."""

_COUNTED = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)

_CERTAINTY = {
    Certainty.PLANNED: "planned",
    Certainty.STATIC: "read from the files, not planned",
    Certainty.UNKNOWN: "not known",
}


def what_is_next(decision: Decision) -> list[str]:
    """Every reason, strongest first, each with its place."""
    reasons = reasons_of(decision.verdict)
    lines = []
    for reason in reasons[:REASONS_SHOWN]:
        place = f" ({code(shown(reason.path))}" if reason.path else ""
        place += f" line {reason.line}" if place and reason.line else ""
        lines.append(f"- {plain(reason.text, 500)}{place}{')' if place else ''}")
    if len(reasons) > REASONS_SHOWN:
        lines.append(f"- … and {len(reasons) - REASONS_SHOWN} more, listed below")
    return lines


def what_changes(decision: Decision) -> list[str]:
    """A table of counts for each environment and project, replace apart from update and delete."""
    rows: dict[tuple[str, str, str], Counter[Action]] = defaultdict(Counter)
    for resource in decision.assessment.reading.resources:
        key = (
            resource.environment or "none",
            resource.project or "outside any project",
            _CERTAINTY[resource.certainty],
        )
        rows[key][resource.action] += 1
    if not rows:
        files = len(decision.change.files)
        return [f"{files} file{'' if files == 1 else 's'} changed; no resource that mrbot reads."]
    lines = [
        "| Environment | Project | Create | Update | Replace | Delete | Other | How it is known |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for (environment, project, certainty), counts in sorted(rows.items()):
        other = sum(counts.values()) - sum(counts[action] for action in _COUNTED)
        numbers = " | ".join(str(counts[action]) for action in _COUNTED)
        lines.append(
            f"| {plain(environment)} | {plain(project)} | {numbers} | {other} | {certainty} |"
        )
    return lines


def what_is_destroyed(decision: Decision, most: int) -> list[str]:
    """Every resource that is deleted or replaced, by name, outside any fold."""
    gone = [
        resource
        for resource in decision.assessment.reading.resources
        if resource.action in {Action.DELETE, Action.REPLACE}
    ]
    lines = [
        f"- **{'Deletes' if one.action == Action.DELETE else 'Replaces'}** {code(one.address)}"
        f"{_where(one)}"
        for one in gone[:most]
    ]
    if len(gone) > most:
        lines.append(f"- … and **{len(gone) - most} more deleted or replaced**, not shown here")
    return lines


def _where(resource: ResourceChange) -> str:
    place = f" in {plain(resource.environment)}" if resource.environment else ""
    if resource.source is None:
        return place
    return f"{place} ({code(shown(resource.source.path))} line {resource.source.line})"


def not_understood(decision: Decision, most: int) -> list[str]:
    """What no reader understood: what blocks first."""
    found = sorted(decision.assessment.reading.not_understood, key=lambda one: not one.relevant)
    lines = [
        f"- {code(shown(one.path))}{f' line {one.line}' if one.line else ''}: {plain(one.reason)}"
        f"{' (**blocks**)' if one.relevant else ''}"
        for one in found[:most]
    ]
    if len(found) > most:
        lines.append(f"- … and {len(found) - most} more")
    return lines


def who_must_approve(decision: Decision) -> list[str]:
    """Each requirement: from whom, who counts, and why each other approval does not."""
    if not decision.standings:
        return ["Nobody: the rules ask for no approval of this change."]
    lines = ["| Needed | From | Status |", "|---|---|---|"]
    lines.extend(
        f"| {plain(standing.requirement.name)} ({plain(standing.requirement.source)}) "
        f"| {standing.requirement.require.count}: {plain(wanted(standing))} "
        f"| {_status(standing)} |"
        for standing in decision.standings
    )
    return lines


def _status(standing: Standing) -> str:
    parts = []
    if standing.counted:
        parts.append("approved by " + ", ".join(code("@" + p.login) for p in standing.counted))
    if standing.missing:
        parts.append(f"**{standing.missing} missing**")
    parts += [
        f"{code('@' + d.person.login)} does not count: {plain(d.why)}" for d in standing.discounted
    ]
    parts += [f"group {code(group)} not found" for group in standing.unknown_groups]
    return "; ".join(parts)


def policies(decision: Decision, most: int) -> list[str]:
    """Every finding that blocks, then warnings and exceptions; failures with the engine's words."""
    lines: list[str] = []
    for one in decision.assessment.evaluations:
        match one:
            case EvaluationFailed():
                lines.append(f"- **Not evaluated** {plain(one.policy)}: {plain(one.fault)}:")
                lines.append(fenced(one.detail, 1000))
            case Evaluated():
                pass
    ordered = sorted(decision.findings, key=lambda f: (not blocks(f), f.excepted is not None))
    lines += [_finding(finding) for finding in ordered[:most]]
    if len(ordered) > most:
        lines.append(f"- … and {len(ordered) - most} more findings")
    if not lines:
        lines = ["No policy objects."]
    return lines


def _finding(finding: Finding) -> str:
    if finding.excepted is not None:
        word = f"Excepted ({plain(finding.excepted)})"
    else:
        word = "Warns" if finding.severity == Severity.WARN else "**Denies**"
    metadata = finding.metadata if isinstance(finding.metadata, dict) else {}
    name = str(metadata.get("id") or finding.rule)
    place = f" ({code(shown(finding.path))}" if finding.path else ""
    place += f" line {finding.line}" if place and finding.line else ""
    fix = f". Fix: {plain(str(metadata['fix']))}" if metadata.get("fix") else ""
    return f"- {word} {code(name)}: {plain(finding.msg, 500)}{place}{')' if place else ''}{fix}"


def plans(decision: Decision) -> list[str]:
    """Each plan's own line, and the end of the output of each that failed."""
    lines: list[str] = []
    for plan in decision.assessment.plans:
        match plan:
            case Plan():
                s = plan.summary
                lines.append(
                    f"- {code(plan.project)}: {s.create} to create, {s.update} to update, "
                    f"{s.replace} to replace, {s.delete} to delete"
                    f"{', nothing to do' if s.empty else ''} ({plain(plan.tool.name)} "
                    f"{plain(plan.tool.version)}, effect {code(plan.effect_digest[7:19])})"
                )
            case PlanFailed():
                lines.append(f"- {code(plan.project)} **failed**: {plain(plan.fault)}")
                if plan.detail:
                    lines += ["", fenced(plan.detail, PLAN_OUTPUT_SHOWN), ""]
    return lines


def resources(decision: Decision, *, attributes: bool) -> list[str]:
    """Every resource, with what differs in it when `attributes`."""
    lines: list[str] = []
    for one in decision.assessment.reading.resources:
        lines.append(f"- {one.action} {code(one.address)}{_where(one)}")
        if attributes and one.action in {Action.UPDATE, Action.REPLACE}:
            lines += _attributes(one)
    return lines


def grouped(decision: Decision) -> list[str]:
    """Resources counted by kind and action, where there are too many to list."""
    counts = Counter((r.kind, r.action) for r in decision.assessment.reading.resources)
    return [
        f"- {number} × {action} {code(kind)}" for (kind, action), number in sorted(counts.items())
    ]


def _attributes(resource: ResourceChange) -> list[str]:
    before = resource.before if isinstance(resource.before, dict) else {}
    after = resource.after if isinstance(resource.after, dict) else {}
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    lines = [
        f"  - {code(key)}: {_value(before, key)} to {_value(after, key)}"
        for key in changed[:ATTRIBUTES_SHOWN]
    ]
    if len(changed) > ATTRIBUTES_SHOWN:
        lines.append(f"  - … and {len(changed) - ATTRIBUTES_SHOWN} more attributes")
    return lines


def _value(values: dict[str, Json], key: str) -> str:
    if key not in values:
        return "absent"
    return code(json.dumps(values[key], ensure_ascii=False, sort_keys=True), 160)


def deployments(views: tuple[DeploymentView, ...]) -> list[str]:
    """Where each deployment of the merged change stands."""
    lines = ["| Environment | Commit | State | Run |", "|---|---|---|---|"]
    for one in views:
        run = f"[run]({one.url})" if one.url.startswith(("http://", "https://")) else "none yet"
        detail = f": {plain(one.detail)}" if one.detail else ""
        lines.append(
            f"| {plain(one.environment)} | {code(one.sha[:10])} | {one.state.value}{detail} | {run} |"
        )
    return lines


def answers(given: tuple[Answer, ...]) -> list[str]:
    """What became of each command."""
    return [
        f"- {code(one.command)} by {code('@' + one.by)}: {plain(one.state)}"
        f"{': ' + plain(one.text, 600) if one.text else ''}"
        for one in given
    ]


def history(past: tuple[Past, ...]) -> list[str]:
    """Earlier verdicts, newest first."""
    return [f"- {plain(one.at)}: {one.verdict} at {code(one.head[:10])}" for one in past]
