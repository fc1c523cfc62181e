"""Which policies judge, what each is given, and what it takes to trust that it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.change.snapshot import Change
from mrbot.decision.decide import awaits_plan
from mrbot.decision.material import Material, PolicyFolder
from mrbot.decision.ruleset import (
    PlanWhen,
    PolicyInput,
    Project,
    ProjectKind,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.errors import BadPolicy
from mrbot.judgement.reading import finished_plans
from mrbot.judgement.rules import Rules, undecidable
from mrbot.policy.bundle import bundle
from mrbot.policy.document import (
    change_document,
    file_documents,
    is_document,
    plan_document,
)
from mrbot.policy.finding import (
    Bundle,
    Document,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    PolicyEngine,
)
from mrbot.resources.model import NotUnderstood, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBundle:
    """A set of policies and what it is given. One that two rule files name is asked once."""

    bundle: Bundle
    input: PolicyInput


def bundles(material: Material, rules: Rules) -> tuple[tuple[PolicyBundle, ...], list[Reason]]:
    """Every set that has to be asked, and why another cannot be."""
    wanted: list[tuple[PolicyFolder, PolicyInput, tuple[str, ...]]] = [
        (
            material.organisation.policies,
            material.organisation.input,
            material.organisation.namespaces,
        )
    ]
    old = {folder.directory: folder for folder in material.target_policies}
    new = {folder.directory: folder for folder in material.head_policies}
    # A directory that comes or goes together with its entry is not missing on the other side: the
    # rules of its own side are asked with it.
    come = {name for name in new if name in old and not old[name].files}
    gone = {name for name in new if material.touches_rules and not new[name].files}
    for ruleset, folders, absent in (
        (rules.target, old, come),
        (rules.target, new, gone),
        (rules.head, new, set[str]()),
        (rules.head, old, come),
    ):
        for entry in ruleset.policies if ruleset is not None else ():
            folder = folders.get(entry.directory)
            if folder is not None and entry.directory not in absent:
                wanted.append((folder, entry.input, entry.namespaces))
    sets: dict[tuple[str, PolicyInput], PolicyBundle] = {}
    reasons: list[Reason] = []
    for folder, kind, namespaces in wanted:
        files = {file.path: file.content for file in folder.files}
        try:
            made = bundle(folder.origin, files, namespaces)
        except BadPolicy as error:
            reasons += [undecidable("bad-policy", p.message, p) for p in error.problems]
            continue
        sets.setdefault((made.digest, kind), PolicyBundle(bundle=made, input=kind))
    return tuple(sets.values()), reasons


def evaluate(
    material: Material,
    change: Change,
    reading: Reading,
    projects: tuple[Project, ...],
    sets: Iterable[PolicyBundle],
    engine: PolicyEngine,
) -> tuple[Evaluated | EvaluationFailed, ...]:
    """What each set said of the documents it is given, or why there is no answer."""
    plans = finished_plans(material)
    names = tuple(project.name for project in projects)
    environments = tuple(sorted({project.environment for project in projects}))
    outcomes: list[Evaluated | EvaluationFailed] = []
    for one in sets:
        documents: tuple[Document, ...]
        match one.input:
            case PolicyInput.CHANGE:
                documents = (
                    change_document(
                        change, reading, plans, names, environments, material.now, material.notes
                    ),
                )
            case PolicyInput.PLAN:
                documents = tuple(plan_document(plan) for plan in plans)
            case PolicyInput.DOCUMENT:
                parsed = file_documents(material.versions)
                outcomes.extend(
                    _unparsed(one.bundle, lost.path, lost.line, lost.reason, engine)
                    for lost in (*parsed.not_understood, *_unread_documents(material, change))
                )
                documents = parsed.documents
        outcomes.append(engine.evaluate(one.bundle, documents))
    return tuple(outcomes)


def _unread_documents(material: Material, change: Change) -> tuple[NotUnderstood, ...]:
    unread = dict(material.unread)
    return tuple(
        NotUnderstood(path=shown(file.path), line=0, reason=unread[file.path], relevant=True)
        for file in change.files
        if file.path in unread and file.new_blob is not None and is_document(file.path)
    )


def unplanned(
    material: Material,
    reading: Reading,
    projects: tuple[Project, ...],
    sets: Iterable[PolicyBundle],
) -> Iterator[Reason]:
    """Why a set that judges plans has not judged: the plan it would is not there."""
    """Policies that judge plans judge nothing where there is none, so that must not pass.

    A project's own rules may do without plans (`plan: never`); the organisation's policies never.
    """
    planned = {plan.project for plan in material.plans}
    judged = tuple(one for one in sets if one.input == PolicyInput.PLAN)
    terraform = tuple(
        project
        for project in projects
        if project.kind == ProjectKind.TERRAFORM and project.name not in planned
    )
    for project in terraform if judged else ():
        possible = material.planning and project.plan != PlanWhen.NEVER
        if possible and not awaits_plan(project):
            text = f"policies judge the plan of {project.name}: comment `/plan`"
            yield Reason(weight=Weight.PENDING, code="not-planned", text=text)
        elif not possible and (project.plan != PlanWhen.NEVER or _organisation_plans(material)):
            text = f"policies judge the plan of {project.name}, and none is made here"
            yield undecidable("no-plan", text)
    if _organisation_plans(material):
        for path in sorted(
            {
                one.source.path
                for one in reading.resources
                if one.format == "terraform" and one.source is not None and one.project is None
            }
        ):
            text = (
                f"{shown(path)} is in no project, so the organisation's policies see no plan of it"
            )
            yield undecidable("no-plan", text)


def _organisation_plans(material: Material) -> bool:
    return material.organisation.input == PolicyInput.PLAN


def _unparsed(
    judged: Bundle, path: str, line: int, reason: str, engine: PolicyEngine
) -> EvaluationFailed:
    return EvaluationFailed(
        fault=EvaluationFault.SHAPE,
        detail=f"a document it should judge does not parse: {reason}",
        engine=engine.engine,
        policy=judged.name,
        digest=judged.digest,
        path=path,
        line=line or None,
    )
