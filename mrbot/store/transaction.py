"""Reading from and writing to the database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mrbot.errors import StoreFailure

READING = "mrbot_reading"
"""The execution option of a connection that only reads."""


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed when the block ends well and undone otherwise. On SQLite it holds
    the only write lock from its beginning, so that nothing read in it goes stale.

    Raises: StoreFailure when the database does.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StoreFailure(f"the database did not take it: {_cause(error)}") from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view that waits for no writer.

    Raises: StoreFailure when the database does.
    """
    try:
        with engine.connect().execution_options(**{READING: True}) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StoreFailure(f"the database cannot be read: {_cause(error)}") from error


def insert(connection: Connection, table: Table) -> sqlite.Insert:
    """An insert that knows `ON CONFLICT`. Both databases spell it alike, and so do both classes."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)  # type: ignore[return-value]
    return sqlite.insert(table)


def _cause(error: SQLAlchemyError) -> str:
    """What the driver said; never the values, which may be anybody's."""
    return str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
