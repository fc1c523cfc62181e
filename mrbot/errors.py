"""Every error mrbot raises on purpose, by side of fault.

    MrbotError
    |-- BadDelivery            the sender's: a webhook that is not what it claims
    |   |-- BadSignature           401
    |   |-- TooLarge               413
    |   `-- Malformed              400
    |-- BadInput               the user's: a file, an option or a reference that cannot be used
    |   |-- BadSettings            the server's settings
    |   |-- BadRules               a rule file
    |   |-- BadPolicy              a Rego policy
    |   `-- BadReference           a commit, branch or record that is not there
    |-- HostFailure            the world's: a code host
    |   |-- Transient              may pass: time-out, 5xx, 409, rate limit (`retry_after` seconds)
    |   |-- Permanent              will not: 401, 403, 404, 422
    |   `-- AnswerLost             a write was sent and no answer came: it may have happened
    |-- GitFailure             the world's: git, or the repository
    |-- StoreFailure           ours or the disk's: the database
    `-- Superseded             nobody's: the work was taken over or the facts moved on

Outcomes that are expected (a policy that denies, a plan that fails, an engine that is down) are
values, not errors.
"""

from __future__ import annotations

from dataclasses import dataclass


class MrbotError(Exception):
    """The root. Its text says where, what, and how to mend it, and never holds a secret."""


class BadDelivery(MrbotError):
    """A webhook that cannot be accepted."""


class BadSignature(BadDelivery):
    """The delivery was not signed by the host, or not with the configured secret."""


class TooLarge(BadDelivery):
    """The body is larger than mrbot reads."""


class Malformed(BadDelivery):
    """The body is authentic and cannot be read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file a person wrote. `line` counts from 1; 0 when unknown."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return (
            f"{self.path}:{self.line}: {self.message}"
            if self.line
            else f"{self.path}: {self.message}"
        )


class BadInput(MrbotError):
    """Something a person wrote cannot be used. Holds every problem found, not just the first."""

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = tuple(p if isinstance(p, Problem) else Problem("", 0, p) for p in problems)
        super().__init__("\n".join(str(p).removeprefix(": ") for p in self.problems))


class BadSettings(BadInput):
    """The server's settings cannot be used."""


class BadRules(BadInput):
    """A rule file cannot be used."""


class BadPolicy(BadInput):
    """A Rego policy cannot be used."""


class BadReference(BadInput):
    """A commit, branch, record or file that was named is not there."""


class HostFailure(MrbotError):
    """A code host did not do what was asked. `status` is the HTTP status, 0 when there was none."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Transient(HostFailure):
    """Asking again later may work, `retry_after` seconds from now at the earliest."""

    def __init__(self, message: str, *, status: int = 0, retry_after: float = 0.0) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Permanent(HostFailure):
    """Asking again will not work until a person changes something."""


class AnswerLost(HostFailure):
    """A write was sent and its answer did not arrive: it must be looked up before it is repeated."""


class GitFailure(MrbotError):
    """git could not do what was asked, or the repository could not be reached."""


class GitTimedOut(GitFailure):
    """git took longer than it may."""


class StoreFailure(MrbotError):
    """The database did not take or give what it should."""


class Superseded(MrbotError):
    """Another worker holds this work now, or its facts moved on: stop, and change nothing more."""
