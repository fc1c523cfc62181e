"""Setting a scene without HTTP: accounts, projects, hooks, protection and commits."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from mrbot.sandbox import changes, new_repository
from mrbot.sandbox.events import HookAdded
from mrbot.sandbox.model import (
    DEVELOPER,
    NO_ONE,
    ROLES,
    App,
    Change,
    CiMode,
    Group,
    Hook,
    Installation,
    Kind,
    Outcome,
    Project,
    ProtectedBranch,
    Token,
    User,
    Visibility,
)
from mrbot.sandbox.repository import NO_COMMIT
from mrbot.sandbox.world import World

DEFAULT_EVENTS: dict[Kind, frozenset[str]] = {
    "gitlab": frozenset({"push_events", "merge_requests_events", "note_events", "pipeline_events",
                         "deployment_events"}),
    "github": frozenset({"push", "pull_request", "pull_request_review", "issue_comment", "status",
                         "check_run", "workflow_run", "deployment", "deployment_status"}),
}  # fmt: skip

Members = Mapping[str, str] | Iterable[str]


class Scene:
    """Everything here happens at once and asks for no permission."""

    def __init__(self, world: World) -> None:
        self.world = world

    def add_user(
        self, login: str, name: str = "", email: str = "", *, token: str = "", bot: bool = False
    ) -> str:
        """There is such a user; returns a token of theirs, the given one if any."""
        world = self.world
        with world.lock:
            if world.user(login):
                raise ValueError(f"there is a user {login!r} already")
            user = User(
                id=world.next_id(), login=login, name=name or login.title(),
                email=email or f"{login}@example.com", bot=bot,
            )  # fmt: skip
            world.users[user.id] = user
            return self.add_token(login, token=token)

    def add_token(self, login: str, *, token: str = "") -> str:
        """The user has one more token that never expires."""
        secret = token or f"sandbox-{secrets.token_hex(16)}"
        with self.world.lock:
            self.world.tokens[secret] = Token(user_id=self.user(login).id)
        return secret

    def add_group(self, path: str, members: Members = (), *, name: str = "") -> Group:
        """There is a group (GitHub: organisation `acme`, or team `acme/platform`)."""
        world = self.world
        with world.lock:
            group = Group(
                id=world.next_id(), path=path, name=name or path, members=self._levels(members)
            )
            world.groups[group.id] = group
            return group

    def add_app(self, slug: str, public_key_pem: str, *, owner: str, account: str = "") -> App:
        """There is a GitHub App with that key; with `account` it is installed there."""
        world = self.world
        with world.lock:
            bot = User(
                id=world.next_id(), login=f"{slug}[bot]", name=slug, bot=True,
                email=f"{slug}[bot]@users.noreply.localhost",
            )  # fmt: skip
            app = App(
                id=world.next_id(), slug=slug, name=slug, public_key_pem=public_key_pem,
                owner_id=self.user(owner).id, bot_id=bot.id,
            )  # fmt: skip
            bot.app_id = app.id
            world.users[bot.id], world.apps[app.id] = bot, app
            if account:
                self.install(app, account)
            return app

    def install(self, app: App, account: str) -> Installation:
        """The App works on every repository of that account."""
        world = self.world
        with world.lock:
            installation = Installation(
                id=world.next_id(), app_id=app.id, account=account, created_at=world.now()
            )
            world.installations[installation.id] = installation
            return installation

    def add_project(
        self,
        path: str,
        *,
        kind: Kind = "gitlab",
        visibility: Visibility = "private",
        members: Members = (),
        files: Mapping[str, str] | None = None,
        default_branch: str = "main",
        pipelines_must_succeed: bool = False,
        reset_approvals_on_push: bool = False,
        ci: CiMode = "merge_requests",
        pipeline_outcome: Outcome = "success",
        checking_reads: int = 0,
    ) -> Project:
        """There is a repository with one commit (`files`, or a README) on its default branch."""
        world = self.world
        with world.lock:
            if world.project(path):
                raise ValueError(f"there is a project {path!r} already")
            number = world.next_id()
            folder = world.directory / "repositories" / f"{number}.git"
            new_repository.create(folder, default_branch=default_branch)
            project = Project(
                id=number, path=path, kind=kind, repository=folder, created_at=world.now(),
                pushed_at=world.now(), visibility=visibility, default_branch=default_branch,
                members=self._levels(members), ci=ci, pipeline_outcome=pipeline_outcome,
                only_allow_merge_if_pipeline_succeeds=pipelines_must_succeed,
                reset_approvals_on_push=reset_approvals_on_push, checking_reads=checking_reads,
            )  # fmt: skip
            world.projects[project.id] = project
            first = dict(files) if files is not None else {"README.md": f"# {project.name}\n"}
            self.commit(path, default_branch, first, message="Initial commit")
            return project

    def commit(
        self,
        project: str,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        author: str = "",
        message: str = "Change",
        start: str | None = None,
    ) -> str:
        """The branch has one commit more (None deletes a file); hooks are told of the push.

        A new branch starts at the default branch. `start` moves the branch there first, which is a
        force-push where the branch was elsewhere.
        """
        world, found = self.world, self.project(project)
        with world.lock:
            repository = world.repository(found)
            before = repository.branch(branch)
            parent = repository.resolve(start) if start else before
            parent = parent or repository.branch(found.default_branch)
            user = self.user(author) if author else next(iter(world.users.values()), _NOBODY)
            tree = repository.tree_with(parent, files)
            parents = [parent] if parent else []
            sha = repository.commit_tree(tree, parents, message, name=user.name, email=user.email)
            repository.move(f"refs/heads/{branch}", sha)
            changes.pushed(world, found, user, f"refs/heads/{branch}", before or NO_COMMIT, sha)
            return sha

    def add_hook(
        self,
        project: str,
        url: str,
        *,
        secret: str = "",
        signing_token: str = "",
        events: Iterable[str] | None = None,
    ) -> Hook:
        """The project tells `url` of its events (the host's own names; None: all that mrbot reads).

        `secret` is GitLab's plain token or the key of GitHub's HMAC.
        """
        world, found = self.world, self.project(project)
        with world.lock:
            chosen = DEFAULT_EVENTS[found.kind] if events is None else frozenset(events)
            hook = Hook(
                id=world.next_id(), project_id=found.id, url=url, created_at=world.now(),
                token=secret, signing_token=signing_token, events=chosen,
            )  # fmt: skip
            world.hooks[hook.id] = hook
            owner = next(iter(world.users.values()), None)
            if owner is not None:
                world.emit(HookAdded(project=found, hook=hook, user=owner))
            return hook

    def protect_branch(
        self,
        project: str,
        branch: str,
        *,
        required_statuses: Iterable[str] = (),
        required_app: App | None = None,
        required_approvals: int = 0,
        push: str = "maintainer",
        merge: str = "developer",
    ) -> None:
        """The branch is protected; `push` and `merge` are roles, or `nobody`."""
        found = self.project(project)
        rule = ProtectedBranch(
            id=self.world.next_id(), name=branch, push_level=_level(push),
            merge_level=_level(merge), required_statuses=tuple(required_statuses),
            required_approvals=required_approvals,
            required_app_id=required_app.id if required_app else None,
        )  # fmt: skip
        with self.world.lock:
            found.protected[branch] = rule

    def add_trigger_token(self, project: str, login: str) -> str:
        """A GitLab pipeline trigger token that acts for the user."""
        secret = f"glptt-{secrets.token_hex(16)}"
        self.project(project).trigger_tokens[secret] = self.user(login).id
        return secret

    def user(self, login: str) -> User:
        """The user, who must exist."""
        user = self.world.user(login)
        if user is None:
            raise KeyError(f"the sandbox has no user {login!r}")
        return user

    def project(self, path: str) -> Project:
        """The project, which must exist."""
        project = self.world.project(path)
        if project is None:
            raise KeyError(f"the sandbox has no project {path!r}")
        return project

    def change(self, project: str, number: int) -> Change:
        """The change, which must exist."""
        return self._change(self.project(project), number)

    def _change(self, project: Project, number: int) -> Change:
        change = self.world.change(project, number)
        if change is None:
            raise KeyError(f"{project.path} has no change {number}")
        return change

    def _levels(self, members: Members) -> dict[int, int]:
        if isinstance(members, Mapping):
            return {self.user(login).id: _level(role) for login, role in members.items()}
        return {self.user(login).id: DEVELOPER for login in members}


_NOBODY = User(id=0, login="sandbox", name="Sandbox", email="sandbox@example.com", bot=True)


def _level(role: str) -> int:
    if role == "nobody":
        return NO_ONE
    if role not in ROLES:
        raise ValueError(f"no such role: {role!r}; there are {', '.join(ROLES)} and nobody")
    return ROLES[role]
