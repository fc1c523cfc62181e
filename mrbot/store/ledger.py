"""The ledger over the database: entries are only ever added; content is sealed and can be erased."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

from sqlalchemy import Engine, Row, delete, insert, select

from mrbot.audit.ledger import Entry, Kept, chained
from mrbot.audit.record import content_digest
from mrbot.errors import StoreFailure
from mrbot.ids import Digest
from mrbot.plan.vault import Vault
from mrbot.store.schema import ledger_contents, ledger_entries
from mrbot.store.transaction import reading, writing

SALT_BYTES = 32
"""Bytes of randomness that keep an erased content from being guessed by its digest."""


class StoredLedger:
    """The `Ledger` port over the database."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def append(self, *, kind: str, subject: str, at: str, content: bytes) -> Entry:
        """See `Ledger.append`."""
        salt = os.urandom(SALT_BYTES)
        digest = content_digest(content, salt)
        with writing(self._engine) as connection:
            last = connection.execute(
                select(ledger_entries).order_by(ledger_entries.c.number.desc()).limit(1)
            ).one_or_none()
            entry = chained(
                None if last is None else _entry(last),
                kind=kind, subject=subject, at=at, content=digest,
            )  # fmt: skip
            connection.execute(
                insert(ledger_entries).values(
                    number=entry.number,
                    kind=kind,
                    subject=subject,
                    at=at,
                    content=digest,
                    previous=entry.previous,
                    digest=entry.digest,
                )
            )
            sealed = self._vault.seal(salt + zlib.compress(content), _context(entry.number))
            connection.execute(insert(ledger_contents).values(number=entry.number, sealed=sealed))
        return entry

    def read(self, number: int) -> Kept | None:
        """See `Ledger.read`.

        Raises: StoreFailure when the content is not what the entry's digest says.
        """
        with reading(self._engine) as connection:
            row = connection.execute(
                select(ledger_entries).where(ledger_entries.c.number == number)
            ).one_or_none()
            sealed = connection.execute(
                select(ledger_contents.c.sealed).where(ledger_contents.c.number == number)
            ).scalar_one_or_none()
        if row is None:
            return None
        entry = _entry(row)
        if sealed is None:
            return Kept(entry=entry, content=None)
        opened = self._vault.open(sealed, _context(number))
        salt, content = opened[:SALT_BYTES], zlib.decompress(opened[SALT_BYTES:])
        if content_digest(content, salt) != entry.content:
            raise StoreFailure(f"the content of ledger entry {number} was altered")
        return Kept(entry=entry, content=content)

    def entries(self) -> Iterator[Entry]:
        """See `Ledger.entries`."""
        with reading(self._engine) as connection:
            for row in connection.execute(select(ledger_entries).order_by(ledger_entries.c.number)):
                yield _entry(row)

    def of(self, subject: str) -> tuple[Entry, ...]:
        """The entries about one subject, oldest first."""
        query = (
            select(ledger_entries)
            .where(ledger_entries.c.subject == subject)
            .order_by(ledger_entries.c.number)
        )
        with reading(self._engine) as connection:
            return tuple(_entry(row) for row in connection.execute(query))

    def erase(self, number: int) -> None:
        """See `Ledger.erase`."""
        with writing(self._engine) as connection:
            connection.execute(delete(ledger_contents).where(ledger_contents.c.number == number))


def _context(number: int) -> str:
    return f"ledger entry {number}"


def _entry(row: Row[*tuple[object, ...]]) -> Entry:
    return Entry(
        number=row.number, kind=row.kind, subject=row.subject, at=row.at,
        content=Digest(row.content), previous=Digest(row.previous), digest=Digest(row.digest),
    )  # fmt: skip
