"""One policy engine for all, and a repository for each."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.errors import BadSettings
from mrbot.policy.finding import PolicyEngine
from mrbot.policy.settle import settle
from tests import needs
from tests.unit.judgement.stories import Story


@pytest.fixture(scope="session")
def engine() -> Iterator[PolicyEngine]:
    """Whichever engine is here."""
    try:
        made = settle("auto", None, 30.0)
    except BadSettings:
        needs.missing("a policy engine")
        raise
    yield made
    made.close()


@pytest.fixture
def story(tmp_path: Path, engine: PolicyEngine) -> Story:
    """An empty repository, judged by an organisation that asks for nothing."""
    subprocess.run(
        ["git", "init", "-q", "-b", "main", str(tmp_path)],
        check=True,
    )
    return Story(root=tmp_path, engine=engine)
