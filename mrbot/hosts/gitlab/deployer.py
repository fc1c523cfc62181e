"""Starting and following GitLab pipelines.

Source: https://docs.gitlab.com/api/pipelines/
"""

from __future__ import annotations

from itertools import islice

from mrbot.decision.ruleset import DeploymentTarget, PipelineTarget, WorkflowTarget
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.gitlab.connection import Part, merge_request, project
from mrbot.hosts.transport import segment
from mrbot.ids import RepoId

INTENT_VARIABLE = "MRBOT_INTENT"
SHA_VARIABLE = "MRBOT_SHA"

SEARCH_LIMIT = 100
"""How many pipelines are looked through for one intent."""

_RUNNING, _FAILED = DeploymentState.RUNNING, DeploymentState.FAILED
_STATES = {
    "created": (_RUNNING, ""), "waiting_for_resource": (_RUNNING, "waits for a resource"),
    "preparing": (_RUNNING, ""), "waiting_for_callback": (_RUNNING, "waits for a callback"),
    "pending": (_RUNNING, "waits for a runner"), "running": (_RUNNING, ""),
    "manual": (_RUNNING, "waits for a manual job"), "scheduled": (_RUNNING, "waits for its time"),
    "canceling": (_RUNNING, "is being canceled"),
    "success": (DeploymentState.SUCCEEDED, ""), "failed": (_FAILED, ""),
    "canceled": (DeploymentState.CANCELED, ""), "skipped": (_FAILED, "no job was run"),
}  # fmt: skip
"""Source: https://docs.gitlab.com/api/pipelines/#list-project-pipelines"""


class GitLabDeployer(Part):
    """Implements `Deployer`."""

    def start(self, intent: Intent) -> Run:
        """A pipeline runs on the target branch with `MRBOT_INTENT` and `MRBOT_SHA`. One call."""
        target = _target(intent)
        variables = {
            **dict(target.variables), INTENT_VARIABLE: intent.key, SHA_VARIABLE: intent.sha
        }  # fmt: skip
        body: dict[str, object] = {
            "ref": intent.target_branch,
            "variables": [{"key": key, "value": value} for key, value in variables.items()],
        }
        if target.inputs:
            body["inputs"] = dict(target.inputs)
        return _run(self._connection.post(f"{project(intent.repo)}/pipeline", body))

    def find(self, intent: Intent) -> Run | None:
        """The pipeline whose variables hold the intent's key, among those that the bot started on
        the branch since the change was merged. Two calls, one a pipeline looked at, and one for the
        bot's own account the first time.

        Raises:
            Permanent: there are more than `SEARCH_LIMIT` such pipelines, so that it is not certain.
        """
        _target(intent)
        merged_at = self._connection.get(merge_request(intent.change)).text("merged_at")
        lines = self._connection.items(
            f"{project(intent.repo)}/pipelines", ref=intent.target_branch, source="api",
            username=self._connection.bot().login, updated_after=merged_at,
            order_by="id", sort="desc",
        )  # fmt: skip
        for line in islice(lines, SEARCH_LIMIT):
            if self._carries(intent, line.number("id")):
                return _run(line)
        if next(lines, None) is not None:
            raise Permanent(
                f"{intent.repo}: whether {intent.sha} was deployed is uncertain: more than "
                f"{SEARCH_LIMIT} pipelines were started on {intent.target_branch} since the merge"
            )
        return None

    def state(self, intent: Intent, run_id: str) -> Run:
        """The pipeline as it is now. One call."""
        return _run(self._connection.get(_pipeline(intent.repo, run_id)))

    def cancel(self, intent: Intent, run_id: str) -> None:
        """The pipeline is asked to stop; one that has ended stays as it is. One call."""
        self._connection.post(f"{_pipeline(intent.repo, run_id)}/cancel", {})

    def _carries(self, intent: Intent, pipeline: int) -> bool:
        variables = self._connection.items(f"{_pipeline(intent.repo, str(pipeline))}/variables")
        return any(
            (one.text("key"), one.anything("value")) == (INTENT_VARIABLE, intent.key)
            for one in variables
        )


def _target(intent: Intent) -> PipelineTarget:
    match intent.target:
        case PipelineTarget() as target:
            return target
        case WorkflowTarget() | DeploymentTarget():
            raise Permanent(
                f"{intent.repo}: the deployment of {intent.environment} is of GitHub's kind, and "
                "this is GitLab: write `pipeline:` in the rule file"
            )


def _pipeline(repo: RepoId, run_id: str) -> str:
    return f"{project(repo)}/pipelines/{segment(run_id)}"


def _run(line: Answer) -> Run:
    state, detail = line.one_of("status", _STATES)
    return Run(
        id=str(line.number("id")), sha=line.sha("sha"), url=line.text_or_none("web_url") or "",
        state=state, detail=detail,
    )  # fmt: skip
