"""`mrbot policy check`: policies over files, as `conftest test` does it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from mrbot.cli.namespaces import parted
from mrbot.cli.reports import FORMATS, report
from mrbot.cli.reports.clean import line
from mrbot.errors import MrbotError
from mrbot.ids import Json
from mrbot.policy.checking.material import data, inputs, policies
from mrbot.policy.checking.run import Asked
from mrbot.policy.checking.run import check as run_check
from mrbot.policy.finding import EvaluationFailed
from mrbot.policy.settle import Choice, settle

EXIT_NOT_JUDGED = 1
"""conftest's, for whatever goes wrong: with --no-fail too."""
CHECK_SECONDS = 120.0
"""For policies to be loaded and to judge, once they and the files are read."""


@click.command()
@click.argument("files", nargs=-1)
@click.option(
    "--policies",
    "--policy",
    "-p",
    "folders",
    multiple=True,
    default=["policy"],
    help="A folder of policies, or one .rego file; `policy` by default.",
)
@click.option(
    "--input",
    "-i",
    "named",
    multiple=True,
    metavar="FILE",
    help="A file or folder to judge, or - for the standard input; FILES are the same.",
)
@click.option(
    "--namespace",
    "-n",
    "namespaces",
    multiple=True,
    default=["main"],
    callback=parted,
    help="A package to ask, or a pattern of them (*, ?, [a-z]); `main` by default.",
)
@click.option("--all-namespaces", is_flag=True, help="Ask every package that has a rule.")
@click.option("--combine", is_flag=True, help="Judge all files at once, as one list.")
@click.option(
    "--data",
    "-d",
    "data_paths",
    multiple=True,
    metavar="PATH",
    help="A file or folder of data, JSON or YAML.",
)
@click.option("--parser", help="How to read every input, whatever its name says.")
@click.option("--ignore", metavar="REGEX", help="Pass over paths in folders that it is found in.")
@click.option("--stdin-filename", metavar="NAME", help="What the standard input is called.")
@click.option("--engine", type=click.Choice(["auto", "opa", "regorus"]), default="auto")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=CHECK_SECONDS,
    show_default=True,
    help="Seconds for policies to be loaded and to judge.",
)
@click.option("--fail-on-warn", is_flag=True, help="Exit with 1 for warnings, 2 for failures.")
@click.option("--no-fail", is_flag=True, help="Exit with 0 whatever policies say of the files.")
@click.option("--quiet", is_flag=True, help="Print nothing when all is well.")
@click.option("--format", "--output", "-o", "format_", type=click.Choice(FORMATS), default="text")
def check(
    files: tuple[str, ...],
    folders: tuple[str, ...],
    named: tuple[str, ...],
    namespaces: tuple[str, ...],
    all_namespaces: bool,
    combine: bool,
    data_paths: tuple[str, ...],
    parser: str | None,
    ignore: str | None,
    stdin_filename: str | None,
    engine: Choice,
    timeout: float,
    fail_on_warn: bool,
    no_fail: bool,
    quiet: bool,
    format_: str,
) -> None:
    """Judge FILES by policies, as `conftest test` does.

    Exits with 0 when nothing is denied and 1 when something is; with --fail-on-warn, 1 for a warning
    and 2 for a failure. What cannot be judged exits with 1, whatever was asked for.
    """
    try:
        asked = Asked(
            policies=policies(_listed(folders)),
            data=data(_listed(data_paths)),
            namespaces=("*",) if all_namespaces else namespaces,
            inputs=inputs(
                (*named, *files), parser=parser, ignore=ignore, stdin_name=stdin_filename
            ),
            combine=combine,
        )
        judge = settle(engine, None, timeout)
        try:
            checked = run_check(asked, judge)
        finally:
            judge.close()
    except MrbotError as error:
        _stop(*str(error).split("\n"))
    if isinstance(checked, EvaluationFailed):
        place = f"{checked.path}:{checked.line or 1}: " if checked.path else ""
        _stop(f"{place}{checked.fault}: {checked.detail}")
    code = checked.exit_code(fail_on_warn=fail_on_warn)
    if code or not quiet:
        sys.stdout.write(report(format_, checked, exit_code=code))
    for one in asked.inputs:
        if empty := _empty(one.content):
            print(f"mrbot: {line(one.path)} {empty}", file=sys.stderr)
    for demand in checked.demands:
        print(f"mrbot: asks for approvals, in a review: {line(demand)}", file=sys.stderr)
    sys.exit(0 if no_fail else code)


def _empty(content: Json) -> str:
    """What is to be said of an input that holds nothing; conftest passes it, and so is it here."""
    if content == []:
        return "holds no document: nothing was checked"
    if content is None or (isinstance(content, list) and all(one is None for one in content)):
        return "holds no document: policies saw only null in its place"
    return ""


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """conftest takes several values with commas between them; a path that is there stays whole."""
    return tuple(
        one.strip()
        for value in values
        for one in ([value] if Path(value).exists() else value.split(","))
    )


def _stop(*problems: str) -> NoReturn:
    for problem in problems:
        print(f"mrbot: {line(problem.removeprefix(': '))}", file=sys.stderr)
    sys.exit(EXIT_NOT_JUDGED)
