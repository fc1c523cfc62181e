"""What is known of one change, put together for its page and its JSON form."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mrbot.audit.ledger import Entry
from mrbot.audit.record import FORMAT
from mrbot.errors import StoreFailure
from mrbot.ids import ChangeId, Json
from mrbot.store.changes import KnownChange
from mrbot.store.commands import StoredCommand
from mrbot.store.deployments import StoredDeployment
from mrbot.store.publications import Publication
from mrbot.store.store import Store

HISTORY_OPENED = 10
"""Records whose content is opened for the history: the latest. Older ones are listed by number."""

HISTORY_SHOWN = 100
"""Records listed in the history: the latest. The rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One decision of the ledger. `outcome` is empty, and `note` says why, where it cannot be told:
    erased, altered, or too old to be opened for a list."""

    entry: Entry
    outcome: dict[str, Json]
    note: str

    @property
    def verdict(self) -> str:
        """The verdict's name, empty where it cannot be told."""
        return str(self.outcome.get("verdict") or "")

    @property
    def head(self) -> str:
        """The commit that was judged, empty where it cannot be told."""
        return str(self.outcome.get("head") or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """One change. `decisions` is the newest first; `unlisted` counts those left out of it."""

    id: ChangeId
    known: KnownChange | None
    comment: Publication | None
    decisions: tuple[Recorded, ...]
    unlisted: int
    deployments: tuple[StoredDeployment, ...]
    commands: tuple[StoredCommand, ...]

    @property
    def last(self) -> Recorded | None:
        """The last decision."""
        return self.decisions[0] if self.decisions else None

    @property
    def verdict(self) -> str:
        """The verdict that holds now; empty while the change is being judged. An ended change keeps
        the one it ended with."""
        if self.known is not None:
            return self.known.verdict
        return self.last.verdict if self.last else ""


def view(store: Store, change: ChangeId) -> ChangeView | None:
    """The change, None when mrbot has never seen it.

    Raises: StoreFailure when the store cannot be read.
    """
    known = store.changes.get(change)
    entries = [one for one in store.ledger.of(str(change)) if one.kind == "decision"][::-1]
    if known is None and not entries:
        return None
    listed = entries[:HISTORY_SHOWN]
    return ChangeView(
        id=change,
        known=known,
        comment=store.publications.comment(change),
        decisions=tuple(
            _recorded(store, entry)
            if at < HISTORY_OPENED
            else Recorded(entry=entry, outcome={}, note=f"see: mrbot ledger show {entry.number}")
            for at, entry in enumerate(listed)
        ),
        unlisted=len(entries) - len(listed),
        deployments=store.deployments.of(change),
        commands=store.commands.history(change),
    )


def _recorded(store: Store, entry: Entry) -> Recorded:
    try:
        kept = store.ledger.read(entry.number)
    except StoreFailure as error:
        return Recorded(entry=entry, outcome={}, note=str(error))
    if kept is None or kept.content is None:
        return Recorded(entry=entry, outcome={}, note="its content was erased")
    try:
        document = json.loads(kept.content)
    except (ValueError, RecursionError):
        document = None
    outcome = document.get("outcome") if isinstance(document, dict) else None
    if not isinstance(outcome, dict) or document.get("format") != FORMAT:
        return Recorded(entry=entry, outcome={}, note="another version of mrbot wrote it")
    return Recorded(entry=entry, outcome=outcome, note="")


def view_document(view: ChangeView) -> dict[str, Json]:
    """The same as JSON."""
    known, last, comment = view.known, view.last, view.comment
    return {
        "change": str(view.id),
        "state": None if known is None else known.state,
        "title": None if known is None else known.title,
        "head": None if known is None else known.head,
        "target_branch": None if known is None else known.target_branch,
        "verdict": view.verdict or None,
        "read_at": None if known is None else known.updated_at.isoformat(),
        "comment": None if comment is None else _comment(comment),
        "record": None if last is None else _record(last),
        "outcome": None if last is None or last.note else last.outcome,
        "history": [_record(one) for one in view.decisions],
        "history_unlisted": view.unlisted,
        "deployments": [_deployment(one) for one in view.deployments],
        "commands": [_command(one) for one in view.commands],
    }


def _comment(comment: Publication) -> Json:
    return {
        "url": comment.comment.url,
        "record": comment.record,
        "published_at": comment.published_at.isoformat(),
    }


def _record(one: Recorded) -> Json:
    return {
        "number": one.entry.number,
        "at": one.entry.at,
        "digest": one.entry.digest,
        "verdict": one.verdict or None,
        "head": one.head or None,
        "note": one.note or None,
    }


def _deployment(one: StoredDeployment) -> Json:
    return {
        "environment": one.intent.environment,
        "sha": one.intent.sha,
        "state": one.state,
        "run": one.run,
        "url": one.url,
        "detail": one.detail,
        "intended_at": one.intended_at.isoformat(),
    }


def _command(one: StoredCommand) -> Json:
    return {
        "command": one.command.text,
        "by": one.source.comment.author.login,
        "received_at": one.source.received_at.isoformat(),
        "state": one.state,
        "answer": one.answer,
    }
