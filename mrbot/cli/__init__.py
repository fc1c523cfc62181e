"""The commands that people type. One module a command; exit codes are part of what they promise."""

from __future__ import annotations

import sys

import click

from mrbot import __version__
from mrbot.cli.lazy import LazyGroup
from mrbot.cli.output import told
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


@click.command(
    cls=LazyGroup,
    modules=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="mrbot")
def commands() -> None:
    """The gate between a merge request and running infrastructure."""


def main() -> None:
    """Runs the command; a mistake in what was given is told in plain words, without a traceback."""
    with told():
        _run()


def _run() -> None:
    try:
        commands()
    except BadInput as error:
        for problem in error.problems:
            print(f"mrbot: {str(problem).removeprefix(': ')}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    except MrbotError as error:
        print(f"mrbot: {error}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
