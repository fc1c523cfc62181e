"""People, Apps, their credentials and groups, and the levels of access they can have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

GUEST, REPORTER, TRIAGE, DEVELOPER, MAINTAINER, OWNER = 10, 20, 25, 30, 40, 50
NO_ONE = 60
"""Access levels are GitLab's numbers; `NO_ONE` is a level that nobody reaches."""

ROLES: dict[str, int] = {
    "guest": GUEST,
    "reporter": REPORTER,
    "read": REPORTER,
    "triage": TRIAGE,
    "developer": DEVELOPER,
    "write": DEVELOPER,
    "maintainer": MAINTAINER,
    "maintain": MAINTAINER,
    "owner": OWNER,
    "admin": OWNER,
}


@dataclass(kw_only=True)
class User:
    """A person or a bot; `app_id` marks the bot user of a GitHub App."""

    id: int
    login: str
    name: str
    email: str
    bot: bool = False
    app_id: int | None = None


@dataclass(kw_only=True)
class App:
    """A GitHub App with the public half of its key; its bot user acts for its installations."""

    id: int
    slug: str
    name: str
    public_key_pem: str
    owner_id: int
    bot_id: int


@dataclass(kw_only=True)
class Installation:
    """An App installed on one account, for every repository of it."""

    id: int
    app_id: int
    account: str
    created_at: datetime


@dataclass(kw_only=True)
class Token:
    """A credential; `installation_id` is set for tokens that an App was given."""

    user_id: int
    expires_at: datetime | None = None
    installation_id: int | None = None


@dataclass(kw_only=True)
class Group:
    """A GitLab group (`acme/infra`), or a GitHub organisation (`acme`) or team (`acme/infra`)."""

    id: int
    path: str
    name: str
    members: dict[int, int] = field(default_factory=dict)
    """User id -> access level."""
