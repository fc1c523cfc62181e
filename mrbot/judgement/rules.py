"""Which rules apply: the organisation's, the target branch's and the change's own."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mrbot.change.snapshot import Change
from mrbot.config.rulefile import parse_rules
from mrbot.decision.landing import linked
from mrbot.decision.material import Material, TextFile
from mrbot.decision.projects import concerned
from mrbot.decision.ruleset import (
    PolicySet,
    Project,
    RuleSet,
)
from mrbot.decision.verdict import Reason, Weight
from mrbot.errors import BadInput, BadRules, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
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
    return concerned(rules_of(material).repository.projects, change.files)


def policy_sets(rules: TextFile | None, origin: str) -> tuple[PolicySet, ...]:
    """The `policies:` of a rule file; none where it is absent or unreadable (step 1 says so)."""
    if rules is None:
        return ()
    try:
        return parse_rules(rules.content, rules.path, origin).policies
    except BadRules:
        return ()


def rules_of(material: Material) -> Rules:
    """The rule sets that apply. Those that cannot be used are reasons; the change that repairs the
    target branch's is judged by the organisation's and its own.

    Raises: BadRules when the organisation's cannot be used.
    """
    own = material.organisation.rules
    organisation = _whole(
        parse_rules(own.content, own.path, "organisation", names_elsewhere=True), material
    )
    reasons: list[Reason] = []
    target = head = None
    if material.target_rules is not None:
        try:
            target = _whole(_parsed(material.target_rules, "the target branch"), material)
        except BadRules as error:
            # The change that repairs the rules is judged by the organisation's and its own.
            if material.head_rules is None:
                reasons += bad(error, "the target branch's rules cannot be used")
    if material.touches_rules and material.head_rules is not None:
        try:
            head = _whole(_parsed(material.head_rules, "this change"), material)
        except BadRules as error:
            reasons += bad(error, "this change's rules cannot be used")
    return Rules(
        organisation=organisation,
        target=target,
        head=head,
        default=material.organisation.default,
        reasons=tuple(reasons),
    )


def _whole(rules: RuleSet, material: Material) -> RuleSet:
    """`rules` with the projects that nobody names, and with what each draws on."""
    return replace(rules, projects=linked(rules, material.links))


def _parsed(rules: TextFile, where: str) -> RuleSet:
    return parse_rules(rules.content, rules.path, f"{rules.path} of {where}")


def bad(error: BadInput, what: str) -> list[Reason]:
    """Each problem as a reason."""
    return [undecidable("bad-rules", f"{what}: {p.message}", p) for p in error.problems]


def undecidable(code: str, text: str, problem: Problem | None = None) -> Reason:
    """A reason that makes the change undecidable, with the problem's place."""
    return Reason(
        weight=Weight.UNDECIDABLE,
        code=code,
        text=text,
        path=problem.path or None if problem else None,
        line=problem.line or None if problem else None,
    )
