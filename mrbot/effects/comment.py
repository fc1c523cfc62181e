"""What a comment shows beside the decision: history, answers to commands, deployments."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from mrbot.deployment.deployment import DeploymentState
from mrbot.ids import ChangeId, Json, Sha

MARKER = "<!-- mrbot:v1 "
"""How mrbot finds its own comment, together with its own account's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentLimit:
    """How long a host lets a comment be: in characters (code points) and in bytes of UTF-8."""

    characters: int
    bytes: int

    def holds(self, body: str) -> bool:
        """Whether the host takes `body`."""
        return len(body) <= self.characters and len(body.encode()) <= self.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An earlier verdict on the change."""

    verdict: str
    head: Sha
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a command that somebody gave in a comment."""

    command: str
    by: str
    state: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentView:
    """A deployment of the merged change, as people see it."""

    environment: str
    sha: Sha
    state: DeploymentState
    url: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Everything beside the decision. `awaiting_apply` names projects that must be applied before
    the merge; `record` is the decision's number in the ledger; `page` its page."""

    history: tuple[Past, ...] = ()
    answers: tuple[Answer, ...] = ()
    deployments: tuple[DeploymentView, ...] = ()
    awaiting_apply: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    record: int | None = None
    page: str | None = None
    ended: str | None = None
    """In place of the verdict once the change is merged: how it ended, in trusted words."""


def marker(change: ChangeId, facts: dict[str, Json]) -> str:
    """The hidden first line: base64url, so that nothing in it can end the HTML comment."""
    document = json.dumps({"change": str(change), **facts}, sort_keys=True, separators=(",", ":"))
    return f"{MARKER}{base64.urlsafe_b64encode(document.encode()).decode()} -->"
