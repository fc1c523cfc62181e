"""Comments on a change, and the quick actions that GitLab takes out of them and executes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mrbot.sandbox.events import Commented
from mrbot.sandbox.model import Change, Comment, Project, Reaction, User
from mrbot.sandbox.world import World

GITLAB_NOTE_LIMIT_CHARS = 1_000_000
GITLAB_NOTES_LIMIT = 5_000
GITHUB_COMMENT_LIMIT_CHARS = 65_536

QUICK_ACTIONS = frozenset({
    "approve", "unapprove", "merge", "close", "reopen", "label", "unlabel", "relabel", "assign",
    "unassign", "assign_reviewer", "unassign_reviewer", "reassign", "request_review", "title",
    "draft", "ready", "target_branch", "lock", "unlock", "rebase", "milestone", "remove_milestone",
    "subscribe", "unsubscribe", "todo", "done", "estimate", "spend", "react", "award", "shrug",
    "tableflip", "copy_metadata", "submit_review", "cc", "health_status", "due", "duplicate",
})  # fmt: skip
"""Commands that GitLab knows on merge requests; others starting with a slash stay plain text."""

_COMMAND = re.compile(r"^/(?P<name>[a-z_]+)(?:[ \t]+(?P<argument>.*?))?[ \t]*$")
_FENCE = re.compile(r"^(```|~~~)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One quick action and what stood after it."""

    name: str
    argument: str


def split_quick_actions(body: str) -> tuple[str, tuple[Command, ...]]:
    """The text that is left, and the commands that were in it.

    A command stands at the start of a line, outside fenced code.

    Source: https://docs.gitlab.com/user/project/quick_actions/
    """
    kept: list[str] = []
    found: list[Command] = []
    fence = ""
    for line in body.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark.group(1) == fence):
            fence = "" if fence else mark.group(1)
        command = None if fence else _COMMAND.match(line.rstrip("\r"))
        if command and command["name"] in QUICK_ACTIONS:
            found.append(Command(name=command["name"], argument=command["argument"] or ""))
        else:
            kept.append(line)
    return "\n".join(kept) if found else body, tuple(found)


def write(world: World, project: Project, change: Change, user: User, body: str) -> Comment:
    """The change has one more comment, and the hooks know."""
    comment = _store(world, change, user, body, system=False)
    world.emit(
        Commented(project=project, change=change, comment=comment, user=user, action="create")
    )
    return comment


def rewrite(
    world: World, project: Project, change: Change, comment: Comment, user: User, body: str
) -> None:
    """The comment has a new text; nothing is told when it is the old one."""
    previous = comment.body
    if previous == body:
        return
    comment.body, comment.updated_at = body, world.now()
    world.emit(
        Commented(
            project=project, change=change, comment=comment, user=user, action="update",
            previous=previous,
        )
    )  # fmt: skip


def remove(world: World, project: Project, change: Change, comment: Comment, user: User) -> None:
    """The comment is gone."""
    del world.comments[comment.id]
    world.emit(
        Commented(project=project, change=change, comment=comment, user=user, action="delete")
    )


def react(world: World, comment: Comment, user: User, name: str) -> Reaction:
    """The user's reaction of that name, made now or before."""
    for old in comment.reactions:
        if (old.user_id, old.name) == (user.id, name):
            return old
    reaction = Reaction(id=world.next_id(), user_id=user.id, name=name, at=world.now())
    comment.reactions.append(reaction)
    return reaction


def system_note(world: World, change: Change, user: User, body: str) -> None:
    """GitLab's own note of what someone did; no hook tells of it."""
    if world.projects[change.project_id].kind == "gitlab":
        _store(world, change, user, body, system=True)


def _store(world: World, change: Change, user: User, body: str, *, system: bool) -> Comment:
    now = world.now()
    comment = Comment(
        id=world.next_id(), change_id=change.id, author_id=user.id, body=body,
        created_at=now, updated_at=now, system=system,
    )  # fmt: skip
    world.comments[comment.id] = comment
    return comment
