"""Which policies judge, what each is given, and what it takes to trust that it was."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from mrbot.change.files import shown
from mrbot.change.snapshot import Change
from mrbot.decision.decide import awaits_plan
from mrbot.decision.material import Material, PolicyFolder, ServedPolicies, TextFile
from mrbot.decision.ruleset import (
    PlanWhen,
    PolicyInput,
    PolicySet,
    Project,
    ProjectKind,
    RuleSet,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.errors import BadPolicy, Problem
from mrbot.judgement.documents import Given, given
from mrbot.judgement.rules import Rules, undecidable
from mrbot.policy.bundle import bundle
from mrbot.policy.comparison import Comparison, compared
from mrbot.policy.finding import (
    Bundle,
    Document,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    PolicyEngine,
    PolicyServer,
)
from mrbot.resources.model import NotUnderstood, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyBundle:
    """A set of policies and what it is given. One that two rule files name is asked once.

    `before`: it judges the repository's changes today. `after`: it will once this change is merged.
    Sets of the organisation are neither, for no change of a repository touches them."""

    bundle: Bundle
    input: PolicyInput
    before: bool = False
    after: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedSet:
    """The organisation's packages on the operator's server, and what they are given."""

    namespaces: tuple[str, ...]
    input: PolicyInput
    before: Literal[False] = False
    after: Literal[False] = False


AskedSet = PolicyBundle | ServedSet
_Wanted = tuple[PolicyFolder, PolicyInput, tuple[str, ...]]


def bundles(material: Material, rules: Rules) -> tuple[tuple[AskedSet, ...], list[Reason]]:
    """Every set that has to be asked, and why another cannot be."""
    library = material.organisation
    sides = _sides(material, rules)
    wanted = [one for side in sides for one in side]
    served: tuple[ServedSet, ...] = ()
    match library.policies:
        case PolicyFolder() as folder:
            wanted.insert(0, (folder, library.input, library.namespaces))
        case ServedPolicies():
            served = (ServedSet(namespaces=library.namespaces, input=library.input),)
    before, *_, after = sides
    sets: dict[tuple[str, PolicyInput], PolicyBundle] = {}
    reasons: list[Reason] = []
    for folder, kind, namespaces in wanted:
        if lost := [file.path for file in folder.data if not file.content]:
            message = f"`policies:` names {lost[0]} as data, and it is not there or empty"
            reasons.append(undecidable("bad-policy", message, Problem(lost[0], 0, message)))
            continue
        files = {file.path: file.content for file in folder.files}
        try:
            data = {file.path: file.content for file in folder.data}
            made = bundle(folder.origin, files, namespaces, data)
        except BadPolicy as error:
            reasons += [undecidable("bad-policy", p.message, p) for p in error.problems]
            continue
        one = (folder, kind, namespaces)
        known = sets.get((made.digest, kind), PolicyBundle(bundle=made, input=kind))
        sets[made.digest, kind] = replace(
            known, before=known.before or one in before, after=known.after or one in after
        )
    return (*served, *sets.values()), reasons


def _sides(material: Material, rules: Rules) -> tuple[list[_Wanted], ...]:
    """What judges the repository today, what else must pass, and what will judge it once the change
    is merged. A change to policies, or to the rules that name them, is judged by all of them."""
    old = {folder.directory: folder for folder in material.target_policies}
    new = {folder.directory: folder for folder in material.head_policies}
    # A directory that comes or goes together with its entry is not missing on the other side: the
    # rules of its own side are asked with it.
    come = {name for name in new if name in old and not old[name].files}
    gone = {name for name in new if material.touches_rules and not new[name].files}
    merged = rules.head if material.touches_rules else rules.target
    return (
        _entries(rules.target, old, come),
        _entries(rules.target, new, gone),
        _entries(rules.head, old, come),
        _entries(merged, {**old, **new}, set()),
    )


def _entries(
    ruleset: RuleSet | None, folders: Mapping[str, PolicyFolder], absent: Container[str]
) -> list[_Wanted]:
    return [
        (_with_data(entry, folders), entry.input, entry.namespaces)
        for entry in (ruleset.policies if ruleset is not None else ())
        if all(path in folders and path not in absent for path in entry.paths)
    ]


def _with_data(entry: PolicySet, folders: Mapping[str, PolicyFolder]) -> PolicyFolder:
    """The entry's directory, with its data. A file that is not there is empty."""
    data = [
        file
        for path in entry.data
        for file in folders[path].files or (TextFile(path=shown(path), content=b""),)
    ]
    return replace(folders[entry.directory], data=tuple(data))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluations:
    """What every set said, and where this change edits policies how the old and the new differ."""

    outcomes: tuple[Evaluated | EvaluationFailed, ...]
    edited: Comparison | None


def evaluate(
    material: Material,
    change: Change,
    reading: Reading,
    projects: tuple[Project, ...],
    sets: Iterable[AskedSet],
    engine: PolicyEngine,
    server: PolicyServer,
) -> Evaluations:
    """What each set said of the documents it is given, or why there is no answer."""
    answers: list[tuple[AskedSet, tuple[Evaluated | EvaluationFailed, ...]]] = []
    documents: dict[PolicyInput, Given] = {}
    for one in sets:
        if one.input not in documents:
            documents[one.input] = given(one.input, material, change, reading, projects)
        found = documents[one.input]
        said = _said(one, found.documents, engine, server)
        answers.append((one, (*(_unparsed(said, lost) for lost in found.lost), said)))
    edited = None
    if any(one.before != one.after for one, _ in answers):
        edited = compared(
            [outcome for one, outcomes in answers if one.before for outcome in outcomes],
            [outcome for one, outcomes in answers if one.after for outcome in outcomes],
        )
    return Evaluations(
        outcomes=tuple(outcome for _, outcomes in answers for outcome in outcomes), edited=edited
    )


def unplanned(
    material: Material,
    reading: Reading,
    projects: tuple[Project, ...],
    sets: Iterable[AskedSet],
) -> Iterator[Reason]:
    """Why a set that judges plans has not judged: the plan it would judge is not there.

    Policies that judge plans judge nothing where there is none, so that must not pass.

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


def _said(
    one: AskedSet, documents: tuple[Document, ...], engine: PolicyEngine, server: PolicyServer
) -> Evaluated | EvaluationFailed:
    match one:
        case PolicyBundle():
            return engine.evaluate(one.bundle, documents)
        case ServedSet():
            return server.evaluate(one.namespaces, documents)


def _unparsed(said: Evaluated | EvaluationFailed, lost: NotUnderstood) -> EvaluationFailed:
    return EvaluationFailed(
        fault=EvaluationFault.SHAPE,
        detail=f"a document it should judge does not parse: {lost.reason}",
        engine=said.engine,
        policy=said.policy,
        digest=said.digest,
        path=lost.path,
        line=lost.line or None,
    )
