"""The values of planning and applying, and the port of whoever does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from mrbot.ids import Digest, Json, Sha
from mrbot.resources.model import ResourceChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """Which program planned: `terraform` or `tofu`, its version, and how it was found."""

    name: str
    version: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many resources a plan would touch; `replace` is not counted in create or delete."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    move: int = 0
    import_: int = 0
    forget: int = 0
    outputs: int = 0

    @property
    def empty(self) -> bool:
        """Whether nothing at all would change."""
        return self == Summary()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A finished plan of one project at one head.

    `document` is Terraform's plan JSON with every sensitive value replaced; `resources` is the same
    in mrbot's model. `effect_digest` covers what would change (sensitive values as keyed digests),
    the arguments, the tool and the provider lock; `artefact_digest` covers the plan file's bytes,
    the head and the state's lineage and serial. `drifted` are the addresses of what was found
    changed outside the tool, `failed_checks` what the configuration's own checks object to.
    """

    project: str
    environment: str | None
    head: Sha
    tool: Tool
    summary: Summary
    resources: tuple[ResourceChange, ...]
    document: Json
    effect_digest: Digest
    artefact_digest: Digest
    drifted: tuple[str, ...] = ()
    failed_checks: tuple[str, ...] = ()


class PlanFault(StrEnum):
    """Why there is no plan."""

    INIT = "terraform init failed"
    PLAN = "terraform plan failed"
    SHOW = "the plan could not be read back"
    TIME = "it ran out of time"
    CANCELLED = "it was cancelled"
    TOOL = "there is no terraform or tofu to run"
    ISOLATION = "it may not run here: no isolation from the bot"
    PROJECT = "the project's directory cannot be used"
    TOO_LARGE = "the plan is larger than mrbot reads"
    LOCKED = "another change holds the project's plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFailed:
    """There is no plan. `detail` is the end of the tool's own output, bounded and without secrets."""

    project: str
    environment: str | None
    head: Sha
    fault: PlanFault
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan and its artefact: the plan file and lock file as an opaque, not yet encrypted archive."""

    plan: Plan
    artefact: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The plan was applied, whole. `detail` is the end of the tool's output, without secrets."""

    project: str
    head: Sha
    detail: str


class ApplyFault(StrEnum):
    """Why a plan was not, or not wholly, applied."""

    STALE = "the state has moved since the plan was made"
    ARTEFACT = "the stored plan is not the one that was approved"
    FAILED = "terraform apply failed"
    TIME = "it ran out of time"
    CANCELLED = "it was cancelled"
    TOOL = "there is no terraform or tofu to run, or another version than planned"
    ISOLATION = "it may not run here: no isolation from the bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyFailed:
    """The plan was not wholly applied. `started` False: nothing can have changed."""

    project: str
    head: Sha
    fault: ApplyFault
    started: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to plan: `checkout` is a directory holding the repository's tree at `head`, which the
    runner may write to and which nobody else uses; `directory` is the project's, relative to it."""

    project: str
    environment: str | None
    head: Sha
    checkout: Path
    directory: str
    arguments: tuple[str, ...] = ()


class PlanRunner(Protocol):
    """Plans and applies. Blocks for at most its configured time limit; never raises for what the
    tool does. No secret of the bot reaches the tool's process."""

    def plan(self, request: PlanRequest) -> Planned | PlanFailed:
        """Init, plan, show, redact and digest."""
        ...

    def apply(self, request: PlanRequest, planned: Planned) -> Applied | ApplyFailed:
        """Apply exactly `planned.artefact`, after checking that it has `planned.plan`'s digest."""
        ...
