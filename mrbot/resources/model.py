"""What a change does to infrastructure, whatever format it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mrbot.ids import Json


class Action(StrEnum):
    """What would happen to one resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    MOVE = "move"
    IMPORT = "import"
    FORGET = "forget"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How it is known."""

    STATIC = "static"
    """Read from the files: what they say, not what the provider would make of it."""
    PLANNED = "planned"
    """Told by a plan of this very commit."""
    UNKNOWN = "unknown"
    """The file says that something changes, not what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where it is written: a path at the head (for a deletion: at the base), lines from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """One resource that the change creates, alters or removes.

    `address` is unique within (format, project, file tree); `kind` is the format's own type
    (`aws_db_instance`, `apps/v1/Deployment`, `job`). `before` and `after` are JSON objects, None
    where it does not exist. A path in `unknown_paths` (dotted; `""` is the whole) has no value that
    could be known; a path in `sensitive_paths` holds a value that must never be shown: readers put
    `(sensitive)` in its place.

    `rewritten`: the values are the same, the text is not, and what reads it may tell the difference.
    `stateful`: data goes with it when it is deleted or replaced. Only a plan knows `previous_address`
    (of what was moved), `why` (its reason for the action, in its own word) and `replace_paths` (what
    cannot change in place). `old_path` is the file that it was in before, where that is another.
    """

    format: str
    address: str
    kind: str
    action: Action
    before: Json
    after: Json
    unknown_paths: tuple[str, ...] = ()
    sensitive_paths: tuple[str, ...] = ()
    project: str | None = None
    environment: str | None = None
    certainty: Certainty = Certainty.STATIC
    source: Source | None = None
    stateful: bool = False
    rewritten: bool = False
    previous_address: str | None = None
    why: str | None = None
    replace_paths: tuple[str, ...] = ()
    old_path: str | None = None


SENSITIVE = "(sensitive)"
"""Stands where a sensitive value was. Equal before and after says nothing about equality."""

SENSITIVE_CHANGED = "(sensitive, changed)"
"""Stands on both sides where two sensitive values differed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """A file, or a part of one, that mrbot could not read as resources.

    `relevant` is True when its format is one that mrbot judges and the text could not be read: such
    a change cannot be decided. It is False for a file of a kind that no reader knows; that is
    listed, and rules may ask an approver for it.
    """

    path: str
    line: int
    reason: str
    relevant: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVersions:
    """One changed file and both its contents; None where absent or not read. `old_path` is `path` where
    it was not renamed."""

    path: str
    old_path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the readers made of a change, in order of file and line. Nothing is left out: every
    changed file gave resources, or is in `not_understood`, or is in `plain` (read as text only)."""

    resources: tuple[ResourceChange, ...]
    not_understood: tuple[NotUnderstood, ...]
    plain: tuple[str, ...] = ()
