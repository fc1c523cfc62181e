"""The chain of entries, each naming the one before it by digest; and the port that keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from mrbot.decision.binding import digest_of
from mrbot.ids import Digest, Json

GENESIS = Digest("sha256:" + "0" * 64)
"""What the first entry names as the one before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger. `content` is the salted digest of what lies beside it; `digest`
    covers everything else in the entry, `previous` among it. `at` is ISO 8601, UTC."""

    number: int
    kind: str
    subject: str
    at: str
    content: Digest
    previous: Digest
    digest: Digest


def chained(previous: Entry | None, *, kind: str, subject: str, at: str, content: Digest) -> Entry:
    """The entry that follows `previous`, None for the first."""
    number = 1 if previous is None else previous.number + 1
    before = GENESIS if previous is None else previous.digest
    return Entry(
        number=number,
        kind=kind,
        subject=subject,
        at=at,
        content=content,
        previous=before,
        digest=_digest(number, kind, subject, at, content, before),
    )


def _digest(
    number: int, kind: str, subject: str, at: str, content: Digest, previous: Digest
) -> Digest:
    document: dict[str, Json] = {
        "number": number,
        "kind": kind,
        "subject": subject,
        "at": at,
        "content": content,
        "previous": previous,
    }
    return digest_of(document)


def broken(entries: Iterable[Entry]) -> Iterator[str]:
    """What is wrong with the chain, in words; nothing when it is whole."""
    previous: Entry | None = None
    for entry in entries:
        expected = chained(
            previous, kind=entry.kind, subject=entry.subject, at=entry.at, content=entry.content
        )
        if entry.number != expected.number:
            yield f"entry {expected.number} is missing: {entry.number} follows instead"
        elif entry.previous != expected.previous:
            yield f"entry {entry.number} does not follow the entry before it"
        elif entry.digest != expected.digest:
            yield f"entry {entry.number} was altered"
        previous = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An entry with what lies beside it: None once it was erased."""

    entry: Entry
    content: bytes | None


class Ledger(Protocol):
    """Append-only. Raises `StoreFailure` only."""

    def append(self, *, kind: str, subject: str, at: str, content: bytes) -> Entry:
        """The content is kept, and the entry is the last of the chain."""
        ...

    def read(self, number: int) -> Kept | None:
        """One entry, its content checked against its digest."""
        ...

    def entries(self) -> Iterator[Entry]:
        """All of them, from the first."""
        ...

    def erase(self, number: int) -> None:
        """The content and its salt are gone; the entry and the chain stay."""
        ...
