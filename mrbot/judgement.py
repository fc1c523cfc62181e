"""From material to assessment: rules, resources, policies, requirements.

Numbered steps, the same for `mrbot review`, the bot and `mrbot replay`. Pure but for the policy
engine, which is given in.

(1) rules          the organisation's, the target branch's and, where the change touches them, the
                   head's: all of them apply
(2) projects       which of the target's projects the files belong to
(3) resources      read statically; plans take the place of what they know better
(4) policies       each set over the documents it asked for
(5) requirements   from rules, CODEOWNERS, policies, and the owners of what steers the gate
(6) binding        what an approval of exactly this is bound to
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mrbot.change.codeowners import ownership
from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, shown
from mrbot.change.owners import Owned, Ownership
from mrbot.change.people import Binding
from mrbot.change.snapshot import Change
from mrbot.config.rulefile import parse_rules
from mrbot.decision.binding import bound, digest_of, effect_of
from mrbot.decision.condition import applies
from mrbot.decision.decide import awaits_plan
from mrbot.decision.material import Assessment, Material, PolicyFolder, TextFile
from mrbot.decision.projects import concerned, placed, places, planned_over_static
from mrbot.decision.protected import protected_paths
from mrbot.decision.requirement import (
    Origin,
    Requirement,
    TheseFiles,
    WholeChange,
    scope_of,
)
from mrbot.decision.ruleset import (
    Codeowners,
    OtherwiseApproved,
    OtherwiseRejected,
    PlanWhen,
    PolicyInput,
    PolicySet,
    Project,
    ProjectKind,
    Require,
    RuleSet,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.errors import BadInput, BadPolicy, BadRules, Problem
from mrbot.ids import Digest, HostKind, Json
from mrbot.plan.plan import Plan
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
from mrbot.resources.kubernetes import HELM
from mrbot.resources.model import NotUnderstood, Reading
from mrbot.resources.read import read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """Step 1: the rule sets that apply, and what is wrong with those that cannot be used."""

    organisation: RuleSet
    target: RuleSet | None
    head: RuleSet | None
    default: bool
    reasons: tuple[Reason, ...]

    @property
    def all(self) -> tuple[RuleSet, ...]:
        """The sets that apply. An organisation that wrote no rules has mrbot's default, which is
        for repositories that have none of their own."""
        own = None if self.default and self.target is not None else self.organisation
        return tuple(one for one in (own, self.target, self.head) if one is not None)

    @property
    def repository(self) -> RuleSet:
        """The rules that say which projects there are: the target's, else the organisation's."""
        return self.organisation if self.target is None else self.target


def projects_of(material: Material, change: Change) -> tuple[Project, ...]:
    """The projects that the change concerns, by the target branch's rules."""
    return concerned(_rules(material).repository.projects, change.files)


def policy_sets(rules: TextFile | None, origin: str) -> tuple[PolicySet, ...]:
    """The `policies:` of a rule file; none where it is absent or unreadable (step 1 says so)."""
    if rules is None:
        return ()
    try:
        return parse_rules(rules.content, rules.path, origin).policies
    except BadRules:
        return ()


def assess(material: Material, change: Change, engine: PolicyEngine) -> Assessment:
    """What the material comes to; steps 1 to 6."""
    rules = _rules(material)
    projects = concerned(rules.repository.projects, change.files)
    reading = _reading(material, change, rules.repository.projects)
    sets, set_reasons = _bundles(material, rules)
    binding = _binding(material, change, sets)
    evaluations = _evaluate(material, change, reading, projects, sets, engine)
    owned, owner_reasons = _owned(material, change, rules)
    protected = protected_paths(
        change.files, (one.directory for ruleset in rules.all for one in ruleset.policies)
    )
    requirements, otherwise_reasons = _requirements(
        material, change, rules, reading, evaluations, owned, protected
    )
    return Assessment(
        rulesets=rules.all,
        projects=projects,
        reading=reading,
        plans=material.plans,
        evaluations=evaluations,
        requirements=requirements,
        ownership=owned,
        reasons=(
            *rules.reasons,
            *set_reasons,
            *_unplanned(material, reading, projects, sets),
            *owner_reasons,
            *otherwise_reasons,
        ),
        protected=protected,
        binding=binding,
    )


# (1) rules


def _rules(material: Material) -> _Rules:
    own = material.organisation.rules
    organisation = parse_rules(own.content, own.path, "organisation", names_elsewhere=True)
    reasons: list[Reason] = []
    target = head = None
    if material.target_rules is not None:
        try:
            target = _parsed(material.target_rules, "the target branch")
        except BadRules as error:
            # The change that repairs the rules is judged by the organisation's and its own.
            if material.head_rules is None:
                reasons += _bad(error, "the target branch's rules cannot be used")
    if material.touches_rules and material.head_rules is not None:
        try:
            head = _parsed(material.head_rules, "this change")
        except BadRules as error:
            reasons += _bad(error, "this change's rules cannot be used")
    return _Rules(
        organisation=organisation,
        target=target,
        head=head,
        default=material.organisation.default,
        reasons=tuple(reasons),
    )


