"""Who must approve: asked by rules, CODEOWNERS, policies, and for what steers the gate."""

from __future__ import annotations

from collections.abc import Iterable

from mrbot.change.codeowners import ownership
from mrbot.change.owners import Owned, Ownership
from mrbot.change.snapshot import Change
from mrbot.decision.condition import applies
from mrbot.decision.material import Material
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
    Project,
    Require,
    RuleSet,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.errors import BadRules
from mrbot.ids import HostKind
from mrbot.judgement.rules import Rules, bad, undecidable
from mrbot.policy.finding import (
    Evaluated,
    EvaluationFailed,
)
from mrbot.resources.model import Reading


def owned_by(
    material: Material, change: Change, rules: Rules
) -> tuple[Ownership | None, list[Reason]]:
    """What CODEOWNERS asks for, None where no rules ask for CODEOWNERS; and why it cannot be used."""
    wanted = {ruleset.codeowners for ruleset in rules.all} - {Codeowners.OFF}
    if not wanted:
        return None, []
    if material.codeowners is None:
        text = "the rules ask for CODEOWNERS, and the target branch has no such file"
        return None, [undecidable("no-codeowners", text)]
    dialects = {_dialect(one, material.dialect) for one in wanted}
    found: list[Ownership] = []
    for dialect in sorted(dialects):
        try:
            found.append(ownership(dialect, material.codeowners.content, change.files))
        except BadRules as error:
            return None, bad(error, "CODEOWNERS cannot be used")
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


def requirements_of(
    material: Material,
    change: Change,
    rules: Rules,
    reading: Reading,
    evaluations: tuple[Evaluated | EvaluationFailed, ...],
    owned: Ownership | None,
    protected: tuple[str, ...],
) -> tuple[tuple[Requirement, ...], list[Reason]]:
    """Every approval that is asked for, and why the change is refused where no rule applies."""
    found: list[Requirement] = []
    reasons: list[Reason] = []
    not_read = frozenset(one.path for one in reading.not_understood)
    for ruleset in rules.all:
        projects = _projects(ruleset, rules)
        matched = [
            rule
            for rule in ruleset.approvals
            if applies(rule.when, change.files, reading.resources, projects, not_read)
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


def _projects(ruleset: RuleSet, rules: Rules) -> tuple[Project, ...]:
    """Those that the file itself names; else the repository's, named there or found."""
    named = any(not project.discovered for project in ruleset.projects)
    return ruleset.projects if named else rules.repository.projects


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
