"""Users, groups, projects, members, branches and commits.

Sources: https://docs.gitlab.com/api/users/, /api/members/, /api/protected_branches/
"""

from __future__ import annotations

import base64

from flask import Blueprint, Response, request

from mrbot.sandbox.gitlab_api import entities, shapes
from mrbot.sandbox.gitlab_api.answers import (
    answer,
    caller,
    find_group,
    find_project,
    not_found,
    page,
    parameters,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import MAINTAINER, Project
from mrbot.sandbox.world import World

VERSION = "18.5.0-sandbox"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _people(routes, world)
    _groups(routes, world)
    _members(routes, world)
    _settings(routes, world)
    _git(routes, world)


def _people(routes: Blueprint, world: World) -> None:
    @routes.get("/version")
    def version() -> Response:
        signed_in(world)
        return answer({"version": VERSION, "revision": "sandbox"})

    @routes.get("/user")
    def me() -> Response:
        return answer(shapes.full_user(world, signed_in(world)))

    @routes.get("/users")
    def users() -> Response:
        signed_in(world)
        login = text(parameters(), "username")
        one = world.user(login) if login else None
        found = ([one] if one else []) if login else list(world.users.values())
        return page([entities.user(world, user.id) for user in found])

    @routes.get("/users/<int:user_id>")
    def user(user_id: int) -> Response:
        signed_in(world)
        shown = entities.user(world, user_id)
        if shown is None:
            raise not_found("User")
        return answer(shown)


def _groups(routes: Blueprint, world: World) -> None:
    @routes.get("/groups/<seg:name>")
    def group(name: str) -> Response:
        return answer(shapes.group(world, find_group(world, name)))

    @routes.get("/groups/<seg:name>/members")
    def direct_members(name: str) -> Response:
        found = find_group(world, name)
        return page([shapes.member(world, *one) for one in sorted(found.members.items())])

    @routes.get("/groups/<seg:name>/members/all")
    def all_members(name: str) -> Response:
        found = world.group_members(find_group(world, name))
        return page([shapes.member(world, *one) for one in sorted(found.items())])


def _members(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>/members/all")
    def members(name: str) -> Response:
        project = find_project(world, name)
        signed_in(world)
        wanted = {int(one) for one in request.args.getlist("user_ids[]") if one.isdigit()}
        found = [one for one in _levels(world, project) if not wanted or one[0] in wanted]
        return page([shapes.member(world, *one) for one in found])

    @routes.get("/projects/<seg:name>/members/all/<int:user_id>")
    def member(name: str, user_id: int) -> Response:
        project = find_project(world, name)
        signed_in(world)
        level = dict(_levels(world, project)).get(user_id)
        if level is None:
            raise not_found()
        return answer(shapes.member(world, user_id, level))


def _settings(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>")
    def project(name: str) -> Response:
        found = find_project(world, name)
        return answer(shapes.project(world, found, caller(world)))

    @routes.get("/projects/<seg:name>/protected_branches")
    def protected(name: str) -> Response:
        found = find_project(world, name, level=MAINTAINER)
        return page([shapes.protected_branch(rule) for rule in found.protected.values()])

    @routes.get("/projects/<seg:name>/protected_branches/<seg:branch>")
    def protection(name: str, branch: str) -> Response:
        found = find_project(world, name, level=MAINTAINER)
        if branch not in found.protected:
            raise not_found()
        return answer(shapes.protected_branch(found.protected[branch]))


def _git(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>/repository/commits/<seg:sha>")
    def commit(name: str, sha: str) -> Response:
        project = find_project(world, name)
        found = world.repository(project).resolve(sha)
        if found is None:
            raise not_found("Commit")
        return answer(entities.commit(world, project, world.repository(project).commit(found)))

    @routes.get("/projects/<seg:name>/repository/commits/<seg:sha>/merge_requests")
    def changes_of_commit(name: str, sha: str) -> Response:
        project = find_project(world, name)
        repository = world.repository(project)
        found = repository.resolve(sha)
        if found is None:
            raise not_found("Commit")
        mine = [
            change
            for change in world.changes_of(project)
            if found in (change.merge_commit, change.squash_commit, change.head)
            or any(one.sha == found for one in repository.commits(change.head, f"^{change.base}"))
        ]
        return page([shapes.merge_request(world, project, one) for one in mine])

    @routes.get("/projects/<seg:name>/repository/branches/<seg:branch>")
    def branch(name: str, branch: str) -> Response:
        project = find_project(world, name)
        head = world.repository(project).branch(branch)
        if head is None:
            raise not_found("Branch")
        return answer({
            "name": branch, "merged": False, "protected": branch in project.protected,
            "developers_can_push": False, "developers_can_merge": True, "can_push": True,
            "default": branch == project.default_branch,
            "web_url": f"{world.url}/{project.path}/-/tree/{branch}",
            "commit": entities.commit(world, project, world.repository(project).commit(head)),
        })  # fmt: skip

    @routes.get("/projects/<seg:name>/repository/files/<seg:path>")
    def file(name: str, path: str) -> Response:
        project = find_project(world, name)
        ref = required(parameters(), "ref")
        head = world.repository(project).resolve(ref)
        content = world.repository(project).read(head, path) if head else None
        if head is None or content is None:
            raise not_found("File")
        return answer({
            "file_name": path.rpartition("/")[2], "file_path": path, "size": len(content),
            "encoding": "base64", "content": base64.b64encode(content).decode(), "ref": ref,
            "commit_id": head, "last_commit_id": head, "execute_filemode": False,
        })  # fmt: skip


def _levels(world: World, project: Project) -> list[tuple[int, int]]:
    levels = ((user.id, world.level(user, project)) for user in world.users.values())
    return [(user_id, level) for user_id, level in levels if level > 0]
