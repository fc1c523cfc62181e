"""Shared nouns: what a thing is called, everywhere.

Nothing here has behaviour beyond printing itself; nothing here imports mrbot.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Sha = NewType("Sha", str)
"""A full object id in hexadecimal, 40 (SHA-1) or 64 (SHA-256) digits, lower case."""

Digest = NewType("Digest", str)
"""`sha256:` and 64 hexadecimal digits: what something is, in place of the thing itself."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A JSON document. Documents are never modified after they are made."""


class HostKind(StrEnum):
    """The dialects mrbot speaks. `LOCAL` is a plain git repository without a host."""

    GITLAB = "gitlab"
    GITHUB = "github"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, order=True)
class RepoId:
    """One repository on one configured host.

    `host` is the name the settings give the host; `path` is its full path there
    (`group/sub/project`, `owner/name`), in the host's own spelling.
    """

    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.host}:{self.path}"


@dataclass(frozen=True, slots=True, order=True)
class ChangeId:
    """One merge request (`iid`) or pull request (`number`)."""

    repo: RepoId
    number: int

    def __str__(self) -> str:
        return f"{self.repo}#{self.number}"

    @staticmethod
    def parse(text: str) -> ChangeId:
        """The change that `str()` printed as `text`.

        Raises: ValueError when `text` is not of the form `host:path#number`.
        """
        head, _, number = text.rpartition("#")
        host, colon, path = head.partition(":")
        if not (host and colon and path and number.isdecimal()):
            raise ValueError(f"not a change id (host:path#number): {text!r}")
        return ChangeId(RepoId(host, path), int(number))


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Person:
    """Somebody a host knows. Rights belong to `id`, which is immutable; `login` may be renamed."""

    id: str
    login: str
    is_bot: bool = False
