from __future__ import annotations

import sqlite3
import stat
import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from mrbot.errors import StoreFailure
from mrbot.store.opening import open_store
from mrbot.store.schema import SCHEMA_VERSION, metadata, schema_version
from mrbot.store.transaction import reading, writing


def test_a_database_that_is_not_there_is_made_for_its_owner_only(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/db")
    with writing(engine) as connection:
        connection.execute(text("update mrbot_schema set version = version"))
        modes = {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
        assert {one.name for one in tmp_path.iterdir()} == {"db", "db-wal", "db-shm"}
    engine.dispose()
    assert modes == {0o600}


def test_it_is_opened_again_with_what_it_holds(url, engine):
    again = open_store(url)
    with reading(again) as connection:
        assert connection.execute(select(schema_version.c.version)).scalar_one() == SCHEMA_VERSION
    again.dispose()


def test_it_is_durable_waits_for_others_and_keeps_references(engine):
    with reading(engine) as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000
    }  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    ["update mrbot_schema set version = 99", "delete from mrbot_schema", "drop table mrbot_schema"],
)
def test_a_database_of_another_version_is_refused(url, engine, statement):
    with writing(engine) as connection:
        connection.execute(text(statement))
    with pytest.raises(StoreFailure, match=r"version|other tables"):
        open_store(url)


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "db").write_text("certainly not a database, though it is long enough" * 20)
    with pytest.raises(StoreFailure):
        open_store(f"sqlite:///{tmp_path}/db")


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    other = sqlite3.connect(tmp_path / "db")
    other.execute("create table theirs (a)")
    other.commit()
    with pytest.raises(StoreFailure, match="other tables"):
        open_store(f"sqlite:///{tmp_path}/db")
    assert other.execute("select name from sqlite_master").fetchall() == [("theirs",)]
    other.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+nodriver://h/d",
        "",
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://h/d",
        "sqlite:////no/way/d",
    ],
)
def test_a_url_that_cannot_serve_is_refused(url):
    with pytest.raises(StoreFailure):
        open_store(url)


def test_many_may_make_it_at_the_same_moment(url):
    failures: list[BaseException] = []
    start = threading.Barrier(6)

    def make() -> None:
        start.wait()
        try:
            open_store(url).dispose()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_an_undone_transaction_leaves_nothing(engine):
    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("delete from mrbot_schema"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with reading(engine) as connection:
        assert connection.execute(select(schema_version.c.version)).scalar_one() == SCHEMA_VERSION


def test_a_reader_does_not_wait_for_a_writer(engine):
    with writing(engine) as connection:
        connection.execute(text("delete from mrbot_schema"))
        with reading(engine) as other:
            assert other.execute(select(schema_version.c.version)).scalar_one() == SCHEMA_VERSION


def test_a_failure_tells_what_the_database_said_and_no_value(engine):
    with pytest.raises(StoreFailure, match="no such table") as failed, writing(engine) as one:
        one.execute(text("insert into nowhere values (:it)"), {"it": "s3cret"})
    assert "s3cret" not in f"{failed.value} {failed.value.__cause__}"


def test_postgresql_can_have_the_same_tables():
    dialect = postgresql.dialect()
    for table in metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))
