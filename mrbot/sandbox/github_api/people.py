"""Users, organisations, teams, Apps and their tokens.

Sources: https://docs.github.com/rest/users, /rest/teams/members, /rest/apps
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Blueprint, Response

from mrbot.sandbox.github_api import shapes
from mrbot.sandbox.github_api.answers import (
    answer,
    app_of_jwt,
    app_of_token,
    body,
    not_found,
    page,
    page_in,
    signed_in,
)
from mrbot.sandbox.model import OWNER, Group, Token
from mrbot.sandbox.world import World

INSTALLATION_TOKEN_LIFE = timedelta(hours=1)


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _users(routes, world)
    _organizations(routes, world)
    _apps(routes, world)


def _users(routes: Blueprint, world: World) -> None:
    @routes.get("/user")
    def me() -> Response:
        return answer(shapes.full_user(world, signed_in(world)))

    @routes.get("/users/<login>")
    def user(login: str) -> Response:
        found = world.user(login)
        if found is None:
            raise not_found()
        return answer(shapes.full_user(world, found))

    @routes.get("/rate_limit")
    def rate_limit() -> Response:
        rate = {"limit": 5000, "remaining": 4999, "reset": int(world.now().timestamp()), "used": 1}
        return answer({"resources": {"core": rate, "search": rate}, "rate": rate})


def _organizations(routes: Blueprint, world: World) -> None:
    @routes.get("/orgs/<org>")
    def organization(org: str) -> Response:
        return answer(shapes.organization(world, _group(world, org)))

    @routes.get("/orgs/<org>/members/<login>")
    def is_member(org: str, login: str) -> Response:
        found = world.user(login)
        if found is None or found.id not in _group(world, org).members:
            raise not_found()
        return Response(status=204)

    @routes.get("/orgs/<org>/memberships/<login>")
    def membership(org: str, login: str) -> Response:
        group, found = _group(world, org), world.user(login)
        if found is None or found.id not in group.members:
            raise not_found()
        url = f"{shapes.api(world)}/orgs/{org}"
        return answer({
            "url": f"{url}/memberships/{login}", "state": "active", "organization_url": url,
            "role": "admin" if group.members[found.id] >= OWNER else "member",
            "organization": shapes.organization(world, group), "user": shapes.user(world, found.id),
        })  # fmt: skip

    @routes.get("/orgs/<org>/teams/<slug>")
    def team(org: str, slug: str) -> Response:
        return answer(shapes.team(world, _team(world, org, slug), _group(world, org)))

    @routes.get("/orgs/<org>/teams/<slug>/members")
    def members(org: str, slug: str) -> Response:
        return page([shapes.user(world, one) for one in sorted(_team(world, org, slug).members)])

    @routes.get("/orgs/<org>/teams/<slug>/memberships/<login>")
    def team_membership(org: str, slug: str, login: str) -> Response:
        group, found = _team(world, org, slug), world.user(login)
        if found is None or found.id not in group.members:
            raise not_found()
        url = f"{shapes.api(world)}/orgs/{org}/teams/{slug}/memberships/{login}"
        return answer({"url": url, "role": "member", "state": "active"})


def _apps(routes: Blueprint, world: World) -> None:
    @routes.get("/app")
    def app() -> Response:
        return answer(shapes.app(world, app_of_jwt(world)))

    @routes.get("/app/installations")
    def installations() -> Response:
        app = app_of_jwt(world)
        mine = [one for one in world.installations.values() if one.app_id == app.id]
        return page([shapes.installation(world, one) for one in mine])

    @routes.get("/app/installations/<int:installation_id>")
    def installation(installation_id: int) -> Response:
        app, found = app_of_jwt(world), world.installations.get(installation_id)
        if found is None or found.app_id != app.id:
            raise not_found()
        return answer(shapes.installation(world, found))

    @routes.get("/repos/<owner>/<repo>/installation")
    def of_repository(owner: str, repo: str) -> Response:
        app, project = app_of_jwt(world), world.project(f"{owner}/{repo}", "github")
        found = world.installation_of(project, app.id) if project else None
        if found is None:
            raise not_found()
        return answer(shapes.installation(world, found))

    @routes.post("/app/installations/<int:installation_id>/access_tokens")
    def token(installation_id: int) -> Response:
        app, found = app_of_jwt(world), world.installations.get(installation_id)
        if found is None or found.app_id != app.id:
            raise not_found()
        secret = f"ghs_{secrets.token_hex(20)}"
        expires = world.now() + INSTALLATION_TOKEN_LIFE
        world.tokens[secret] = Token(
            user_id=app.bot_id, expires_at=expires, installation_id=found.id
        )
        # An empty object of permissions means all of them, which is what PyGithub sends.
        permissions = body().get("permissions") or shapes.PERMISSIONS
        return answer({
            "token": secret, "expires_at": shapes.moment(expires), "permissions": permissions,
            "repository_selection": "all",
        }, 201)  # fmt: skip

    @routes.get("/installation/repositories")
    def repositories() -> Response:
        app = app_of_token(world)
        if app is None:
            raise not_found()
        mine = [
            project
            for project in world.projects.values()
            if project.kind == "github" and world.installation_of(project, app.id)
        ]
        return page_in("repositories", [shapes.repository(world, one) for one in mine])


def _group(world: World, path: str) -> Group:
    signed_in(world)
    found = world.group(path)
    if found is None:
        raise not_found()
    return found


def _team(world: World, org: str, slug: str) -> Group:
    _group(world, org)
    return _group(world, f"{org}/{slug}")