def _parsed(rules: TextFile, where: str) -> RuleSet:
    return parse_rules(rules.content, rules.path, f"{rules.path} of {where}")


def _bad(error: BadInput, what: str) -> list[Reason]:
    return [_undecidable("bad-rules", f"{what}: {p.message}", p) for p in error.problems]


def _undecidable(code: str, text: str, problem: Problem | None = None) -> Reason:
    return Reason(
        weight=Weight.UNDECIDABLE,
        code=code,
        text=text,
        path=problem.path or None if problem else None,
        line=problem.line or None if problem else None,
    )


# (3) resources


def _reading(material: Material, change: Change, projects: tuple[Project, ...]) -> Reading:
    reading = placed(read(material.versions, dict(material.unread)), projects)
    reading = planned_over_static(reading, _made(material), projects)
    elsewhere = _elsewhere(material, change, projects)
    lost = tuple(
        replace(
            one,
            relevant=one.relevant
            or one.path in elsewhere
            or _template_that_is_applied(one, projects),
        )
        for one in reading.not_understood
    )
    return replace(reading, not_understood=lost)


def _template_that_is_applied(one: NotUnderstood, projects: tuple[Project, ...]) -> bool:
    """Whether it looks like a chart's, and lies where manifests are applied as they are: of those,
    kubectl applies every document that it can read."""
    return one.reason.startswith(HELM) and any(
        project.kind == ProjectKind.KUBERNETES for project in places(projects, one.path)
    )


def _made(material: Material) -> tuple[Plan, ...]:
    return tuple(plan for plan in material.plans if isinstance(plan, Plan))


def _elsewhere(material: Material, change: Change, projects: tuple[Project, ...]) -> frozenset[str]:
    """Links and submodules that a project takes part of its content from, where no plan sees what
    they lead to."""
    planned = {plan.project for plan in _made(material)}
    return frozenset(
        file.path
        for file in change.files
        if {file.old_mode, file.new_mode} & {MODE_SYMLINK, MODE_SUBMODULE}
        and any(
            project.kind != ProjectKind.FILES and project.name not in planned
            for path in file.paths
            for project in places(projects, path)
        )
    )


# (4) policies


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    bundle: Bundle
    input: PolicyInput


def _bundles(material: Material, rules: _Rules) -> tuple[tuple[_Set, ...], list[Reason]]:
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
    sets: dict[tuple[str, PolicyInput], _Set] = {}
    reasons: list[Reason] = []
    for folder, kind, namespaces in wanted:
        files = {file.path: file.content for file in folder.files}
        try:
            made = bundle(folder.origin, files, namespaces)
        except BadPolicy as error:
            reasons += [_undecidable("bad-policy", p.message, p) for p in error.problems]
            continue
        sets.setdefault((made.digest, kind), _Set(bundle=made, input=kind))
    return tuple(sets.values()), reasons


