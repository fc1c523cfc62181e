"""The decision itself: a pure function of the change, its assessment and the people's directory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mrbot.change.files import shown
from mrbot.change.people import Directory, ReviewState
from mrbot.change.snapshot import Change
from mrbot.decision.approval import Standing, is_candidate, known_role, stand
from mrbot.decision.binding import approve_code
from mrbot.decision.material import Assessment
from mrbot.decision.ruleset import Deploy, PlanWhen, Project
from mrbot.decision.verdict import Reason, Verdict, Weight, verdict_of
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.finding import Evaluated, EvaluationFailed, Finding, Severity

WANTED_SHOWN = 12
"""Users and groups that a requirement names in words; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A verdict and everything that explains it. `code` is what `mrbot approve CODE` takes."""

    change: Change
    assessment: Assessment
    verdict: Verdict
    standings: tuple[Standing, ...]
    code: str
    now: datetime

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding of every policy, in order."""
        return tuple(
            finding
            for evaluation in self.assessment.evaluations
            if isinstance(evaluation, Evaluated)
            for finding in evaluation.findings
        )


def decide(
    change: Change, assessment: Assessment, directory: Directory, now: datetime, *, planning: bool
) -> Decision:
    """The verdict on `change` and its explanation. `planning`: plans are made here, so a missing
    one is awaited."""
    standings = tuple(
        stand(requirement, change, assessment.binding, directory)
        for requirement in assessment.requirements
    )
    reasons = [
        *assessment.reasons,
        *_unread(assessment),
        *_policies(assessment),
        *_plans(assessment, planning=planning),
        *_people(change, standings, directory),
        *_state(change),
    ]
    return Decision(
        change=change,
        assessment=assessment,
        verdict=verdict_of(reasons),
        standings=standings,
        code=approve_code(assessment.binding),
        now=now,
    )


def _unread(assessment: Assessment) -> list[Reason]:
    return [
        Reason(
            weight=Weight.UNDECIDABLE,
            code="not-understood",
            text=f"{shown(one.path)} cannot be read: {one.reason}",
            path=one.path,
            line=one.line or None,
        )
        for one in assessment.reading.not_understood
        if one.relevant
    ]


def _policies(assessment: Assessment) -> list[Reason]:
    reasons: list[Reason] = []
    for evaluation in assessment.evaluations:
        match evaluation:
            case EvaluationFailed():
                reasons.append(
                    Reason(
                        weight=Weight.UNDECIDABLE,
                        code="policy-failed",
                        text=f"policies of {evaluation.policy}: {evaluation.fault}: "
                        f"{evaluation.detail}",
                        path=evaluation.path,
                        line=evaluation.line,
                    )
                )
            case Evaluated():
                reasons.extend(_denial(f) for f in evaluation.findings if blocks(f))
    return reasons


def blocks(finding: Finding) -> bool:
    """Whether the finding holds the merge: a deny or violation that nothing excepts."""
    return finding.severity != Severity.WARN and finding.excepted is None


def _denial(finding: Finding) -> Reason:
    return Reason(
        weight=Weight.REJECTED,
        code="denied",
        text=finding.msg,
        path=finding.about,
        line=finding.line,
    )


def _plans(assessment: Assessment, *, planning: bool) -> list[Reason]:
    reasons: list[Reason] = []
    done: set[str] = set()
    for plan in assessment.plans:
        done.add(plan.project)
        match plan:
            case PlanFailed():
                text = f"{plan.project} could not be planned: {plan.fault}"
                reasons.append(Reason(weight=Weight.UNDECIDABLE, code="plan-failed", text=text))
            case Plan():
                pass
    for project in assessment.projects:
        if project.name not in done and (planning and awaits_plan(project)):
            text = f"{project.name} has not been planned: comment /plan"
            reasons.append(Reason(weight=Weight.PENDING, code="not-planned", text=text))
    return reasons


def awaits_plan(project: Project) -> bool:
    """Whether the project must be planned before it can be approved."""
    if project.plan == PlanWhen.NEVER:
        return False
    return project.plan == PlanWhen.AUTOMATIC or project.deploy == Deploy.APPLY_BEFORE_MERGE


def _people(change: Change, standings: tuple[Standing, ...], directory: Directory) -> list[Reason]:
    reasons: list[Reason] = []
    for standing in standings:
        name = standing.requirement.name
        for group in standing.unknown_groups:
            text = f"the group {group}, which {name} names, does not exist or cannot be read"
            reasons.append(Reason(weight=Weight.UNDECIDABLE, code="unknown-group", text=text))
        require = standing.requirement.require
        if not (require.users or require.groups or known_role(require)):
            text = f"{name} asks for the role {require.role}, which nobody can have"
            reasons.append(Reason(weight=Weight.UNDECIDABLE, code="unknown-role", text=text))
        if standing.missing:
            reasons.append(
                Reason(weight=Weight.PENDING, code="approval-missing", text=_missing(standing))
            )
    for review in change.reviews:
        if review.state == ReviewState.CHANGES_REQUESTED and any(
            is_candidate(standing.requirement.require, review.person, directory)
            for standing in standings
        ):
            text = f"@{review.person.login} requested changes"
            reasons.append(Reason(weight=Weight.REJECTED, code="changes-requested", text=text))
    return reasons


def _missing(standing: Standing) -> str:
    needed = standing.requirement.require
    count = standing.missing
    noun = "approval" if count == 1 else "approvals"
    return f"{count} {noun} missing for {standing.requirement.name}: {wanted(standing)}" + (
        "" if needed.count == count else f" ({needed.count - count} of {needed.count} given)"
    )


def wanted(standing: Standing) -> str:
    """Who may give it, in words: `any of @kim, a member of platform`."""
    require = standing.requirement.require
    names = [f"a member of {group}" for group in require.groups]
    names += [f"@{user.removeprefix('@')}" for user in require.users]
    if not names:
        return f"anybody with the role {require.role} who did not contribute"
    if len(names) > WANTED_SHOWN:
        names[WANTED_SHOWN:] = [f"{len(names) - WANTED_SHOWN:,} more"]
    return names[0] if len(names) == 1 else "any of " + ", ".join(names)


def _state(change: Change) -> list[Reason]:
    if change.host.draft:
        return [
            Reason(
                weight=Weight.PENDING, code="draft", text="the change is a draft: mark it as ready"
            )
        ]
    return []
