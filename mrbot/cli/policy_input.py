"""`mrbot policy input`: what policies see of a change, so that writing them is not guessing."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from mrbot.change.snapshot import Change
from mrbot.cli.kept_record import DAMAGED, kept_record
from mrbot.cli.proposal import Proposal, gathered, proposes
from mrbot.config.settings import load_settings
from mrbot.decision.material import Material
from mrbot.decision.ruleset import PolicyInput
from mrbot.effects.escape import flat
from mrbot.errors import BadReference, Problem
from mrbot.ids import Json
from mrbot.judgement import Given, inputs_of
from mrbot.policy.finding import Document
from mrbot.policy.wire import dump_json

NAMES_SHOWN = 20
"""Documents that a message names; the rest are counted."""


@click.command()
@proposes(required=False)
@click.option(
    "--record",
    help="Instead of --base and --head: a change that was judged, by its record (a file, or a number "
    "of the ledger).",
)
@click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="With --record: the server's settings, where numbers are looked up.",
)
@click.option(
    "--input",
    "kind",
    type=click.Choice([one.value for one in PolicyInput]),
    default=PolicyInput.CHANGE.value,
    show_default=True,
    help="What the policies judge, as in the rule file.",
)
@click.option("--document", help="Of several documents, the one of this name.")
@click.option("--all", "everything", is_flag=True, help="All documents, as `path` and `contents`.")
def input(  # noqa: A001  the command's name
    proposal: Proposal,
    record: str | None,
    config: Path,
    kind: str,
    document: str | None,
    everything: bool,
) -> None:
    """Print the input document that policies judge, as JSON, for a change from BASE to HEAD or for one
    that was judged before.

    Exits 2 when there is no such document, or several and none was chosen.
    """
    change, material = _judged(proposal, record, config)
    try:
        found = inputs_of(PolicyInput(kind), material, change)
    except DAMAGED as error:
        if record is None:
            raise
        raise BadReference(f"the record is damaged: {type(error).__name__}") from error
    _tell(found)
    _print(
        [{"path": one.name, "contents": one.content} for one in found.documents]
        if everything
        else _chosen(found.documents, kind, document).content
    )


def _judged(proposal: Proposal, record: str | None, config: Path) -> tuple[Change, Material]:
    if record is None:
        now = datetime.now(UTC)  # noqa: TID251  # a command a person typed: here is where time enters
        return gathered(proposal, now)
    if proposal.base is not None or proposal.head is not None:
        raise BadReference("name either --record or --base and --head")
    settings = load_settings(config, os.environ) if config.exists() else None
    kept = kept_record(record, settings, config)
    return kept.change, kept.material


def _tell(found: Given) -> None:
    for lost in found.lost:
        said = Problem(lost.path, lost.line, f"is no document: {lost.reason}")
        print(f"mrbot: {flat(str(said))} (such a change is undecidable)", file=sys.stderr)


def _chosen(documents: tuple[Document, ...], kind: str, name: str | None) -> Document:
    there = [one for one in documents if name in {None, one.name}]
    if len(there) == 1:
        return there[0]
    if not documents:
        hint = " (--plan makes one, --plan-json takes one)" if kind == "plan" else ""
        raise BadReference(f"the change has no document for `input: {kind}`{hint}")
    names = ", ".join(flat(one.name) for one in documents[:NAMES_SHOWN])
    more = f" and {len(documents) - NAMES_SHOWN} more" if len(documents) > NAMES_SHOWN else ""
    problem = f"there is no document {flat(name)!r}" if name else f"there are {len(documents)}"
    raise BadReference(f"{problem}: choose one with --document, or take --all: {names}{more}")


def _print(content: Json) -> None:
    dump_json(content)  # what could not be given to a policy is not printed as if it could
    print(json.dumps(content, indent=2))
