"""A rule file's text as a `RuleSet`, or everything that is wrong with it."""

from __future__ import annotations

from mrbot.change.files import shown
from mrbot.config.rule_links import broken_links
from mrbot.config.rule_model import (
    OtherwiseEntry,
    PolicyEntry,
    ProjectEntry,
    RequireEntry,
    RuleFile,
    TargetEntry,
    WhenEntry,
)
from mrbot.config.strict import hold, load, problems
from mrbot.decision.ruleset import (
    ApproverRule,
    Codeowners,
    DeploymentTarget,
    Otherwise,
    OtherwiseApproved,
    OtherwiseRejected,
    PipelineTarget,
    PlanWhen,
    PolicySet,
    Project,
    ProjectKind,
    Require,
    RuleSet,
    Target,
    When,
    WorkflowTarget,
)
from mrbot.errors import BadInput, BadRules, Problem
from mrbot.resources.syntax.yaml_text import YamlDocument

RULE_FILE = ".mrbot.yml"
"""Where a repository keeps its rules, from its root."""

_CODEOWNERS = {False: Codeowners.OFF, True: Codeowners.HOST} | {
    dialect.value: dialect for dialect in (Codeowners.GITHUB, Codeowners.GITLAB)
}


def parse_rules(text: bytes, path: str, origin: str, *, names_elsewhere: bool = False) -> RuleSet:
    """The rules that `text` says. `path` names the file in problems, `origin` in decisions.

    `names_elsewhere` is for the organisation's file: its rules may name projects and environments
    of any repository.

    Raises: BadRules with every problem and its line.
    """
    try:
        document = load(text, path)
    except BadInput as error:
        raise BadRules(*error.problems) from error
    if document.value is None:
        raise BadRules(
            Problem(shown(path), 0, "this is empty: a rule file has version and otherwise")
        )
    file, misshapen = hold(RuleFile, document.value)
    unlinked = broken_links(document.value, names_elsewhere=names_elsewhere)
    if names_elsewhere and isinstance(document.value, dict) and "policies" in document.value:
        message = "the server's settings say where the organisation's policies are, not its rules"
        unlinked = (*unlinked, (("policies",), message))
    if file is None or unlinked:
        raise BadRules(*problems(document, path, (*misshapen, *unlinked)))
    return _rules(file, document, origin)


def _rules(file: RuleFile, document: YamlDocument, origin: str) -> RuleSet:
    return RuleSet(
        origin=origin,
        projects=tuple(map(_project, file.projects)),
        approvals=tuple(
            ApproverRule(
                name=entry.name,
                when=_when(entry.when),
                require=require(entry.require),
                line=document.line_of(("approvals", index)),
            )
            for index, entry in enumerate(file.approvals)
        ),
        otherwise=_otherwise(file.otherwise),
        codeowners=_CODEOWNERS[file.codeowners],
        policies=tuple(
            _policies(entry, document.line_of(("policies", index)))
            for index, entry in enumerate(file.policies)
        ),
        deployments=tuple((name, _target(entry)) for name, entry in file.deployments.items()),
        autodiscover=file.autodiscover,
    )


def _project(entry: ProjectEntry) -> Project:
    terraform = entry.kind is ProjectKind.TERRAFORM
    return Project(
        name=entry.name,
        directory=entry.directory,
        kind=entry.kind,
        environment=entry.environment,
        deploy=entry.deploy,
        plan=entry.plan or (PlanWhen.AUTOMATIC if terraform else PlanWhen.NEVER),
        also=entry.also,
    )


def _when(entry: WhenEntry | str) -> When:
    if isinstance(entry, str):
        return When(always=True)
    return When(
        paths=entry.paths,
        not_paths=entry.not_paths,
        resource_types=entry.resource_types,
        actions=tuple(action.value for action in entry.actions),
        environments=entry.environments,
        projects=entry.projects,
        not_read=bool(entry.not_read),
    )


def require(entry: RequireEntry) -> Require:
    """The requirement that an entry writes."""
    return Require(count=entry.count, users=entry.users, groups=entry.groups, role=entry.role)


def _otherwise(entry: OtherwiseEntry | str) -> Otherwise:
    if isinstance(entry, OtherwiseEntry):
        return require(entry.require)
    return OtherwiseApproved() if entry == "approved" else OtherwiseRejected()


def _policies(entry: PolicyEntry, line: int) -> PolicySet:
    return PolicySet(
        directory=entry.directory,
        input=entry.input,
        namespaces=entry.namespaces,
        data=entry.data,
        line=line,
    )


def _target(entry: TargetEntry) -> Target:
    """`rule_model` has made sure that there is one."""
    if entry.pipeline is not None:
        return PipelineTarget(
            variables=tuple(entry.pipeline.variables.items()),
            inputs=tuple(entry.pipeline.inputs.items()),
        )
    if entry.workflow is not None:
        return WorkflowTarget(file=entry.workflow.file, inputs=tuple(entry.workflow.inputs.items()))
    assert entry.deployment is not None  # noqa: S101  for mypy: exactly one is given
    return DeploymentTarget(task=entry.deployment.task, payload=entry.deployment.payload)
