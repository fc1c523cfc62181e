"""An engine, a recorded decision, and a server's settings with a ledger that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from mrbot.audit.record import record_bytes
from mrbot.errors import BadInput
from mrbot.plan.vault import Vault
from mrbot.policy.finding import PolicyEngine
from mrbot.policy.settle import settle
from mrbot.store.opening import open_store
from mrbot.store.store import Store
from tests import needs
from tests.unit.cli.recording import CHANGE, NOW, made_record

SETTINGS = """\
state: {state}
engine: regorus
hosts:
  - name: gitlab
    kind: gitlab
    url: {url}
    projects: {projects}
    token: {{env: GITLAB_TOKEN}}
policy_owners:
  users: [olga]
"""


@dataclass(frozen=True)
class Kept:
    """A server's directory: settings, key, database."""

    folder: Path
    config: Path

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def append(self, content: bytes) -> int:
        engine = open_store(f"sqlite:///{self.state}/mrbot.db")
        ledger = Store(engine, Vault.from_file(self.state / "key")).ledger
        entry = ledger.append(
            kind="decision", subject=str(CHANGE), at=NOW.isoformat(), content=content
        )
        engine.dispose()
        return entry.number

    def alter(self, statement: str) -> None:
        engine = create_engine(f"sqlite:///{self.state}/mrbot.db")
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def server(tmp_path, monkeypatch) -> Kept:
    monkeypatch.setenv("GITLAB_TOKEN", "t" * 20)
    (tmp_path / "state").mkdir()
    config = tmp_path / "mrbot.yml"
    config.write_text(
        SETTINGS.format(
            state=tmp_path / "state", url="https://gitlab.example.org", projects='["acme/**"]'
        )
    )
    return Kept(folder=tmp_path, config=config)


@pytest.fixture
def regorus() -> Iterator[PolicyEngine]:
    needs.regorus()
    engine = settle("regorus", None, 20)
    yield engine
    engine.close()


@pytest.fixture
def record(tmp_path, regorus) -> bytes:
    return record_bytes(made_record(tmp_path / "repo", regorus))


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs a command. What it refuses to do is its exit code 2, as `mrbot` makes it."""

    def invoke(command: click.Command, *arguments: str | Path) -> Result:
        result = CliRunner().invoke(command, list(map(str, arguments)))
        if isinstance(result.exception, SystemExit | None):
            return result
        if isinstance(result.exception, BadInput) or result.exception.__class__.__name__ in {
            "StoreFailure",
            "SealBroken",
        }:
            result.exit_code = 2
            result.stderr_bytes = (result.stderr_bytes or b"") + str(result.exception).encode()
            return result
        raise result.exception

    return invoke
