"""A group of commands whose modules are imported only when they are run: no command waits for the
libraries of another."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """`modules` gives each command's module in `mrbot.cli`, in the order in which help lists them. The
    module's function bears the command's name."""

    def __init__(self, *args: Any, modules: Mapping[str, str], **rest: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **rest)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name; None when there is none."""
        module = self._modules.get(cmd_name)
        if module is None:
            return None
        found = getattr(importlib.import_module(f"mrbot.cli.{module}"), cmd_name)
        return found if isinstance(found, click.Command) else None
