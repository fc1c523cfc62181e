"""The import contracts hold, and each of them would be noticed if it did not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.needs import ROOT

LAYERS = "Imports point upstream: a stage knows what it consumes, never who consumes it"
PURE = "The pure part does no IO, reads no clock and draws no randomness"
ADAPTERS = "Only the composition root and the commands know the adapters"
HOSTS = "The two hosts never borrow from each other"
CYCLES = "No cycles"

PLANTED = [
    pytest.param(LAYERS, "mrbot/decision/decide.py", "import mrbot.pipeline.handle", id="layers"),
    pytest.param(LAYERS, "mrbot/newcomer.py", "", id="a module in no layer"),
    pytest.param(PURE, "mrbot/decision/verdict.py", "import time", id="clock"),
    pytest.param(PURE, "mrbot/effects/render.py", "import sqlite3", id="database"),
    pytest.param(ADAPTERS, "mrbot/web/page.py", "import mrbot.hosts.gitlab", id="adapters"),
    pytest.param(HOSTS, "mrbot/hosts/github/wire.py", "import mrbot.hosts.gitlab", id="hosts"),
    pytest.param(CYCLES, "mrbot/ids.py", "import mrbot.change.files", id="cycles"),
]
"""A contract, a file, and a line in it that breaks the contract."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's code, to plant things in."""
    shutil.copytree(ROOT / "mrbot", tmp_path / "mrbot", ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(directory: Path) -> tuple[int, str]:
    """Exit code and output of import-linter on that directory's code."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache", "--config", directory / "pyproject.toml"],
        cwd=directory, env={**os.environ, "PYTHONPATH": str(directory), "COLUMNS": "200"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_every_contract_has_a_violation_planted_here() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["name"] for one in configuration["tool"]["importlinter"]["contracts"]}
    assert contracts == {one.values[0] for one in PLANTED}


def test_the_code_as_it_is_keeps_every_contract(copy: Path) -> None:
    code, said = lint(copy)
    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED)
def test_a_planted_violation_is_noticed(copy: Path, contract: str, file: str, line: str) -> None:
    planted = copy / file
    text = planted.read_text() if planted.exists() else ""
    planted.write_text(f"{text}\n{line}\n")
    code, said = lint(copy)
    assert code != 0
    assert contract in said.partition("Broken contracts")[2], said
