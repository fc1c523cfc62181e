"""Webhook subscriptions, their deliveries, and sending them again.

Source: https://docs.github.com/rest/repos/webhooks
"""

from __future__ import annotations

import json

from flask import Blueprint, Response

from mrbot.sandbox.events import HookAdded
from mrbot.sandbox.github_api import shapes
from mrbot.sandbox.github_api.answers import (
    Json,
    answer,
    body,
    find_project,
    invalid,
    not_found,
    page,
    signed_in,
)
from mrbot.sandbox.model import OWNER, Delivery, Hook, Project
from mrbot.sandbox.webhooks import Webhooks
from mrbot.sandbox.world import World

_HOOKS = "/repos/<owner>/<repo>/hooks"
_ONE = f"{_HOOKS}/<int:hook_id>"


def register(routes: Blueprint, world: World, webhooks: Webhooks) -> None:
    """The routes are part of `routes`."""
    _subscriptions(routes, world)
    _deliveries(routes, world, webhooks)


def _subscriptions(routes: Blueprint, world: World) -> None:
    @routes.get(_HOOKS)
    def list_hooks(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo, level=OWNER)
        mine = [hook for hook in world.hooks.values() if hook.project_id == project.id]
        return page([shape(world, project, hook) for hook in mine])

    @routes.post(_HOOKS)
    def add(owner: str, repo: str) -> Response:
        project = find_project(world, owner, repo, level=OWNER)
        given = body()
        config = given.get("config")
        url = config.get("url") if isinstance(config, dict) else None
        if not isinstance(config, dict) or not isinstance(url, str):
            raise invalid("Hook", "url", "url is missing", "missing_field")
        events = given.get("events")
        hook = Hook(
            id=world.next_id(), project_id=project.id, url=url, created_at=world.now(),
            token=str(config.get("secret") or ""),
            events=frozenset(map(str, events if isinstance(events, list) else ["push"])),
        )  # fmt: skip
        world.hooks[hook.id] = hook
        world.emit(HookAdded(project=project, hook=hook, user=signed_in(world)))
        return answer(shape(world, project, hook), 201)

    @routes.get(_ONE)
    def get_hook(owner: str, repo: str, hook_id: int) -> Response:
        return answer(shape(world, *_find(world, owner, repo, hook_id)))

    @routes.delete(_ONE)
    def remove(owner: str, repo: str, hook_id: int) -> Response:
        _, hook = _find(world, owner, repo, hook_id)
        del world.hooks[hook.id]
        return Response(status=204)


def _deliveries(routes: Blueprint, world: World, webhooks: Webhooks) -> None:
    @routes.get(f"{_ONE}/deliveries")
    def deliveries(owner: str, repo: str, hook_id: int) -> Response:
        _, hook = _find(world, owner, repo, hook_id)
        return page([_delivery(hook, one) for one in reversed(hook.deliveries)])

    @routes.get(f"{_ONE}/deliveries/<int:delivery_id>")
    def delivery(owner: str, repo: str, hook_id: int, delivery_id: int) -> Response:
        _, hook = _find(world, owner, repo, hook_id)
        one = _one(hook, delivery_id)
        return answer({
            **_delivery(hook, one), "url": one.url,
            "request": {"headers": one.headers, "payload": json.loads(one.body)},
            "response": {"headers": {}, "payload": one.answer_body},
        })  # fmt: skip

    @routes.post(f"{_ONE}/deliveries/<int:delivery_id>/attempts")
    def attempt(owner: str, repo: str, hook_id: int, delivery_id: int) -> Response:
        _, hook = _find(world, owner, repo, hook_id)
        webhooks.send_again(hook, _one(hook, delivery_id))
        return answer({}, 202)


def shape(world: World, project: Project, hook: Hook) -> Json:
    """A webhook; its secret is never shown."""
    url = f"{shapes.repository_url(world, project)}/hooks/{hook.id}"
    last = next((one for one in reversed(hook.deliveries) if one.answer_status is not None), None)
    code = last.answer_status if last else None
    config: Json = {"url": hook.url, "content_type": "json", "insecure_ssl": "0"}
    if hook.token:
        config["secret"] = "********"  # noqa: S105 - this is what GitHub shows instead of a secret
    return {
        "type": "Repository", "id": hook.id, "name": "web", "active": True,
        "events": sorted(hook.events), "config": config,
        "updated_at": shapes.moment(hook.created_at), "created_at": shapes.moment(hook.created_at),
        "url": url, "test_url": f"{url}/test", "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": code, "status": "active" if code else "unused", "message": None},
    }  # fmt: skip


def _find(world: World, owner: str, repo: str, hook_id: int) -> tuple[Project, Hook]:
    project = find_project(world, owner, repo, level=OWNER)
    hook = world.hooks.get(hook_id)
    if hook is None or hook.project_id != project.id:
        raise not_found()
    return project, hook


def _one(hook: Hook, delivery_id: int) -> Delivery:
    for one in hook.deliveries:
        if one.id == delivery_id:
            return one
    raise not_found()


def _delivery(hook: Hook, one: Delivery) -> Json:
    code = one.answer_status or 0
    return {
        "id": one.id, "guid": one.key, "delivered_at": shapes.moment(one.at),
        "redelivery": one.redelivery, "duration": round(one.duration_s, 2),
        "status": "OK" if 200 <= code < 300 else "Invalid HTTP Response", "status_code": code,
        "event": one.event, "action": one.action or None, "installation_id": None,
        "repository_id": hook.project_id, "throttled_at": None,
    }  # fmt: skip
