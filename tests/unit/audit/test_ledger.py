"""The chain: what was altered, left out or put elsewhere is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mrbot.audit.ledger import GENESIS, Entry, broken, chained
from tests.build import digest


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for number in range(1, length + 1):
        entries.append(
            chained(
                entries[-1] if entries else None,
                kind="decision",
                subject="gitlab:group/infra#7",
                at=f"2026-11-22T21:10:0{number}+00:00",
                content=digest(f"content {number}"),
            )
        )
    return entries


def resealed(entry: Entry, **changed: str) -> Entry:
    """The entry altered by somebody who computes its digest anew."""
    other = replace(entry, **changed)  # type: ignore[arg-type]
    before = replace(entry, number=entry.number - 1, digest=entry.previous)
    return chained(
        before, kind=other.kind, subject=other.subject, at=other.at, content=other.content
    )


def test_an_empty_ledger_is_whole() -> None:
    assert list(broken([])) == []


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_chain_is_whole(length: int) -> None:
    entries = chain(length)
    assert list(broken(entries)) == []
    assert entries[0].previous == GENESIS
    assert [entry.number for entry in entries] == list(range(1, length + 1))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "override"},
        {"subject": "gitlab:group/infra#8"},
        {"at": "2026-11-22T21:10:09+00:00"},
        {"content": digest("forged")},
    ],
    ids=lambda changed: next(iter(changed)),
)
@pytest.mark.parametrize("at", [0, 1, 4])
def test_an_altered_entry_is_found(at: int, changed: dict[str, str]) -> None:
    entries = chain(5)
    entries[at] = replace(entries[at], **changed)  # type: ignore[arg-type]
    assert list(broken(entries)) == [f"entry {at + 1} was altered"]


@pytest.mark.parametrize("at", [0, 1, 3])
def test_an_altered_entry_with_a_fitting_digest_is_found_by_the_next(at: int) -> None:
    entries = chain(5)
    entries[at] = resealed(entries[at], content=digest("forged"))
    assert list(broken(entries)) == [f"entry {at + 2} does not follow the entry before it"]


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_missing_entry_is_found(at: int) -> None:
    entries = chain(5)
    del entries[at]
    assert list(broken(entries)) == [f"entry {at + 1} is missing: {at + 2} follows instead"]


def test_a_missing_entry_is_found_even_when_the_rest_is_numbered_anew() -> None:
    entries = chain(3)
    renumbered = replace(entries[2], number=2)
    assert list(broken([entries[0], renumbered])) == ["entry 2 does not follow the entry before it"]


def test_entries_in_another_order_are_found() -> None:
    one, two, three, four = chain(4)
    assert list(broken([one, three, two, four]))
    assert list(broken([four, three, two, one]))


def test_an_entry_that_is_there_twice_is_found() -> None:
    one, two, three = chain(3)
    assert list(broken([one, two, two, three]))


def test_a_chain_of_another_beginning_is_found() -> None:
    strange = chained(
        replace(chain(1)[0], number=0, digest=digest("elsewhere")),
        kind="decision", subject="x", at="x", content=digest("x"),
    )  # fmt: skip
    assert list(broken([strange])) == ["entry 1 does not follow the entry before it"]
