"""Repositories, their branches, protection, commits, files and collaborators.

Sources: https://docs.github.com/rest/repos, /rest/branches, /rest/git, /rest/collaborators
"""

from __future__ import annotations

import base64

from flask import Blueprint, Response, request

from mrbot.sandbox.github_api import pull_shapes, shapes
from mrbot.sandbox.github_api.answers import (
    ApiError,
    Json,
    answer,
    caller,
    find_commit,
    find_project,
    not_found,
    page,
)
from mrbot.sandbox.model import DEVELOPER, MAINTAINER, Project, ProtectedBranch
from mrbot.sandbox.world import World

_REPO = "/repos/<owner>/<repo>"
_CONTENT_LIMIT_BYTES = 1_000_000


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _repository(routes, world)
    _branches(routes, world)
    _commits(routes, world)
    _git(routes, world)


def _repository(routes: Blueprint, world: World) -> None:
    @routes.get(_REPO)
    def repository(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo)
        return answer(shapes.full_repository(world, project, caller(world)))

    @routes.get(f"{_REPO}/collaborators/<login>/permission")
    def permission(owner: str, repo: str, login: str) -> Response:
        project = find_project(world, owner, repo, level=DEVELOPER)
        found = world.user(login)
        if found is None:
            raise ApiError(404, f"{login} is not a user")
        role = shapes.role(world.level(found, project))
        if role == "none" and project.visibility == "public":
            role = "read"
        # `permission` knows fewer words than `role_name`.
        coarse = {"maintain": "write", "triage": "read"}.get(role, role)
        shown = {
            **(shapes.user(world, found.id) or {}), "role_name": role,
            "permissions": shapes.permissions(world.level(found, project)),
        }  # fmt: skip
        return answer({"permission": coarse, "role_name": role, "user": shown})

    @routes.get(f"{_REPO}/contents/<refs:path>")
    def contents(owner: str, repo: str, path: str) -> Response:
        project = find_project(world, owner, repo)
        ref = request.args.get("ref", project.default_branch)
        content = world.repository(project).read(ref, path)
        if content is None or len(content) > _CONTENT_LIMIT_BYTES:
            raise not_found()
        url = f"{shapes.repository_url(world, project)}/contents/{path}?ref={ref}"
        page_url = f"{world.url}/{project.path}/blob/{ref}/{path}"
        return answer({
            "type": "file", "size": len(content), "name": path.rpartition("/")[2], "path": path,
            "sha": world.repository(project).text("rev-parse", f"{ref}:{path}"), "url": url,
            "encoding": "base64", "content": base64.encodebytes(content).decode(), "git_url": None,
            "html_url": page_url, "download_url": None,
            "_links": {"self": url, "git": None, "html": page_url},
        })  # fmt: skip


def _branches(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_REPO}/branches/<refs:name>/protection")
    def protection(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo)
        user = caller(world)
        if world.level(user, project) < MAINTAINER and not (user and user.app_id):
            raise not_found()
        rule = project.protected.get(name)
        if rule is None:
            raise ApiError(404, "Branch not protected")
        return answer(_protection(world, project, rule))

    @routes.get(f"{_REPO}/branches/<refs:name>")
    def branch(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo)
        head = world.repository(project).branch(name)
        if head is None:
            raise ApiError(404, "Branch not found")
        url = f"{shapes.repository_url(world, project)}/branches/{name}"
        rule = project.protected.get(name)
        contexts = list(rule.required_statuses) if rule else []
        level = "non_admins" if contexts else "off"
        return answer({
            "name": name, "protected": rule is not None, "protection_url": f"{url}/protection",
            "commit": shapes.commit(world, project, world.repository(project).commit(head)),
            "_links": {"self": url, "html": f"{world.url}/{project.path}/tree/{name}"},
            "protection": {
                "enabled": rule is not None,
                "required_status_checks": {
                    "enforcement_level": level, "contexts": contexts, "checks": _checks(rule),
                },
            },
        })  # fmt: skip

    @routes.get(f"{_REPO}/rules/branches/<refs:name>")
    def rules(owner: str, repo: str, name: str) -> Response:
        project = find_project(world, owner, repo)
        if world.repository(project).branch(name) is None:
            raise not_found()
        return page([])  # protection here is always the classic kind, never a ruleset


def _commits(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_REPO}/commits/<refs:ref>")
    def commit(owner: str, repo: str, ref: str) -> Response:
        project = find_project(world, owner, repo)
        sha = find_commit(world, project, ref)
        return answer(shapes.commit(world, project, world.repository(project).commit(sha)))

    @routes.get(f"{_REPO}/commits")
    def commits(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo)
        ref = find_commit(world, project, request.args.get("sha", project.default_branch))
        found = world.repository(project).commits(ref)
        return page([shapes.commit(world, project, one) for one in found])

    @routes.get(f"{_REPO}/commits/<sha>/pulls")
    def pulls_of_commit(owner: str, repo: str, sha: str) -> Response:
        project = find_project(world, owner, repo)
        repository = world.repository(project)
        mine = [
            change
            for change in world.changes_of(project)
            if sha in (change.merge_commit, change.head)
            or any(one.sha == sha for one in repository.commits(change.head, f"^{change.base}"))
        ]
        return page([pull_shapes.pull(world, project, change) for change in mine])


def _git(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_REPO}/git/ref/<refs:ref>")
    @routes.get(f"{_REPO}/git/refs/<refs:ref>")
    def git_ref(owner: str, repo: str, ref: str) -> Response:
        project = find_project(world, owner, repo)
        sha = world.repository(project).resolve(f"refs/{ref}")
        if sha is None:
            raise not_found()
        url = f"{shapes.repository_url(world, project)}/git"
        return answer({
            "ref": f"refs/{ref}", "node_id": shapes.node("Ref", project.id),
            "url": f"{url}/refs/{ref}",
            "object": {"type": "commit", "sha": sha, "url": f"{url}/commits/{sha}"},
        })  # fmt: skip

    @routes.get(f"{_REPO}/git/commits/<sha>")
    def git_commit(owner: str, repo: str, sha: str) -> Response:
        project = find_project(world, owner, repo)
        found = world.repository(project).resolve(sha)
        if found is None:
            raise not_found()
        one = world.repository(project).commit(found)
        shown = shapes.git_commit(world, project, one)
        shown.pop("comment_count")
        return answer({
            **shown, "sha": one.sha, "node_id": shapes.node("Commit", project.id),
            "html_url": f"{world.url}/{project.path}/commit/{one.sha}",
            "parents": shapes.parents(world, project, one),
        })  # fmt: skip


def _checks(rule: ProtectedBranch | None) -> list[Json]:
    names = rule.required_statuses if rule else ()
    return [{"context": name, "app_id": rule.required_app_id if rule else None} for name in names]


def _protection(world: World, project: Project, rule: ProtectedBranch) -> Json:
    url = f"{shapes.repository_url(world, project)}/branches/{rule.name}/protection"
    shown: Json = {
        "url": url, "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": True},
        "required_linear_history": {"enabled": False}, "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": False}, "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
    }  # fmt: skip
    if rule.required_statuses:
        shown["required_status_checks"] = {
            "url": f"{url}/required_status_checks", "strict": False,
            "contexts": list(rule.required_statuses), "checks": _checks(rule),
            "contexts_url": f"{url}/required_status_checks/contexts",
        }  # fmt: skip
    if rule.required_approvals:
        shown["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews", "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False, "require_last_push_approval": False,
            "required_approving_review_count": rule.required_approvals,
        }  # fmt: skip
    return shown
