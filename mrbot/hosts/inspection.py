"""What `mrbot doctor` finds out about a repository on its host."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mrbot.ids import Person, RepoId


class Level(StrEnum):
    """How a check came out. `MISSING`: mrbot cannot do its work without it."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One check: what it is about, what was found, and how to mend it where that is needed."""

    name: str
    level: Level
    found: str
    mend: str = ""


def ok(name: str, found: str) -> Inspected:
    """Nothing is to be done."""
    return Inspected(name=name, level=Level.OK, found=found)


def warning(name: str, found: str, mend: str) -> Inspected:
    """It works, and somebody should know of this."""
    return Inspected(name=name, level=Level.WARNING, found=found, mend=mend)


def missing(name: str, found: str, mend: str) -> Inspected:
    """It does not work."""
    return Inspected(name=name, level=Level.MISSING, found=found, mend=mend)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is looked for. `hook_urls` are where deliveries may go, the recommended one first; none
    where that is not known. `status_name` holds `{target}`."""

    hook_urls: tuple[str, ...]
    status_name: str

    def status(self, branch: str) -> str:
        """The status that holds merges into that branch."""
        return self.status_name.replace("{target}", branch)


class Inspector(Protocol):
    """Looks at one host and changes nothing. Raises `HostFailure` where nothing can be said."""

    def identity(self) -> Person:
        """The account that mrbot is."""
        ...

    def inspect(self, repo: RepoId, expected: Expected) -> tuple[Inspected, ...]:
        """Whether mrbot can work in the repository, and how well its status holds a merge."""
        ...
