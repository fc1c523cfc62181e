"""The port through which work is taken: what is dirty, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from mrbot.ids import ChangeId, RepoId

Subject = ChangeId | RepoId
"""What work is about: a change, or a repository's own chores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That `worker` holds `subject` until its lease ends.

    `epoch` grows with every claim of the subject: whoever holds an older one has been superseded.
    `dirty` is the mark that the work covers; later marks are later work. `attempts` counts the
    failures in a row before this claim.
    """

    subject: Subject
    worker: str
    epoch: int
    dirty: int
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """Work that failed too often to be tried by itself again. A new mark tries it once more."""

    subject: Subject
    attempts: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How much waits: subjects that are dirty, those being worked on, those parked, and how many
    seconds the oldest mark has waited."""

    dirty: int
    held: int
    parked: int
    oldest_s: float


class Worklist(Protocol):
    """Which subjects are dirty. Safe to use from many threads and processes at once.

    Every method raises StoreFailure when the storage fails. `renew`, `check`, `done`, `retry`,
    `release` and `park` raise Superseded, and change nothing, when somebody else has claimed the
    subject since.
    """

    def mark(self, subject: Subject, now: datetime) -> None:
        """The subject is dirty, and tried again where it was parked."""
        ...

    def requeue_open(self, now: datetime) -> int:
        """Every change known to be open is dirty. Returns how many there are."""
        ...

    def claim(self, worker: str, now: datetime, lease_s: float) -> Claim | None:
        """A dirty subject nobody holds, from the repository served longest ago, or None."""
        ...

    def renew(self, claim: Claim, now: datetime, lease_s: float) -> None:
        """The lease ends `lease_s` seconds from now."""
        ...

    def check(self, claim: Claim) -> None:
        """Nothing happens as long as the claim still holds."""
        ...

    def done(self, claim: Claim) -> None:
        """The marks that the claim covered are dealt with; a later mark stays."""
        ...

    def retry(self, claim: Claim, not_before: datetime, error: str) -> None:
        """The subject stays dirty, is held by nobody and rests until `not_before`."""
        ...

    def release(self, claim: Claim, not_before: datetime) -> None:
        """As `retry`, and it does not count as a failure."""
        ...

    def park(self, claim: Claim, error: str) -> None:
        """The subject stays dirty and is not tried again until it is marked."""
        ...

    def parked(self) -> tuple[Parked, ...]:
        """All that is parked, in order of subject."""
        ...

    def backlog(self, now: datetime) -> Backlog:
        """How much waits."""
        ...
