"""A record that a command is given: a file, or a number of the ledger."""

from __future__ import annotations

from pathlib import Path

from mrbot.audit.record import Record, read_record
from mrbot.cli.ledger import content_of, opened_ledger
from mrbot.config.settings_value import Settings
from mrbot.errors import BadReference, Problem

RECORD_LIMIT_BYTES = 1 << 30
"""The longest record that is read: 1 GiB."""

DAMAGED = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the judgement stumbles over when a file says `Change` and holds something else."""


def kept_record(record: str, settings: Settings | None, config: Path) -> Record:
    """The record in the file, or with the number, `record`. `config` names the settings in messages.

    Raises: BadReference when there is none or it is damaged; StoreFailure when it was altered.
    """
    return _read(_content(record, settings, config))


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
