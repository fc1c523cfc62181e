"""The parts of the comment about verdict, people, plans and runs, each a pure function."""

from __future__ import annotations

from collections import defaultdict

from mrbot.change.files import shown
from mrbot.decision.approval import Standing
from mrbot.decision.decide import Decision, wanted
from mrbot.decision.verdict import Reason, Weight, reasons_of
from mrbot.effects.comment import Answer, DeploymentView, Past
from mrbot.effects.detail import OUTPUT_SHARE, Detail, names, some
from mrbot.effects.escape import code, fenced, link, plain
from mrbot.effects.policy_sections import place_of
from mrbot.plan.plan import Plan, PlanFailed, Summary

REASONS_SHOWN = 5
"""Reasons of one kind that are listed at the top; the rest are counted."""

_WEIGHT = {
    Weight.UNDECIDABLE: "Not known",
    Weight.REJECTED: "Blocks",
    Weight.PENDING: "Awaited",
}


def what_is_next(decision: Decision, detail: Detail) -> list[str]:
    """The reasons, strongest first, each with its place; of many of one kind, the first few."""
    kinds: dict[str, list[Reason]] = defaultdict(list)
    for reason in reasons_of(decision.verdict):
        kinds[reason.code].append(reason)

    def bullet(reason: Reason) -> str:
        path = None if _names_path(reason) else reason.path
        place = place_of(path, reason.line, detail)
        return f"**{_WEIGHT[reason.weight]}:** {plain(reason.text, detail.text)}{place}"

    most = min(REASONS_SHOWN, detail.listed)
    return [line for reasons in kinds.values() for line in some(reasons, most, bullet, "like it")]


def _names_path(reason: Reason) -> bool:
    return reason.path is not None and shown(reason.path) in reason.text


def who_must_approve(decision: Decision, detail: Detail) -> list[str]:
    """Each requirement, unmet ones first: who is asked, who counts, why each other does not."""
    if not decision.standings:
        return ["Nobody: the rules ask for no approval of this change."]
    lines = ["| Rule | Who | Approvals |", "|---|---|---|"]
    ordered = sorted(decision.standings, key=lambda standing: not standing.missing)
    for standing in ordered[: detail.kept]:
        requirement = standing.requirement
        name = f"{plain(requirement.name, detail.text)} ({plain(requirement.source, detail.text)})"
        who = plain(wanted(standing), detail.text)
        lines.append(f"| {name} | {who} | {_given(standing, detail)} |")
    rest = ordered[detail.kept :]
    if rest:
        unmet = sum(1 for standing in rest if standing.missing)
        lines += ["", f"… and {len(rest):,} more rules, {unmet:,} of them **unmet**"]
    return lines


def _given(standing: Standing, detail: Detail) -> str:
    most = min(detail.listed, 20)
    given, needed = len(standing.counted), standing.requirement.require.count
    figure = f"{given} of {needed}"
    parts = [f"**{figure}**" if standing.missing else figure]
    if standing.counted:
        parts[0] += f": {names([p.login for p in standing.counted], most, _login)}"
    parts += [
        f"{_login(one.person.login)} does not count: {plain(one.why, detail.text)}"
        for one in standing.discounted[:most]
    ]
    if len(standing.discounted) > most:
        parts.append(f"{len(standing.discounted) - most:,} more do not count")
    if standing.unknown_groups:
        groups = names(standing.unknown_groups, most, lambda group: code(group, 60))
        parts.append(f"no such group: {groups}")
    return "<br>".join(parts)


def _login(login: str) -> str:
    return code(f"@{login}", 60)


def how_to_approve(decision: Decision) -> list[str]:
    """What an approver does; nothing where no approval is missing."""
    if not any(standing.missing for standing in decision.standings):
        return []
    how = "To approve: press the host's button, or comment this on a line of its own."
    what = "Either counts for exactly these files, plans and policies."
    return [f"{how} {what}", "", "```", f"mrbot approve {decision.code}", "```"]


def plans(decision: Decision, detail: Detail) -> list[str]:
    """Each plan's own line, and the end of the output of each that failed."""
    lines: list[str] = []
    ordered = sorted(decision.assessment.plans, key=lambda plan: isinstance(plan, Plan))
    for plan in ordered[: detail.listed]:
        match plan:
            case Plan():
                tool = f"{plain(plan.tool.name, 40)} {plain(plan.tool.version, 40)}"
                effect = code(plan.effect_digest[7:19])
                lines.append(
                    f"- {code(plan.project, 100)}: {_summary(plan.summary)} ({tool}, effect {effect})"
                )
                lines += _observed(plan, detail)
            case PlanFailed():
                lines.append(f"- {code(plan.project, 100)} **failed**: {plain(plan.fault)}")
                if plan.detail:
                    lines += ["", fenced(plan.detail, detail.text * OUTPUT_SHARE), ""]
    if len(ordered) > detail.listed:
        lines.append(f"- … and {len(ordered) - detail.listed:,} more plans")
    return lines


def _observed(plan: Plan, detail: Detail) -> list[str]:
    """What a plan saw beside what it would do."""
    most = min(detail.listed, 10)
    lines = []
    if plan.drifted:
        listed = names(plan.drifted, most, lambda one: code(one, detail.text))
        lines.append(f"  - changed outside the tool: {listed}")
    lines += [
        f"  - **check fails:** {plain(check, detail.text)}" for check in plan.failed_checks[:most]
    ]
    if len(plan.failed_checks) > most:
        lines.append(f"  - … and {len(plan.failed_checks) - most:,} more checks fail")
    return lines


def _summary(summary: Summary) -> str:
    counted = (
        (summary.create, "to create"), (summary.update, "to update"),
        (summary.replace, "to replace"), (summary.delete, "to delete"),
        (summary.move, "to move"), (summary.import_, "to import"),
        (summary.forget, "to forget"), (summary.outputs, "outputs to change"),
    )  # fmt: skip
    return ", ".join(f"{number:,} {what}" for number, what in counted if number) or "nothing to do"


def deployments(views: tuple[DeploymentView, ...], detail: Detail) -> list[str]:
    """Where each deployment of the merged change stands."""
    lines = ["| Environment | Commit | State | Run |", "|---|---|---|---|"]
    for one in views[: detail.listed]:
        run = link("run", one.url) if one.url else "none yet"
        note = f": {plain(one.detail, detail.text)}" if one.detail else ""
        place = f"{plain(one.environment, detail.text)} | {code(one.sha[:10])}"
        lines.append(f"| {place} | {one.state.value}{note} | {run} |")
    if len(views) > detail.listed:
        lines += ["", f"… and {len(views) - detail.listed:,} more deployments"]
    return lines


def answers(given: tuple[Answer, ...], detail: Detail) -> list[str]:
    """What became of each command."""

    def bullet(one: Answer) -> str:
        text = f": {plain(one.text, detail.text)}" if one.text else ""
        return f"{code(one.command, detail.text)} by {_login(one.by)}: {plain(one.state, 40)}{text}"

    return some(given, detail.listed, bullet, "commands")


def history(past: tuple[Past, ...], detail: Detail) -> list[str]:
    """Earlier verdicts, newest first."""

    def bullet(one: Past) -> str:
        return f"{plain(one.at, 40)}: {plain(one.verdict, 40)} at {code(one.head[:10])}"

    return some(past, detail.listed, bullet, "earlier")
