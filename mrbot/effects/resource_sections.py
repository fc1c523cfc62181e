"""What a change does to resources: the comment's parts that say so, each a pure function."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from itertools import islice

from mrbot.change.files import shown
from mrbot.change.hunks import Hunk, Hunks
from mrbot.change.notes import FileNote
from mrbot.decision.decide import Decision
from mrbot.effects.detail import Detail, names, some
from mrbot.effects.differing import differing_values, visible
from mrbot.effects.escape import code, fenced_lines, plain
from mrbot.effects.patch import patch_of
from mrbot.ids import Json
from mrbot.resources.attributes import Absent, AttributeChange, attribute_changes
from mrbot.resources.masking import dotted
from mrbot.resources.model import (
    SENSITIVE_CHANGED,
    Action,
    Certainty,
    NotUnderstood,
    ResourceChange,
)
from mrbot.resources.text import reader as plain_text

ATTRIBUTES_SHOWN = 40
"""Attribute differences listed for one resource."""

PATCH_LINES = 80
"""Lines of a patch that are shown of one file."""

VALUE_CHARACTERS = 160
"""Of one value, shown at most."""

UNKNOWN_SHOWN = 10
"""Paths without a known value that are listed for one resource."""

REWRITTEN = "differs only in how it is written (comments, layout or the form of its words)"
"""What is said of a resource whose values are the same."""

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
    """Every resource that is deleted or replaced, by name, outside any fold: those that take data
    with them first, and all of them; of the others as many as are listed."""
    gone = [
        resource
        for resource in decision.assessment.reading.resources
        if resource.action in {Action.DELETE, Action.REPLACE}
    ]
    stateful = [one for one in gone if one.stateful]
    others = [one for one in gone if not one.stateful]

    def bullet(one: ResourceChange) -> str:
        word = "Deletes" if one.action == Action.DELETE else "Replaces"
        what = f"**{word}** {code(one.address, detail.text)}{_where(one, detail)}"
        lost = ", **and its data with it**" if one.stateful else ""
        return f"{what}{lost}{_because(one, detail)}"

    lines = some(stateful, detail.kept, bullet, "**deleted or replaced with their data**")
    return lines + some(others, detail.kept, bullet, "**deleted or replaced**")


def _because(resource: ResourceChange, detail: Detail) -> str:
    """Why it is replaced, as far as a plan says."""
    if resource.action != Action.REPLACE:
        return ""
    if resource.replace_paths:
        listed = names(resource.replace_paths, 5, lambda path: code(path, detail.text))
        return f": {listed} cannot change in place"
    return f": {plain(resource.why.replace('_', ' '), detail.text)}" if resource.why else ""


def what_is_unknown(decision: Decision, detail: Detail) -> list[str]:
    """In a line each: what happens to no known end, and how many values nobody knows yet."""
    resources = decision.assessment.reading.resources
    unsure = [one for one in resources if one.action == Action.UNKNOWN]
    lines = some(
        unsure,
        detail.listed,
        lambda one: (
            f"**Not known what happens to** {code(one.address, detail.text)}{_where(one, detail)}"
        ),
        "of which it is not known",
    )
    partly = [one for one in resources if one.unknown_paths]
    if partly:
        values = sum(len(one.unknown_paths) for one in partly)
        lines.append(
            f"- {_some_of(values, 'value')} in {_some_of(len(partly), 'resource')} not known yet: "
            "only a plan or the provider can tell"
        )
    return lines


def _some_of(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def file_notes(decision: Decision, detail: Detail) -> list[str]:
    """What a reviewer must know of files that their content does not show."""

    def bullet(one: FileNote) -> str:
        place = f"{code(shown(one.path), detail.text)}: " if one.path else ""
        return f"{place}{plain(one.text, detail.text)}"

    return some(decision.assessment.notes, detail.listed, bullet, "notes on files")


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
        moved = f" (was {code(one.previous_address)})" if one.previous_address else ""
        rewritten = f": {REWRITTEN}" if one.rewritten else ""
        lines.append(f"- {one.action} {code(one.address)}{moved}{_where(one, detail)}{rewritten}")
        hunks = _hunks(one, decision.assessment.hunks)
        if detail.attributes and hunks:
            lines += ["", fenced_lines(patch_of(one, hunks), PATCH_LINES, "diff"), ""]
        elif detail.attributes:
            lines += _attributes(one)
    return lines


def _hunks(resource: ResourceChange, hunks: Hunks) -> tuple[Hunk, ...]:
    """Which lines of a text differ, where that was read."""
    if resource.format != plain_text.FORMAT or resource.source is None:
        return ()
    return hunks.by_path.get(resource.source.path, ())


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
    """What differs in a resource that was there and stays; of any, what is not known."""
    lines: list[str] = []
    if isinstance(resource.before, dict) and isinstance(resource.after, dict):
        forced = set(resource.replace_paths)
        found = attribute_changes(resource.before, resource.after)
        lines += [_attribute(change, forced) for change in islice(found, ATTRIBUTES_SHOWN)]
        if rest := sum(1 for _ in found):
            lines.append(f"  - … and {rest:,} more attributes")
    if resource.unknown_paths:
        listed = names(
            resource.unknown_paths, UNKNOWN_SHOWN, lambda path: code(path or "all of it")
        )
        lines.append(f"  - not known: {listed}")
    return lines


def _attribute(change: AttributeChange, forced: Collection[str]) -> str:
    path = dotted(change.path)
    replaces = " **(forces the replacement)**" if path in forced else ""
    if change.before == change.after == SENSITIVE_CHANGED:
        return f"  - {code(visible(path))}: sensitive, changed{replaces}"
    shown = differing_values(change.before, change.after, VALUE_CHARACTERS)
    further = " (differs further on too)" if shown.further else ""
    old, new = _value(change.before, shown.before), _value(change.after, shown.after)
    return f"  - {code(visible(path))}: {old} → {new}{further}{replaces}"


def _value(value: Json | Absent, shown: str) -> str:
    return shown if isinstance(value, Absent) else code(shown, len(shown))
