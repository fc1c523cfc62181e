"""What a webhook told: values, stored before they are acted on.

A delivery is a hint. It says which change may have changed; the facts are read again. Only what
exists nowhere but in the event (the head an approval was given on, a comment as first written) is
taken from it, as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.change.people import ReviewState
from mrbot.ids import Digest, Person, RepoId, Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMayHaveChanged:
    """Anything may have happened to the change: read it again."""

    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewGiven:
    """A person, not the host itself, gave a decisive review or took one back (`DISMISSED`).

    `head` is the commit that the event names, None where it names none.
    """

    change: int
    person: Person
    state: ReviewState
    head: Sha | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    """A person wrote a new comment. `body` is its text as first seen; no edit arrives here."""

    change: int
    comment: str
    body: str
    author: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchMoved:
    """A branch points elsewhere: changes that target it are judged again. `sha` None: deleted."""

    branch: str
    sha: Sha | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgressed:
    """A pipeline, workflow run or deployment moved on.

    `sha` is given where a change with that head must be looked at again: a status on GitLab is
    filed under a pipeline, and a check on GitHub may be asked for again. `change` likewise.
    """

    run: str
    sha: Sha | None = None
    change: int | None = None


Cause = ChangeMayHaveChanged | ReviewGiven | Commented | BranchMoved | RunProgressed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One authentic webhook that concerns us.

    Three things make it the same delivery as an earlier one, and any of them is enough: `key`, the
    sender's name for it; `body`, the digest of its bytes; `fact`, what it tells of where that has
    an id of its own (a comment, a review). GitHub's signature does not cover the header that `key`
    is from, so whoever replays a captured body under a new key must not have it done twice. GitLab
    signs the key (and a mere token protects nothing from who knows it), and two approvals may have
    equal bodies there: `body` is None.
    """

    repo: RepoId
    key: str
    event: str
    cause: Cause
    body: Digest | None = None
    fact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """An authentic webhook that asks for nothing.

    `unreadable`: it is of a kind mrbot handles, and a field it needs is missing or of another form.
    That is worth a warning; nothing is lost for good, since a sweep looks at every open change.
    """

    reason: str
    unreadable: bool = False


def change_of(cause: Cause) -> int | None:
    """The number of the change that `cause` names, if it names one."""
    match cause:
        case ChangeMayHaveChanged(change=number):
            return number
        case ReviewGiven(change=number):
            return number
        case Commented(change=number):
            return number
        case RunProgressed(change=maybe):
            return maybe
        case BranchMoved():
            return None
