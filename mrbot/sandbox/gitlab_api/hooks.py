"""Webhook subscriptions, their deliveries, and sending them again.

Source: https://docs.gitlab.com/api/project_webhooks/
"""

from __future__ import annotations

from flask import Blueprint, Response

from mrbot.sandbox.gitlab_api import hook_bodies, shapes
from mrbot.sandbox.gitlab_api.answers import (
    ApiError,
    Json,
    answer,
    find_project,
    flag,
    not_found,
    page,
    parameters,
    required,
    text,
)
from mrbot.sandbox.model import MAINTAINER, Delivery, Hook, Message, Project
from mrbot.sandbox.webhooks import Webhooks
from mrbot.sandbox.world import World

_ONE = "/projects/<seg:name>/hooks/<int:hook_id>"
FLAGS = ("push_events", "merge_requests_events", "note_events", "pipeline_events",
         "deployment_events", "job_events", "tag_push_events", "issues_events")  # fmt: skip


def register(routes: Blueprint, world: World, webhooks: Webhooks) -> None:
    """The routes are part of `routes`."""
    _subscriptions(routes, world)
    _deliveries(routes, world, webhooks)


def _subscriptions(routes: Blueprint, world: World) -> None:
    @routes.get("/projects/<seg:name>/hooks")
    def list_hooks(name: str) -> Response:
        project = find_project(world, name, level=MAINTAINER)
        mine = [hook for hook in world.hooks.values() if hook.project_id == project.id]
        return page([shapes.hook(hook) for hook in mine])

    @routes.post("/projects/<seg:name>/hooks")
    def add(name: str) -> Response:
        project = find_project(world, name, level=MAINTAINER)
        given = parameters()
        url = required(given, "url")
        if not url.startswith(("http://", "https://")):
            raise ApiError(422, {"error": "Invalid url given"})
        signing = text(given, "signing_token") or ""
        if signing and not signing.startswith("whsec_"):
            raise ApiError(422, {"error": "signing_token is invalid"})
        given.setdefault("push_events", True)
        hook = Hook(
            id=world.next_id(), project_id=project.id, url=url, created_at=world.now(),
            token=text(given, "token") or "", signing_token=signing,
            events=frozenset(name for name in FLAGS if flag(given, name)),
        )  # fmt: skip
        world.hooks[hook.id] = hook
        return answer(shapes.hook(hook), 201)

    @routes.get(_ONE)
    def get_hook(name: str, hook_id: int) -> Response:
        return answer(shapes.hook(_find(world, name, hook_id)[1]))

    @routes.delete(_ONE)
    def remove(name: str, hook_id: int) -> Response:
        _, hook = _find(world, name, hook_id)
        del world.hooks[hook.id]
        return Response(status=204)


def _deliveries(routes: Blueprint, world: World, webhooks: Webhooks) -> None:
    @routes.get(f"{_ONE}/events")
    def events(name: str, hook_id: int) -> Response:
        _, hook = _find(world, name, hook_id)
        return page([_event(one) for one in reversed(hook.deliveries)])

    @routes.post(f"{_ONE}/events/<int:event_id>/resend")
    def resend(name: str, hook_id: int, event_id: int) -> Response:
        _, hook = _find(world, name, hook_id)
        old = next((one for one in hook.deliveries if one.id == event_id), None)
        if old is None:
            raise not_found()
        webhooks.send_again(hook, old)
        return answer({"response_status": old.answer_status}, 201)

    @routes.post(f"{_ONE}/test/<trigger>")
    def test(name: str, hook_id: int, trigger: str) -> Response:
        project, hook = _find(world, name, hook_id)
        message = _sample(world, project, trigger)
        if message is None:
            said = f"Ensure the project has at least one item to test {trigger} with."
            raise ApiError(422, {"message": said})
        webhooks.send(hook, message)
        return answer({"message": "201 Created"}, 201)


def _find(world: World, name: str, hook_id: int) -> tuple[Project, Hook]:
    project = find_project(world, name, level=MAINTAINER)
    hook = world.hooks.get(hook_id)
    if hook is None or hook.project_id != project.id:
        raise not_found()
    return project, hook


def _sample(world: World, project: Project, trigger: str) -> Message | None:
    """What the test button sends: real data of the newest item, and for a push no `oldrev`."""
    if trigger == "merge_requests_events":
        newest = next(iter(world.changes_of(project)), None)
        if newest is not None:
            return hook_bodies.sample_merge_request(world, project, newest)
    if trigger == "push_events":
        return hook_bodies.sample_push(world, project)
    return None


def _event(one: Delivery) -> Json:
    return {
        "id": one.id, "url": one.url, "trigger": one.event.lower().replace(" ", "_"),
        "request_headers": one.headers, "request_data": one.body.decode(),
        "response_headers": {}, "response_body": one.answer_body,
        "execution_duration": one.duration_s,
        "response_status": str(one.answer_status or "internal error"),
    }  # fmt: skip
