"""`mrbot policy lint`: what is probably not meant in policies."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mrbot.cli.namespaces import parted
from mrbot.cli.policy_lint_text import FORMATS
from mrbot.config.shipped import shipped
from mrbot.errors import BadInput, Problem
from mrbot.policy.lint.complaint import Level
from mrbot.policy.lint.run import Asked
from mrbot.policy.lint.run import lint as run_lint
from mrbot.policy.lint.schema import Schema
from mrbot.policy.opa.binary import examine, find_opa
from mrbot.resources.syntax.json_text import load_json

LINT_SECONDS = 30.0
"""For each step that an engine takes over all files: compiling, parsing, formatting."""
MAX_SCHEMA_BYTES = 4 * 2**20
"""Largest JSON Schema that is read."""


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--input",
    "kind",
    type=click.Choice(["change", "plan", "document", "combined"]),
    default="change",
    help="What the policies judge, as the rule file says it; a change by default.",
)
@click.option(
    "--schema",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A JSON Schema of the input, in place of mrbot's own.",
)
@click.option(
    "--namespace",
    "-n",
    "namespaces",
    multiple=True,
    callback=parted,
    help="A package that is asked (repeatable, or with commas).",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "opa", "regorus"]),
    default="auto",
    help="`auto`, the default, is OPA where it is on PATH, else the embedded engine.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text")
@click.option("--strict", is_flag=True, help="Notes fail as well, not only errors and warnings.")
def lint(
    directory: Path,
    kind: str,
    schema: Path | None,
    namespaces: tuple[str, ...],
    engine: str,
    form: str,
    strict: bool,
) -> None:
    """Say what is probably not meant in the policies below DIRECTORY. No policy is run.

    Exits with 0 when there is nothing but notes, with 1 when there is an error or a warning, with 2
    when it cannot be run. A comment `# mrbot-lint: ignore=rule-name` above a line switches a rule
    off for it.
    """
    found = find_opa(None)
    if engine == "opa" and found is None:
        print("mrbot: there is no opa on PATH", file=sys.stderr)
        sys.exit(2)
    linted = run_lint(
        directory,
        Asked(
            opa=None if found is None else examine(found),
            judges_with_opa=engine != "regorus" and found is not None,
            schema=_schema(kind, schema),
            has_now=kind == "change",
            namespaces=namespaces,
            seconds=LINT_SECONDS,
        ),
    )
    print("\n".join(FORMATS[form](linted, directory)))
    failed = [one for one in linted.complaints if strict or one.level is not Level.NOTE]
    sys.exit(1 if failed else 0)


def _schema(kind: str, given: Path | None) -> Schema | None:
    """The schema that was given, else the published one of this kind, where there is one.

    Raises: BadInput when it is no JSON Schema, or refers to parts that it does not have.
    """
    path = given or shipped("config") / "schema" / f"input-{kind}.v1.json"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        raw = file.read(MAX_SCHEMA_BYTES + 1)
    if len(raw) > MAX_SCHEMA_BYTES:
        raise BadInput(Problem(str(path), 0, f"a schema has at most {MAX_SCHEMA_BYTES} bytes"))
    document = load_json(raw, str(path))
    if not isinstance(document, dict):
        raise BadInput(Problem(str(path), 1, "a JSON Schema is an object"))
    schema = Schema(document, "input" if given else f"{kind} document")
    if dangling := schema.dangling():
        what = "a `$ref` refers to nothing in the schema"
        raise BadInput(*(Problem(str(path), 0, f"{what}: {one!r}") for one in dangling))
    return schema
