"""Plans and applies with Terraform or OpenTofu, apart from the bot.

A plan: (1) the request is checked, and the project's source searched for programs it would run;
(2) init; (3) plan; (4) the plan is read back, digested, and redacted before anything else sees it.

An apply: (1) the stored plan is the one that was approved; (2) init in a fresh checkout, held to
the plan's provider lock; (3) its state will outlive the checkout and has not moved, and what it
would do is still what was approved; (4) apply of exactly that plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from mrbot.ids import Digest, Json
from mrbot.plan.arguments import argument_problem
from mrbot.plan.artefact import Artefact, pack, unpack
from mrbot.plan.backend import state_in_checkout
from mrbot.plan.digest import artefact_digest, effect_digest
from mrbot.plan.document import read_plan
from mrbot.plan.isolation import Isolation, hand_over
from mrbot.plan.observed import drifted, failed_checks
from mrbot.plan.plan import (
    Applied,
    ApplyFailed,
    ApplyFault,
    Plan,
    PlanFailed,
    PlanFault,
    Planned,
    PlanRequest,
    Tool,
)
from mrbot.plan.precheck import PlanTimeCode, listed, source_problems
from mrbot.plan.process import Limits
from mrbot.plan.redact import redact, secrets_of
from mrbot.plan.session import NotApplied, Session, StateId, Stopped
from mrbot.plan.sources import root_sources
from mrbot.plan.terraform_settings import TerraformSettings, clean_environment
from mrbot.plan.tool import FoundTool
from mrbot.plan.vault import Vault
from mrbot.plan.workplace import Unusable, exists_inside, project_directory, workplace
from mrbot.secret import Secret

_SAME_FAULT = {
    PlanFault.TIME: ApplyFault.TIME,
    PlanFault.CANCELLED: ApplyFault.CANCELLED,
    PlanFault.TOOL: ApplyFault.TOOL,
    PlanFault.ISOLATION: ApplyFault.ISOLATION,
}
_NO_SECRETS: Mapping[str, Secret] = {}


class TerraformRunner:
    """The plan runner. `cancelled` is asked about a request all the time it is worked on."""

    def __init__(
        self,
        settings: TerraformSettings,
        tool: FoundTool,
        isolation: Isolation,
        vault: Vault,
        cancelled: Callable[[PlanRequest], bool] = lambda _: False,
    ) -> None:
        self._settings = settings
        self._tool = tool
        self._isolation = isolation
        self._vault = vault
        self._cancelled = cancelled

    def plan(self, request: PlanRequest) -> Planned | PlanFailed:
        """A plan of the project at the head, and the artefact that an apply of it needs."""
        try:
            with self._session(request, self._settings.plan_limits, _NO_SECRETS) as session:
                session.init()
                session.plan(request.arguments)
                return self._planned(request, session, session.show(), session.state())
        except Stopped as stopped:
            return _plan_failed(request, stopped.fault, stopped.detail)
        except Unusable as unusable:
            return _plan_failed(request, PlanFault.PROJECT, str(unusable))
        except OSError as error:
            return _plan_failed(request, PlanFault.PROJECT, f"a file could not be used: {error}")

    def apply(self, request: PlanRequest, planned: Planned) -> Applied | ApplyFailed:
        """Exactly the approved plan is applied, or it is told how far it may have come."""
        artefact = unpack(planned.artefact)
        if artefact is None or not _belongs(artefact, request, planned.plan):
            return _untouched(request, ApplyFault.ARTEFACT, "it was changed, or is another plan's")
        here, then = self._tool.tool, planned.plan.tool
        if (here.name, here.version) != (then.name, then.version):
            why = f"planned with {then.name} {then.version}; here is {here.name} {here.version}"
            return _untouched(request, ApplyFault.TOOL, why)
        limits, extra = self._settings.apply_limits, self._settings.apply_environment
        try:
            with self._session(request, limits, extra, restored=artefact) as session:
                session.init()
                return self._apply(request, planned.plan, artefact, session)
        except Stopped as stopped:
            fault = _SAME_FAULT.get(stopped.fault, ApplyFault.FAILED)
            return _untouched(request, fault, stopped.detail)
        except Unusable as unusable:
            return _untouched(request, ApplyFault.FAILED, str(unusable))

    @contextmanager
    def _session(
        self,
        request: PlanRequest,
        limits: Limits,
        extra: Mapping[str, Secret],
        restored: Artefact | None = None,
    ) -> Iterator[Session]:
        """A session whose request was checked, with the checkout handed over to the isolation.

        Raises: Stopped, Unusable.
        """
        settings, checkout = self._settings, request.checkout.resolve()
        deadline = time.monotonic() + limits.seconds
        with workplace(settings.work, self._isolation, settings.cli_config) as place:
            environment = clean_environment(settings, place, extra)
            given = {*settings.environment.values(), *extra.values()}
            session = Session(
                tool=self._tool,
                isolation=self._isolation,
                environment=environment,
                rules=settings.rules,
                limits=limits,
                deadline=deadline,
                lock_timeout=settings.lock_timeout,
                checkout=checkout,
                directory=project_directory(checkout, request.directory),
                place=place,
                secrets=frozenset(secret.reveal() for secret in given),
                cancelled=lambda: self._cancelled(request),
            )
            self._check(request, session)
            if restored is not None:
                session.restore(restored.plan_file, restored.lock)
            for path in (checkout, place.out):
                reason = hand_over(self._isolation, path)
                if reason is not None:
                    raise Unusable(reason)
            yield session

    def _check(self, request: PlanRequest, session: Session) -> None:
        """Raises: Stopped when the request or the project's source asks for what may not be."""
        problem = argument_problem(request.arguments, session.checkout, session.directory)
        if problem is not None:
            raise Stopped(PlanFault.PLAN, problem)
        rules = session.rules
        brought = exists_inside(session.directory, "terraform.d")
        if brought and PlanTimeCode.PLUGINS not in rules.allow:
            raise Unusable("terraform.d may bring providers along, and the settings allow none")
        problems = source_problems(root_sources(session.checkout, session.directory), rules)
        if problems:
            raise Stopped(PlanFault.PROJECT, listed(problems))

    def _planned(
        self, request: PlanRequest, session: Session, document: Json, state: StateId
    ) -> Planned:
        lock, plan_file = session.read_lock(), session.read_plan_file()
        clean = redact(document, self._vault.keyed_digest)
        summary, resources = read_plan(clean, request.project, request.environment)
        plan = Plan(
            project=request.project,
            environment=request.environment,
            head=request.head,
            tool=self._tool.tool,
            summary=summary,
            resources=resources,
            document=clean,
            effect_digest=self._effect(document, request.arguments, self._tool.tool, lock),
            artefact_digest=artefact_digest(plan_file, request.head, state.lineage, state.serial),
            drifted=drifted(clean),
            failed_checks=failed_checks(clean),
        )
        artefact = Artefact(
            project=request.project,
            directory=request.directory,
            head=request.head,
            arguments=request.arguments,
            lineage=state.lineage,
            serial=state.serial,
            plan_file=plan_file,
            lock=lock,
        )
        return Planned(plan=plan, artefact=pack(artefact))

    def _effect(
        self, document: Json, arguments: tuple[str, ...], tool: Tool, lock: bytes | None
    ) -> Digest:
        return effect_digest(document, arguments, tool, lock, self._vault.keyed_digest)

    def _apply(
        self, request: PlanRequest, approved: Plan, artefact: Artefact, session: Session
    ) -> Applied | ApplyFailed:
        lost = state_in_checkout(session.checkout, session.directory)
        if lost is not None:
            why = f"the state would be written to {lost.name} in the checkout and be lost with it"
            return _untouched(request, ApplyFault.FAILED, f"{why}: the project needs a backend")
        document = session.show()
        session = replace(session, secrets=session.secrets | secrets_of(document))
        lock = session.read_lock()
        effect = self._effect(document, artefact.arguments, approved.tool, lock)
        if effect != approved.effect_digest:
            return _untouched(request, ApplyFault.ARTEFACT, "it would do something else")
        now = session.state()
        if (now.lineage, now.serial) != (artefact.lineage, artefact.serial):
            why = f"planned at serial {artefact.serial}; the state is at serial {now.serial}"
            return _untouched(request, ApplyFault.STALE, why)
        match session.apply():
            case str() as said:
                return Applied(project=request.project, head=request.head, detail=said)
            case NotApplied(fault=fault, started=started, detail=said):
                return ApplyFailed(
                    project=request.project,
                    head=request.head,
                    fault=fault,
                    started=started,
                    detail=said,
                )


def _belongs(artefact: Artefact, request: PlanRequest, plan: Plan) -> bool:
    """Whether the artefact is the plan's, and the plan is of what is asked for."""
    digest = artefact_digest(artefact.plan_file, artefact.head, artefact.lineage, artefact.serial)
    return (
        digest == plan.artefact_digest
        and artefact.head == plan.head == request.head
        and artefact.project == plan.project == request.project
        and artefact.directory == request.directory
        and artefact.arguments == request.arguments
    )


def _plan_failed(request: PlanRequest, fault: PlanFault, detail: str) -> PlanFailed:
    return PlanFailed(
        project=request.project,
        environment=request.environment,
        head=request.head,
        fault=fault,
        detail=detail,
    )


def _untouched(request: PlanRequest, fault: ApplyFault, detail: str) -> ApplyFailed:
    return ApplyFailed(
        project=request.project, head=request.head, fault=fault, started=False, detail=detail
    )
