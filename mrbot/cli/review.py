"""`mrbot review`: the whole judgement on a plain git repository, no host needed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from mrbot.app import settle_engine
from mrbot.audit.record import record_bytes, recorded
from mrbot.change.people import Directory, Group
from mrbot.cli.proposal import Proposal, gathered, proposes
from mrbot.cli.review_text import printed
from mrbot.decision.decide import Decision, decide
from mrbot.decision.document import decision_document
from mrbot.decision.verdict import Approved, Pending, Rejected, Undecidable
from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.render import render
from mrbot.errors import BadReference, Problem
from mrbot.git.command import Git
from mrbot.git.line_counts import LineCount, line_counts
from mrbot.ids import Json, Person
from mrbot.judgement import assess

COMMENT_LIMIT = CommentLimit(characters=65_536, bytes=262_144)
"""The shorter of the two hosts' limits, so that what is shown is what would be posted."""


@click.command()
@proposes(required=True)
@click.option(
    "--engine", type=click.Choice(["auto", "opa", "regorus"]), default="auto", show_default=True
)
@click.option(
    "--member",
    "members",
    multiple=True,
    metavar="GROUP=LOGIN",
    help="Pretend that LOGIN is in GROUP (repeatable).",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the decision's record here, for `mrbot replay`.",
)
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
def review(
    proposal: Proposal,
    engine: str,
    members: tuple[str, ...],
    record: Path | None,
    layout: str,
) -> None:
    """Judge HEAD against BASE in a plain git repository.

    Exits 0 when approved, 1 when pending or rejected, 2 when it cannot be decided or the input
    cannot be used.
    """
    now = datetime.now(UTC)  # noqa: TID251  # a command a person typed: here is where time enters
    judge = settle_engine(engine)
    try:
        change, material = gathered(proposal, now)
        assessment = assess(material, change, judge)
        roles = tuple((login, "admin") for login in proposal.approvers)
        directory = Directory(groups=_groups(members), roles=roles)
        decision = decide(change, assessment, directory, now, planning=material.planning)
    finally:
        judge.close()
    if record is not None:
        kept = recorded(change, material, directory, judge.engine, decision)
        _write(record, record_bytes(kept))
    git = Git(directory=proposal.repo.resolve())
    _show(decision, layout, line_counts(git, change.base, change.head) if layout == "text" else {})
    sys.exit(_exit_code(decision))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        what = f"the record cannot be written here: {error.strerror}"
        raise BadReference(Problem(str(path), 0, what)) from error


def _groups(members: tuple[str, ...]) -> tuple[Group, ...]:
    by_name: dict[str, set[Person]] = {}
    for pair in members:
        name, equals, login = pair.partition("=")
        if not (name and equals and login):
            raise BadReference(Problem("--member", 0, f"not of the form GROUP=LOGIN: {pair!r}"))
        by_name.setdefault(name, set()).add(Person(id=login, login=login))
    return tuple(Group(name=n, members=frozenset(found)) for n, found in by_name.items())


def _show(decision: Decision, layout: str, counts: Mapping[str, LineCount]) -> None:
    if layout == "json":
        document: Json = decision_document(decision)
        print(json.dumps(document, indent=2))
    elif layout == "markdown":
        print(render(decision, Beside(), COMMENT_LIMIT), end="")
    else:
        print("\n".join(printed(decision, counts)))


def _exit_code(decision: Decision) -> int:
    match decision.verdict:
        case Approved():
            return 0
        case Pending() | Rejected():
            return 1
        case Undecidable():
            return 2
