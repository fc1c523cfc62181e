"""The commands that people type. One module a command; exit codes are part of what they promise."""

from __future__ import annotations

import importlib
import sys

import click

from mrbot import __version__
from mrbot.errors import BadInput, MrbotError

EXIT_BAD_INPUT = 2
"""What was asked cannot be done as it was asked, or cannot be decided."""

_COMMANDS = {
    "review": "review",
    "serve": "serve",
    "work": "serve",
    "demo": "demo",
    "init": "init",
    "doctor": "doctor",
    "policy": "policy",
    "replay": "replay",
    "ledger": "ledger",
    "sandbox": "sandbox",
}
"""Each command and its module, which is imported only when it is run: no command waits for the
libraries of another."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module = _COMMANDS.get(cmd_name)
        if module is None:
            return None
        found = getattr(importlib.import_module(f"mrbot.cli.{module}"), cmd_name)
        return found if isinstance(found, click.Command) else None


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mrbot")
def commands() -> None:
    """The gate between a merge request and running infrastructure."""


def main() -> None:
    """Runs the command; a mistake in what was given is told in plain words, without a traceback."""
    try:
        commands()
    except BadInput as error:
        for problem in error.problems:
            print(f"mrbot: {str(problem).removeprefix(': ')}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    except MrbotError as error:
        print(f"mrbot: {error}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
