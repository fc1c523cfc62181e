"""The JSON of GitHub's people, repositories, Apps and commits."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from mrbot.sandbox.model import (
    DEVELOPER,
    MAINTAINER,
    OWNER,
    REPORTER,
    TRIAGE,
    App,
    Group,
    Installation,
    Project,
    User,
)
from mrbot.sandbox.repository import Commit, FileChange
from mrbot.sandbox.world import World

Json = dict[str, object]

LONG_AGO = "2020-01-01T00:00:00Z"
PERMISSIONS = {
    "actions": "write", "administration": "read", "checks": "write", "contents": "write",
    "deployments": "write", "issues": "write", "members": "read", "metadata": "read",
    "pull_requests": "write", "statuses": "write", "workflows": "write",
}  # fmt: skip
EVENTS = ["check_run", "deployment_status", "issue_comment", "pull_request",
          "pull_request_review", "push", "status", "workflow_run"]  # fmt: skip

_STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied"}
_ROLES = ((OWNER, "admin"), (MAINTAINER, "maintain"), (DEVELOPER, "write"), (TRIAGE, "triage"),
          (REPORTER, "read"))  # fmt: skip

_REPOSITORY_URLS = {
    "archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}", "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}", "contributors_url": "/contributors",
    "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
    "forks_url": "/forks", "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}", "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
    "merges_url": "/merges", "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags",
    "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
}  # fmt: skip


def moment(at: datetime | None) -> str | None:
    """A time as GitHub writes it: whole seconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def api(world: World) -> str:
    """The root of the API."""
    return f"{world.url}/api/v3"


def repository_url(world: World, project: Project) -> str:
    """The API address of a repository."""
    return f"{api(world)}/repos/{project.path}"


def node(kind: str, number: int) -> str:
    """A GraphQL node id."""
    return base64.b64encode(f"{kind}{number}".encode()).decode()


def user(world: World, user_id: int | None) -> Json | None:
    """A user as it stands inside other entities."""
    found = world.users.get(user_id or 0)
    return _simple_user(world, found) if found else None


def _simple_user(world: World, found: User) -> Json:
    url = f"{api(world)}/users/{found.login}"
    return {
        "login": found.login, "id": found.id, "node_id": node("User", found.id),
        "avatar_url": f"{world.url}/avatar/{found.id}", "gravatar_id": "", "url": url,
        "html_url": f"{world.url}/{found.login}", "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}", "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions", "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos", "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events", "type": "Bot" if found.bot else "User",
        "site_admin": False,
    }  # fmt: skip


def full_user(world: World, found: User) -> Json:
    """A user on its own."""
    return {
        **(user(world, found.id) or {}), "name": found.name, "company": None, "blog": "",
        "location": None, "email": found.email, "hireable": None, "bio": None,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0,
        "user_view_type": "public", "created_at": LONG_AGO, "updated_at": LONG_AGO,
    }  # fmt: skip


def account(world: World, name: str) -> Json:
    """The organisation or person that owns a repository, in the form of a user."""
    person = world.user(name)
    if person is not None:
        return user(world, person.id) or {}
    group = world.group(name)
    owner = User(id=group.id if group else 1, login=name, name=name, email="")
    return {**_simple_user(world, owner), "type": "Organization"}


def role(level: int) -> str:
    """The name of an access level."""
    return next((name for least, name in _ROLES if level >= least), "none")


def permissions(level: int) -> Json:
    """What a level allows."""
    return {
        "admin": level >= OWNER, "maintain": level >= MAINTAINER, "push": level >= DEVELOPER,
        "triage": level >= TRIAGE, "pull": level > 0,
    }  # fmt: skip


def repository(world: World, project: Project, viewer: User | None = None) -> Json:
    """A repository; `viewer` None leaves the permissions out."""
    url = repository_url(world, project)
    shown: Json = {
        "id": project.id, "node_id": node("Repository", project.id), "name": project.name,
        "full_name": project.path, "owner": account(world, project.namespace),
        "private": project.visibility != "public", "visibility": project.visibility,
        "html_url": f"{world.url}/{project.path}", "description": None, "fork": False, "url": url,
        **{name: f"{url}{suffix}" for name, suffix in _REPOSITORY_URLS.items()},
        "git_url": f"git://localhost/{project.path}.git",
        "ssh_url": f"git@localhost:{project.path}.git",
        "clone_url": f"{world.url}/{project.path}.git", "svn_url": f"{world.url}/{project.path}",
        "mirror_url": None, "homepage": None, "language": None, "forks_count": 0,
        "stargazers_count": 0, "watchers_count": 0, "size": 1, "open_issues_count": 0,
        "default_branch": project.default_branch, "is_template": False, "topics": [],
        "has_issues": True, "has_projects": False, "has_wiki": False, "has_pages": False,
        "has_downloads": False, "has_discussions": False, "archived": False, "disabled": False,
        "pushed_at": moment(project.pushed_at), "created_at": moment(project.created_at),
        "updated_at": moment(project.created_at), "license": None, "forks": 0, "open_issues": 0,
        "watchers": 0, "allow_forking": False, "web_commit_signoff_required": False,
        "allow_merge_commit": True, "allow_squash_merge": True, "allow_rebase_merge": False,
        "allow_auto_merge": False, "delete_branch_on_merge": False, "allow_update_branch": False,
        "use_squash_pr_title_as_default": False, "merge_commit_message": "PR_TITLE",
        "merge_commit_title": "MERGE_MESSAGE", "squash_merge_commit_title": "PR_TITLE",
        "squash_merge_commit_message": "PR_BODY",
    }  # fmt: skip
    if viewer is not None:
        shown["permissions"] = permissions(world.level(viewer, project))
    return shown


