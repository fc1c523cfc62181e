"""Notes on merge requests and the emoji on them; quick actions are executed, as GitLab does.

Source: https://docs.gitlab.com/api/notes/
"""

from __future__ import annotations

from flask import Blueprint, Response

from mrbot.sandbox import changes, comments, mergeability
from mrbot.sandbox.comments import Command
from mrbot.sandbox.gitlab_api import shapes
from mrbot.sandbox.gitlab_api.answers import (
    ApiError,
    answer,
    find_change,
    find_note,
    find_project,
    forbidden,
    not_found,
    page,
    parameters,
    required,
    signed_in,
    text,
)
from mrbot.sandbox.model import DEVELOPER, Change, Comment, Project, User
from mrbot.sandbox.world import World

_NOTES = "/projects/<seg:name>/merge_requests/<int:iid>/notes"
_NOTE = f"{_NOTES}/<int:note_id>"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _reading(routes, world)
    _writing(routes, world)
    _awards(routes, world)


def _reading(routes: Blueprint, world: World) -> None:
    @routes.get(_NOTES)
    def list_notes(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        given = parameters()
        found = world.comments_of(change)
        match text(given, "activity_filter"):
            case "only_comments":
                found = [one for one in found if not one.system]
            case "only_activity":
                found = [one for one in found if one.system]
            case _:
                pass
        updated = text(given, "order_by") == "updated_at"
        found.sort(key=lambda one: (one.updated_at if updated else one.created_at, one.id))
        if text(given, "sort") != "asc":
            found.reverse()
        return page([shapes.note(world, change, one) for one in found])

    @routes.get(_NOTE)
    def get_note(name: str, iid: int, note_id: int) -> Response:
        change = find_change(world, find_project(world, name), iid)
        return answer(shapes.note(world, change, find_note(world, change, note_id)))


def _writing(routes: Blueprint, world: World) -> None:
    @routes.post(_NOTES)
    def write(name: str, iid: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        user = signed_in(world)
        body = _checked(required(parameters(), "body"))
        if len(world.comments_of(change)) >= comments.GITLAB_NOTES_LIMIT:
            said = f"Maximum number of comments ({comments.GITLAB_NOTES_LIMIT}) reached"
            raise ApiError(400, {"message": f'400 Bad request - Note {{:base=>["{said}"]}}'})
        rest, commands = comments.split_quick_actions(body)
        summary = [_execute(world, project, change, user, command) for command in commands]
        if commands and not rest.strip():
            done = {command.name: command.argument for command in commands}
            return answer({"commands_changes": done, "summary": summary}, 202)
        comment = comments.write(world, project, change, user, rest)
        return answer(shapes.note(world, change, comment), 201)

    @routes.put(_NOTE)
    def rewrite(name: str, iid: int, note_id: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        comment = find_note(world, change, note_id)
        user = _may_edit(world, project, comment)
        body = _checked(required(parameters(), "body"))
        comments.rewrite(world, project, change, comment, user, body)
        return answer(shapes.note(world, change, comment))

    @routes.delete(_NOTE)
    def remove(name: str, iid: int, note_id: int) -> Response:
        project = find_project(world, name)
        change = find_change(world, project, iid)
        comment = find_note(world, change, note_id)
        comments.remove(world, project, change, comment, _may_edit(world, project, comment))
        return Response(status=204)


def _awards(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_NOTE}/award_emoji")
    def list_awards(name: str, iid: int, note_id: int) -> Response:
        change = find_change(world, find_project(world, name), iid)
        comment = find_note(world, change, note_id)
        return page([shapes.award(world, comment, one) for one in comment.reactions])

    @routes.post(f"{_NOTE}/award_emoji")
    def award(name: str, iid: int, note_id: int) -> Response:
        change = find_change(world, find_project(world, name), iid)
        comment = find_note(world, change, note_id)
        user = signed_in(world)
        emoji = required(parameters(), "name")
        if any((one.user_id, one.name) == (user.id, emoji) for one in comment.reactions):
            raise not_found("Award Emoji Name has already been taken")
        given = comments.react(world, comment, user, emoji)
        return answer(shapes.award(world, comment, given), 201)


def _checked(body: str) -> str:
    if len(body) > comments.GITLAB_NOTE_LIMIT_CHARS:
        said = f"is too long (maximum is {comments.GITLAB_NOTE_LIMIT_CHARS} characters)"
        raise ApiError(400, {"message": f'400 Bad request - Note {{:note=>["{said}"]}}'})
    return body


def _may_edit(world: World, project: Project, comment: Comment) -> User:
    user = signed_in(world)
    # Maintainers may edit and delete everybody's notes; nobody may touch a system note.
    if comment.system or (user.id != comment.author_id and world.level(user, project) < 40):
        raise forbidden()
    return user


def _execute(world: World, project: Project, change: Change, user: User, command: Command) -> str:
    if world.level(user, project) < DEVELOPER:
        return f"Could not apply {command.name} command."
    match command.name:
        case "approve":
            changes.approve(world, project, change, user)
        case "unapprove":
            changes.unapprove(world, project, change, user)
        case "close" if change.state == "opened":
            changes.close(world, project, change, user)
        case "reopen" if change.state == "closed":
            changes.reopen(world, project, change, user)
        case "lock":
            change.locked = True
        case "label":
            names = [part.strip('~" ') for part in command.argument.split("~") if part.strip()]
            changes.edit(world, project, change, user, labels=[*change.labels, *names])
        case "title":
            changes.edit(world, project, change, user, title=command.argument)
        case "merge":
            allowed = world.can_merge(user, project, change.target)
            if not allowed or mergeability.obstacle(world, project, change):
                return "Could not apply merge command."
            changes.merge(world, project, change, user)
        case _:
            return f"Could not apply {command.name} command: the sandbox does not execute it."
    return f"Applied {command.name} command."
