"""The JSON of GitLab's entities."""

from __future__ import annotations

from mrbot.sandbox import mergeability
from mrbot.sandbox.gitlab_api.entities import Json, moment, user
from mrbot.sandbox.gitlab_api.pipeline_shapes import full_pipeline, pipeline
from mrbot.sandbox.model import (
    Change,
    Comment,
    Group,
    Hook,
    Project,
    ProtectedBranch,
    Reaction,
    User,
)
from mrbot.sandbox.pipelines import head_pipeline
from mrbot.sandbox.world import World

_LEVEL_NAMES = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers", 60: "No one"}


def full_user(world: World, found: User) -> Json:
    """The signed-in user."""
    return {
        **(user(world, found.id) or {}), "email": found.email, "commit_email": found.email,
        "bot": found.bot, "created_at": "2020-01-01T00:00:00.000Z", "is_admin": False,
        "two_factor_enabled": False, "external": False, "private_profile": False,
    }  # fmt: skip


def member(world: World, user_id: int, level: int) -> Json:
    """A member of a group or project."""
    return {
        **(user(world, user_id) or {}), "access_level": level, "expires_at": None,
        "created_at": "2020-01-01T00:00:00.000Z", "membership_state": "active",
    }  # fmt: skip


def group(world: World, found: Group) -> Json:
    """A group."""
    return {
        "id": found.id, "web_url": f"{world.url}/groups/{found.path}", "name": found.name,
        "path": found.path.rpartition("/")[2], "full_path": found.path, "full_name": found.name,
        "description": "", "visibility": "private", "avatar_url": None,
        "created_at": "2020-01-01T00:00:00.000Z", "parent_id": None,
    }  # fmt: skip


def project(world: World, found: Project, viewer: User | None) -> Json:
    """A project, with the settings that decide about merging."""
    level = world.level(viewer, found)
    return {
        "id": found.id, "description": None, "name": found.name, "path": found.name,
        "name_with_namespace": found.path.replace("/", " / "), "path_with_namespace": found.path,
        "created_at": moment(found.created_at), "default_branch": found.default_branch,
        "ssh_url_to_repo": f"git@localhost:{found.path}.git",
        "http_url_to_repo": f"{world.url}/{found.path}.git",
        "web_url": f"{world.url}/{found.path}", "avatar_url": None, "archived": False,
        "namespace": {
            "id": 1, "name": found.namespace, "path": found.namespace.rpartition("/")[2],
            "kind": "group", "full_path": found.namespace, "parent_id": None,
            "avatar_url": None, "web_url": f"{world.url}/groups/{found.namespace}",
        },
        "visibility": found.visibility, "merge_method": "merge", "squash_option": "default_off",
        "merge_requests_access_level": "enabled", "builds_access_level": "enabled",
        "merge_requests_enabled": True, "jobs_enabled": True, "empty_repo": False,
        "ci_config_path": "", "shared_with_groups": [],
        "only_allow_merge_if_pipeline_succeeds": found.only_allow_merge_if_pipeline_succeeds,
        "allow_merge_on_skipped_pipeline": False,
        "only_allow_merge_if_all_discussions_are_resolved": False,
        "remove_source_branch_after_merge": False, "autoclose_referenced_issues": True,
        "permissions": {
            "project_access": {"access_level": level, "notification_level": 3} if level else None,
            "group_access": None,
        },
    }  # fmt: skip


def protected_branch(rule: ProtectedBranch) -> Json:
    """A protected branch."""

    def levels(level: int) -> list[Json]:
        shown = 0 if level >= 60 else level
        name = _LEVEL_NAMES.get(shown, "Maintainers")
        return [{
            "id": rule.id, "access_level": shown, "access_level_description": name,
            "deploy_key_id": None, "user_id": None, "group_id": None,
        }]  # fmt: skip

    return {
        "id": rule.id, "name": rule.name, "push_access_levels": levels(rule.push_level),
        "merge_access_levels": levels(rule.merge_level), "allow_force_push": False,
        "unprotect_access_levels": [], "code_owner_approval_required": False, "inherited": False,
    }  # fmt: skip


def note(world: World, change: Change, comment: Comment) -> Json:
    """A note on a merge request."""
    return {
        "id": comment.id, "type": None, "body": comment.body, "attachment": None,
        "author": user(world, comment.author_id), "created_at": moment(comment.created_at),
        "updated_at": moment(comment.updated_at), "system": comment.system,
        "noteable_id": change.id, "noteable_type": "MergeRequest", "project_id": change.project_id,
        "commit_id": None, "resolvable": False, "confidential": False, "internal": False,
        "imported": False, "imported_from": "none", "noteable_iid": change.number,
        "commands_changes": {},
    }  # fmt: skip


def award(world: World, comment: Comment, reaction: Reaction) -> Json:
    """An emoji on a note."""
    return {
        "id": reaction.id, "name": reaction.name, "user": user(world, reaction.user_id),
        "created_at": moment(reaction.at), "updated_at": moment(reaction.at),
        "awardable_id": comment.id, "awardable_type": "Note", "url": None,
    }  # fmt: skip


