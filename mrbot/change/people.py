"""Who is behind a change, and who said what about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mrbot.ids import Digest, Person, Sha


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Signature:
    """A name and address that a commit carries: anybody can write anything there."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributors:
    """Everybody who may have shaped the content: none of them may approve it.

    `people` are host accounts (the opener, pushers, commit authors the host could map);
    `signatures` are the authors, committers and co-authors of every commit between base and head.
    """

    people: frozenset[Person]
    signatures: frozenset[Signature]


class ReviewState(StrEnum):
    """What a person's latest decisive review says."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    DISMISSED = "dismissed"


class ReviewSource(StrEnum):
    """How an approval was given."""

    HOST = "host"
    """With the host's own button; its head is what the host or its webhook said."""
    CODE = "code"
    """With `mrbot approve CODE` in a comment; the code names what was approved."""
    COMMAND_LINE = "command-line"
    """Stated by whoever ran `mrbot review`; for trying rules, never on a server."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Bound:
    """One file as an approver saw it. Both paths, blobs and modes are part of it."""

    path: str
    old_path: str
    old_blob: str
    new_blob: str
    old_mode: str
    new_mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Exactly what an approval was given for.

    `effect_digest` is what the plans would change (None: there was no plan), `policy_digest` which
    rules and policies judged it. Two equal bindings differ in nothing an approver could see.
    """

    target_branch: str
    head: Sha
    files: frozenset[Bound]
    effect_digest: Digest | None
    policy_digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One person's latest decisive word on a change.

    `head` is the commit it was given on, None when nobody could establish it. `seen` holds every
    binding that mrbot may have shown for that head when the review was given: one when that is
    known exactly, several when the head was judged more than once and it is not known which the
    reviewer saw, none when that head was never judged. `note` says where head and binding are from.
    """

    person: Person
    state: ReviewState
    source: ReviewSource
    head: Sha | None
    seen: tuple[Binding, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group or team and its members at the time of reading. `found` False: the host has none."""

    name: str
    members: frozenset[Person]
    found: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Who belongs where, read when the decision was made: groups by name, roles by person's id."""

    groups: tuple[Group, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()

    def group(self, name: str) -> Group | None:
        """The group of that name, None when nobody looked it up."""
        return next((group for group in self.groups if group.name == name), None)

    def role(self, person: Person) -> str:
        """The person's role, `none` when nobody looked it up."""
        return dict(self.roles).get(person.id, "none")
