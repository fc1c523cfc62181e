"""A decision as plain text, for a terminal: what `mrbot review` prints."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice

from mrbot.change.files import FileChange, shown
from mrbot.decision.decide import Decision, blocks
from mrbot.decision.verdict import reasons_of
from mrbot.effects.differing import differing_values, visible
from mrbot.effects.escape import flat
from mrbot.effects.headline import headline
from mrbot.effects.resource_sections import REWRITTEN
from mrbot.git.line_counts import LineCount
from mrbot.plan.plan import Plan
from mrbot.resources.attributes import AttributeChange, attribute_changes
from mrbot.resources.masking import dotted
from mrbot.resources.model import SENSITIVE_CHANGED, Action, ResourceChange

ATTRIBUTES_PRINTED = 12
"""Attribute differences printed for one resource; the rest are counted."""

VALUE_CHARACTERS = 100
"""Of one value, printed at most."""


def printed(decision: Decision, counts: Mapping[str, LineCount]) -> Iterator[str]:
    """The lines: the verdict and its reasons, files, resources by where they land, the rest."""
    change = decision.change
    yield headline(decision)
    where = f"head {change.head[:12]} onto {change.host.target_branch}"
    yield f"  {where}, merge base {change.base[:12]}"
    for reason in reasons_of(decision.verdict):
        line = f":{reason.line}" if reason.line else ""
        place = f"  [{shown(reason.path)}{line}]" if reason.path else ""
        yield f"  {reason.weight.name.lower():<12} {flat(reason.text, 400)} {flat(place)}".rstrip()
    yield ""
    yield _counted(len(change.files), "file")
    yield from (_file(file, counts.get(file.path)) for file in change.files)
    yield from (
        f"  note         {flat(shown(note.path))}: {flat(note.text)}"
        for note in decision.assessment.notes
    )
    yield ""
    yield from _resources(decision.assessment.reading.resources)
    yield from _plans(decision)
    for finding in decision.findings:
        if finding.excepted is not None:
            yield f"  excepted     {flat(finding.msg)} ({flat(finding.excepted)})"
        elif not blocks(finding):
            yield f"  warns        {flat(finding.msg)}"
    for lost in decision.assessment.reading.not_understood:
        line = f":{lost.line}" if lost.line else ""
        yield f"  not read     {flat(shown(lost.path))}{line}: {flat(lost.reason)}"


def _file(file: FileChange, lines: LineCount | None) -> str:
    old = f" (was {flat(shown(file.old_path))})" if file.old_path else ""
    size = f"  +{lines.added} -{lines.removed}" if lines else ""
    return f"  {file.status.value:<12} {flat(shown(file.path))}{old}{size}"


def _resources(resources: tuple[ResourceChange, ...]) -> Iterator[str]:
    """Each resource below the project and environment in which it lands."""
    yield _counted(len(resources), "resource")
    places: dict[str, list[ResourceChange]] = defaultdict(list)
    for one in resources:
        project = one.project or "outside any project"
        place = (
            f"{flat(one.environment or 'no environment')}: {flat(project)}, {one.certainty.value}"
        )
        places[place].append(one)
    for place, found in sorted(places.items()):
        tally = Counter(one.action for one in found)
        numbers = ", ".join(f"{count} {action.value}" for action, count in sorted(tally.items()))
        yield f"  {place} ({numbers})"
        for one in found:
            yield from _resource(one)


def _resource(one: ResourceChange) -> Iterator[str]:
    source = f"  {flat(shown(one.source.path))}:{one.source.line}" if one.source else ""
    lost = one.stateful and one.action in {Action.DELETE, Action.REPLACE}
    data = "  ITS DATA GOES WITH IT" if lost else ""
    moved = f" (was {flat(one.previous_address)})" if one.previous_address else ""
    yield f"    {one.action.value:<8} {flat(one.address)}{moved}{source}{data}"
    if one.rewritten:
        yield f"             {REWRITTEN}"
    if isinstance(one.before, dict) and isinstance(one.after, dict):
        found = attribute_changes(one.before, one.after)
        for attribute in islice(found, ATTRIBUTES_PRINTED):
            forces = (
                "  forces the replacement" if dotted(attribute.path) in one.replace_paths else ""
            )
            yield f"             {_attribute(attribute)}{forces}"
        if rest := sum(1 for _ in found):
            yield f"             ... and {rest} more attributes"
    if one.unknown_paths:
        listed = ", ".join(flat(path or "all of it", 60) for path in one.unknown_paths[:5])
        more = f" and {len(one.unknown_paths) - 5} more" if len(one.unknown_paths) > 5 else ""
        yield f"             not known: {listed}{more}"


def _attribute(change: AttributeChange) -> str:
    path = flat(visible(dotted(change.path)))
    if change.before == change.after == SENSITIVE_CHANGED:
        return f"{path}: sensitive, changed"
    shown = differing_values(change.before, change.after, VALUE_CHARACTERS)
    further = " (differs further on too)" if shown.further else ""
    return f"{path}: {shown.before} -> {shown.after}{further}"


def _plans(decision: Decision) -> Iterator[str]:
    """What plans saw beside what they would do."""
    for plan in decision.assessment.plans:
        if isinstance(plan, Plan):
            for address in plan.drifted:
                yield f"  drifted      {flat(address)} was changed outside of {plan.tool.name}"
            for check in plan.failed_checks:
                yield f"  check fails  {flat(check)}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
