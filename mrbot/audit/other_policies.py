"""What a recorded change would have come to under other policies: pure but for the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mrbot.audit.record import Record, RecordedServer
from mrbot.decision.decide import Decision, decide
from mrbot.decision.material import PolicyFolder
from mrbot.decision.ruleset import PolicyInput
from mrbot.ids import Digest
from mrbot.judgement import assess
from mrbot.policy.comparison import Comparison, compared
from mrbot.policy.finding import PolicyEngine


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationPolicies:
    """The place of the organisation's policies. What is None stays as it was recorded."""

    folder: PolicyFolder
    namespaces: tuple[str, ...] | None = None
    input: PolicyInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryPolicies:
    """The place of the policies that the repository has in `folder.directory`."""

    folder: PolicyFolder


OtherPolicies = OrganisationPolicies | RepositoryPolicies


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """One recorded change under both. `comparison` is of what the policies said."""

    before: Decision
    after: Decision
    comparison: Comparison

    @property
    def other_verdict(self) -> bool:
        """Whether it would have been judged otherwise."""
        return type(self.before.verdict) is not type(self.after.verdict)


def concerns(record: Record, policies: OtherPolicies) -> bool:
    """Whether policies in this place judged the change."""
    match policies:
        case OrganisationPolicies():
            return True
        case RepositoryPolicies(folder=folder):
            return any(one.directory == folder.directory for one in record.material.target_policies)


def differing(
    record: Record, before: OtherPolicies, after: OtherPolicies, engine: PolicyEngine
) -> Differing:
    """The change judged again, by the policies `before` and by those `after`.

    Everything else is as it was recorded, the time and the approvals too: an approval that counted
    then is taken to count, though it was given under other policies.
    """
    one, other = _decided(record, before, engine), _decided(record, after, engine)
    return Differing(
        before=one,
        after=other,
        comparison=compared(one.assessment.evaluations, other.assessment.evaluations),
    )


def _decided(record: Record, policies: OtherPolicies, engine: PolicyEngine) -> Decision:
    material = record.material
    match policies:
        case OrganisationPolicies(folder=folder, namespaces=namespaces, input=kind):
            recorded = material.organisation
            held = recorded.policies
            kept = held if isinstance(held, PolicyFolder) else folder
            material = replace(
                material,
                organisation=replace(
                    recorded,
                    policies=replace(folder, origin=kept.origin, data=kept.data),
                    namespaces=namespaces or recorded.namespaces,
                    input=kind or recorded.input,
                ),
            )
        case RepositoryPolicies(folder=folder):
            # What the change itself would make of them is not the question.
            material = replace(
                material,
                target_policies=tuple(
                    replace(folder, origin=one.origin) if one.directory == folder.directory else one
                    for one in material.target_policies
                ),
                head_policies=tuple(
                    one for one in material.head_policies if one.directory != folder.directory
                ),
            )
    assessment = assess(material, record.change, engine, RecordedServer(record))
    if (digest := _recorded_digest(record)) is not None:
        binding = replace(assessment.binding, policy_digest=digest)
        assessment = replace(assessment, binding=binding)
    return decide(
        record.change, assessment, record.directory, material.now, planning=material.planning
    )


def _recorded_digest(record: Record) -> Digest | None:
    match record.outcome:
        case {"policy_digest": str(digest)}:
            return Digest(digest)
        case _:
            return None
