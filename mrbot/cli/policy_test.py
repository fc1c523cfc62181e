"""`mrbot policy test`: runs the tests that lie beside policies."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mrbot.cli.policy_test_text import junit, lines
from mrbot.ids import Json
from mrbot.policy.failure import Failure
from mrbot.policy.opa.binary import examine, find_opa
from mrbot.policy.testing.coverage import Coverage
from mrbot.policy.testing.result import Outcome, Run
from mrbot.policy.testing.run import run_tests

TEST_SECONDS = 30.0
"""For one test, when no other time is given."""


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["auto", "opa", "regorus"]),
    default="auto",
    help="`auto`, the default, is OPA where it is on PATH, else the embedded engine.",
)
@click.option("--run", "pattern", metavar="REGEX", default="", help="Only tests of these names.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1, max=3600),
    default=TEST_SECONDS,
    metavar="SECONDS",
    help=f"For each test; {TEST_SECONDS:g} by default.",
)
@click.option("--coverage", is_flag=True, help="Say which lines of the policies no test reaches.")
@click.option(
    "--coverage-min",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Exit with 1 when fewer lines are reached.",
)
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text")
@click.option("-v", "--verbose", is_flag=True, help="List the tests that pass, too.")
def test(
    directory: Path,
    engine: str,
    pattern: str,
    timeout: float,
    coverage: bool,
    coverage_min: float | None,
    form: str,
    verbose: bool,
) -> None:
    """Run every `test_` rule below DIRECTORY.

    Exits with 1 when one fails, when there is none, or when the coverage is too low; with 2 when
    they cannot be run.
    """
    found = None if engine == "regorus" else find_opa(None)
    if engine == "opa" and found is None:
        print("mrbot: there is no opa on PATH", file=sys.stderr)
        sys.exit(2)
    run = run_tests(
        directory,
        None if found is None else examine(found),
        seconds=timeout,
        pattern=pattern,
        coverage=coverage or coverage_min is not None,
    )
    if isinstance(run, Failure):
        place = f"{run.path}:{run.line or 1}: " if run.path else ""
        print(f"mrbot: {place}{run.fault}: {run.detail}", file=sys.stderr)
        sys.exit(2)
    faults = [] if run.results else [_no_tests(directory, pattern)]
    if run.results and run.count(Outcome.SKIP) == len(run.results):
        faults.append("every test is skipped: none has shown anything")
    if coverage_min is not None and run.coverage and run.coverage.percent < coverage_min:
        faults.append(
            f"the tests reach {run.coverage.percent:.1f} % of the policies' lines,"
            f" and {coverage_min:g} % are asked for"
        )
    if (coverage or coverage_min is not None) and run.failed:
        faults.append("coverage is measured once all tests pass")
    match form:
        case "json":
            print(json.dumps(_document(run, faults), indent=2))
        case "junit":
            print(junit(run, faults))
        case _:
            print("\n".join(lines(run, verbose=verbose)))
    for fault in faults:
        print(f"mrbot: {fault}", file=sys.stderr)
    sys.exit(1 if faults or not run.passed else 0)


def _no_tests(directory: Path, pattern: str) -> str:
    if pattern:
        return f"no test below {directory} has a name that --run {pattern!r} finds"
    return (
        f"there is no test below {directory}: write rules `test_...` into files that end in"
        " _test.rego"
    )


def _document(run: Run, faults: list[str]) -> Json:
    return {
        "version": 1,
        "engine": run.engine,
        "passed": run.passed and not faults,
        "problems": list(faults),
        "counts": {outcome.value: run.count(outcome) for outcome in Outcome},
        "tests": [
            {
                "package": one.package,
                "name": one.name,
                "outcome": one.outcome.value,
                "path": one.path,
                "line": one.line,
                "detail": one.detail,
                "printed": one.printed,
            }
            for one in run.results
        ],
        "coverage": None if run.coverage is None else _coverage(run.coverage),
    }


def _coverage(coverage: Coverage) -> Json:
    return {
        "percent": coverage.percent,
        "covered": coverage.covered,
        "lines": coverage.lines,
        "files": [
            {
                "path": one.path,
                "covered": list(one.covered),
                "not_covered": list(one.not_covered),
                "ranges": [list(ends) for ends in one.ranges],
            }
            for one in coverage.files
        ],
    }
