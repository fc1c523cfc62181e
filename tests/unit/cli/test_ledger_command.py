"""`mrbot ledger`: proving, reading and erasing."""

from __future__ import annotations

import json

import pytest

from mrbot.cli.ledger import ledger
from mrbot.cli.replay import replay

SWAPPED = """update ledger_contents set sealed =
  (select sealed from ledger_contents where number = 1) where number = 2"""
A, B = b'{"a": 1}', b'{"b": 2}'


def last(output: str) -> str:
    return output.rsplit(" ", 1)[-1].strip()


def test_an_empty_ledger_is_whole(server, run):
    server.append(A)
    server.alter("delete from ledger_entries")
    server.alter("delete from ledger_contents")
    result = run(ledger, "verify", "--config", server.config)
    assert (result.exit_code, result.stdout) == (0, "0 entries, 0 contents as recorded, 0 erased\n")


def test_a_whole_ledger_is_verified_and_its_end_is_told(server, run):
    server.append(A), server.append(B)
    result = run(ledger, "verify", "--config", server.config)
    assert result.exit_code == 0
    assert result.stdout.startswith("2 entries, 2 contents as recorded, 0 erased\nlast: 2 sha256:")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update ledger_entries set subject = 'x' where number = 1", "entry 1 was altered"),
        ("delete from ledger_entries where number = 2", "entry 2 is missing"),
        ("delete from ledger_entries where number = 1", "entry 1 is missing"),
        ("update ledger_contents set sealed = zeroblob(99) where number = 3", "ledger entry 3"),
        (SWAPPED, "ledger entry 2"),
    ],
    ids=["altered", "removed", "beginning removed", "content altered", "content swapped"],
)
def test_each_alteration_is_found(server, run, statement, said):
    for content in (A, B, A):
        server.append(content)
    server.alter(statement)
    result = run(ledger, "verify", "--config", server.config)
    assert result.exit_code == 1
    assert said in result.stdout


def test_an_end_that_was_cut_off_is_found_by_a_digest_noted_before(server, run):
    server.append(A), server.append(B)
    noted = last(run(ledger, "verify", "--config", server.config).stdout)
    arguments = ("verify", "--config", server.config, "--contains", noted)
    assert run(ledger, *arguments).exit_code == 0
    server.alter("delete from ledger_entries where number = 2")
    assert run(ledger, "verify", "--config", server.config).exit_code == 0
    result = run(ledger, *arguments)
    assert result.exit_code == 1
    assert "no entry has the digest" in result.stdout


def test_a_record_is_shown_as_json(server, run):
    server.append(A)
    assert json.loads(run(ledger, "show", "1", "--config", server.config).stdout) == {"a": 1}


def test_what_is_shown_into_a_file_can_be_replayed_and_is_its_owners(server, record, run):
    number = server.append(record)
    output = server.folder / "out.json"
    run(ledger, "show", number, "--config", server.config, "--output", output)
    assert output.read_bytes() == record
    assert output.stat().st_mode & 0o777 == 0o600
    assert run(replay, output, "--config", "none.yml").exit_code == 0
    again = run(ledger, "show", number, "--config", server.config, "--output", output)
    assert again.exit_code == 2


def test_a_record_that_is_not_there_is_refused(server, run):
    server.append(A)
    result = run(ledger, "show", "9", "--config", server.config)
    assert (result.exit_code, str(result.exception)) == (2, "the ledger has no entry 9")
    assert run(ledger, "erase", "9", "--yes", "--config", server.config).exit_code == 2


def test_erasing_asks_for_a_yes_and_leaves_the_chain_whole(server, run):
    server.append(A), server.append(B)
    assert run(ledger, "erase", "1", "--config", server.config).exit_code == 2
    assert run(ledger, "show", "1", "--config", server.config).exit_code == 0
    assert run(ledger, "erase", "1", "--yes", "--config", server.config).exit_code == 0
    shown = run(ledger, "show", "1", "--config", server.config)
    assert "was erased" in str(shown.exception)
    result = run(ledger, "verify", "--config", server.config)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0, "2 entries, 1 contents as recorded, 1 erased",
    )  # fmt: skip


def test_an_altered_record_can_be_erased(server, run):
    server.append(A)
    server.alter("update ledger_contents set sealed = zeroblob(99)")
    assert run(ledger, "erase", "1", "--yes", "--config", server.config).exit_code == 0


def test_reading_makes_neither_key_nor_database(server, run):
    result = run(ledger, "verify", "--config", server.config)
    assert result.exit_code == 2
    assert "no mrbot has run" in str(result.exception)
    assert list(server.state.iterdir()) == []
