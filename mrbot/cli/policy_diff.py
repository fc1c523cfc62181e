"""`mrbot policy diff`: which recorded changes other policies would have judged otherwise."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from mrbot.app import settle_engine
from mrbot.audit.other_policies import (
    Differing,
    OrganisationPolicies,
    OtherPolicies,
    RepositoryPolicies,
    concerns,
    differing,
)
from mrbot.audit.record import Record
from mrbot.cli import EXIT_BAD_INPUT
from mrbot.cli.kept_record import DAMAGED, Unread, kept_record, latest_records
from mrbot.cli.ledger import opened_ledger
from mrbot.cli.namespaces import parted
from mrbot.config.settings import load_settings
from mrbot.decision.document import comparison_document
from mrbot.decision.material import PolicyFolder, TextFile
from mrbot.decision.ruleset import PolicyInput
from mrbot.decision.verdict import Reason, name_of, reasons_of
from mrbot.effects.escape import flat
from mrbot.errors import BadInput, BadPolicy, BadReference
from mrbot.gather import policy_folder
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Json
from mrbot.policy.comparison import Said
from mrbot.policy.finding import PolicyEngine
from mrbot.policy.testing.run import read_folder

EXIT_DIFFERENT = 1
"""A change would get another verdict."""

WORK_TREE = "the work tree"
SHOWN = 10
"""Findings of one side of one change that are listed; the rest are counted."""


@click.command()
@click.option(
    "--repo",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The git repository that holds the policies.",
)
@click.option("--directory", default="policies", show_default=True, help="Where in it they lie.")
@click.option(
    "--from", "before", default="HEAD", show_default=True, help="The policies as they were."
)
@click.option("--to", "after", help="The policies as they would be.  [default: the work tree's]")
@click.option(
    "--of",
    "owner",
    type=click.Choice(["organisation", "repository"]),
    default="organisation",
    show_default=True,
    help="Whose policies they take the place of: the server's own, or those that the changes' own "
    "repository has in DIRECTORY.",
)
@click.option(
    "--namespace",
    "-n",
    "namespaces",
    multiple=True,
    callback=parted,
    help="Of the organisation's policies: packages to ask (repeatable; default: as recorded).",
)
@click.option(
    "--input",
    "kind",
    type=click.Choice([one.value for one in PolicyInput]),
    help="Of the organisation's policies: what they judge.  [default: as recorded]",
)
@click.option(
    "--changes",
    default=20,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many changes of the ledger, the last ones, each by its newest decision.",
)
@click.option("--record", "records", multiple=True, help="A record instead (repeatable).")
@click.option(
    "--config",
    default="mrbot.yml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The server's settings, whose ledger is read.",
)
@click.option(
    "--engine", type=click.Choice(["auto", "opa", "regorus"]), default="auto", show_default=True
)
@click.option(
    "--format", "layout", type=click.Choice(["text", "json"]), default="text", show_default=True
)
def diff(
    repo: Path,
    directory: str,
    before: str,
    after: str | None,
    owner: str,
    namespaces: tuple[str, ...],
    kind: str | None,
    changes: int,
    records: tuple[str, ...],
    config: Path,
    engine: str,
    layout: str,
) -> None:
    """Judge recorded changes again, by policies as they were and as they would be.

    Everything but the policies is as it was recorded. Exits 0 when every verdict is the same, 1 when
    one is not, 2 when a change cannot be judged again or nothing can be compared.
    """
    where = directory.strip("/").removeprefix("./")
    folders = tuple(_folder(repo, where, ref) for ref in (before, after))
    one, other = (_policies(folder, owner, namespaces, kind) for folder in folders)
    judge = settle_engine(engine)
    try:
        results = tuple(
            _judged(found, one, other, judge) for found in _records(records, changes, config)
        )
    finally:
        judge.close()
    if not results:
        raise BadReference("no decision is recorded yet: there is nothing to compare")
    names = (before, after or WORK_TREE)
    if layout == "json":
        print(json.dumps(_document(names, results), indent=2))
    else:
        print("\n".join(_lines(names, results)))
    found = [one.outcome for one in results]
    if any(isinstance(one, _Lost) and one.unexpected for one in found):
        sys.exit(EXIT_BAD_INPUT)
    if not any(isinstance(one, Differing) for one in found):
        sys.exit(EXIT_BAD_INPUT)
    differ = any(isinstance(one, Differing) and one.other_verdict for one in found)
    sys.exit(EXIT_DIFFERENT if differ else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lost:
    """A change that cannot be judged again. That a record was erased is expected."""

    why: str
    unexpected: bool


_Outcome = Differing | _Lost | None
"""None: these policies do not judge the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """One change, and what came of it."""

    name: str
    outcome: _Outcome


def _folder(repo: Path, directory: str, ref: str | None) -> PolicyFolder:
    if ref is None:
        files = read_folder(repo / directory)
        found = PolicyFolder(
            directory=directory,
            origin=f"{directory} of {WORK_TREE}",
            files=tuple(
                TextFile(path=f"{directory}/{path}".removeprefix("/"), content=content)
                for path, content in files.items()
            ),
        )
    else:
        repository = GitRepository(Git(directory=repo.resolve()))
        found = policy_folder(repository, repository.resolve(ref), directory, ref)
    if not any(file.path.endswith(".rego") for file in found.files):
        place = directory or "the repository"
        raise BadPolicy(f"there is no Rego in {place} of {ref or WORK_TREE}: name its --directory")
    return found


