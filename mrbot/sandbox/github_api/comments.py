"""Comments on pull requests, reactions to them, and labels.

Sources: https://docs.github.com/rest/issues/comments, /rest/reactions, /rest/issues/labels
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from mrbot.sandbox import changes, comments
from mrbot.sandbox.github_api import pull_shapes
from mrbot.sandbox.github_api.answers import (
    ApiError,
    answer,
    body,
    find_comment,
    find_project,
    find_pull,
    invalid,
    not_found,
    page,
    required,
    signed_in,
)
from mrbot.sandbox.model import DEVELOPER, TRIAGE, Comment, Project, User
from mrbot.sandbox.world import World

_ISSUE = "/repos/<owner>/<repo>/issues/<int:number>"
_COMMENT = "/repos/<owner>/<repo>/issues/comments/<int:comment_id>"


def register(routes: Blueprint, world: World) -> None:
    """The routes are part of `routes`."""
    _reading(routes, world)
    _writing(routes, world)
    _reactions(routes, world)
    _labels(routes, world)


def _reading(routes: Blueprint, world: World) -> None:
    @routes.get(_ISSUE)
    def issue(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        return answer(pull_shapes.issue(world, project, find_pull(world, project, number)))

    @routes.get(f"{_ISSUE}/comments")
    def list_comments(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        found = world.comments_of(change)
        return page([pull_shapes.comment(world, project, change, one) for one in found])

    @routes.get(_COMMENT)
    def comment(owner: str, repo: str, comment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one, change = find_comment(world, project, comment_id)
        return answer(pull_shapes.comment(world, project, change, one))


def _writing(routes: Blueprint, world: World) -> None:
    @routes.post(f"{_ISSUE}/comments")
    def write(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        text = _checked(required(body(), "body", "IssueComment"))
        one = comments.write(world, project, change, signed_in(world), text)
        return answer(pull_shapes.comment(world, project, change, one), 201)

    @routes.patch(_COMMENT)
    def rewrite(owner: str, repo: str, comment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one, change = find_comment(world, project, comment_id)
        user = _may_edit(world, project, one)
        text = _checked(required(body(), "body", "IssueComment"))
        comments.rewrite(world, project, change, one, user, text)
        return answer(pull_shapes.comment(world, project, change, one))

    @routes.delete(_COMMENT)
    def remove(owner: str, repo: str, comment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one, change = find_comment(world, project, comment_id)
        comments.remove(world, project, change, one, _may_edit(world, project, one))
        return Response(status=204)


def _reactions(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_COMMENT}/reactions")
    def list_reactions(owner: str, repo: str, comment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one, _ = find_comment(world, project, comment_id)
        return page([pull_shapes.reaction(world, reaction) for reaction in one.reactions])

    @routes.post(f"{_COMMENT}/reactions")
    def react(owner: str, repo: str, comment_id: int) -> Response:
        project = find_project(world, owner, repo)
        one, _ = find_comment(world, project, comment_id)
        content = required(body(), "content", "Reaction")
        if content not in pull_shapes.REACTIONS:
            raise invalid("Reaction", "content", f"{content} is not a reaction", "invalid")
        before = len(one.reactions)
        reaction = comments.react(world, one, signed_in(world), content)
        # 200 says that the reaction was there already.
        status = 201 if len(one.reactions) > before else 200
        return answer(pull_shapes.reaction(world, reaction), status)


def _labels(routes: Blueprint, world: World) -> None:
    @routes.get(f"{_ISSUE}/labels")
    def list_labels(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo)
        change = find_pull(world, project, number)
        return page([pull_shapes.label(world, project, name) for name in change.labels])

    @routes.post(f"{_ISSUE}/labels")
    def add_labels(owner: str, repo: str, number: int) -> Response:
        project = find_project(world, owner, repo, level=TRIAGE)
        change = find_pull(world, project, number)
        given = request.get_json(silent=True, force=True)
        names = given.get("labels") if isinstance(given, dict) else given
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ApiError(422, "Validation Failed", ["labels must be a list of names"])
        kept = [*change.labels, *(name for name in names if name not in change.labels)]
        changes.edit(world, project, change, signed_in(world), labels=kept)
        return answer([pull_shapes.label(world, project, name) for name in change.labels])

    @routes.delete(f"{_ISSUE}/labels/<name>")
    def remove_label(owner: str, repo: str, number: int, name: str) -> Response:
        project = find_project(world, owner, repo, level=TRIAGE)
        change = find_pull(world, project, number)
        if name not in change.labels:
            raise ApiError(404, "Label does not exist")
        kept = [label for label in change.labels if label != name]
        changes.edit(world, project, change, signed_in(world), labels=kept)
        return answer([pull_shapes.label(world, project, label) for label in change.labels])


def _checked(text: str) -> str:
    limit = comments.GITHUB_COMMENT_LIMIT_CHARS
    if len(text) > limit:
        said = f"Body is too long (maximum is {limit} characters)"
        raise invalid("IssueComment", "data", said, "unprocessable")
    return text


def _may_edit(world: World, project: Project, one: Comment) -> User:
    user = signed_in(world)
    if user.id != one.author_id and world.level(user, project) < DEVELOPER:
        raise not_found()
    return user
