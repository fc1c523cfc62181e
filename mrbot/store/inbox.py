"""Accepts deliveries: all that one means is in one transaction."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, Engine, or_, select, update

from mrbot.change.people import ReviewSource
from mrbot.change.snapshot import ChangeState
from mrbot.deployment.deployment import DeploymentState
from mrbot.ids import ChangeId
from mrbot.inbox.cause_json import cause_json
from mrbot.inbox.delivery import (
    BranchMoved,
    ChangeMayHaveChanged,
    Commented,
    Delivery,
    ReviewGiven,
    RunProgressed,
    change_of,
)
from mrbot.store.moments import seconds
from mrbot.store.publications import last_record
from mrbot.store.reviews import add_review
from mrbot.store.schema import changes, deliveries, deployments
from mrbot.store.transaction import insert, writing
from mrbot.store.worklist import mark, mark_selected


class StoredInbox:
    """The `Inbox` port over the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, delivery: Delivery, now: datetime) -> bool:
        """See `Inbox.put`."""
        with writing(self._engine) as connection:
            number = change_of(delivery.cause)
            change = None if number is None else ChangeId(delivery.repo, number)
            publication = None if change is None else last_record(connection, change)
            row = _add(connection, delivery, change, publication, now)
            if row is not None and change is not None:
                _keep_review(connection, delivery, change, publication, row, now)
            if change is not None:
                mark(connection, change, now)
            _mark_others(connection, delivery, now)
        return row is not None


def _add(
    connection: Connection,
    delivery: Delivery,
    change: ChangeId | None,
    publication: str | None,
    now: datetime,
) -> int | None:
    """The new row's id; None when the same was delivered before, by any of its three names."""
    found: int | None = connection.execute(
        insert(connection, deliveries)
        .values(
            host=delivery.repo.host, key=delivery.key, body=delivery.body, fact=delivery.fact,
            event=delivery.event, repo=str(delivery.repo),
            change=None if change is None else str(change),
            cause=json.dumps(cause_json(delivery.cause)), publication=publication,
            received_at=seconds(now), unread_comment=isinstance(delivery.cause, Commented),
        )
        .on_conflict_do_nothing()
        .returning(deliveries.c.id)
    ).scalar_one_or_none()  # fmt: skip
    return found


def _keep_review(
    connection: Connection,
    delivery: Delivery,
    change: ChangeId,
    publication: str | None,
    row: int,
    now: datetime,
) -> None:
    """What a person said is evidence, bound to what mrbot had last shown when it was accepted."""
    if isinstance(delivery.cause, ReviewGiven):
        add_review(
            connection, change, delivery.cause.person, delivery.cause.state, ReviewSource.HOST,
            delivery.cause.head, publication, row, now,
        )  # fmt: skip


def _mark_others(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """Changes that the delivery does not name and yet concerns."""
    still_open = (
        select(changes.c.change, changes.c.repo)
        .where(changes.c.repo == str(delivery.repo), changes.c.state == ChangeState.OPEN)
    )  # fmt: skip
    match delivery.cause:
        case BranchMoved(branch=branch):
            mark_selected(connection, still_open.where(changes.c.target_branch == branch), now)
        case RunProgressed(run=run, sha=sha):
            if sha is not None:
                mark_selected(connection, still_open.where(changes.c.head == sha), now)
            _look_at_deployments(connection, delivery, run, now)
        case ChangeMayHaveChanged() | ReviewGiven() | Commented():
            pass


def _look_at_deployments(
    connection: Connection, delivery: Delivery, run: str, now: datetime
) -> None:
    """The deployments that this run may be are due, and their changes are dirty: those that know
    its id, and those whose id is not known yet."""
    concerned = (deployments.c.repo == str(delivery.repo)) & or_(
        (deployments.c.run == run) & (deployments.c.state == DeploymentState.RUNNING),
        deployments.c.state.in_([DeploymentState.DISPATCHING, DeploymentState.UNCERTAIN]),
    )
    connection.execute(update(deployments).where(concerned).values(next_check_at=seconds(now)))
    mark_selected(
        connection,
        select(deployments.c.change, deployments.c.repo).distinct().where(concerned),
        now,
    )
