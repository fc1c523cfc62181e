"""What people do in the demo, through each host's own API, over HTTP."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

import requests

from mrbot.effects.comment import MARKER

TIME_LIMIT_S = 20


class Refused(Exception):  # it is what happened, and expected once
    """The host said no, in its own words."""


class Actor(Protocol):
    """One person's hands on one project."""

    def __init__(self, url: str, project: str, token: str) -> None: ...

    def open(self, branch: str, title: str) -> int:
        """A change from `branch` into main is open; its number."""
        ...

    def comment(self, number: int) -> str:
        """mrbot's comment, empty while there is none."""
        ...

    def say(self, number: int, text: str) -> None:
        """The person comments."""
        ...

    def approve(self, number: int) -> None:
        """The person approves what is proposed now."""
        ...

    def merge(self, number: int) -> None:
        """It is merged. Raises Refused."""
        ...


class _Api:
    def __init__(self, base: str, headers: dict[str, str]) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.headers.update(headers)
        self._session.trust_env = False

    def ask(self, method: str, path: str, **body: object) -> list[dict[str, object]]:
        """The answer's objects: a list, or the one."""
        answer = self._session.request(
            method, self._base + path, json=body or None, timeout=TIME_LIMIT_S
        )
        if not answer.ok:
            raise Refused(f"{answer.status_code} {answer.text[:160]}")
        found = answer.json()
        return found if isinstance(found, list) else [found]


def _ours(comments: list[dict[str, object]]) -> str:
    bodies = (str(one["body"]) for one in comments)
    return next((body for body in bodies if body.startswith(MARKER)), "")


class GitLabActor:
    """On GitLab."""

    def __init__(self, url: str, project: str, token: str) -> None:
        base = f"{url}/api/v4/projects/{quote(project, safe='')}"
        self._api = _Api(base, {"PRIVATE-TOKEN": token})

    def open(self, branch: str, title: str) -> int:
        """See `Actor`."""
        made = self._api.ask(
            "POST", "/merge_requests", source_branch=branch, target_branch="main", title=title
        )
        return int(str(made[0]["iid"]))

    def comment(self, number: int) -> str:
        """See `Actor`."""
        return _ours(self._api.ask("GET", f"/merge_requests/{number}/notes?sort=asc"))

    def say(self, number: int, text: str) -> None:
        """See `Actor`."""
        self._api.ask("POST", f"/merge_requests/{number}/notes", body=text)

    def approve(self, number: int) -> None:
        """See `Actor`."""
        self._api.ask("POST", f"/merge_requests/{number}/approve")

    def merge(self, number: int) -> None:
        """See `Actor`."""
        sha = self._api.ask("GET", f"/merge_requests/{number}")[0]["sha"]
        self._api.ask("PUT", f"/merge_requests/{number}/merge", sha=sha)


class GitHubActor:
    """On GitHub."""

    def __init__(self, url: str, project: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._api = _Api(f"{url}/api/v3/repos/{project}", headers)

    def open(self, branch: str, title: str) -> int:
        """See `Actor`."""
        made = self._api.ask("POST", "/pulls", head=branch, base="main", title=title)
        return int(str(made[0]["number"]))

    def comment(self, number: int) -> str:
        """See `Actor`."""
        return _ours(self._api.ask("GET", f"/issues/{number}/comments"))

    def say(self, number: int, text: str) -> None:
        """See `Actor`."""
        self._api.ask("POST", f"/issues/{number}/comments", body=text)

    def approve(self, number: int) -> None:
        """See `Actor`."""
        self._api.ask("POST", f"/pulls/{number}/reviews", event="APPROVE")

    def merge(self, number: int) -> None:
        """See `Actor`."""
        head = self._api.ask("GET", f"/pulls/{number}")[0]["head"]
        sha = head["sha"] if isinstance(head, dict) else None
        self._api.ask("PUT", f"/pulls/{number}/merge", sha=sha)
