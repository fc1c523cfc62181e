"""The states of a deployment, and the port that starts and follows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mrbot.decision.ruleset import Target
from mrbot.ids import ChangeId, Digest, RepoId, Sha


class DeploymentState(StrEnum):
    """Where a deployment stands. `UNCERTAIN`: it was asked for, and whether it started is not known."""

    PENDING = "pending"
    DISPATCHING = "dispatching"
    UNCERTAIN = "uncertain"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    WRONG_COMMIT = "wrong-commit"
    TIMED_OUT = "timed-out"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in {
            DeploymentState.SUCCEEDED,
            DeploymentState.FAILED,
            DeploymentState.CANCELED,
            DeploymentState.WRONG_COMMIT,
            DeploymentState.TIMED_OUT,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """That one merged commit is to reach one environment. `key` is the same for the same four of
    host, repository, commit and environment, and is sent to the host as the marker to look up."""

    key: Digest
    change: ChangeId
    repo: RepoId
    target_branch: str
    sha: Sha
    environment: str
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A pipeline, workflow run or deployment on the host. `sha` is the commit it really runs on,
    None where the host does not say yet."""

    id: str
    sha: Sha | None
    url: str
    state: DeploymentState
    detail: str = ""


class Deployer(Protocol):
    """Starts and follows deployments on one host. Raises as `ChangeWriter` does."""

    def start(self, intent: Intent) -> Run:
        """A run now exists that carries `intent.key`. One call: it is never repeated by itself."""
        ...

    def find(self, intent: Intent) -> Run | None:
        """The run that carries `intent.key`, or None when the host certainly has none."""
        ...

    def state(self, intent: Intent, run_id: str) -> Run:
        """The run as it is now."""
        ...

    def cancel(self, intent: Intent, run_id: str) -> None:
        """The run is asked to stop."""
        ...
