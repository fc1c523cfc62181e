"""Which reviews count towards a requirement, and why each other does not.

An approval counts when all of this holds:
- the reviewer is a person, is asked for, and had no hand in the content;
- it is known on which commit it was given, and that is the head or one that mrbot had shown;
- target branch, plan effect and policies are what they were then;
- every file the approver answers for is, byte for byte and mode for mode, what it was then.
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.change.people import (
    Binding,
    Bound,
    Contributors,
    Directory,
    Review,
    ReviewState,
)
from mrbot.change.reader import Role
from mrbot.change.snapshot import Change
from mrbot.decision.requirement import Requirement, covers
from mrbot.decision.ruleset import Require
from mrbot.ids import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Discounted:
    """A review that does not count, and why, in words for the reviewer."""

    person: Person
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a requirement stands: who counts, who does not and why, and how many are missing."""

    requirement: Requirement
    counted: tuple[Person, ...]
    discounted: tuple[Discounted, ...]
    unknown_groups: tuple[str, ...]

    @property
    def missing(self) -> int:
        """Approvals still needed."""
        return max(0, self.requirement.require.count - len(self.counted))


def stand(
    requirement: Requirement, change: Change, binding: Binding, directory: Directory
) -> Standing:
    """How `requirement` stands, given the reviews and what they were given for."""
    counted: dict[str, Person] = {}
    discounted: list[Discounted] = []
    for review in change.reviews:
        if review.state != ReviewState.APPROVED:
            continue
        if not is_candidate(requirement.require, review.person, directory):
            continue
        why = _why_not(requirement, review, change, binding)
        if why is None:
            counted[review.person.id] = review.person
        else:
            discounted.append(Discounted(person=review.person, why=why))
    unknown = tuple(
        name
        for name in requirement.require.groups
        if (group := directory.group(name)) is None or not group.found
    )
    return Standing(
        requirement=requirement,
        counted=tuple(sorted(counted.values())),
        discounted=tuple(discounted),
        unknown_groups=unknown,
    )


def is_candidate(require: Require, person: Person, directory: Directory) -> bool:
    """Whether `person` is one of those asked for."""
    if require.users or require.groups:
        named = person.login.lower() in {user.lower().removeprefix("@") for user in require.users}
        groups = (directory.group(name) for name in require.groups)
        return named or any(g is not None and _is_member(person, g.members) for g in groups)
    rank, role = Role.RANK, directory.role(person)
    if role not in rank or not known_role(require):
        return False
    return rank.index(role) >= rank.index(require.role)


def known_role(require: Require) -> bool:
    """Whether the role that is asked for is one that somebody can have."""
    return require.role in Role.RANK[1:]


def _is_member(person: Person, members: frozenset[Person]) -> bool:
    return any(member.id == person.id for member in members)


def contributed(person: Person, contributors: Contributors) -> bool:
    """Whether the person had a hand in the content, as far as anything tells: by account, or by a
    commit's name or private address that carries the account's login or id. The id is enough: the
    login may have been another when the commit was made."""
    if any(other.id == person.id for other in contributors.people):
        return True
    login = person.login.lower()
    for signature in contributors.signatures:
        local, _, domain = signature.email.lower().partition("@")
        if signature.name.lower() == login:
            return True
        if "noreply" in domain and (
            local == login or local.startswith((f"{person.id}+", f"{person.id}-"))
        ):
            return True
    return False


def _why_not(
    requirement: Requirement, review: Review, change: Change, binding: Binding
) -> str | None:
    if review.person.is_bot:
        return "bots do not count"
    if contributed(review.person, change.contributors):
        return "contributed to the change"
    if review.head is None:
        return "it is not known on which commit this was given: approve again"
    if not review.seen:
        if review.head == change.head:
            # The content is git's to show; a plan is shown by mrbot alone.
            blind = binding.effect_digest is not None
            return "given before this plan was shown: approve again" if blind else None
        return f"given on {review.head[:10]}, which mrbot never judged: approve again"
    for seen in review.seen:
        if why := _moved(requirement, seen, binding):
            return why
    return None


def _moved(requirement: Requirement, seen: Binding, now: Binding) -> str | None:
    if seen.target_branch != now.target_branch:
        return f"given for target branch {seen.target_branch}: approve again"
    then = {bound for bound in seen.files if covers(requirement.scope, bound)}
    today = {bound for bound in now.files if covers(requirement.scope, bound)}
    if then != today:
        return f"given on {seen.head[:10]}; since then {_differing(then ^ today)}: approve again"
    if seen.effect_digest is None and now.effect_digest is not None:
        return "given before this plan was shown: approve again"
    if seen.effect_digest != now.effect_digest:
        return "what the plan would do has changed since: approve again"
    if seen.policy_digest != now.policy_digest:
        return "rules or policies have changed since: approve again"
    return None


def _differing(bounds: set[Bound]) -> str:
    names = sorted({shown(bound.path) for bound in bounds})
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more} changed"
