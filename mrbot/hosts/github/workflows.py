"""GitHub Actions workflows that deploy.

Sources: https://docs.github.com/rest/actions/workflows, /rest/actions/workflow-runs
"""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice, takewhile

from mrbot.decision.ruleset import WorkflowTarget
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.errors import Permanent, Transient
from mrbot.hosts.answers import Answer
from mrbot.hosts.github.connection import Connection, owner, repository
from mrbot.hosts.transport import segment

INTENT_INPUT = "mrbot_intent"
SHA_INPUT = "mrbot_sha"

SEARCH_LIMIT = 1_000
"""How many runs are looked through for one intent; GitHub finds no more with a filter."""

_DIGEST = "sha256:"
"""Every intent's key begins so."""

_RUNNING, _FAILED = DeploymentState.RUNNING, DeploymentState.FAILED
_STATUSES = {
    "queued": (_RUNNING, "waits for a runner"), "in_progress": (_RUNNING, ""),
    "waiting": (_RUNNING, "waits for approval"), "requested": (_RUNNING, ""),
    "pending": (_RUNNING, "waits for another run"), "completed": None,
}  # fmt: skip
_CONCLUSIONS = {
    "success": (DeploymentState.SUCCEEDED, ""), "failure": (_FAILED, ""),
    "neutral": (_FAILED, "ended without a result"), "cancelled": (DeploymentState.CANCELED, ""),
    "skipped": (_FAILED, "no job was run"), "timed_out": (_FAILED, "took too long"),
    "action_required": (_FAILED, "was held back by GitHub"), "stale": (_FAILED, "went stale"),
    "startup_failure": (_FAILED, "could not start"),
}  # fmt: skip


def start(connection: Connection, intent: Intent, target: WorkflowTarget) -> Run:
    """The workflow was dispatched. Servers that do not say as which run leave it `UNCERTAIN`,
    without an id. One call."""
    inputs = {**dict(target.inputs), INTENT_INPUT: intent.key, SHA_INPUT: intent.sha}
    body = {"ref": intent.target_branch, "inputs": inputs, "return_run_details": True}
    reply = connection.ask(
        "POST", owner(intent.repo), f"{_workflow(intent, target)}/dispatches", body=body
    )
    if reply.status == HTTPStatus.NO_CONTENT:
        return _unknown("was dispatched; the server does not say as which run")
    answer = reply.answer()
    return Run(
        id=str(answer.number("workflow_run_id")), sha=None, url=answer.text("html_url"),
        state=_RUNNING, detail="was dispatched",
    )  # fmt: skip


def find(connection: Connection, intent: Intent, target: WorkflowTarget) -> Run | None:
    """The run whose title holds the intent's key, among those that the bot dispatched on the branch
    since the change was merged; None when each of those is another intent's.

    Raises:
        Permanent: some run's title holds no key, so that it is not certain.
    """
    account = owner(intent.repo)
    pull = f"{repository(intent.change.repo)}/pulls/{intent.change.number}"
    merged_at = connection.get(owner(intent.change.repo), pull).time("merged_at")
    runs = connection.items(
        account, f"{_workflow(intent, target)}/runs", inside="workflow_runs",
        event="workflow_dispatch", branch=intent.target_branch, actor=connection.bot().login,
    )  # fmt: skip
    # The newest come first.
    since = takewhile(lambda run: run.time("created_at") >= merged_at, runs)
    untold = 0
    for run in islice(since, SEARCH_LIMIT):
        title = f"{run.text_or_none('display_title')} {run.text_or_none('name')}"
        if intent.key in title:
            return _run(run)
        untold += _DIGEST not in title
    if untold or next(since, None) is not None:
        raise Permanent(
            f"{intent.repo}: whether {intent.sha} was deployed is uncertain: {untold} runs of "
            f"{target.file} do not say for which intent they ran; put "
            f"${{{{ inputs.{INTENT_INPUT} }}}} into its `run-name:`"
        )
    return None


def state(connection: Connection, intent: Intent, target: WorkflowTarget, run_id: str) -> Run:
    """The run as it is now."""
    if not run_id:
        return find(connection, intent, target) or _unknown("no such run is to be seen")
    return _run(connection.get(owner(intent.repo), _path(intent, run_id)))


def cancel(connection: Connection, intent: Intent, run_id: str) -> None:
    """The run is asked to stop."""
    try:
        connection.ask("POST", owner(intent.repo), f"{_path(intent, run_id)}/cancel")
    except Transient as failure:
        # 409: it has ended already.
        if failure.status != HTTPStatus.CONFLICT:
            raise


def _run(answer: Answer) -> Run:
    found = answer.one_of("status", _STATUSES) or answer.one_of("conclusion", _CONCLUSIONS)
    return Run(
        id=str(answer.number("id")), sha=answer.sha("head_sha"), url=answer.text("html_url"),
        state=found[0], detail=found[1],
    )  # fmt: skip


def _unknown(why: str) -> Run:
    return Run(id="", sha=None, url="", state=DeploymentState.UNCERTAIN, detail=why)


def _workflow(intent: Intent, target: WorkflowTarget) -> str:
    return f"{repository(intent.repo)}/actions/workflows/{segment(target.file)}"


def _path(intent: Intent, run_id: str) -> str:
    return f"{repository(intent.repo)}/actions/runs/{segment(run_id)}"
