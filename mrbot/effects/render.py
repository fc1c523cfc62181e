"""A decision as Markdown: the one comment that people read. Pure.

The order is that in which people ask: what is the verdict and who must do what; what changes; what
is destroyed; who must approve; what the policies say; how to reproduce it; what was before. Where
the host's limit is short, the comment gives way by steps and says so; verdict, destroyed resources
and approvers are never among what gives way.
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.decision.decide import Decision
from mrbot.decision.verdict import name_of
from mrbot.effects import sections
from mrbot.effects.comment import Beside, marker
from mrbot.effects.escape import code
from mrbot.effects.headline import headline


@dataclass(frozen=True, slots=True, kw_only=True)
class _Detail:
    """How much is shown: one step of giving way."""

    attributes: bool
    resources: bool
    grouped: bool
    findings: int
    destroyed: int
    unread: int
    left_out: str


_STEPS = (
    _Detail(
        attributes=True, resources=True, grouped=False,
        findings=200, destroyed=1000, unread=100, left_out="",
    ),
    _Detail(
        attributes=False, resources=True, grouped=False,
        findings=200, destroyed=1000, unread=100, left_out="the attributes of each resource",
    ),
    _Detail(
        attributes=False, resources=False, grouped=True,
        findings=100, destroyed=1000, unread=50, left_out="the list of resources",
    ),
    _Detail(
        attributes=False, resources=False, grouped=False,
        findings=20, destroyed=200, unread=10, left_out="resources, and findings beyond 20",
    ),
    _Detail(
        attributes=False, resources=False, grouped=False,
        findings=5, destroyed=20, unread=3, left_out="resources, and findings beyond 5",
    ),
)  # fmt: skip


def render(decision: Decision, beside: Beside, limit: int) -> str:
    """The comment, at most `limit` characters, counted as the hosts count them.

    Raises: ValueError when not even the shortest form fits, which no host's limit makes happen.
    """
    for detail in _STEPS:
        body = _render(decision, beside, detail)
        if len(body) <= limit:
            return body
    raise ValueError(f"a comment of {limit} characters cannot hold a verdict and its approvers")


def _render(decision: Decision, beside: Beside, detail: _Detail) -> str:
    change = decision.change
    blocks: list[list[str]] = [
        [
            marker(
                change.id,
                {
                    "verdict": name_of(decision.verdict),
                    "head": change.head,
                    "record": beside.record,
                },
            ),
            f"### mrbot: {beside.ended or headline(decision, beside.awaiting_apply)}",
        ],
        [
            f"Head {code(change.head[:10])} onto {code(change.host.target_branch)}, "
            f"judged {decision.now:%Y-%m-%d %H:%M} UTC"
            + (f", record {beside.record}" if beside.record is not None else "")
        ],
        [] if beside.ended else sections.what_is_next(decision),
    ]
    if beside.deployments:
        blocks.append(["#### Deployment", "", *sections.deployments(beside.deployments)])
    blocks.append(["#### What changes", "", *sections.what_changes(decision)])
    blocks.append(sections.what_is_destroyed(decision, detail.destroyed))
    if unread := sections.not_understood(decision, detail.unread):
        blocks.append(["**Not read as resources:**", "", *unread])
    if decision.assessment.plans:
        blocks.append(["**Plans:**", "", *sections.plans(decision)])
    if beside.applied:
        blocks.append([f"**Applied:** {', '.join(code(name) for name in beside.applied)}"])
    blocks.append(["#### Who must approve", "", *sections.who_must_approve(decision)])
    blocks.append([_how_to_approve(decision)])
    blocks.append(["#### Policies", "", *sections.policies(decision, detail.findings)])
    if beside.answers:
        blocks.append(["#### Commands", "", *sections.answers(beside.answers)])
    blocks += _folds(decision, beside, detail)
    if detail.left_out:
        blocks.append([f"_Left out for length: {detail.left_out}. Nothing else is missing._"])
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _how_to_approve(decision: Decision) -> str:
    return (
        "An approval counts for exactly these files, this plan and these policies. Use the host's "
        f"own button, or comment `mrbot approve {decision.code}`."
    )


def _folds(decision: Decision, beside: Beside, detail: _Detail) -> list[list[str]]:
    folds: list[list[str]] = []
    count = len(decision.assessment.reading.resources)
    if detail.resources and count:
        listed = sections.resources(decision, attributes=detail.attributes)
        folds.append(_fold(f"{count} resources, one by one", listed))
    if detail.grouped and count:
        folds.append(_fold(f"{count} resources, by kind", sections.grouped(decision)))
    folds.append(_fold("Evidence, and how to reproduce this", _evidence(decision, beside)))
    if beside.history:
        past = sections.history(beside.history)
        folds.append(_fold(f"History ({len(beside.history)} earlier verdicts)", past))
    return folds


def _evidence(decision: Decision, beside: Beside) -> list[str]:
    change, assessment = decision.change, decision.assessment
    engines = {f"{one.engine.name} {one.engine.version}" for one in assessment.evaluations}
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
        lines.append(f"- From the record: {code(f'mrbot replay {beside.record}')}")
    lines.append("- Commands: `/plan`, `/apply`, `/discard`, `/recheck`, `/help`")
    return lines


def _fold(summary: str, lines: list[str]) -> list[str]:
    return [f"<details><summary>{summary}</summary>", "", *lines, "", "</details>"]
