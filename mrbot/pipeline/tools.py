"""What the pipeline works with, given in by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from mrbot.change.reader import ChangeReader
from mrbot.change.repository import Repository
from mrbot.decision.material import Organisation
from mrbot.deployment.deployment import Deployer
from mrbot.effects.effect import ChangeWriter
from mrbot.ids import HostKind, RepoId, Sha
from mrbot.plan.plan import PlanRunner
from mrbot.plan.vault import Vault
from mrbot.policy.finding import PolicyEngine, PolicyServer
from mrbot.policy.served import NO_SERVER
from mrbot.store.store import Store


class MirroredRepository(Repository, Protocol):
    """A repository that is fetched from its host before it is read."""

    def fetch(self, refs: tuple[str, ...]) -> None:
        """What `refs` name on the host is here."""
        ...

    def fetched(self, ref: str) -> Sha:
        """The commit that `ref` named when it was last fetched."""
        ...

    def has(self, sha: Sha) -> bool:
        """Whether the commit is here."""
        ...

    def keep(self, sha: Sha) -> None:
        """The commit stays here."""
        ...

    def checkout(self, commit: Sha, directory: Path) -> None:
        """`directory` holds the commit's files."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTools:
    """One host's ports. `change_ref` is where it keeps a change's head, with `{number}`."""

    kind: HostKind
    reader: ChangeReader
    writer: ChangeWriter
    deployer: Deployer
    repository: Callable[[RepoId], MirroredRepository]
    change_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Everything outside that a change needs.

    `runner` is None where plans are not made. `checkouts` makes an empty directory apart from the
    bot's state and removes it. `in_flight_s` is how long, in seconds, a write that was not answered
    may still arrive. `observe` is told each step before it begins; it may do anything, so nothing
    is assumed to be as it was.
    """

    hosts: dict[str, HostTools]
    store: Store
    engine: PolicyEngine
    organisation: Organisation
    runner: PlanRunner | None
    vault: Vault
    checkouts: Callable[[], AbstractContextManager[Path]]
    clock: Callable[[], datetime]
    status_name: str
    public_url: str | None
    server: PolicyServer = NO_SERVER
    in_flight_s: float = 30.0
    deployment_poll_s: float = 15.0
    deployment_limit_s: float = 24 * 3600.0
    observe: Callable[[str], None] = lambda _step: None