def merge_request(world: World, found: Project, change: Change) -> Json:
    """A merge request as it stands in lists."""
    problem = mergeability.obstacle(world, found, change)
    code = problem.code if problem else "mergeable"
    notes = world.comments_of(change, system=False)
    base = {
        "id": change.id, "iid": change.number, "project_id": found.id, "title": change.title,
        "description": change.description, "state": change.state,
        "created_at": moment(change.created_at), "updated_at": moment(change.updated_at),
        "merged_by": user(world, change.merged_by), "merge_user": user(world, change.merged_by),
        "merged_at": moment(change.merged_at), "closed_by": user(world, change.closed_by),
        "closed_at": moment(change.closed_at), "target_branch": change.target,
        "source_branch": change.source, "user_notes_count": len(notes),
        "upvotes": 0, "downvotes": 0, "author": user(world, change.author_id),
        "assignees": [user(world, one) for one in change.assignee_ids],
        "assignee": user(world, next(iter(change.assignee_ids), None)),
        "reviewers": [user(world, one) for one in change.reviewer_ids],
        "source_project_id": found.id, "target_project_id": found.id, "labels": change.labels,
        "draft": change.draft, "work_in_progress": change.draft, "imported": False,
        "imported_from": "none", "milestone": None,
    }  # fmt: skip
    return {
        **base,
        "merge_when_pipeline_succeeds": change.auto_merge_by is not None,
        "merge_status": _merge_status(code), "detailed_merge_status": code, "merge_after": None,
        "sha": change.head, "merge_commit_sha": change.merge_commit,
        "squash_commit_sha": change.squash_commit, "discussion_locked": change.locked or None,
        "should_remove_source_branch": None, "force_remove_source_branch": change.remove_source,
        "prepared_at": moment(change.created_at), "reference": f"!{change.number}",
        "references": {
            "short": f"!{change.number}", "relative": f"!{change.number}",
            "full": f"{found.path}!{change.number}",
        },
        "web_url": change_url(world, found, change),
        "time_stats": {
            "time_estimate": 0, "total_time_spent": 0,
            "human_time_estimate": None, "human_total_time_spent": None,
        },
        "squash": change.squash, "squash_on_merge": change.squash,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": code == "conflict", "blocking_discussions_resolved": True,
    }  # fmt: skip


def full_merge_request(world: World, found: Project, change: Change, viewer: User | None) -> Json:
    """A merge request on its own."""
    shown = merge_request(world, found, change)
    line = head_pipeline(world, found, change)
    version = change.versions[-1]
    files = world.repository(found).changed_files(version.base, version.head)
    can_merge = viewer is not None and world.can_merge(viewer, found, change.target)
    return {
        **shown, "subscribed": False, "changes_count": str(len(files)),
        "latest_build_started_at": None, "latest_build_finished_at": None,
        "first_deployed_to_production_at": None,
        "pipeline": pipeline(world, found, line) if line else None,
        "head_pipeline": full_pipeline(world, found, line) if line else None,
        "diff_refs": {
            "base_sha": version.base, "head_sha": version.head, "start_sha": version.start,
        },
        "merge_error": None, "first_contribution": False, "user": {"can_merge": can_merge},
    }  # fmt: skip


def approvals(world: World, found: Project, change: Change, viewer: User | None) -> Json:
    """Who approved."""
    given = {approval.user_id for approval in change.approvals}
    may = viewer is not None and world.level(viewer, found) >= 30 and viewer.id not in given
    needed = mergeability.required_approvals(found, change)
    return {
        "id": change.id, "iid": change.number, "project_id": found.id, "title": change.title,
        "description": change.description, "state": change.state,
        "created_at": moment(change.created_at), "updated_at": moment(change.updated_at),
        "merge_status": "can_be_merged", "approvals_required": needed,
        "approvals_left": max(needed - len(given), 0),
        "user_has_approved": viewer is not None and viewer.id in given, "user_can_approve": may,
        "approved": len(given) >= max(1, needed),
        "approved_by": [
            {"user": user(world, one.user_id), "approved_at": moment(one.at)}
            for one in change.approvals
        ],
    }  # fmt: skip


def hook(found: Hook) -> Json:
    """A webhook; its secrets are never shown."""
    flags = ("push_events", "tag_push_events", "merge_requests_events", "issues_events",
             "confidential_issues_events", "note_events", "confidential_note_events",
             "pipeline_events", "wiki_page_events", "deployment_events", "job_events",
             "releases_events", "emoji_events", "milestone_events",
             "feature_flag_events")  # fmt: skip
    status = "executable" if found.disabled_until is None else "temporarily_disabled"
    return {
        "id": found.id, "url": found.url, "name": None, "description": None,
        "created_at": moment(found.created_at), "project_id": found.project_id,
        "enable_ssl_verification": True, "repository_update_events": False,
        "alert_status": status, "disabled_until": moment(found.disabled_until),
        "url_variables": [], "custom_headers": [], "push_events_branch_filter": None,
        "branch_filter_strategy": "wildcard", "custom_webhook_template": None,
        "token_present": bool(found.token), "signing_token_present": bool(found.signing_token),
        **{name: name in found.events for name in flags},
    }  # fmt: skip


def change_url(world: World, found: Project, change: Change) -> str:
    """The web page of a merge request."""
    return f"{world.url}/{found.path}/-/merge_requests/{change.number}"


def _merge_status(code: str) -> str:
    if code in ("unchecked", "checking"):
        return code
    return "cannot_be_merged" if code in ("conflict", "commits_status") else "can_be_merged"
