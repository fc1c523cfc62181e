"""Whether a change may be merged now, and the reason when it may not."""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.sandbox.model import DEVELOPER, Change, Project, ReviewState
from mrbot.sandbox.pipelines import FINISHED, head_pipeline, status_of
from mrbot.sandbox.world import World

_GREEN_CONCLUSIONS = frozenset({"success", "neutral", "skipped"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """The first thing in the way: GitLab's `detailed_merge_status`, and words for people."""

    code: str
    reason: str


def obstacle(world: World, project: Project, change: Change) -> Obstacle | None:
    """The first obstacle in GitLab's order of checks, or None when the change can be merged.

    Source: GitLab app/services/merge_requests/mergeability/detailed_merge_status_service.rb
    """
    repository = world.repository(project)
    target = repository.branch(change.target)
    if change.state != "opened":
        return Obstacle(code="not_open", reason=f"The change is {change.state}.")
    if change.checking_reads > 0:
        return Obstacle(code="checking", reason="Mergeability is being worked out.")
    if change.draft:
        return Obstacle(code="draft_status", reason="The change is a draft.")
    if target is None or repository.branch(change.source) is None or change.head == change.base:
        return Obstacle(code="commits_status", reason="A branch is missing, or brings no commits.")
    if repository.merged_tree(target, change.head) is None:
        return Obstacle(code="conflict", reason="There are merge conflicts.")
    return _missing_approvals(world, project, change) or (
        _gitlab_gate(world, project, change)
        if project.kind == "gitlab"
        else _required_statuses(world, project, change)
    )


def count_read(change: Change) -> None:
    """One more read has found mergeability still being worked out."""
    change.checking_reads = max(change.checking_reads - 1, 0)


def _missing_approvals(world: World, project: Project, change: Change) -> Obstacle | None:
    needed = required_approvals(project, change)
    given = len(change.approvals)
    if project.kind == "github":
        # Anybody may review; only those who may write count.
        people = [world.users[user_id] for user_id in approvers(change)]
        given = sum(world.level(one, project) >= DEVELOPER for one in people)
    if given >= needed:
        return None
    return Obstacle(code="not_approved", reason=f"{given} of {needed} required approvals.")


def required_approvals(project: Project, change: Change) -> int:
    """How many approvals the target branch asks for."""
    rule = project.protected.get(change.target)
    return rule.required_approvals if rule else 0


def approvers(change: Change) -> set[int]:
    """Who approves on GitHub: the last review that is more than a comment counts."""
    last: dict[int, ReviewState] = {}
    for review in change.reviews:
        if review.state not in ("COMMENTED", "PENDING"):
            last[review.user_id] = review.state
    return {user for user, state in last.items() if state == "APPROVED"}


def _gitlab_gate(world: World, project: Project, change: Change) -> Obstacle | None:
    missing = _required_statuses(world, project, change)
    if missing or not project.only_allow_merge_if_pipeline_succeeds:
        return missing
    pipeline = head_pipeline(world, project, change)
    state = status_of(pipeline) if pipeline else None
    if state == "success":
        return None
    if state is not None and state not in FINISHED and state != "manual":
        return Obstacle(code="ci_still_running", reason=f"The pipeline is {state}.")
    return Obstacle(
        code="ci_must_pass",
        reason=f"The pipeline must succeed; it is {state}." if state else "There is no pipeline.",
    )


def _required_statuses(world: World, project: Project, change: Change) -> Obstacle | None:
    rule = project.protected.get(change.target)
    for name in rule.required_statuses if rule else ():
        state = latest_state(world, project, change, name, rule.required_app_id if rule else None)
        if state is None:
            reason = f'Required status check "{name}" is expected.'
            return Obstacle(code="status_checks_must_pass", reason=reason)
        if state not in _GREEN_CONCLUSIONS:
            reason = f'Required status check "{name}" is {state}.'
            return Obstacle(code="status_checks_must_pass", reason=reason)
    return None


def latest_state(
    world: World, project: Project, change: Change, name: str, app_id: int | None = None
) -> str | None:
    """The newest state of that status or check run on the change's head; None if never reported.

    Where a status and a check run share the name, the worse of the two counts, as on GitHub.
    """
    if project.kind == "gitlab":
        pipeline = head_pipeline(world, project, change)
        jobs = [job for job in (pipeline.jobs if pipeline else []) if job.name == name]
        return jobs[-1].status if jobs else None
    bot_ids = {app.bot_id for app in world.apps.values() if app.id == app_id}
    statuses = [
        status.state
        for status in world.statuses
        if (status.project_id, status.sha, status.context) == (project.id, change.head, name)
        and (app_id is None or status.creator_id in bot_ids)
    ]
    runs = [
        run.conclusion or run.status
        for run in world.check_runs.values()
        if (run.project_id, run.sha, run.name) == (project.id, change.head, name)
        and app_id in (None, run.app_id)
    ]
    found = statuses[-1:] + runs[-1:]
    bad = [state for state in found if state not in _GREEN_CONCLUSIONS]
    return next(iter(bad + found), None)
