"""Webhook bodies against real ones: every field of a real body is in ours, with the same type."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import needs
from tests.unit.sandbox.conftest import GITHUB, GITLAB, Place

# Fields of the real examples that the sandbox does not have, each for a reason.
ABSENT = {
    "gitlab": {
        "position", "assignee", "source_pipeline",
    },
    "github": {
        "organization", "installation", "custom_properties",
    },
}  # fmt: skip


def differences(real: Any, ours: Any, absent: set[str], where: str = "") -> list[str]:
    if isinstance(real, dict) and isinstance(ours, dict):
        found = []
        for name, value in real.items():
            if name in absent:
                continue
            if name not in ours:
                found.append(f"{where}/{name} is missing")
            else:
                found += differences(value, ours[name], absent, f"{where}/{name}")
        return found
    if isinstance(real, list) and isinstance(ours, list):
        return differences(real[0], ours[0], absent, f"{where}[]") if real and ours else []
    if real is None or ours is None:
        return []
    same = type(real) is type(ours) or {type(real), type(ours)} <= {int, float}
    return [] if same else [f"{where} is {type(ours).__name__}, not {type(real).__name__}"]


def recorded(place: Place, project: str, event: str, action: str) -> Any:
    (hook,) = place.sandbox.world.hooks.values()
    for one in hook.deliveries:
        body = json.loads(one.body)
        if (one.event, one.action) == (event, action):
            return body
    raise AssertionError(f"no {event} {action} for {project}")


@pytest.mark.parametrize(
    ("file", "event", "action"),
    [
        ("merge_request", "Merge Request Hook", "open"),
        ("note_merge_request", "Note Hook", "create"),
        ("pipeline", "Pipeline Hook", "success"),
        ("push", "Push Hook", "push"),
    ],
)
def test_gitlab_bodies_have_what_real_ones_have(
    place: Place, file: str, event: str, action: str
) -> None:
    folder = needs.data() / "gitlab" / "go-gitlab-webhooks"
    real = json.loads((folder / f"{file}.json").read_text())
    box = place.sandbox
    box.add_hook(GITLAB, "http://127.0.0.1:1/hook")
    box.commit(GITLAB, "feature", {"a.tf": "x"}, author="alice")
    number = box.open_change(GITLAB, "alice", "feature", labels=["a"])
    box.comment(GITLAB, number, "bob", "hello")
    for _ in range(4):
        box.tick()
    real.pop("changes", None)
    ours = recorded(place, GITLAB, event, action)
    assert differences(real, ours, ABSENT["gitlab"]) == []


@pytest.mark.parametrize(
    ("file", "event", "action"),
    [
        ("pull_request.opened.14", "pull_request", "opened"),
        ("pull_request.closed.03", "pull_request", "closed"),
        ("pull_request_review.submitted.00", "pull_request_review", "submitted"),
        ("issue_comment.edited.07", "issue_comment", "edited"),
        ("status.none.00", "status", ""),
        ("push.none.00", "push", ""),
        ("ping.none.00", "ping", ""),
        ("deployment_status.created.00", "deployment_status", "created"),
        ("workflow_run.completed.00", "workflow_run", "completed"),
    ],
)
def test_github_bodies_have_what_real_ones_have(
    place: Place, file: str, event: str, action: str
) -> None:
    folder = needs.data() / "github" / "octokit-webhooks-examples"
    real = json.loads((folder / f"{file}.json").read_text())
    box = place.sandbox
    box.add_hook(GITHUB, "http://127.0.0.1:1/hook", secret="s")
    files = {".github/workflows/deploy.yml": "on: push\n", "a.tf": "x"}
    sha = box.commit(GITHUB, "feature", files, author="alice")
    number = box.open_change(GITHUB, "alice", "feature", labels=["a"])
    comment = box.comment(GITHUB, number, "bob", "one")
    box.edit_comment(GITHUB, number, comment, "bob", "two")
    box.review(GITHUB, number, "bob", "APPROVED", "fine")
    box.tick()
    box.tick()
    bot = place.github("mrbot")
    bot("POST", f"/repos/{GITHUB}/statuses/{sha}", {"state": "success", "context": "mrbot"})
    made = bot("POST", f"/repos/{GITHUB}/deployments", {"ref": sha, "required_contexts": []})
    states = f"/repos/{GITHUB}/deployments/{made.json()['id']}/statuses"
    bot("POST", states, {"state": "success"})
    box.merge(GITHUB, number, "bob")
    ours = recorded(place, GITHUB, event, action)
    missing = differences(real, ours, ABSENT["github"])
    # Old recordings give times of a push's repository as numbers, newer ones as text.
    assert [one for one in missing if not one.startswith("/repository/")] == []