def full_repository(world: World, project: Project, viewer: User | None) -> Json:
    """A repository on its own."""
    return {
        **repository(world, project, viewer), "subscribers_count": 0, "network_count": 0,
        "temp_clone_token": "",
    }  # fmt: skip


def organization(world: World, group: Group) -> Json:
    """An organisation."""
    url = f"{api(world)}/orgs/{group.path}"
    return {
        "login": group.path, "id": group.id, "node_id": node("Organization", group.id), "url": url,
        "repos_url": f"{url}/repos", "events_url": f"{url}/events", "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues", "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{world.url}/avatar/{group.id}", "description": "", "name": group.name,
        "has_organization_projects": False, "has_repository_projects": False, "public_repos": 0,
        "public_gists": 0, "followers": 0, "following": 0,
        "html_url": f"{world.url}/{group.path}", "type": "Organization", "created_at": LONG_AGO,
        "updated_at": LONG_AGO, "archived_at": None,
    }  # fmt: skip


def team(world: World, group: Group, owner: Group) -> Json:
    """A team of an organisation."""
    slug = group.path.rpartition("/")[2]
    url = f"{api(world)}/orgs/{owner.path}/teams/{slug}"
    return {
        "id": group.id, "node_id": node("Team", group.id), "url": url, "name": group.name,
        "html_url": f"{world.url}/orgs/{owner.path}/teams/{slug}", "slug": slug,
        "description": None, "privacy": "closed", "permission": "pull", "parent": None,
        "notification_setting": "notifications_enabled",
        "members_url": f"{url}/members{{/member}}", "repositories_url": f"{url}/repos",
        "members_count": len(group.members), "repos_count": 0, "created_at": LONG_AGO,
        "updated_at": LONG_AGO, "organization": organization(world, owner), "type": "organization",
        "organization_id": owner.id,
    }  # fmt: skip


def app(world: World, found: App) -> Json:
    """A GitHub App."""
    return {
        "id": found.id, "client_id": f"Iv1.{found.id:016x}", "slug": found.slug,
        "node_id": node("App", found.id), "owner": user(world, found.owner_id),
        "name": found.name, "description": "", "external_url": f"{world.url}/apps/{found.slug}",
        "html_url": f"{world.url}/apps/{found.slug}", "created_at": LONG_AGO,
        "updated_at": LONG_AGO, "permissions": PERMISSIONS, "events": EVENTS,
    }  # fmt: skip


def installation(world: World, found: Installation) -> Json:
    """An App's installation on an account."""
    owner = account(world, found.account)
    url = f"{api(world)}/app/installations/{found.id}"
    return {
        "id": found.id, "account": owner, "repository_selection": "all",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{api(world)}/installation/repositories", "html_url": f"{world.url}/i",
        "app_id": found.app_id, "app_slug": world.apps[found.app_id].slug,
        "target_id": owner["id"], "target_type": owner["type"], "permissions": PERMISSIONS,
        "events": EVENTS, "created_at": moment(found.created_at),
        "updated_at": moment(found.created_at), "single_file_name": None, "suspended_by": None,
        "suspended_at": None,
    }  # fmt: skip


def git_commit(world: World, project: Project, one: Commit) -> Json:
    """A commit as git knows it."""
    url = f"{repository_url(world, project)}/git"
    return {
        "url": f"{url}/commits/{one.sha}", "message": one.message.rstrip("\n"),
        "author": {
            "name": one.author_name, "email": one.author_email, "date": _utc(one.author_date),
        },
        "committer": {
            "name": one.committer_name, "email": one.committer_email,
            "date": _utc(one.committer_date),
        },
        "tree": {"sha": one.tree, "url": f"{url}/trees/{one.tree}"}, "comment_count": 0,
        "verification": {
            "verified": False, "reason": "unsigned", "signature": None, "payload": None,
            "verified_at": None,
        },
    }  # fmt: skip


def commit(world: World, project: Project, one: Commit) -> Json:
    """A commit with the people whose addresses it names."""
    url = repository_url(world, project)
    author = world.user_by_email(one.author_email)
    committer = world.user_by_email(one.committer_email)
    return {
        "url": f"{url}/commits/{one.sha}", "sha": one.sha, "node_id": node("Commit", project.id),
        "html_url": f"{world.url}/{project.path}/commit/{one.sha}",
        "comments_url": f"{url}/commits/{one.sha}/comments",
        "commit": git_commit(world, project, one),
        "author": user(world, author.id) if author else None,
        "committer": user(world, committer.id) if committer else None,
        "parents": parents(world, project, one),
    }  # fmt: skip


def parents(world: World, project: Project, one: Commit) -> list[Json]:
    """The parents of a commit."""
    return [
        {
            "sha": sha, "url": f"{repository_url(world, project)}/commits/{sha}",
            "html_url": f"{world.url}/{project.path}/commit/{sha}",
        }
        for sha in one.parents
    ]  # fmt: skip


def file(world: World, project: Project, base: str, head: str, one: FileChange) -> Json:
    """A changed file with its patch."""
    shown: Json = {
        "sha": one.blob, "filename": one.path, "status": _STATUS.get(one.status, "changed"),
        "additions": one.additions, "deletions": one.deletions,
        "changes": one.additions + one.deletions,
        "blob_url": f"{world.url}/{project.path}/blob/{head}/{one.path}",
        "raw_url": f"{world.url}/{project.path}/raw/{head}/{one.path}",
        "contents_url": f"{repository_url(world, project)}/contents/{one.path}?ref={head}",
    }  # fmt: skip
    patch = world.repository(project).patch(base, head, one.path)
    if patch:
        shown["patch"] = patch
    if one.status in "RC":
        shown["previous_filename"] = one.old_path
    return shown


def _utc(date: str) -> str:
    return datetime.fromisoformat(date).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
