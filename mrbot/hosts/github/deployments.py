"""GitHub deployments: a request to deploy one commit, and what is said about it since.

Source: https://docs.github.com/rest/deployments
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from mrbot.decision.ruleset import DeploymentTarget
from mrbot.deployment.deployment import DeploymentState, Intent, Run
from mrbot.errors import Permanent
from mrbot.hosts.answers import Answer
from mrbot.hosts.failures import shortened
from mrbot.hosts.github.connection import Connection, owner, repository
from mrbot.hosts.transport import segment
from mrbot.ids import Sha

INTENT_FIELD = "mrbot_intent"
DETAIL_LIMIT_CHARS = 140

_RUNNING, _FAILED = DeploymentState.RUNNING, DeploymentState.FAILED
_SUCCEEDED, _CANCELED = DeploymentState.SUCCEEDED, DeploymentState.CANCELED
_STATES = {
    "queued": (_RUNNING, "is queued"), "pending": (_RUNNING, "is pending"),
    "in_progress": (_RUNNING, ""), "success": (_SUCCEEDED, ""), "failure": (_FAILED, ""),
    "error": (_FAILED, "ended in an error"), "inactive": (_CANCELED, "was made inactive"),
}  # fmt: skip


def start(connection: Connection, intent: Intent, target: DeploymentTarget) -> Run:
    """A deployment of exactly the intent's commit exists. One call.

    Raises:
        Permanent: GitHub made it of another commit.
    """
    given = target.payload
    payload = {**(given if isinstance(given, dict) else {"payload": given}),
               INTENT_FIELD: intent.key}  # fmt: skip
    body: dict[str, object] = {
        "ref": intent.sha, "task": target.task, "environment": intent.environment,
        "payload": payload, "auto_merge": False, "required_contexts": [],
    }  # fmt: skip
    answer = connection.post(owner(intent.repo), f"{repository(intent.repo)}/deployments", body)
    return _requested(connection, intent, answer)


def find(connection: Connection, intent: Intent, target: DeploymentTarget) -> Run | None:
    """The deployment of the commit to the environment whose payload holds the intent's key."""
    found = connection.items(
        owner(intent.repo), f"{repository(intent.repo)}/deployments", sha=intent.sha,
        environment=intent.environment, task=target.task,
    )  # fmt: skip
    for one in found:
        if _key(one.anything("payload")) == intent.key:
            return _requested(connection, intent, one)
    return None


def state(connection: Connection, intent: Intent, run_id: str) -> Run:
    """What was last said about the deployment. One call a hundred statuses."""
    path = f"{repository(intent.repo)}/deployments/{segment(run_id)}/statuses"
    statuses = sorted(
        connection.items(owner(intent.repo), path), key=lambda one: one.number("id")
    )  # fmt: skip
    if not statuses:
        return _of(connection, intent, run_id, intent.sha)
    now, detail = statuses[-1].one_of("state", _STATES)
    # Only deployments that had succeeded are made inactive by a newer one.
    if now is _CANCELED and any(one.text("state") == "success" for one in statuses):
        now, detail = _SUCCEEDED, "was superseded"
    words = shortened(statuses[-1].text_or_none("description") or detail, DETAIL_LIMIT_CHARS)
    url = statuses[-1].text_or_none("log_url") or _page(connection, intent)
    # A deployment is bound to its commit, which `start` and `find` compared.
    return Run(id=run_id, sha=intent.sha, url=url, state=now, detail=words)


def _requested(connection: Connection, intent: Intent, answer: Answer) -> Run:
    sha = answer.sha("sha")
    if sha != intent.sha:
        raise Permanent(f"{intent.repo}: deployment {answer.number('id')} is of {sha}")
    return _of(connection, intent, str(answer.number("id")), sha)


def _of(connection: Connection, intent: Intent, run_id: str, sha: Sha) -> Run:
    return Run(
        id=run_id, sha=sha, url=_page(connection, intent), state=_RUNNING,
        detail="nobody has taken it up yet",
    )  # fmt: skip


def _page(connection: Connection, intent: Intent) -> str:
    query = urlencode({"environment": intent.environment})
    return f"{connection.web_url}/{quote(intent.repo.path)}/deployments/activity_log?{query}"


def _key(payload: object) -> object:
    """The intent's key in a payload, which GitHub gives back as JSON or as text of it."""
    try:
        found = json.loads(payload) if isinstance(payload, str) else payload
    except (ValueError, RecursionError):
        return None
    return found.get(INTENT_FIELD) if isinstance(found, dict) else None
