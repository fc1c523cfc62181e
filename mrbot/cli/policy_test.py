"""`mrbot policy test`: runs the tests that lie beside policies."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mrbot.policy.failure import Failure
from mrbot.policy.opa_binary import examine, find_opa
from mrbot.policy.testing import Outcome, run_tests

TEST_SECONDS = 120.0
"""For a whole directory of tests."""


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--engine", type=click.Choice(["auto", "opa", "regorus"]), default="auto")
@click.option("-v", "--verbose", is_flag=True, help="List the tests that pass, too.")
def test(directory: Path, engine: str, verbose: bool) -> None:
    """Run every `test_` rule below DIRECTORY. Exits 1 when one fails, 2 when they cannot be run."""
    found = None if engine == "regorus" else find_opa(None)
    if engine == "opa" and found is None:
        print("mrbot: there is no opa on PATH", file=sys.stderr)
        sys.exit(2)
    run = run_tests(directory, None if found is None else examine(found), seconds=TEST_SECONDS)
    if isinstance(run, Failure):
        place = f"{run.path}:{run.line or 1}: " if run.path else ""
        print(f"mrbot: {place}{run.fault}: {run.detail}", file=sys.stderr)
        sys.exit(2)
    failed = [one for one in run.results if one.outcome != Outcome.PASS]
    for one in run.results:
        if verbose or one.outcome != Outcome.PASS:
            print(f"{one.outcome.value:<6} {one.path}:{one.line} {one.name}")
    print(f"{len(run.results) - len(failed)} passed, {len(failed)} failed ({run.engine})")
    sys.exit(1 if failed or not run.results else 0)
