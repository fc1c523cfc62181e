"""What mrbot last published: a comment a change, a status a commit and name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from mrbot.effects.effect import CommentRef, StatusState
from mrbot.ids import ChangeId, Digest, RepoId, Sha
from mrbot.store.moments import moment, seconds
from mrbot.store.schema import publications, statuses
from mrbot.store.transaction import insert, reading, writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The comment on show: where it is, the digest of its text, and the record it shows."""

    comment: CommentRef
    digest: Digest
    record: str
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedStatus:
    """The status a commit carries under one name. `digest` covers everything that was sent;
    `known` is what the host wants to be given next time."""

    state: StatusState
    digest: Digest
    known: str


class Publications:
    """The last comment and statuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def comment(self, change: ChangeId) -> Publication | None:
        """The comment on show, if there is one."""
        query = select(publications).where(publications.c.change == str(change))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Publication(
            comment=CommentRef(id=row.comment_id, url=row.comment_url), digest=Digest(row.digest),
            record=row.record, published_at=moment(row.published_at),
        )  # fmt: skip

    def save_comment(
        self, change: ChangeId, comment: CommentRef, digest: Digest, record: str, now: datetime
    ) -> None:
        """`record` is on show: reviews accepted from now on are bound to it."""
        values = {
            "comment_id": comment.id, "comment_url": comment.url, "digest": digest,
            "record": record, "published_at": seconds(now),
        }  # fmt: skip
        with writing(self._engine) as connection:
            statement = insert(connection, publications).values(change=str(change), **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["change"], set_=values)
            )

    def status(self, repo: RepoId, sha: Sha, name: str) -> PublishedStatus | None:
        """The status that was last set, if one was."""
        query = select(statuses).where(
            statuses.c.repo == str(repo), statuses.c.sha == sha, statuses.c.name == name
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return PublishedStatus(
            state=StatusState(row.state), digest=Digest(row.digest), known=row.known
        )

    def save_status(
        self, repo: RepoId, sha: Sha, name: str, status: PublishedStatus, now: datetime
    ) -> None:
        """The commit carries `status`."""
        values = {
            "state": status.state, "digest": status.digest, "known": status.known,
            "published_at": seconds(now),
        }  # fmt: skip
        with writing(self._engine) as connection:
            statement = insert(connection, statuses).values(
                repo=str(repo), sha=sha, name=name, **values
            )
            connection.execute(
                statement.on_conflict_do_update(index_elements=["repo", "sha", "name"], set_=values)
            )


def last_record(connection: Connection, change: ChangeId) -> str | None:
    """The record on show, within a transaction of the caller's."""
    return connection.execute(
        select(publications.c.record).where(publications.c.change == str(change))
    ).scalar_one_or_none()
