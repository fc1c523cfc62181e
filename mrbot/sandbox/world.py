"""The whole state of one sandbox, its lock, and how things in it are found."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from mrbot.sandbox.events import Event
from mrbot.sandbox.model import (
    DEVELOPER,
    REPORTER,
    App,
    Change,
    CheckRun,
    Comment,
    Deployment,
    Group,
    Hook,
    Installation,
    Kind,
    Pipeline,
    Project,
    Status,
    Token,
    User,
    WorkflowRun,
)
from mrbot.sandbox.repository import Repository


def utc_now() -> datetime:
    """The clock of a sandbox that was given none."""
    return datetime.now(UTC)  # noqa: TID251 - the sandbox is a host, with a clock of its own


class World:
    """Everything in memory; whoever reads or writes it holds `lock`."""

    def __init__(self, directory: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.directory = directory
        self.now = clock
        self.lock = threading.RLock()
        self.url = "http://localhost"
        self.listeners: list[Callable[[Event], None]] = []
        self.auto_disable_hooks = False
        """GitLab.com switches hooks off after four failures in a row; off by default elsewhere."""
        self.users: dict[int, User] = {}
        self.tokens: dict[str, Token] = {}
        self.groups: dict[int, Group] = {}
        self.projects: dict[int, Project] = {}
        self.changes: dict[int, Change] = {}
        self.comments: dict[int, Comment] = {}
        self.pipelines: dict[int, Pipeline] = {}
        self.statuses: list[Status] = []
        self.check_runs: dict[int, CheckRun] = {}
        self.workflow_runs: dict[int, WorkflowRun] = {}
        self.deployments: dict[int, Deployment] = {}
        self.hooks: dict[int, Hook] = {}
        self.apps: dict[int, App] = {}
        self.installations: dict[int, Installation] = {}
        self._ids = itertools.count(1)

    def next_id(self) -> int:
        """An id that nothing else in this sandbox has."""
        return next(self._ids)

    def emit(self, event: Event) -> None:
        """Every listener has seen `event`, in the order in which things happened."""
        for listener in self.listeners:
            listener(event)

    def repository(self, project: Project) -> Repository:
        """The git repository of a project."""
        return Repository(project.repository)

    def user(self, login: str) -> User | None:
        """The user of that name, upper and lower case alike."""
        wanted = login.casefold()
        return next((user for user in self.users.values() if user.login.casefold() == wanted), None)

    def user_by_email(self, email: str) -> User | None:
        """The user whose address this is, or None."""
        wanted = email.casefold()
        return next((user for user in self.users.values() if user.email.casefold() == wanted), None)

    def project(self, name: str | int, kind: Kind | None = None) -> Project | None:
        """The project with that id or path; with `kind`, only if it speaks that dialect."""
        wanted = str(name)
        for project in self.projects.values():
            same = str(project.id) == wanted or project.path.casefold() == wanted.casefold()
            if same and kind in (None, project.kind):
                return project
        return None

    def group(self, name: str | int) -> Group | None:
        """The group with that id or path."""
        wanted = str(name).casefold()
        for group in self.groups.values():
            if str(group.id) == wanted or group.path.casefold() == wanted:
                return group
        return None

    def change(self, project: Project, number: int) -> Change | None:
        """The change with that number in that project."""
        for change in self.changes.values():
            if change.project_id == project.id and change.number == number:
                return change
        return None

    def changes_of(self, project: Project) -> list[Change]:
        """The project's changes, newest first."""
        found = [change for change in self.changes.values() if change.project_id == project.id]
        return sorted(found, key=lambda change: change.number, reverse=True)

    def comments_of(self, change: Change, *, system: bool = True) -> list[Comment]:
        """The change's comments, oldest first."""
        return [
            comment
            for comment in self.comments.values()
            if comment.change_id == change.id and (system or not comment.system)
        ]

    def pipelines_of(self, project: Project) -> list[Pipeline]:
        """The project's pipelines, newest first."""
        found = [line for line in self.pipelines.values() if line.project_id == project.id]
        return sorted(found, key=lambda line: line.id, reverse=True)

    def level(self, user: User | None, project: Project) -> int:
        """The user's access level in the project (0: none), inherited membership included."""
        if user is None:
            return 0
        levels = [project.members.get(user.id, 0)]
        if user.app_id is not None and self.installation_of(project, user.app_id):
            levels.append(DEVELOPER)
        for group in self.groups.values():
            if user.id in group.members and _within(project.path, group.path):
                # Members of a GitHub organisation may read its repositories, and no more.
                given = group.members[user.id]
                levels.append(given if project.kind == "gitlab" else min(given, REPORTER))
        return max(levels)

    def installation_of(self, project: Project, app_id: int) -> Installation | None:
        """Where the App is installed on the project's account, or None."""
        owner = project.namespace.casefold()
        for one in self.installations.values():
            if one.app_id == app_id and one.account.casefold() == owner:
                return one
        return None

    def can_read(self, user: User | None, project: Project) -> bool:
        """Whether the project exists for that user at all."""
        if project.visibility == "public" or (user and project.visibility == "internal"):
            return True
        return self.level(user, project) > 0

    def can_push(self, user: User, project: Project, branch: str) -> bool:
        """Whether the user may move that branch directly."""
        rule = project.protected.get(branch)
        needed = rule.push_level if rule else 30
        return self.level(user, project) >= needed

    def can_merge(self, user: User, project: Project, branch: str) -> bool:
        """Whether the user may merge into that branch."""
        rule = project.protected.get(branch)
        needed = rule.merge_level if rule else 30
        return self.level(user, project) >= needed

    def group_members(self, group: Group) -> Mapping[int, int]:
        """User id -> level of the group, members of its ancestors included."""
        found: dict[int, int] = {}
        for other in self.groups.values():
            if other.id == group.id or _within(group.path, other.path):
                for user_id, level in other.members.items():
                    found[user_id] = max(level, found.get(user_id, 0))
        return found


def _within(path: str, ancestor: str) -> bool:
    return path.casefold().startswith(f"{ancestor.casefold()}/")
