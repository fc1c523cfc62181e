"""Plans of the projects that a change concerns: made once a head, or again when asked for."""

from __future__ import annotations

from datetime import datetime

from mrbot.change.snapshot import Change, HostChange
from mrbot.decision.ruleset import Deploy, PlanWhen, Project, ProjectKind
from mrbot.errors import GitFailure
from mrbot.inbox.worklist import Claim
from mrbot.pipeline.publishing import text_digest
from mrbot.pipeline.tools import HostTools, Tools
from mrbot.plan.plan import Plan, PlanFailed, PlanFault, Planned, PlanRequest
from mrbot.store.plans import PlanState, StoredPlan


def plan_where_needed(
    tools: Tools,
    host: HostTools,
    claim: Claim,
    change: Change,
    projects: tuple[Project, ...],
    asked: frozenset[str] | None,
) -> tuple[StoredPlan, ...]:
    """Every plan there is at this head, after those that were wanted have been made.

    `asked`: the projects that somebody asked for by name, empty for all, None when nobody asked. A
    change from a fork is planned only when asked for: planning runs its code; and so is a head
    whose plans were discarded.
    """
    unasked = not change.host.from_fork and not _discarded(tools, change.host)
    for project in projects:
        if project.kind != ProjectKind.TERRAFORM or project.plan == PlanWhen.NEVER:
            continue
        stored = tools.store.plans.get(change.id, project.name, change.head)
        named = asked is not None and (not asked or project.name in asked)
        automatic = project.plan == PlanWhen.AUTOMATIC and unasked
        if named or (automatic and stored is None):
            if stored is not None and stored.state not in {PlanState.READY, PlanState.FAILED}:
                continue
            _plan(tools, host, claim, change, project)
    return tools.store.plans.at(change.id, change.head)


def discard(tools: Tools, claim: Claim, change: HostChange) -> str:
    """The change's plans are gone and its projects free, and this head is planned only when asked
    for. Returns what was done, in words."""
    key = _discard_key(change)
    if tools.store.effects.intend(claim, key, "discard", text_digest(key), tools.clock()) is None:
        tools.store.effects.complete(claim, key, change.head)
    count = tools.store.plans.discard(claim)
    freed = tools.store.locks.release(change.id)
    plans = f"{count} plan{'' if count == 1 else 's'} discarded"
    return f"{plans}; freed: {', '.join(freed)}" if freed else plans


def _discarded(tools: Tools, change: HostChange) -> bool:
    return tools.store.effects.outcome(_discard_key(change)) is not None


def _discard_key(change: HostChange) -> str:
    return f"discard:{change.id}:{change.head}"


def _plan(tools: Tools, host: HostTools, claim: Claim, change: Change, project: Project) -> None:
    tools.observe("plan")
    tools.store.worklist.check(claim)
    now = tools.clock()
    outcome = _locked_out(tools, change, project, now) or _run(tools, host, change, project)
    tools.observe("keep the plan")
    match outcome:
        case Planned(plan=plan, artefact=artefact):
            sealed = tools.vault.seal(artefact, seal_context(plan))
            tools.store.plans.save(claim, plan, sealed, tools.clock())
        case PlanFailed():
            tools.store.plans.save(claim, outcome, None, tools.clock())


def seal_context(plan: Plan) -> str:
    """What a sealed artefact is bound to."""
    return f"{plan.project} {plan.head} {plan.artefact_digest}"


def _locked_out(tools: Tools, change: Change, project: Project, now: datetime) -> PlanFailed | None:
    if project.deploy != Deploy.APPLY_BEFORE_MERGE:
        return None
    lock = tools.store.locks.acquire(project.name, change.id, "planned", now)
    if lock.change == change.id:
        return None
    detail = f"{lock.change} has planned {project.name}: merge it, close it, or /discard there"
    return _failed(change, project, PlanFault.LOCKED, detail)


def _run(tools: Tools, host: HostTools, change: Change, project: Project) -> Planned | PlanFailed:
    if tools.runner is None:
        return _failed(change, project, PlanFault.ISOLATION, "this server makes no plans")
    repository = host.repository(change.id.repo)
    with tools.checkouts() as checkout:
        try:
            repository.checkout(change.head, checkout)
        except GitFailure as error:
            return _failed(change, project, PlanFault.PROJECT, str(error))
        return tools.runner.plan(
            PlanRequest(
                project=project.name,
                environment=project.environment,
                head=change.head,
                checkout=checkout,
                directory=project.directory,
            )
        )


def _failed(change: Change, project: Project, fault: PlanFault, detail: str) -> PlanFailed:
    return PlanFailed(
        project=project.name,
        environment=project.environment,
        head=change.head,
        fault=fault,
        detail=detail,
    )
