"""Times and names as the tables hold them."""

from __future__ import annotations

from datetime import UTC, datetime

from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, RepoId
from mrbot.inbox.worklist import Subject


def seconds(moment: datetime) -> float:
    """Seconds since 1970. `moment` must carry its time zone."""
    if moment.tzinfo is None:
        raise StoreFailure("a time without a time zone cannot be stored")
    return moment.timestamp()


def moment(stored: float) -> datetime:
    """The time that `seconds` wrote, in UTC."""
    return datetime.fromtimestamp(stored, UTC)


def repo_of(subject: Subject) -> RepoId:
    """The repository a subject belongs to."""
    return subject.repo if isinstance(subject, ChangeId) else subject


def change_from(stored: str) -> ChangeId:
    """The change that `str()` wrote.

    Raises: StoreFailure when the database holds something else.
    """
    try:
        return ChangeId.parse(stored)
    except ValueError as error:
        raise StoreFailure(f"the database holds a damaged change id: {error}") from error


def subject_from(stored: str, repo: str) -> Subject:
    """The subject that `str()` wrote, given its repository's."""
    if stored != repo:
        return change_from(stored)
    host, _, path = stored.partition(":")
    return RepoId(host, path)
