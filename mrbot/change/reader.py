"""The port through which facts about a change are read from its host."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mrbot.change.people import Group, ReviewState
from mrbot.change.snapshot import HostChange
from mrbot.ids import ChangeId, Person, RepoId, Sha


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReview:
    """One person's latest decisive review as the API tells it; `head` is None on GitLab."""

    person: Person
    state: ReviewState
    head: Sha | None


class Role:
    """What somebody may do in a repository, from least to most; compared by `RANK`."""

    RANK = ("none", "read", "triage", "write", "maintain", "admin")


class ChangeReader(Protocol):
    """Reads one host. Every method raises `Transient` or `Permanent` and nothing else, and returns
    complete answers: all pages, or an error."""

    def change(self, change: ChangeId) -> HostChange:
        """The change as it is now. One call."""
        ...

    def reviews(self, change: ChangeId) -> tuple[HostReview, ...]:
        """One review a person, the latest decisive one. One call a page (GitLab: two)."""
        ...

    def contributors(self, change: ChangeId) -> frozenset[Person]:
        """Accounts the host maps to the change's commits; empty where the host maps none."""
        ...

    def group(self, repo: RepoId, name: str) -> Group:
        """Its members now, inherited ones too. `found` is False when there is no such group."""
        ...

    def people(self, repo: RepoId, logins: Iterable[str]) -> dict[str, Person | None]:
        """The account behind each login, None where there is none."""
        ...

    def role(self, repo: RepoId, person: Person) -> str:
        """One of `Role.RANK`: what the person may do there now."""
        ...

    def merged_changes(self, repo: RepoId, sha: Sha) -> tuple[ChangeId, ...]:
        """The changes that the host says were merged as commit `sha`."""
        ...
