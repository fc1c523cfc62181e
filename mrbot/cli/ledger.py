"""`mrbot ledger`: prove, read and erase what was decided."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import make_url

from mrbot.audit.ledger import Entry, broken
from mrbot.config.settings import load_settings
from mrbot.config.settings_value import Settings
from mrbot.errors import BadReference, BadSettings, StoreFailure
from mrbot.ids import Digest
from mrbot.plan.vault import Vault
from mrbot.store.ledger import StoredLedger
from mrbot.store.opening import open_store
from mrbot.store.store import Store

EXIT_BROKEN = 1
"""The ledger is not what it was."""

PROBLEMS_SHOWN = 50
"""Problems that `verify` lists; the rest are counted."""


@contextmanager
def opened_ledger(settings: Settings) -> Iterator[StoredLedger]:
    """The ledger of the settings' database. Nothing is made that is not there.

    Raises: BadSettings when there is no database or key; StoreFailure when it cannot be opened.
    """
    url, key = make_url(settings.database.reveal()), settings.state / "key"
    for path in (key, *([Path(url.database)] if is_file(settings) and url.database else [])):
        if not path.exists():
            raise BadSettings(f"there is no {path}: no mrbot has run with {settings.file} yet")
    vault = Vault.from_file(key)
    engine = open_store(settings.database.reveal())
    try:
        yield Store(engine, vault).ledger
    finally:
        engine.dispose()


def is_file(settings: Settings) -> bool:
    """Whether the database is a file (SQLite)."""
    return settings.database.reveal().startswith("sqlite")


def content_of(ledger: StoredLedger, number: int) -> bytes:
    """What lies beside the entry.

    Raises: BadReference when there is none; StoreFailure when it was altered.
    """
    kept = ledger.read(number)
    if kept is None:
        raise BadReference(f"the ledger has no entry {number}")
    if kept.content is None:
        raise BadReference(f"the content of ledger entry {number} was erased")
    return kept.content


_config = click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The server's settings.",
)


@click.group()
def ledger() -> None:
    """Every decision that was made, in a chain that shows each alteration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `verify` found. `last` is the end of the chain."""

    entries: int
    contents: int
    erased: int
    last: Entry | None
    problems: tuple[str, ...]


def verified(kept: StoredLedger) -> Verified:
    """The whole chain, and each content against its digest."""
    entries = tuple(kept.entries())
    problems = list(broken(entries))
    contents = erased = 0
    for entry in entries:
        try:
            found = kept.read(entry.number)
        except StoreFailure as error:
            problems.append(str(error))
            continue
        if found is None or found.content is None:
            erased += 1
        else:
            contents += 1
    return Verified(
        entries=len(entries),
        contents=contents,
        erased=erased,
        last=entries[-1] if entries else None,
        problems=tuple(problems),
    )


@ledger.command("verify")
@_config
@click.option(
    "--contains",
    "digests",
    multiple=True,
    metavar="DIGEST",
    help="An entry's digest that was noted before and must be there (repeatable).",
)
def verify(config: Path, digests: tuple[str, ...]) -> None:
    """Check the chain and every content. Exits 1 when something was altered or is missing.

    A chain that was cut at its end is whole in itself: note its last digest, and ask for it later
    with --contains.
    """
    with opened_ledger(load_settings(config, os.environ)) as kept:
        found = verified(kept)
        there = {entry.digest for entry in kept.entries()} if digests else set()
    absent = [one for one in digests if Digest(one) not in there]
    problems = [*found.problems, *(f"no entry has the digest {one}" for one in absent)]
    for problem in problems[:PROBLEMS_SHOWN]:
        print(f"BROKEN  {problem}")
    if len(problems) > PROBLEMS_SHOWN:
        print(f"BROKEN  … and {len(problems) - PROBLEMS_SHOWN} more problems")
    print(f"{found.entries} entries, {found.contents} contents as recorded, {found.erased} erased")
    if found.last is not None:
        print(f"last: {found.last.number} {found.last.digest}")
    sys.exit(EXIT_BROKEN if problems else 0)


@ledger.command("show")
@_config
@click.argument("number", type=click.IntRange(min=1))
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A new file to write it to."
)
def show(config: Path, number: int, output: Path | None) -> None:
    """Write the record NUMBER as JSON: what `mrbot replay` reads."""
    with opened_ledger(load_settings(config, os.environ)) as kept:
        content = content_of(kept, number)
    if output is None:
        print(json.dumps(json.loads(content), indent=2, sort_keys=True))
        return
    try:
        # A record holds what the change holds: for its owner only.
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadReference(f"{output} cannot be written: {error.strerror}") from error


@ledger.command("erase")
@_config
@click.argument("number", type=click.IntRange(min=1))
@click.option("--yes", is_flag=True, help="Really: it cannot be undone.")
def erase(config: Path, number: int, yes: bool) -> None:
    """Remove the content of record NUMBER. Its entry and the chain stay as they are."""
    if not yes:
        raise BadReference(
            f"the content of record {number} would be gone for good, and the decision could never "
            "be replayed: say --yes"
        )
    with opened_ledger(load_settings(config, os.environ)) as kept:
        if all(entry.number != number for entry in kept.entries()):
            raise BadReference(f"the ledger has no entry {number}")
        kept.erase(number)
    print(f"erased the content of record {number}; backups of the database may still hold it")
