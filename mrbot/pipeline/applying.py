"""Applying exactly the plan that was approved, before the merge, once."""

from __future__ import annotations

from mrbot.change.snapshot import HostChange
from mrbot.decision.decide import Decision
from mrbot.decision.ruleset import Deploy, Project
from mrbot.decision.verdict import Approved, reasons_of
from mrbot.errors import GitFailure, StoreFailure
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.planning import seal_context
from mrbot.pipeline.publishing import recheck
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.plan.plan import Applied, ApplyFailed, ApplyFault, Plan, Planned, PlanRequest
from mrbot.store.commands import CommandState, StoredCommand
from mrbot.store.plans import PlanState, StoredPlan


def own_up(tools: Tools, claim: Claim, change: HostChange) -> None:
    """An apply that was interrupted is `uncertain` from now on: it is never repeated by itself.
    Call it first after a claim, when nobody else can be applying."""
    for stored in tools.store.plans.unsettled(change.id):
        if stored.state == PlanState.APPLYING:
            plan = stored.plan
            tools.store.plans.move(
                claim, plan.project, plan.head, PlanState.APPLYING, PlanState.UNCERTAIN
            )


def awaiting(projects: tuple[Project, ...], plans: tuple[StoredPlan, ...]) -> tuple[str, ...]:
    """Projects that must be applied before the merge and have not been: whose plan does something
    and is not applied, or whose apply failed or is uncertain."""
    names = {p.name for p in projects if p.deploy == Deploy.APPLY_BEFORE_MERGE}
    return tuple(
        stored.plan.project
        for stored in plans
        if stored.plan.project in names
        and isinstance(stored.plan, Plan)
        and not stored.plan.summary.empty
        and stored.state != PlanState.APPLIED
    )


def applied(plans: tuple[StoredPlan, ...]) -> tuple[str, ...]:
    """Projects whose plan at this head was applied."""
    return tuple(stored.plan.project for stored in plans if stored.state == PlanState.APPLIED)


def apply(
    tools: Tools,
    host: HostTools,
    claim: Claim,
    decision: Decision,
    command: StoredCommand,
    wanted: frozenset[str],
) -> None:
    """The command is carried out or refused, and its answer says what is missing."""
    commands = tools.store.commands
    if not isinstance(decision.verdict, Approved):
        missing = "; ".join(reason.text for reason in reasons_of(decision.verdict)[:3])
        commands.finish(claim, command.id, CommandState.REFUSED, f"not approved: {missing}")
        return
    plans = tools.store.plans.at(decision.change.id, decision.change.head)
    names = awaiting(decision.assessment.projects, plans)
    chosen = [name for name in names if not wanted or name in wanted]
    if not chosen:
        commands.finish(claim, command.id, CommandState.REFUSED, "there is nothing to apply")
        return
    if not commands.start(claim, command.id):
        return
    answers, state = [], CommandState.DONE
    for name in chosen:
        stored = next(one for one in plans if one.plan.project == name)
        good, answer = _apply_one(tools, host, claim, decision, stored)
        answers.append(f"{name}: {answer}")
        if not good:
            state = CommandState.FAILED
            break
    tools.observe("keep the apply's answer")
    commands.finish(claim, command.id, state, "; ".join(answers))


def _apply_one(
    tools: Tools, host: HostTools, claim: Claim, decision: Decision, stored: StoredPlan
) -> tuple[bool, str]:
    plan = stored.plan
    change = decision.change
    if not isinstance(plan, Plan) or tools.runner is None:
        return False, "there is no plan to apply"
    if stored.state != PlanState.READY:
        why = "look at the environment, then push a commit to plan anew"
        return False, f"its plan is {stored.state.value}: {why}"
    sealed = tools.store.plans.sealed(change.id, plan.project, plan.head)
    if sealed is None:
        return False, "the plan file is gone: /plan again"
    try:
        artefact = tools.vault.open(sealed, seal_context(plan))
    except StoreFailure as error:
        return False, str(error)
    project = next(p for p in decision.assessment.projects if p.name == plan.project)
    recheck(host, change.host)
    plans = tools.store.plans
    if not plans.move(claim, plan.project, plan.head, PlanState.READY, PlanState.APPLYING):
        return False, "somebody else applies it"
    tools.observe("apply")
    with tools.checkouts() as checkout:
        try:
            host.repository(change.id.repo).checkout(change.head, checkout)
        except GitFailure as error:
            plans.move(claim, plan.project, plan.head, PlanState.APPLYING, PlanState.READY)
            return False, str(error)
        outcome = tools.runner.apply(
            PlanRequest(
                project=plan.project,
                environment=plan.environment,
                head=plan.head,
                checkout=checkout,
                directory=project.directory,
            ),
            Planned(plan=plan, artefact=artefact),
        )
    tools.observe("keep the apply")
    becomes, good, answer = _outcome(outcome)
    plans.move(claim, plan.project, plan.head, PlanState.APPLYING, becomes)
    return good, answer


def _outcome(outcome: Applied | ApplyFailed) -> tuple[PlanState, bool, str]:
    match outcome:
        case Applied():
            return PlanState.APPLIED, True, "applied"
        case ApplyFailed(fault=ApplyFault.STALE):
            return PlanState.READY, False, f"{outcome.fault}: /plan again"
        case ApplyFailed(started=False):
            return PlanState.READY, False, f"nothing was changed: {outcome.fault}: {outcome.detail}"
        case ApplyFailed():
            return PlanState.APPLY_FAILED, False, f"{outcome.fault}, part of it may be applied"
