"""What CODEOWNERS asks for, in either host's dialect, as one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """One entry that owns changed files: any `count` of these owners must approve `paths`.

    `roles` are GitLab's `@@developer` and the like, in mrbot's words (`write`, `maintain`,
    `admin`); `emails` are addresses, which name nobody mrbot can check. `optional` entries ask and
    never block. `line` is that of the entry in its file.
    """

    name: str
    users: tuple[str, ...]
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    emails: tuple[str, ...]
    count: int
    optional: bool
    paths: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A line that is not an entry, and why the host would not use it."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Everything the file says of some paths. Paths nobody owns are in no entry."""

    owned: tuple[Owned, ...]
    skipped: tuple[Skipped, ...]
