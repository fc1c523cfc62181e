"""The shape of a rule file (`.mrbot.yml`, and the organisation's): version 1 of the language.

Docstrings and descriptions here are what editors show. What entries say of each other is checked in
`rule_links`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mrbot.config.spelling import (
    MAX_ENTRIES,
    MAX_TEXT,
    DataFile,
    Directory,
    EnvironmentName,
    GroupName,
    KindGlob,
    Line,
    Logins,
    Namespace,
    PathGlob,
    ProjectName,
    Some,
    Spelt,
    exactly,
)
from mrbot.config.strict import Strict
from mrbot.decision.ruleset import Autodiscover, Deploy, PlanWhen, PolicyInput, ProjectKind
from mrbot.resources.model import Action

MAX_APPROVALS = 20
"""Most approvals that one rule may ask for."""
MAX_RULES = 500
"""Most projects, and most approver rules, of one file."""

_Text = Annotated[str, Field(max_length=MAX_TEXT)]
_Given = Annotated[dict[_Text, _Text], Field(max_length=MAX_ENTRIES)]


class ProjectEntry(Strict):
    """A directory that is planned and deployed as one."""

    name: ProjectName = Field(description="What people call it in comments and commands.")
    directory: Directory = Field(
        description="Where it lies, from the repository's root. `.` is the root itself."
    )
    kind: ProjectKind = Field(description="What the directory holds, hence how it is planned.")
    environment: EnvironmentName = Field(
        description="The running system that it changes. Several projects may share one."
    )
    deploy: Deploy = Field(
        default=Deploy.NONE,
        description="Who changes the environment. `pipeline` starts what `deployments` says once "
        "the change is merged; `apply-before-merge` lets /apply apply the approved plan first; "
        "`none` leaves it to others.",
    )
    plan: PlanWhen | None = Field(
        default=None,
        description="When it is planned. Without it: `automatic` for Terraform, else `never`.",
    )
    also: Some[PathGlob] = Field(
        default=(), description="Further paths whose changes concern it, as patterns."
    )

    @field_validator("deploy")
    @classmethod
    def _applied_by_terraform(cls, deploy: Deploy, info: ValidationInfo) -> Deploy:
        kind = info.data.get("kind", ProjectKind.TERRAFORM)
        if deploy is Deploy.APPLY_BEFORE_MERGE and kind is not ProjectKind.TERRAFORM:
            raise ValueError(f"only kind: terraform can be applied, and this is kind: {kind}")
        return deploy

    @field_validator("plan")
    @classmethod
    def _can_be_planned(cls, plan: PlanWhen | None, info: ValidationInfo) -> PlanWhen | None:
        kind = info.data.get("kind", ProjectKind.TERRAFORM)
        if plan is not None and plan is not PlanWhen.NEVER and kind is not ProjectKind.TERRAFORM:
            raise ValueError(f"only kind: terraform can be planned, and this is kind: {kind}")
        if plan is PlanWhen.NEVER and info.data.get("deploy") is Deploy.APPLY_BEFORE_MERGE:
            raise ValueError("apply-before-merge applies a plan: it cannot be never")
        return plan


class WhenEntry(Strict):
    """Every key that is given must hold; each holds if any of its values does."""

    paths: Some[PathGlob] = Field(
        default=(),
        description="Changed paths, as patterns from the root: `**` any depth, `*` and `?` within "
        "a segment.",
    )
    not_paths: Some[PathGlob] = Field(default=(), description="Changed paths that do not count.")
    resource_types: Some[KindGlob] = Field(
        default=(), description="Types of changed resources: `aws_iam_*`, `apps/v1/Deployment`."
    )
    actions: Some[Action] = Field(
        default=(), description="What happens to a resource. What is unknown counts as each."
    )
    environments: Some[EnvironmentName] = Field(
        default=(), description="Environments of the projects that are changed."
    )
    projects: Some[ProjectName] = Field(default=(), description="Projects that are changed.")
    not_read: Annotated[Literal[True], BeforeValidator(exactly(bool))] | None = Field(
        default=None,
        description="A changed file that mrbot does not read as resources, or not wholly.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> WhenEntry:
        if not self.model_fields_set:
            raise ValueError("this is empty: write `when: always` for every change")
        return self


class RequireEntry(Strict):
    """How many approvals, and from whom. Contributors to the change never count."""

    count: Annotated[int, Field(ge=1, le=MAX_APPROVALS)] = Field(
        description="How many people have to approve."
    )
    users: Logins = Field(default=(), description="Logins: any of them, or of `groups`.")
    groups: Some[GroupName] = Field(
        default=(), description="Groups or teams: any member of them, or any of `users`."
    )
    role: Literal["read", "triage", "write", "maintain", "admin"] = Field(
        default="write",
        description="Without `users` and `groups`: anybody with at least this role.",
    )

    @model_validator(mode="after")
    def _can_be_met(self) -> RequireEntry:
        if self.users and not self.groups and self.count > len(self.users):
            raise ValueError(
                f"this can never be met: count is {self.count}, and users names {len(self.users)}"
            )
        return self


def _branch(value: object) -> str:
    return "(mapping)" if isinstance(value, dict | Strict) else "(word)"


_When = Annotated[
    Annotated[Literal["always"], Tag("(word)")] | Annotated[WhenEntry, Tag("(mapping)")],
    Discriminator(_branch),
]


class ApprovalEntry(Strict):
    """One approver rule."""

    name: Line = Field(description="What people are told the rule is called.")
    when: _When = Field(description="When it applies: conditions, or `always`.")
    require: RequireEntry = Field(description="The approvals that it then asks for.")


class OtherwiseEntry(Strict):
    """What is needed where no rule applies."""

    require: RequireEntry = Field(description="The approvals that are needed.")


_Otherwise = Annotated[
    Annotated[Literal["approved", "rejected"], Tag("(word)")]
    | Annotated[OtherwiseEntry, Tag("(mapping)")],
    Discriminator(_branch),
]


class PolicyEntry(Strict):
    """A directory of Rego policies."""

    directory: Directory = Field(description="Where the policies lie, from the root.")
    input: PolicyInput = Field(
        default=PolicyInput.CHANGE,
        description="What they judge. `change`: one document of the whole change; `plan`: each "
        "Terraform plan; `document`: each changed file, as conftest does.",
    )
    namespaces: Some[Namespace] = Field(
        default=("main",), description="The Rego packages that are asked."
    )
    data: Some[DataFile] = Field(
        default=(), description="Further files, JSON or YAML, that are merged into their `data`."
    )


class PipelineEntry(Strict):
    """GitLab: a pipeline on the target branch."""

    variables: _Given = Field(default={}, description="CI variables, as text.")
    inputs: _Given = Field(default={}, description="Inputs of the pipeline, as text.")


class WorkflowEntry(Strict):
    """GitHub: a workflow with a `workflow_dispatch` trigger."""

    file: Annotated[
        str, Spelt(r"[A-Za-z0-9._-]+\.ya?ml", "the name of a file in .github/workflows (x.yml)")
    ] = Field(description="The workflow's file in `.github/workflows`.")
    inputs: _Given = Field(default={}, description="Inputs of the workflow, as text.")


class DeploymentEntry(Strict):
    """GitHub: a deployment of the exact commit, for whoever listens to `deployment` events."""

    task: Line = Field(default="deploy", description="The deployment's task.")
    payload: dict[str, Any] = Field(default={}, description="What listeners are given.")


class TargetEntry(Strict):
    """How an environment is deployed once a change is merged: exactly one of three ways."""

    pipeline: PipelineEntry | None = Field(default=None, description="GitLab: start a pipeline.")
    workflow: WorkflowEntry | None = Field(default=None, description="GitHub: start a workflow.")
    deployment: DeploymentEntry | None = Field(
        default=None, description="GitHub: create a deployment."
    )

    @model_validator(mode="after")
    def _one_way(self) -> TargetEntry:
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of pipeline, workflow and deployment")
        return self


class RuleFile(Strict):
    """The rules of a repository, or of an organisation, for mrbot."""

    model_config = ConfigDict(title="mrbot: rules, version 1")

    version: Annotated[Literal[1], BeforeValidator(exactly(int))] = Field(
        description="The version of this language: 1."
    )
    projects: tuple[ProjectEntry, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=MAX_RULES,
        description="What is planned and deployed.",
    )
    autodiscover: Autodiscover = Field(
        default=Autodiscover.AUTO,
        description="Whether directories that look like Terraform roots, Kustomize roots or charts "
        "are projects too. `auto`: where `projects` names none; `enabled`: beside those; "
        "`disabled`: never. They are planned on request.",
    )
    approvals: tuple[ApprovalEntry, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=MAX_RULES,
        description="Who has to approve what. Every rule that applies has to be met.",
    )
    otherwise: _Otherwise = Field(
        description="What is needed where no rule applies: a `require`, `approved` or `rejected`. "
        "It has no default: somebody decides it."
    )
    codeowners: Annotated[
        Literal[False, True, "github", "gitlab"], BeforeValidator(exactly(bool, str))
    ] = Field(
        default=False,
        description="Whether CODEOWNERS asks for approvals too: `true` in the host's own dialect, "
        "or in the one that is named.",
    )
    policies: tuple[PolicyEntry, ...] = Field(
        default=(),
        strict=False,
        min_length=1,
        max_length=MAX_ENTRIES,
        description="Rego policies of this repository, beside the server's.",
    )
    deployments: dict[EnvironmentName, TargetEntry] = Field(
        default={},
        min_length=1,
        max_length=MAX_ENTRIES,
        description="For each environment with `deploy: pipeline`: what is started.",
    )