def _policies(
    folder: PolicyFolder, owner: str, namespaces: tuple[str, ...], kind: str | None
) -> OtherPolicies:
    if owner == "repository":
        if namespaces or kind:
            raise BadReference(
                "--namespace and --input are for --of organisation: the repository's "
                "rule file says them"
            )
        return RepositoryPolicies(folder=folder)
    return OrganisationPolicies(
        folder=folder,
        namespaces=namespaces or None,
        input=None if kind is None else PolicyInput(kind),
    )


def _records(
    records: tuple[str, ...], changes: int, config: Path
) -> Iterator[tuple[str, Record] | Unread]:
    settings = load_settings(config, os.environ) if config.exists() else None
    if records:
        for one in records:
            yield f"record {one}", kept_record(one, settings, config)
        return
    if settings is None:
        raise BadReference(
            f"recorded changes are in a server's ledger, and there are no settings {config}: name "
            "them with --config, or records with --record"
        )
    with opened_ledger(settings) as ledger:
        for found in latest_records(ledger, changes):
            match found:
                case Unread():
                    yield found
                case (number, record):
                    yield f"record {number}", record


def _judged(
    found: tuple[str, Record] | Unread,
    before: OtherPolicies,
    after: OtherPolicies,
    engine: PolicyEngine,
) -> _Result:
    match found:
        case Unread(subject=subject, number=number, why=why):
            return _Result(
                name=f"{subject} (record {number})", outcome=_Lost(why=why, unexpected=False)
            )
        case (place, record):
            name = f"{record.change.id} ({place})"
            if not concerns(record, before):
                return _Result(name=name, outcome=None)
            try:
                return _Result(name=name, outcome=differing(record, before, after, engine))
            except (BadInput, *DAMAGED) as error:
                why = f"{type(error).__name__}: {error}"
                return _Result(name=name, outcome=_Lost(why=why, unexpected=True))


def _lines(names: tuple[str, str], results: tuple[_Result, ...]) -> Iterator[str]:
    yield flat(f"before: policies of {names[0]}; after: policies of {names[1]}")
    for one in results:
        match one.outcome:
            case _Lost(why=why):
                yield flat(f"cannot be judged again: {one.name}: {why}")
            case Differing(other_verdict=True) as found:
                verdicts = f"{name_of(found.before.verdict)} -> {name_of(found.after.verdict)}"
                yield flat(f"{verdicts}: {one.name}")
                yield from _details(found)
            case Differing() as found if not found.comparison.same:
                verdict = name_of(found.after.verdict)
                yield flat(f"{verdict} as before, with other results: {one.name}")
                yield from _details(found)
            case Differing() | None:
                pass
    yield _summary([one.outcome for one in results])


def _summary(outcomes: list[_Outcome]) -> str:
    found = [one for one in outcomes if isinstance(one, Differing)]
    verdicts = sum(one.other_verdict for one in found)
    same = sum(one.comparison.same and not one.other_verdict for one in found)
    others = len(found) - verdicts - same
    said = f"{verdicts} would get another verdict, {others} other results, {same} neither"
    noun = "change" if len(outcomes) == 1 else "changes"
    parts = [f"{len(outcomes)} {noun}: {said}"]
    if elsewhere := outcomes.count(None):
        parts.append(f"{elsewhere} not judged by these policies")
    if lost := len(outcomes) - len(found) - elsewhere:
        parts.append(f"{lost} cannot be judged again")
    return "; ".join(parts)


def _details(found: Differing) -> Iterator[str]:
    known = reasons_of(found.before.verdict)
    reasons = [one for one in reasons_of(found.after.verdict) if one not in known]
    yield from _side("before", found.comparison.before, ())
    yield from _side("after", found.comparison.after, reasons)


def _side(when: str, said: Said, reasons: Iterable[Reason]) -> Iterator[str]:
    """What only this side said; where that is nothing, `reasons`, which only its verdict has."""
    texts = [f"{one.severity} {one.namespace}.{one.rule}: {one.msg}" for one in said.findings]
    for demand in said.demands:
        who = ", ".join((*demand.users, *demand.groups) or demand.roles)
        texts.append(f"asks for {demand.count} by {who}: {demand.msg}")
    texts += [f"no answer: {one}" for one in said.failed]
    texts = texts or [reason.text for reason in reasons]
    for text in texts[:SHOWN]:
        yield f"    only {when}: {flat(text)}"
    if len(texts) > SHOWN:
        yield f"    only {when}: ... and {len(texts) - SHOWN} more"


def _document(names: tuple[str, str], results: tuple[_Result, ...]) -> Json:
    return {
        "before": names[0],
        "after": names[1],
        "changes": [_change(one) for one in results],
    }


def _change(one: _Result) -> Json:
    match one.outcome:
        case Differing() as found:
            return {
                "change": one.name,
                "before": name_of(found.before.verdict),
                "after": name_of(found.after.verdict),
                "policies": comparison_document(found.comparison),
            }
        case None | _Lost():
            why = "not judged by these policies" if one.outcome is None else one.outcome.why
            return {"change": one.name, "before": None, "after": None, "policies": None, "why": why}
