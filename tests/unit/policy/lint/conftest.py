"""A directory of policies, and what the lint says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mrbot.config.shipped import shipped
from mrbot.policy.lint.run import Asked, Linted, lint
from mrbot.policy.lint.schema import Schema
from tests import needs

Lint = Callable[..., Linted]

CHANGE = Schema(
    json.loads((shipped("config") / "schema" / "input-change.v1.json").read_text()),
    "change document",
)


@pytest.fixture
def linted(tmp_path: Path) -> Lint:
    """Lints `main`'s body as package main, and other files by their paths."""
    return linting(tmp_path)


def linting(tmp_path: Path) -> Lint:
    """Lints what is in `tmp_path` and what is given."""
    needs.regorus()
    asked = Asked(
        opa=None,
        judges_with_opa=False,
        schema=CHANGE,
        has_now=True,
        namespaces=("main",),
        seconds=20,
    )

    def run(main: str = "", files: dict[str, str] | None = None, **more: Any) -> Linted:
        if main:
            (tmp_path / "main.rego").write_text(f"package main\n\nimport rego.v1\n\n{main}\n")
        for name, text in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return lint(tmp_path, replace(asked, **more))

    return run


def batch(texts: list[str]) -> dict[str, str]:
    """Each text as a package of its own, `main` in it being that package: a worker takes longer to
    start than to parse."""
    return {
        f"{number}.rego": f"package p{number}\n\nimport rego.v1\n\n"
        + text.replace("data.main.", f"data.p{number}.")
        + "\n"
        for number, text in enumerate(texts)
    }
