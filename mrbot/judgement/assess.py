"""From material to assessment, steps 1 to 6."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mrbot.change.people import Binding
from mrbot.change.snapshot import Change
from mrbot.decision.binding import bound, digest_of, effect_of
from mrbot.decision.material import Assessment, Material
from mrbot.decision.projects import concerned
from mrbot.decision.protected import protected_paths
from mrbot.decision.ruleset import Autodiscover
from mrbot.decision.verdict import Reason
from mrbot.ids import Digest, Json
from mrbot.judgement.policies import AskedSet, PolicyBundle, bundles, evaluate, unplanned
from mrbot.judgement.reading import reading_of
from mrbot.judgement.requirements import owned_by, requirements_of
from mrbot.judgement.rules import Rules, rules_of, undecidable
from mrbot.policy.comparison import Outcome
from mrbot.policy.finding import PolicyEngine, PolicyServer
from mrbot.policy.served import NO_SERVER


def assess(
    material: Material,
    change: Change,
    engine: PolicyEngine,
    server: PolicyServer = NO_SERVER,
) -> Assessment:
    """What the material comes to; steps 1 to 6. `server` holds the organisation's policies, where
    they are not in the material."""
    rules = rules_of(material)
    projects = concerned(rules.repository.projects, change.files)
    reading = reading_of(material, change, rules.repository.projects)
    sets, set_reasons = bundles(material, rules)
    evaluations = evaluate(material, change, reading, projects, sets, engine, server)
    binding = _binding(material, change, sets, evaluations.outcomes)
    owned, owner_reasons = owned_by(material, change, rules)
    protected = protected_paths(
        change.files,
        (path for ruleset in rules.all for one in ruleset.policies for path in one.paths),
    )
    requirements, otherwise_reasons = requirements_of(
        material, change, rules, reading, evaluations.outcomes, owned, protected
    )
    return Assessment(
        rulesets=rules.all,
        projects=projects,
        reading=reading,
        plans=material.plans,
        evaluations=evaluations.outcomes,
        edited_policies=evaluations.edited,
        requirements=requirements,
        ownership=owned,
        reasons=(
            *rules.reasons,
            *_unlinked(material, rules),
            *_of_another_commit(material, change),
            *set_reasons,
            *unplanned(material, reading, projects, sets),
            *owner_reasons,
            *otherwise_reasons,
        ),
        protected=protected,
        binding=binding,
        notes=material.notes,
        hunks=material.hunks,
    )


def _unlinked(material: Material, rules: Rules) -> Iterator[Reason]:
    """Why it is not known which projects the change reaches."""
    if material.links.unknown and any(
        ruleset.projects or ruleset.autodiscover is not Autodiscover.DISABLED
        for ruleset in rules.all
    ):
        text = (
            f"which projects the change reaches is not known: {material.links.unknown} "
            "(name no project and write `autodiscover: disabled` to do without)"
        )
        yield undecidable("links-unknown", text)


def _of_another_commit(material: Material, change: Change) -> Iterator[Reason]:
    """A plan is of one commit, and says nothing of any other."""
    for plan in material.plans:
        if plan.head != change.head:
            text = f"the plan of {plan.project} is of {plan.head[:12]}, not of {change.head[:12]}"
            yield undecidable("plan-of-another-commit", text)


def _binding(
    material: Material, change: Change, sets: Iterable[AskedSet], outcomes: Iterable[Outcome]
) -> Binding:
    return Binding(
        target_branch=change.host.target_branch,
        head=change.head,
        files=frozenset(bound(file) for file in change.files),
        effect_digest=effect_of(material.plans),
        policy_digest=_policy_digest(material, sets, outcomes),
    )


def _policy_digest(
    material: Material, sets: Iterable[AskedSet], outcomes: Iterable[Outcome]
) -> Digest:
    """What approvals are given under. Which policies a server holds is known by its answer alone:
    its revisions, or that they are not known."""
    owners = material.organisation.owners
    texts = (material.organisation.rules, material.target_rules, material.codeowners)
    here = {f"{one.input} {one.bundle.digest}" for one in sets if isinstance(one, PolicyBundle)}
    served = {f"{one.digest} of the server" for one in outcomes if one.served is not None}
    policies: list[Json] = [*sorted(here), *sorted(served)]
    document: Json = {
        "rules": [None if one is None else one.content.hex() for one in texts],
        "policies": policies,
        "owners": [owners.count, *owners.users, "|", *owners.groups],
    }
    return digest_of(document)
