"""`mrbot replay`: the same decision from the record alone, and what is told when it is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from mrbot.cli.replay import replay
from mrbot.policy.settle import NoEngine, settle
from tests import needs
from tests.unit.cli.recording import made_record


def written(tmp_path, content: bytes):
    path = tmp_path / "record.json"
    path.write_bytes(content)
    return path


def changed(record: bytes, change) -> bytes:
    document = json.loads(record)
    change(document)
    return json.dumps(document).encode()


def test_a_record_replays_to_the_same_verdict_in_an_empty_directory(
    tmp_path, record, run, monkeypatch
):
    path = written(tmp_path, record)
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    result = run(replay, path)
    assert (result.exit_code, result.stdout.split()[:3]) == (0, ["same", "verdict:", "rejected"])
    assert list(empty.iterdir()) == []


def test_the_whole_command_works_in_a_process_of_its_own(tmp_path, record):
    path = written(tmp_path, record)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        [sys.executable, "-m", "mrbot", "replay", str(path)], cwd=tmp_path, env=environment,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("same verdict: rejected")


def test_an_altered_outcome_is_a_difference(tmp_path, record, run):
    def approve(document):
        document["outcome"]["verdict"] = "approved"

    result = run(replay, written(tmp_path, changed(record, approve)), "--config", "none.yml")
    assert result.exit_code == 1
    assert "different verdict: then approved, now rejected" in result.stdout


def test_every_part_that_differs_is_named(tmp_path, record, run):
    def rename(document):
        document["outcome"]["code"] = "AAAA"
        document["outcome"]["findings"] = []

    result = run(replay, written(tmp_path, changed(record, rename)), "--config", "none.yml")
    assert result.exit_code == 1
    assert "different\n" in result.stdout
    assert "  code\n    then AAAA\n" in result.stdout
    assert "  findings\n    then []\n    now  [{" in result.stdout


def test_another_engine_version_is_said_and_is_no_difference_by_itself(tmp_path, record, run):
    def older(document):
        document["engine"]["version"] = "0.0.1"

    result = run(replay, written(tmp_path, changed(record, older)), "--config", "none.yml")
    assert result.exit_code == 0
    assert result.stdout.startswith("another engine version: then regorus 0.0.1, now regorus ")
    assert "same verdict" in result.stdout


def test_an_engine_that_is_not_here_is_replaced_and_said(tmp_path, record, run, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    def by_opa(document):
        document["engine"] = {"name": "opa", "version": "1.22.2"}

    result = run(replay, written(tmp_path, changed(record, by_opa)), "--config", "none.yml")
    assert result.exit_code == 0
    assert "opa judged then and cannot now" in result.stderr
    assert "then opa 1.22.2, now regorus" in result.stdout


def test_opa_replays_what_opa_judged(tmp_path, run, monkeypatch):
    from mrbot.audit.record import record_bytes

    monkeypatch.setenv("PATH", f"{os.path.dirname(needs.opa())}:{os.environ['PATH']}")
    engine = settle("opa", None, 20)
    try:
        content = record_bytes(made_record(tmp_path / "repo", engine))
    finally:
        engine.close()
    result = run(replay, written(tmp_path, content), "--config", "none.yml")
    assert result.exit_code == 0
    assert result.stdout.startswith("same verdict: rejected")


def test_a_decision_made_without_an_engine_comes_out_otherwise_with_one(tmp_path, run):
    from mrbot.audit.record import record_bytes

    needs.regorus()
    content = record_bytes(made_record(tmp_path / "repo", NoEngine()))
    result = run(replay, written(tmp_path, content), "--config", "none.yml")
    assert result.exit_code == 1
    assert "different verdict: then undecidable, now rejected" in result.stdout


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff", b"[" * 100_000, b'{"format": "mrbot-record/2"}'],
    ids=["empty", "another-document", "bytes", "deep", "another-format"],
)
def test_what_is_no_record_cannot_be_read(tmp_path, content, run):
    result = run(replay, written(tmp_path, content), "--config", "none.yml")
    assert result.exit_code == 2
    assert result.stdout == ""


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d["change"].update(files="x"),
        lambda d: d["material"].update(now=3),
        lambda d: d["material"].update(organisation={"$enum": "HostKind", "value": "gitlab"}),
        lambda d: d.update(directory={"$": "Popen", "args": ["id"]}),
    ],
    ids=["files", "time", "organisation", "class"],
)
def test_a_record_with_the_wrong_things_in_it_is_refused(tmp_path, record, damage, run):
    result = run(replay, written(tmp_path, changed(record, damage)), "--config", "none.yml")
    assert result.exit_code == 2


def test_a_number_is_looked_up_in_the_ledger(server, record, run):
    number = server.append(record)
    result = run(replay, number, "--config", server.config)
    assert (result.exit_code, result.stdout[:22]) == (0, "same verdict: rejected")


def test_a_number_without_settings_says_what_is_missing(tmp_path, run, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(replay, "3")
    assert result.exit_code == 2
    assert "--config" in str(result.exception)


def test_an_altered_content_of_the_ledger_is_never_replayed(server, record, run):
    number = server.append(record)
    server.alter("update ledger_contents set sealed = zeroblob(500)")
    assert run(replay, number, "--config", server.config).exit_code == 2


def test_a_hostile_record_moves_no_cursor(tmp_path, record, run):
    def colour(document):
        document["outcome"]["\x1b[2Jx"] = "\x1b[2J"
        document["engine"]["version"] = "\x1b[2J"

    result = run(replay, written(tmp_path, changed(record, colour)), "--config", "none.yml")
    assert "\x1b" not in result.stdout
