"""A decision as Markdown: the one comment that people read. Pure.

The order is that in which people ask: what is the verdict and who must do what; what changes; what
is destroyed; who must approve; what the policies say; how to reproduce it; what was before. Where
the host's limit is short, the comment gives way by steps and says so; verdict, destroyed resources
and approvers give way last.
"""

from __future__ import annotations

from mrbot.decision.decide import Decision
from mrbot.decision.verdict import Approved, name_of
from mrbot.effects import policy_sections, resource_sections, sections
from mrbot.effects.comment import Beside, CommentLimit, marker
from mrbot.effects.detail import STEPS, Detail, names
from mrbot.effects.escape import code, link
from mrbot.effects.headline import headline
from mrbot.ids import Json

LEAST_RESOURCE = 16
"""Characters that a line about a resource has at the least."""


def render(decision: Decision, beside: Beside, limit: CommentLimit) -> str:
    """The comment, within `limit`.

    Raises: ValueError when not even the shortest form fits, which no host's limit makes happen.
    """
    resources = len(decision.assessment.reading.resources)
    for detail in STEPS:
        if detail.resources and resources * LEAST_RESOURCE > limit.characters:
            continue  # so many lines cannot fit, and making them takes seconds
        body = render_at(decision, beside, detail)
        if limit.holds(body):
            return body
    raise ValueError(
        f"a comment of {limit.characters} characters cannot hold a verdict and its approvers"
    )


def render_at(decision: Decision, beside: Beside, detail: Detail) -> str:
    """The comment in this much detail, however long that is."""
    facts: dict[str, Json] = {
        "verdict": name_of(decision.verdict),
        "head": decision.change.head,
        "record": beside.record,
    }
    blocks: list[list[str]] = [
        [
            marker(decision.change.id, facts),
            f"### mrbot: {beside.ended or headline(decision, beside.awaiting_apply)}",
        ],
        [] if beside.ended else _next(decision, beside, detail),
        [_judged(decision, beside)],
    ]
    if beside.deployments:
        views = sections.deployments(beside.deployments, detail)
        blocks.append(["#### Deployment", "", *views])
    blocks.append(["#### What changes", "", *resource_sections.what_changes(decision, detail)])
    blocks.append(resource_sections.what_is_destroyed(decision, detail))
    blocks.append(resource_sections.what_is_unknown(decision, detail))
    blocks.append(resource_sections.not_understood(decision, detail))
    if decision.assessment.notes:
        notes = resource_sections.file_notes(decision, detail)
        blocks.append(["**Look at these files:**", "", *notes])
    if decision.assessment.plans:
        blocks.append(["#### Plans", "", *sections.plans(decision, detail)])
    if beside.applied:
        applied = names(beside.applied, detail.listed, _project)
        blocks.append([f"**Applied:** {applied}"])
    blocks.append(["#### Who must approve", "", *sections.who_must_approve(decision, detail)])
    if not beside.ended:
        blocks.append(sections.how_to_approve(decision))
    blocks.append(["#### Policies", "", *policy_sections.policies(decision, detail)])
    blocks.append(policy_sections.edited_policies(decision, detail))
    if beside.answers:
        blocks.append(["#### Commands", "", *sections.answers(beside.answers, detail)])
    blocks += _folds(decision, beside, detail)
    blocks.append(_shortened(decision, beside, detail))
    return "\n\n".join("\n".join(block).strip("\n") for block in blocks if block) + "\n"


def _project(name: str) -> str:
    return code(name, 100)


def _next(decision: Decision, beside: Beside, detail: Detail) -> list[str]:
    if not isinstance(decision.verdict, Approved):
        return sections.what_is_next(decision, detail)
    if beside.awaiting_apply:
        waiting = names(beside.awaiting_apply, detail.listed, _project)
        return [f"Not yet applied: {waiting}. Only then may it be merged."]
    return ["Nothing is missing: it may be merged."]


def _judged(decision: Decision, beside: Beside) -> str:
    change = decision.change
    record = "" if beside.record is None else f"record {beside.record}"
    kept = ", " + (link(record, beside.page) if beside.page else record) if record else ""
    return (
        f"Head {code(change.head[:10])} onto {code(change.host.target_branch)}, "
        f"judged {decision.now:%Y-%m-%d %H:%M} UTC{kept}"
    )


def _folds(decision: Decision, beside: Beside, detail: Detail) -> list[list[str]]:
    folds: list[list[str]] = []
    count = len(decision.assessment.reading.resources)
    noun = "resource" if count == 1 else "resources"
    if detail.resources and count:
        listed = resource_sections.resources(decision, detail)
        folds.append(_fold(f"{count:,} {noun}, one by one", listed))
    if detail.grouped and count:
        listed = resource_sections.grouped(decision, detail)
        folds.append(_fold(f"{count:,} {noun}, by kind", listed))
    folds.append(_fold("Evidence, and how to reproduce this", _evidence(decision, beside)))
    if beside.history:
        past = sections.history(beside.history, detail)
        folds.append(_fold(f"Earlier verdicts ({len(beside.history)})", past))
    return folds


def _shortened(decision: Decision, beside: Beside, detail: Detail) -> list[str]:
    if detail == STEPS[0]:
        return []
    count = len(decision.assessment.reading.resources)
    what = (
        "the attributes of each resource"
        if detail.resources
        else f"the list of {count:,} resources"
    )
    everything = f" {link('Everything is here', beside.page)}." if beside.page else ""
    text = f"Too long for a comment: {what} is left out, and a list that is cut says by how much."
    return [f"_{text}{everything}_"]


def _evidence(decision: Decision, beside: Beside) -> list[str]:
    change, assessment = decision.change, decision.assessment
    engines = {
        f"{one.engine.name} {one.engine.version}{' (policy server)' if one.served else ''}"
        for one in assessment.evaluations
    }
    lines = [
        f"- Merge base {code(change.base)}, head {code(change.head)}, target {code(change.target)}",
        f"- Rules and policies {code(assessment.binding.policy_digest)}",
        f"- Policy engine {code(', '.join(sorted(engines)) or 'none')}",
    ]
    if assessment.binding.effect_digest:
        lines.append(f"- Plan effect {code(assessment.binding.effect_digest)}")
    lines += [
        f"- Again, on a clone: {code(f'mrbot review --base {change.target} --head {change.head}')}"
    ]
    if beside.record is not None:
        served = any(one.served for one in assessment.evaluations)
        but = ", but for what the policy server said, which is taken from it" if served else ""
        lines.append(f"- From the record: {code(f'mrbot replay {beside.record}')}{but}")
    lines.append("- Commands: `/plan`, `/apply`, `/discard`, `/recheck`, `/help`")
    return lines


def _fold(summary: str, lines: list[str]) -> list[str]:
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]
