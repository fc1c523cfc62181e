"""`mrbot policy`: the commands for people who write policies. One module a command."""

from __future__ import annotations

import click

from mrbot.cli.lazy import LazyGroup


@click.command(
    cls=LazyGroup,
    modules={
        "test": "policy_test",
        "check": "policy_check",
        "lint": "policy_lint",
        "input": "policy_input",
        "diff": "policy_diff",
    },
)
def policy() -> None:
    """Work on policies."""
