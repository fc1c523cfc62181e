"""What a change does to resources: the comment's parts that say so, each a pure function."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

from mrbot.change.files import shown
from mrbot.decision.decide import Decision
from mrbot.effects.detail import Detail, names, some
from mrbot.effects.escape import code, plain
from mrbot.ids import Json
from mrbot.resources.model import Action, Certainty, NotUnderstood, ResourceChange

ATTRIBUTES_SHOWN = 40
"""Attribute differences listed for one resource."""

_COUNTED = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)

_CERTAINTY = {
    Certainty.PLANNED: "planned",
    Certainty.STATIC: "read from the files",
    Certainty.UNKNOWN: "not known",
}


def what_changes(decision: Decision, detail: Detail) -> list[str]:
    """A table of counts for each environment and project, replace apart from update and delete."""
    rows: dict[tuple[str, str, str], Counter[Action]] = defaultdict(Counter)
    for resource in decision.assessment.reading.resources:
        key = (
            resource.environment or "none",
            resource.project or "outside any project",
            _CERTAINTY[resource.certainty],
        )
        rows[key][resource.action] += 1
    files = len(decision.change.files)
    counted = f"{files:,} file{'' if files == 1 else 's'}"
    if not rows:
        return [f"{counted}; no resource that mrbot reads."]
    lines = [
        "| Environment | Project | Create | Update | Replace | Delete | Other | How it is known |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for (environment, project, certainty), counts in sorted(rows.items())[: detail.kept]:
        other = sum(counts.values()) - sum(counts[action] for action in _COUNTED)
        numbers = " | ".join(_number(counts[action]) for action in _COUNTED)
        place = f"{plain(environment, detail.text)} | {plain(project, detail.text)}"
        lines.append(f"| {place} | {numbers} | {_number(other)} | {certainty} |")
    if len(rows) > detail.kept:
        lines += ["", f"… and {len(rows) - detail.kept:,} more environments and projects"]
    return lines


def _number(count: int) -> str:
    return f"{count:,}" if count else ""


def what_is_destroyed(decision: Decision, detail: Detail) -> list[str]:
    """Every resource that is deleted or replaced, by name, outside any fold."""
    gone = [
        resource
        for resource in decision.assessment.reading.resources
        if resource.action in {Action.DELETE, Action.REPLACE}
    ]

    def bullet(one: ResourceChange) -> str:
        word = "Deletes" if one.action == Action.DELETE else "Replaces"
        return f"**{word}** {code(one.address, detail.text)}{_where(one, detail)}"

    return some(gone, detail.kept, bullet, "**deleted or replaced**")


def _where(resource: ResourceChange, detail: Detail) -> str:
    place = f" in {plain(resource.environment, detail.text)}" if resource.environment else ""
    if resource.source is None:
        return place
    path = code(shown(resource.source.path), detail.text)
    return f"{place} ({path} line {resource.source.line})"


def not_understood(decision: Decision, detail: Detail) -> list[str]:
    """What a reader could not read, which blocks; then the files that no reader is for, in a line."""
    found = decision.assessment.reading.not_understood

    def bullet(one: NotUnderstood) -> str:
        place = f"{code(shown(one.path), detail.text)}{f' line {one.line}' if one.line else ''}"
        return f"**Not readable, which blocks:** {place}: {plain(one.reason, detail.text)}"

    lines = some([one for one in found if one.relevant], detail.listed, bullet, "not readable")
    other = [shown(one.path) for one in found if not one.relevant]
    if other:
        listed = names(other, min(detail.listed, 10), lambda path: code(path, detail.text))
        lines.append(f"- Not read as resources: {listed}")
    return lines


def resources(decision: Decision, detail: Detail) -> list[str]:
    """Every resource, with what differs in it when `detail.attributes`."""
    lines: list[str] = []
    for one in decision.assessment.reading.resources:
        lines.append(f"- {one.action} {code(one.address)}{_where(one, detail)}")
        if detail.attributes and one.action in {Action.UPDATE, Action.REPLACE}:
            lines += _attributes(one)
    return lines


def grouped(decision: Decision, detail: Detail) -> list[str]:
    """Resources counted by kind and action, where there are too many to list."""
    counts = Counter((r.kind, r.action) for r in decision.assessment.reading.resources)
    return some(
        sorted(counts.items()),
        detail.listed,
        lambda one: f"{one[1]:,} × {one[0][1]} {code(one[0][0], detail.text)}",
        "kinds",
    )


def _attributes(resource: ResourceChange) -> list[str]:
    before = resource.before if isinstance(resource.before, dict) else {}
    after = resource.after if isinstance(resource.after, dict) else {}
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    lines = [
        f"  - {code(key)}: {_value(before, key)} → {_value(after, key)}"
        for key in changed[:ATTRIBUTES_SHOWN]
    ]
    if len(changed) > ATTRIBUTES_SHOWN:
        lines.append(f"  - … and {len(changed) - ATTRIBUTES_SHOWN} more attributes")
    return lines


def _value(values: dict[str, Json], key: str) -> str:
    if key not in values:
        return "absent"
    return code(json.dumps(values[key], ensure_ascii=False, sort_keys=True), 160)
