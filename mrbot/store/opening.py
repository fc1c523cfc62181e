"""Opens the database, and makes it when it is not there."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from mrbot.errors import StoreFailure
from mrbot.store.schema import SCHEMA_VERSION, metadata, schema_version
from mrbot.store.transaction import READING, insert, writing

BUSY_TIMEOUT_MS = 5000
"""How long a write waits for another one: less than the 10 s that hosts wait for an answer."""


def open_store(url: str) -> Engine:
    """The database at `url` (`sqlite:////path/file` or `postgresql+psycopg://...`), with its tables.

    A file that is not there is made, readable by its owner only. An engine must not be used across
    a fork: open one in each process.

    Raises: StoreFailure when it cannot be opened, or holds the tables of another version.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreFailure("the database URL cannot be read: sqlite:////path/file") from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreFailure(f"{parsed.get_backend_name()} is not supported: sqlite or postgresql")
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    try:
        with writing(engine) as connection:
            _prepare(connection)
    except StoreFailure:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Connection) -> None:
    """The tables are there, of our version."""
    if not inspect(connection).get_table_names():
        metadata.create_all(connection)
        connection.execute(insert(connection, schema_version).values(version=SCHEMA_VERSION))
        return
    if not inspect(connection).has_table(schema_version.name):
        raise StoreFailure("the database holds other tables, and none of mrbot: give it its own")
    found = connection.execute(select(schema_version.c.version)).scalars().all()
    if found != [SCHEMA_VERSION]:
        raise StoreFailure(
            f"the database has version {', '.join(map(str, found)) or 'none'} and this mrbot needs "
            f"version {SCHEMA_VERSION}: run the mrbot that made it, or move it away to start anew"
        )


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except (ImportError, ArgumentError) as error:
        raise StoreFailure(f"the driver for PostgreSQL is not installed: {error}") from error


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreFailure("the database must be a file: sqlite:////path/file")
    _own(Path(url.database))
    engine = create_engine(url, hide_parameters=True)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", _began)
    return engine


def _own(path: Path) -> None:
    """The file exists and only its owner may read it; SQLite gives its companions the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StoreFailure(f"the database {path} cannot be opened: {error.strerror}") from error


def _connected(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",  # first: the next one may have to wait
        "journal_mode=WAL",
        "synchronous=FULL",  # accepted means stored: a power cut loses no committed delivery
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _began(connection: Connection) -> None:
    """https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable"""
    only_reads = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
