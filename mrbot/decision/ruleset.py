"""The rules of a repository or an organisation, as values (`config/rulefile.py` reads them)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from mrbot.ids import Json


class ProjectKind(StrEnum):
    """What a project's directory holds, hence how it is planned."""

    TERRAFORM = "terraform"
    KUBERNETES = "kubernetes"
    HELM = "helm"
    FILES = "files"


class Deploy(StrEnum):
    """Who changes the project's environment; exactly one of them."""

    PIPELINE = "pipeline"
    APPLY_BEFORE_MERGE = "apply-before-merge"
    NONE = "none"


class PlanWhen(StrEnum):
    """When the project is planned."""

    AUTOMATIC = "automatic"
    ON_REQUEST = "on-request"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A directory that is planned and deployed as one. `directory` has no leading or trailing `/`;
    `""` is the whole repository. `also` are further path globs whose changes concern it, `uses` the
    changed paths elsewhere that it was found to draw on. `discovered`: no rule file names it."""

    name: str
    directory: str
    kind: ProjectKind
    environment: str
    deploy: Deploy = Deploy.NONE
    plan: PlanWhen = PlanWhen.AUTOMATIC
    also: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    discovered: bool = False


class Autodiscover(StrEnum):
    """Whether directories that look like projects are projects that no rule file names."""

    AUTO = "auto"
    """Where the rule file names no project."""
    ENABLED = "enabled"
    """Beside those that it names."""
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When a rule applies: every key that is given must hold; each holds if any of its values does.

    `paths` and `not_paths` are anchored globs over both paths of a file (`**` any depth, `*` within
    a segment). `resource_types`, `actions`, `environments` and `projects` must hold of one and the
    same resource or, for the last two, of a changed file's project. `not_read` holds where a changed
    file is listed as not understood. A rule with no key always applies, and is written
    `when: always`.
    """

    always: bool = False
    paths: tuple[str, ...] = ()
    not_paths: tuple[str, ...] = ()
    resource_types: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    not_read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Require:
    """How many approvals, and from whom: any of `users`, any member of `groups`; where both are
    empty, anybody with at least `role` in the repository. Contributors never count."""

    count: int
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    role: str = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverRule:
    """One rule of `approvals:`."""

    name: str
    when: When
    require: Require
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherwiseApproved:
    """Where no rule applies, no approval is needed; somebody wrote that down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherwiseRejected:
    """Where no rule applies, the change is refused."""


Otherwise = Require | OtherwiseApproved | OtherwiseRejected


class PolicyInput(StrEnum):
    """Which documents a set of policies is given."""

    CHANGE = "change"
    PLAN = "plan"
    DOCUMENT = "document"
    COMBINED = "combined"
    """All documents at once, as with conftest's `--combine`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySet:
    """One `policies:` entry: a directory of Rego, the namespaces to ask and what they are given.

    `data` are files that are merged into `data`, as those in the directory are."""

    directory: str
    input: PolicyInput = PolicyInput.CHANGE
    namespaces: tuple[str, ...] = ("main",)
    data: tuple[str, ...] = ()
    line: int = 0

    @property
    def paths(self) -> tuple[str, ...]:
        """Where in the repository it lies."""
        return (self.directory, *self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineTarget:
    """A GitLab pipeline on the target branch, with these variables and inputs."""

    variables: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowTarget:
    """A GitHub workflow with a `workflow_dispatch` trigger."""

    file: str
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentTarget:
    """A GitHub deployment of the exact commit, for whoever listens to `deployment` events."""

    task: str = "deploy"
    payload: Json = field(default_factory=dict)


Target = PipelineTarget | WorkflowTarget | DeploymentTarget


class Codeowners(StrEnum):
    """Whether CODEOWNERS adds requirements, and in whose dialect. `HOST`: that of the host."""

    OFF = "off"
    HOST = "host"
    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A whole rule file. `origin` is shown to people: `organisation`, `.mrbot.yml at main`."""

    origin: str
    projects: tuple[Project, ...]
    approvals: tuple[ApproverRule, ...]
    otherwise: Otherwise
    codeowners: Codeowners
    policies: tuple[PolicySet, ...]
    deployments: tuple[tuple[str, Target], ...]
    autodiscover: Autodiscover = Autodiscover.AUTO
