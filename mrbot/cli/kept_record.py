"""A record that a command is given: a file, or a number of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mrbot.audit.record import Record, read_record
from mrbot.cli.ledger import content_of, opened_ledger
from mrbot.config.settings_value import Settings
from mrbot.errors import BadReference, Problem
from mrbot.store.ledger import StoredLedger

RECORD_LIMIT_BYTES = 1 << 30
"""The longest record that is read: 1 GiB."""

DAMAGED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the judgement stumbles over when a file says `Change` and holds something else."""


def kept_record(record: str, settings: Settings | None, config: Path) -> Record:
    """The record in the file, or with the number, `record`. `config` names the settings in messages.

    Raises: BadReference when there is none or it is damaged; StoreFailure when it was altered.
    """
    return _read(_content(record, settings, config))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A decision in the ledger that cannot be made again, and why."""

    subject: str
    number: int
    why: str


def latest_records(ledger: StoredLedger, changes: int) -> Iterator[tuple[int, Record] | Unread]:
    """The newest decision of each of the last `changes` changes, with its number, newest first.

    Raises: StoreFailure when one was altered.
    """
    newest: dict[str, int] = {}
    for entry in reversed(tuple(ledger.entries())):
        if entry.kind == "decision":
            newest.setdefault(entry.subject, entry.number)
    for subject, number in islice(newest.items(), changes):
        try:
            yield number, _read(content_of(ledger, number))
        except BadReference as error:
            yield Unread(subject=subject, number=number, why=str(error).removeprefix(": "))


def _content(record: str, settings: Settings | None, config: Path) -> bytes:
    path = Path(record)
    if path.is_file():
        return _file(path)
    if not record.isdecimal():
        raise BadReference(Problem(record, 0, "there is no such file, and it is no number"))
    if settings is None:
        raise BadReference(
            f"record {record} is looked up in a ledger, and there are no settings {config}: "
            "name them with --config"
        )
    with opened_ledger(settings) as ledger:
        return content_of(ledger, int(record))


def _file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(RECORD_LIMIT_BYTES + 1)
    except OSError as error:
        raise BadReference(Problem(str(path), 0, f"cannot be read: {error.strerror}")) from error
    if len(content) > RECORD_LIMIT_BYTES:
        raise BadReference(Problem(str(path), 0, f"is longer than {RECORD_LIMIT_BYTES} bytes"))
    return content


def _read(content: bytes) -> Record:
    try:
        return read_record(content)
    except DAMAGED as error:
        raise BadReference(f"the record is damaged: {type(error).__name__}") from error