def _evaluate(
    material: Material,
    change: Change,
    reading: Reading,
    projects: tuple[Project, ...],
    sets: Iterable[_Set],
    engine: PolicyEngine,
) -> tuple[Evaluated | EvaluationFailed, ...]:
    plans = _made(material)
    names = tuple(project.name for project in projects)
    environments = tuple(sorted({project.environment for project in projects}))
    outcomes: list[Evaluated | EvaluationFailed] = []
    for one in sets:
        documents: tuple[Document, ...]
        match one.input:
            case PolicyInput.CHANGE:
                documents = (
                    change_document(change, reading, plans, names, environments, material.now),
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


def _unplanned(
    material: Material, reading: Reading, projects: tuple[Project, ...], sets: Iterable[_Set]
) -> Iterator[Reason]:
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
            yield _undecidable("no-plan", text)
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
            yield _undecidable("no-plan", text)


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


# (5) requirements


def _owned(
    material: Material, change: Change, rules: _Rules
) -> tuple[Ownership | None, list[Reason]]:
    wanted = {ruleset.codeowners for ruleset in rules.all} - {Codeowners.OFF}
    if not wanted:
        return None, []
    if material.codeowners is None:
        text = "the rules ask for CODEOWNERS, and the target branch has no such file"
        return None, [_undecidable("no-codeowners", text)]
    dialects = {_dialect(one, material.dialect) for one in wanted}
    found: list[Ownership] = []
    for dialect in sorted(dialects):
        try:
            found.append(ownership(dialect, material.codeowners.content, change.files))
        except BadRules as error:
            return None, _bad(error, "CODEOWNERS cannot be used")
    return (
        Ownership(
            owned=tuple(entry for one in found for entry in one.owned),
            skipped=tuple(entry for one in found for entry in one.skipped),
        ),
        [],
    )


def _dialect(wanted: Codeowners, host: HostKind) -> HostKind:
    match wanted:
        case Codeowners.GITHUB:
            return HostKind.GITHUB
        case Codeowners.GITLAB:
            return HostKind.GITLAB
        case Codeowners.HOST | Codeowners.OFF:
            return HostKind.GITLAB if host == HostKind.GITLAB else HostKind.GITHUB


def _requirements(
    material: Material,
    change: Change,
    rules: _Rules,
    reading: Reading,
    evaluations: tuple[Evaluated | EvaluationFailed, ...],
    owned: Ownership | None,
    protected: tuple[str, ...],
) -> tuple[tuple[Requirement, ...], list[Reason]]:
    found: list[Requirement] = []
    reasons: list[Reason] = []
    for ruleset in rules.all:
        projects = ruleset.projects or rules.repository.projects
        matched = [
            rule
            for rule in ruleset.approvals
            if applies(rule.when, change.files, reading.resources, projects)
        ]
        found += [
            Requirement(
                name=rule.name,
                origin=Origin.RULE,
                source=ruleset.origin,
                require=rule.require,
                scope=scope_of(rule.when),
            )
            for rule in matched
        ]
    own = owned.owned if owned is not None else ()
    found += [_owner_requirement(entry) for entry in own if not entry.optional]
    found += _demands(evaluations)
    for ruleset in rules.all:
        if any(item.origin == Origin.RULE and item.source == ruleset.origin for item in found):
            continue
        requirement, reason = _otherwise(ruleset)
        found += [requirement] if requirement is not None else []
        reasons += [reason] if reason is not None else []
    if protected:
        found.append(
            Requirement(
                name="policy owners",
                origin=Origin.OWNERS,
                source="organisation",
                require=material.organisation.owners,
                scope=TheseFiles(paths=frozenset(protected)),
            )
        )
    return tuple(found), reasons


def _otherwise(ruleset: RuleSet) -> tuple[Requirement | None, Reason | None]:
    match ruleset.otherwise:
        case Require() as require:
            return (
                Requirement(
                    name="every change",
                    origin=Origin.OTHERWISE,
                    source=ruleset.origin,
                    require=require,
                    scope=WholeChange(),
                ),
                None,
            )
        case OtherwiseApproved():
            return None, None
        case OtherwiseRejected():
            text = f"no rule of {ruleset.origin} applies, and `otherwise` is `rejected`"
            return None, Reason(weight=Weight.REJECTED, code="otherwise-rejected", text=text)


def _owner_requirement(entry: Owned) -> Requirement:
    users, groups = entry.users, entry.groups
    # An address names no account, and an entry nobody can satisfy must hold the change, not pass
    # it (GitLab approves such an entry by itself).
    if not users and not groups and not entry.roles:
        users = entry.emails or ("(nobody)",)
    return Requirement(
        name=f"owners of {entry.name}",
        origin=Origin.CODEOWNERS,
        source="CODEOWNERS",
        require=Require(
            count=entry.count,
            users=users,
            groups=groups,
            role=entry.roles[0] if entry.roles else "write",
        ),
        scope=TheseFiles(paths=frozenset(entry.paths)),
    )


def _demands(evaluations: Iterable[Evaluated | EvaluationFailed]) -> list[Requirement]:
    return [
        Requirement(
            name=demand.msg,
            origin=Origin.POLICY,
            source=f"{demand.policy}: {demand.namespace}",
            require=Require(
                count=demand.count,
                users=demand.users,
                groups=demand.groups,
                role=demand.roles[0] if demand.roles else "write",
            ),
            scope=WholeChange(),
        )
        for evaluation in evaluations
        if isinstance(evaluation, Evaluated)
        for demand in evaluation.demands
    ]


# (6) binding


def _binding(material: Material, change: Change, sets: Iterable[_Set]) -> Binding:
    return Binding(
        target_branch=change.host.target_branch,
        head=change.head,
        files=frozenset(bound(file) for file in change.files),
        effect_digest=effect_of(material.plans),
        policy_digest=_policy_digest(material, sets),
    )


def _policy_digest(material: Material, sets: Iterable[_Set]) -> Digest:
    owners = material.organisation.owners
    texts = (material.organisation.rules, material.target_rules, material.codeowners)
    policies: list[Json] = [*sorted(f"{one.input} {one.bundle.digest}" for one in sets)]
    document: Json = {
        "rules": [None if one is None else one.content.hex() for one in texts],
        "policies": policies,
        "owners": [owners.count, *owners.users, "|", *owners.groups],
    }
    return digest_of(document)
