"""What people do in a scene, without HTTP: open, comment, approve, merge, close."""

from __future__ import annotations

from collections.abc import Iterable

from mrbot.sandbox import changes, comments
from mrbot.sandbox.model import ReviewState
from mrbot.sandbox.scene import Scene


class Acting(Scene):
    """The deeds of named people; nothing asks whether they may."""

    def open_change(
        self,
        project: str,
        author: str,
        source: str,
        *,
        title: str = "",
        target: str = "",
        description: str = "",
        draft: bool = False,
        labels: Iterable[str] = (),
    ) -> int:
        """The number of a new change of `source` into `target` (the default branch)."""
        world, found = self.world, self.project(project)
        with world.lock:
            change = changes.open_change(
                world, found, self.user(author), source=source, draft=draft, labels=tuple(labels),
                target=target or found.default_branch, title=title or f"Change {source}",
                description=description,
            )  # fmt: skip
            return change.number

    def comment(self, project: str, number: int, author: str, body: str) -> int:
        """The id of a new comment; quick actions in it are not executed here."""
        world, found = self.world, self.project(project)
        with world.lock:
            change = self._change(found, number)
            return comments.write(world, found, change, self.user(author), body).id

    def edit_comment(self, project: str, number: int, comment: int, author: str, body: str) -> None:
        """The comment has a new text."""
        world, found = self.world, self.project(project)
        with world.lock:
            change = self._change(found, number)
            comments.rewrite(world, found, change, world.comments[comment], self.user(author), body)

    def approve(self, project: str, number: int, login: str) -> None:
        """The user's approval stands: a GitLab approval, or an approving GitHub review."""
        self.review(project, number, login, "APPROVED")

    def unapprove(self, project: str, number: int, login: str) -> None:
        """The user's approval is gone (GitHub: their reviews are dismissed)."""
        world, found, user = self.world, self.project(project), self.user(login)
        with world.lock:
            change = self._change(found, number)
            if found.kind == "gitlab":
                changes.unapprove(world, found, change, user)
                return
            for review in change.reviews:
                if review.user_id == user.id and review.state != "COMMENTED":
                    changes.dismiss(world, found, change, review, user)

    def review(
        self, project: str, number: int, login: str, state: ReviewState, body: str = ""
    ) -> None:
        """The user reviewed the present head."""
        world, found, user = self.world, self.project(project), self.user(login)
        with world.lock:
            change = self._change(found, number)
            if found.kind == "github":
                changes.review(world, found, change, user, state=state, body=body)
            elif state == "APPROVED":
                changes.approve(world, found, change, user)
            else:
                raise ValueError("GitLab has approvals only")

    def merge(self, project: str, number: int, login: str) -> str:
        """The merge commit; nothing is asked about mergeability."""
        world, found = self.world, self.project(project)
        with world.lock:
            return changes.merge(world, found, self._change(found, number), self.user(login))

    def edit_change(
        self,
        project: str,
        number: int,
        login: str,
        *,
        title: str | None = None,
        description: str | None = None,
        target: str | None = None,
        labels: list[str] | None = None,
        draft: bool | None = None,
    ) -> None:
        """The given fields of the change have new values (GitLab reads `draft` from the title)."""
        world, found = self.world, self.project(project)
        with world.lock:
            changes.edit(
                world, found, self._change(found, number), self.user(login), title=title,
                description=description, target=target, labels=labels, draft=draft,
            )  # fmt: skip

    def close(self, project: str, number: int, login: str) -> None:
        """The change is closed."""
        world, found = self.world, self.project(project)
        with world.lock:
            changes.close(world, found, self._change(found, number), self.user(login))
