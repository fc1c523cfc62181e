"""The JSON that stands inside many of GitLab's entities: times, users, commits."""

from __future__ import annotations

from datetime import datetime

from mrbot.sandbox.model import Project
from mrbot.sandbox.repository import Commit
from mrbot.sandbox.world import World

Json = dict[str, object]


def moment(at: datetime | None) -> str | None:
    """A time as the API writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z" if at else None


def user(world: World, user_id: int | None) -> Json | None:
    """A user as it stands inside other entities."""
    found = world.users.get(user_id or 0)
    if found is None:
        return None
    return {
        "id": found.id, "username": found.login, "public_email": "", "name": found.name,
        "state": "active", "locked": False, "avatar_url": None,
        "web_url": f"{world.url}/{found.login}",
    }  # fmt: skip


def commit(world: World, found: Project, one: Commit) -> Json:
    """A commit."""
    return {
        "id": one.sha, "short_id": one.sha[:8], "created_at": one.committer_date,
        "parent_ids": list(one.parents), "title": one.title, "message": one.message,
        "author_name": one.author_name, "author_email": one.author_email,
        "authored_date": one.author_date, "committer_name": one.committer_name,
        "committer_email": one.committer_email, "committed_date": one.committer_date,
        "trailers": {}, "extended_trailers": {},
        "web_url": f"{world.url}/{found.path}/-/commit/{one.sha}",
    }  # fmt: skip
