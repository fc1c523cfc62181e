"""Starting and following what deploys on GitHub: a workflow, or whoever listens to deployments."""

from __future__ import annotations

from mrbot.decision.ruleset import DeploymentTarget, PipelineTarget, WorkflowTarget
from mrbot.deployment.deployment import Intent, Run
from mrbot.errors import HostFailure, Permanent
from mrbot.hosts.github import deployments, workflows
from mrbot.hosts.github.connection import Part


class GitHubDeployer(Part):
    """Implements `Deployer`."""

    def start(self, intent: Intent) -> Run:
        """A run exists that carries the intent's key. One call."""
        match intent.target:
            case WorkflowTarget() as target:
                return workflows.start(self._connection, intent, target)
            case DeploymentTarget() as target:
                return deployments.start(self._connection, intent, target)
            case PipelineTarget():
                raise _wrong_kind(intent)

    def find(self, intent: Intent) -> Run | None:
        """The run that carries the intent's key. A workflow: two calls for a hundred runs, and
        those of `identity` the first time; a deployment: one call for a hundred deployments.

        Raises:
            Permanent: what the host shows does not tell whether there is one.
        """
        match intent.target:
            case WorkflowTarget() as target:
                return workflows.find(self._connection, intent, target)
            case DeploymentTarget() as target:
                return deployments.find(self._connection, intent, target)
            case PipelineTarget():
                raise _wrong_kind(intent)

    def state(self, intent: Intent, run_id: str) -> Run:
        """The run as it is now. One call; a run without an id is looked for as `find` does."""
        match intent.target:
            case WorkflowTarget() as target:
                return workflows.state(self._connection, intent, target, run_id)
            case DeploymentTarget():
                return deployments.state(self._connection, intent, run_id)
            case PipelineTarget():
                raise _wrong_kind(intent)

    def cancel(self, intent: Intent, run_id: str) -> None:
        """The run is asked to stop; one that has ended stays as it is. One call."""
        match intent.target:
            case WorkflowTarget():
                workflows.cancel(self._connection, intent, run_id)
            case DeploymentTarget():
                raise Permanent(
                    f"{intent.repo}: GitHub cannot stop deployment {run_id}; stop whoever "
                    "carries it out"
                )
            case PipelineTarget():
                raise _wrong_kind(intent)


def _wrong_kind(intent: Intent) -> HostFailure:
    return Permanent(
        f"{intent.repo}: the deployment of {intent.environment} is of GitLab's kind, and this is "
        "GitHub: write `workflow:` or `deployment:` in the rule file"
    )
