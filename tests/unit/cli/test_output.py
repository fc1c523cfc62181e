"""What is written to the standard output of `mrbot` gets there, or the exit code says that it did not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mrbot.cli.output import EXIT_CLOSED_PIPE, EXIT_NOT_TOLD
from tests import needs

FULL = Path("/dev/full")
ALLOWED = "package main\n\nimport rego.v1\n\ndeny contains 1 if input.a == 1\n"
MANY = """package main

import rego.v1

warn contains sprintf("warning %d", [number]) if some number in numbers.range(1, 9999)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    needs.regorus()
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/main.rego").write_text(ALLOWED)
    (tmp_path / "a.yaml").write_text("a: 2\n")
    return tmp_path


def _run(folder: Path, redirected: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mrbot", *arguments]
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirected}', "sh", *command],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


CHECK = ("policy", "check", "a.yaml", "--engine", "regorus")
COMMANDS = {
    "check": CHECK,
    "check --no-fail": (*CHECK, "--no-fail"),
    "check as JSON": (*CHECK, "-o", "json"),
    "test": ("policy", "test", "policy", "--engine", "regorus"),
    "lint": ("policy", "lint", "policy", "--engine", "regorus"),
    "help": ("policy", "check", "--help"),
    "version": ("--version",),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_report_for_which_there_is_no_room_is_not_told(folder, name) -> None:
    if not FULL.exists():
        needs.missing(str(FULL))
    done = _run(folder, f">{FULL}", *COMMANDS[name])

    assert done.stderr.splitlines()[-1] == (
        "mrbot: the standard output cannot be written: No space left on device"
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == EXIT_NOT_TOLD


@pytest.mark.parametrize("name", COMMANDS)
def test_with_a_closed_output_nothing_is_done(folder, name) -> None:
    done = _run(folder, ">&-", *COMMANDS[name])

    assert done.stderr == "mrbot: the standard output cannot be written: it is closed\n"
    assert done.returncode == EXIT_NOT_TOLD


@pytest.mark.parametrize("policy", [ALLOWED, MANY], ids=["short", "long"])
def test_a_reader_that_left_ends_it_quietly(folder, policy) -> None:
    (folder / "policy/main.rego").write_text(policy)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "mrbot", *CHECK],
            cwd=folder, stdout=writing, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (EXIT_CLOSED_PIPE, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_all_of_a_long_report_gets_there(folder, monkeypatch, unbuffered) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    (folder / "policy/main.rego").write_text(MANY)

    done = _run(folder, "", *CHECK)

    assert done.stdout.count("WARN - ") == 9_999
    assert done.returncode == 0


def test_with_a_closed_error_output_the_report_stays_clean(folder) -> None:
    (folder / "none.yaml").write_text("[")

    done = _run(folder, "2>&-", "policy", "check", "none.yaml", "--engine", "regorus")

    assert done.stdout == ""
    assert done.returncode == 1
