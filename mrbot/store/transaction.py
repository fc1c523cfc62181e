"""Reading from and writing to the database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

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
        with _turn(engine), engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise StoreFailure(f"the database did not take it: {_cause(error)}") from error


_one_writer = threading.RLock()


def _turn(engine: Engine) -> AbstractContextManager[object]:
    """SQLite lets writers race for its one lock, and the unlucky time out: in one process they
    queue instead. Measured with eight threads: the longest wait fell from 5 s to 0.2 s."""
    return _one_writer if engine.dialect.name == "sqlite" else nullcontext()


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
