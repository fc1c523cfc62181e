"""The JSON of pull requests, reviews, comments and labels."""

from __future__ import annotations

from mrbot.sandbox import mergeability
from mrbot.sandbox.github_api.shapes import (
    Json,
    app,
    moment,
    node,
    repository,
    repository_url,
    user,
)
from mrbot.sandbox.model import Change, Comment, Project, Reaction, Review
from mrbot.sandbox.world import World

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")
_STATES = {
    None: (True, "clean"), "checking": (None, "unknown"), "draft_status": (True, "draft"),
    "conflict": (False, "dirty"), "not_approved": (True, "blocked"),
    "status_checks_must_pass": (True, "blocked"),
}  # fmt: skip


def pull(world: World, project: Project, change: Change) -> Json:
    """A pull request as it stands in lists."""
    url = f"{repository_url(world, project)}/pulls/{change.number}"
    issue = f"{repository_url(world, project)}/issues/{change.number}"
    page = pull_page(world, project, change)
    statuses = f"{repository_url(world, project)}/statuses/{change.head}"
    links = {
        "self": url, "html": page, "issue": issue, "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments", "statuses": statuses, "commits": f"{url}/commits",
        "review_comment": f"{repository_url(world, project)}/pulls/comments{{/number}}",
    }  # fmt: skip
    return {
        "url": url, "id": change.id, "node_id": node("PullRequest", change.id), "html_url": page,
        "diff_url": f"{page}.diff", "patch_url": f"{page}.patch", "issue_url": issue,
        "commits_url": links["commits"], "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"], "comments_url": links["comments"],
        "statuses_url": statuses, "number": change.number,
        "state": "open" if change.state == "opened" else "closed", "locked": change.locked,
        "title": change.title, "user": user(world, change.author_id),
        "body": change.description or None,
        "labels": [label(world, project, name) for name in change.labels], "milestone": None,
        "active_lock_reason": None, "created_at": moment(change.created_at),
        "updated_at": moment(change.updated_at),
        "closed_at": moment(change.closed_at or change.merged_at),
        "merged_at": moment(change.merged_at), "merge_commit_sha": change.merge_commit,
        "assignee": None, "assignees": [], "requested_teams": [],
        "requested_reviewers": [user(world, one) for one in change.reviewer_ids],
        "head": _side(world, project, change.source, change.head),
        "base": _side(world, project, change.target, change.versions[-1].start),
        "_links": {name: {"href": target} for name, target in links.items()},
        "author_association": association(world, project, change.author_id), "auto_merge": None,
        "draft": change.draft,
    }  # fmt: skip


def full_pull(world: World, project: Project, change: Change) -> Json:
    """A pull request on its own."""
    problem = mergeability.obstacle(world, project, change)
    mergeable, state = _STATES.get(problem.code if problem else None, (None, "unknown"))
    repo = world.repository(project)
    files = repo.changed_files(change.base, change.head)
    commits = repo.commits(change.head, f"^{change.base}")
    return {
        **pull(world, project, change), "merged": change.state == "merged",
        "mergeable": mergeable, "rebaseable": mergeable, "mergeable_state": state,
        "merged_by": user(world, change.merged_by), "review_comments": 0,
        "comments": len(world.comments_of(change)), "maintainer_can_modify": False,
        "commits": len(commits), "additions": sum(one.additions for one in files),
        "deletions": sum(one.deletions for one in files), "changed_files": len(files),
    }  # fmt: skip


def issue(world: World, project: Project, change: Change) -> Json:
    """A pull request seen as an issue."""
    shown = pull(world, project, change)
    url = str(shown["issue_url"])
    kept = ("number", "title", "user", "labels", "state", "locked", "assignee", "assignees",
            "milestone", "created_at", "updated_at", "closed_at", "author_association",
            "active_lock_reason", "body", "draft", "html_url", "id", "node_id")  # fmt: skip
    return {
        **{name: shown[name] for name in kept}, "url": url,
        "repository_url": repository_url(world, project), "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments", "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline", "comments": len(world.comments_of(change)),
        "pull_request": {
            "url": shown["url"], "html_url": shown["html_url"], "diff_url": shown["diff_url"],
            "patch_url": shown["patch_url"], "merged_at": shown["merged_at"],
        },
        "performed_via_github_app": None, "state_reason": None,
        "reactions": {
            "url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(REACTIONS, 0),
        },
    }  # fmt: skip


def review(world: World, project: Project, change: Change, one: Review) -> Json:
    """A review."""
    page = f"{pull_page(world, project, change)}#pullrequestreview-{one.id}"
    url = f"{repository_url(world, project)}/pulls/{change.number}"
    shown: Json = {
        "id": one.id, "node_id": node("Review", one.id), "user": user(world, one.user_id),
        "body": one.body, "state": one.state, "html_url": page, "pull_request_url": url,
        "author_association": association(world, project, one.user_id), "commit_id": one.sha,
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
    }  # fmt: skip
    if one.state != "PENDING":
        shown["submitted_at"] = moment(one.at)
    return shown


def comment(world: World, project: Project, change: Change, one: Comment) -> Json:
    """A comment on a pull request."""
    url = f"{repository_url(world, project)}/issues"
    author = world.users[one.author_id]
    via = world.apps.get(author.app_id or 0)
    counts = {name: sum(r.name == name for r in one.reactions) for name in REACTIONS}
    return {
        "url": f"{url}/comments/{one.id}", "id": one.id, "node_id": node("IssueComment", one.id),
        "html_url": f"{pull_page(world, project, change)}#issuecomment-{one.id}",
        "issue_url": f"{url}/{change.number}", "user": user(world, one.author_id),
        "created_at": moment(one.created_at), "updated_at": moment(one.updated_at),
        "author_association": association(world, project, one.author_id), "body": one.body,
        "reactions": {
            "url": f"{url}/comments/{one.id}/reactions", "total_count": len(one.reactions),
            **counts,
        },
        "performed_via_github_app": app(world, via) if via else None,
    }  # fmt: skip


def reaction(world: World, one: Reaction) -> Json:
    """A reaction."""
    return {
        "id": one.id, "node_id": node("Reaction", one.id), "user": user(world, one.user_id),
        "content": one.name, "created_at": moment(one.at),
    }  # fmt: skip


def label(world: World, project: Project, name: str) -> Json:
    """A label, made on first use."""
    number = project.labels.setdefault(name, len(project.labels) + 1)
    return {
        "id": number, "node_id": node("Label", number), "name": name, "color": "ededed",
        "url": f"{repository_url(world, project)}/labels/{name}", "default": False,
        "description": "",
    }  # fmt: skip


def association(world: World, project: Project, user_id: int) -> str:
    """What a user is to a repository."""
    person = world.users[user_id]
    if project.namespace == person.login:
        return "OWNER"
    owner = world.group(project.namespace)
    if owner is not None and user_id in owner.members:
        return "MEMBER"
    return "COLLABORATOR" if user_id in project.members else "NONE"


def pull_page(world: World, project: Project, change: Change) -> str:
    """The web page of a pull request."""
    return f"{world.url}/{project.path}/pull/{change.number}"


def _side(world: World, project: Project, ref: str, sha: str) -> Json:
    repo = repository(world, project)
    return {
        "label": f"{project.namespace}:{ref}", "ref": ref, "sha": sha, "user": repo["owner"],
        "repo": repo,
    }  # fmt: skip
