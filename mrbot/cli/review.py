"""`mrbot review`: the whole judgement on a plain git repository, no host needed."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from mrbot.app import local_runner, organisation_of, settle_engine
from mrbot.audit.record import record_bytes, recorded
from mrbot.change.files import shown
from mrbot.change.people import Directory, Group, Review, ReviewSource, ReviewState
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.decision.decide import Decision, blocks, decide
from mrbot.decision.document import decision_document
from mrbot.decision.material import Material, TextFile
from mrbot.decision.ruleset import ProjectKind
from mrbot.decision.verdict import Approved, Pending, Rejected, Undecidable, reasons_of
from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.escape import flat
from mrbot.effects.headline import headline
from mrbot.effects.render import render
from mrbot.errors import BadReference, Problem
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.line_counts import LineCount, line_counts
from mrbot.git.repository import GitRepository
from mrbot.ids import ChangeId, HostKind, Json, Person, RepoId, Sha
from mrbot.judgement import assess, projects_of
from mrbot.plan.plan import Plan, PlanFailed, Planned, PlanRequest

COMMENT_LIMIT = CommentLimit(characters=65_536, bytes=262_144)
"""The shorter of the two hosts' limits, so that what is shown is what would be posted."""


@click.command()
@click.option(
    "--repo",
    default=".",
    show_default=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A git repository.",
)
@click.option("--base", required=True, help="The target: a branch, tag or commit.")
@click.option("--head", required=True, help="What is proposed: a branch, tag or commit.")
@click.option(
    "--rules",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge by this rule file instead of the target's .mrbot.yml.",
)
@click.option(
    "--policies",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Judge by these policies instead of the library that ships.",
)
@click.option(
    "--namespace",
    "namespaces",
    multiple=True,
    help="With --policies: Rego packages to ask (repeatable; default main).",
)
@click.option(
    "--plan/--no-plan",
    default=False,
    help="Plan the changed Terraform projects, on this machine, as you.",
)
@click.option(
    "--engine", type=click.Choice(["auto", "opa", "regorus"]), default="auto", show_default=True
)
@click.option(
    "--codeowners",
    "dialect",
    type=click.Choice(["github", "gitlab"]),
    default="github",
    show_default=True,
    help="Whose CODEOWNERS dialect.",
)
@click.option("--author", default="(author)", help="Login of the author, who never counts.")
@click.option(
    "--approved-by",
    "approvers",
    multiple=True,
    help="Pretend that this login approved (repeatable); for trying rules.",
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
    repo: Path,
    base: str,
    head: str,
    rules: Path | None,
    policies: Path | None,
    namespaces: tuple[str, ...],
    plan: bool,
    engine: str,
    dialect: str,
    author: str,
    approvers: tuple[str, ...],
    members: tuple[str, ...],
    record: Path | None,
    layout: str,
) -> None:
    """Judge HEAD against BASE in a plain git repository.

    Exits 0 when approved, 1 when pending or rejected, 2 when it cannot be decided or the input
    cannot be used.
    """
    now = datetime.now(UTC)  # noqa: TID251  # a command a person typed: here is where time enters
    git = Git(directory=repo.resolve())
    repository = GitRepository(git)
    target, proposed = repository.resolve(base), repository.resolve(head)
    change = _change(repository, repo, target, proposed, base, author, approvers)
    judge = settle_engine(engine)
    try:
        material = gather(
            change,
            repository,
            dialect=HostKind(dialect),
            organisation=organisation_of(None, policies, namespaces or None),
            plans=(),
            planning=plan,
            now=now,
            rules=None if rules is None else TextFile(path=str(rules), content=rules.read_bytes()),
        )
        if plan:
            material = _planned(material, change, repository)
        assessment = assess(material, change, judge)
        directory = Directory(groups=_groups(members), roles=tuple((a, "admin") for a in approvers))
        decision = decide(change, assessment, directory, now, planning=plan)
    finally:
        judge.close()
    if record is not None:
        kept = recorded(change, material, directory, judge.engine, decision)
        record.write_bytes(record_bytes(kept))
    _show(decision, layout, line_counts(git, change.base, change.head) if layout == "text" else {})
    sys.exit(_exit_code(decision))


def _change(
    repository: GitRepository,
    repo: Path,
    target: Sha,
    head: Sha,
    base: str,
    author: str,
    approvers: tuple[str, ...],
) -> Change:
    host = HostChange(
        id=ChangeId(RepoId("local", repo.resolve().name), 0),
        title="",
        description="",
        author=Person(id=author, login=author),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="",
        target_branch=base,
        head=head,
        from_fork=False,
        labels=(),
        web_url="",
    )
    reviews = tuple(
        Review(
            person=Person(id=login, login=login),
            state=ReviewState.APPROVED,
            source=ReviewSource.COMMAND_LINE,
            head=head,
        )
        for login in dict.fromkeys(approvers)
    )
    return pinned(host, repository, target, people=frozenset(), reviews=reviews)


def _groups(members: tuple[str, ...]) -> tuple[Group, ...]:
    by_name: dict[str, set[Person]] = {}
    for pair in members:
        name, equals, login = pair.partition("=")
        if not (name and equals and login):
            raise BadReference(Problem("--member", 0, f"not of the form GROUP=LOGIN: {pair!r}"))
        by_name.setdefault(name, set()).add(Person(id=login, login=login))
    return tuple(Group(name=n, members=frozenset(found)) for n, found in by_name.items())


def _planned(material: Material, change: Change, repository: GitRepository) -> Material:
    plans: list[Plan | PlanFailed] = []
    with local_runner() as runner:
        for project in projects_of(material, change):
            if project.kind != ProjectKind.TERRAFORM:
                continue
            with tempfile.TemporaryDirectory(prefix="mrbot-review-") as directory:
                repository.checkout(change.head, Path(directory))
                outcome = runner.plan(
                    PlanRequest(
                        project=project.name,
                        environment=project.environment,
                        head=change.head,
                        checkout=Path(directory),
                        directory=project.directory,
                    )
                )
            plans.append(outcome.plan if isinstance(outcome, Planned) else outcome)
    return replace(material, plans=tuple(plans))


def _show(decision: Decision, layout: str, counts: Mapping[str, LineCount]) -> None:
    if layout == "json":
        document: Json = decision_document(decision)
        print(json.dumps(document, indent=2))
    elif layout == "markdown":
        print(render(decision, Beside(), COMMENT_LIMIT), end="")
    else:
        _print(decision, counts)


def _print(decision: Decision, counts: Mapping[str, LineCount]) -> None:
    change = decision.change
    print(f"{headline(decision)}")
    print(
        f"  head {change.head[:12]} onto {change.host.target_branch}, merge base {change.base[:12]}"
    )
    for reason in reasons_of(decision.verdict):
        place = f"  [{shown(reason.path)}:{reason.line or 1}]" if reason.path else ""
        print(f"  {reason.weight.name.lower():<12} {flat(reason.text, 400)} {flat(place)}")
    print(f"\n{_counted(len(change.files), 'file')}")
    for file in change.files:
        old = f" (was {flat(shown(file.old_path))})" if file.old_path else ""
        lines = counts.get(file.path)
        size = f"  +{lines.added} -{lines.removed}" if lines else ""
        print(f"  {file.status.value:<12} {flat(shown(file.path))}{old}{size}")
    resources = decision.assessment.reading.resources
    print(f"\n{_counted(len(resources), 'resource')}")
    for one in resources:
        where = f"  {one.environment}" if one.environment else ""
        print(f"  {one.action.value:<8} {flat(one.address)}  ({one.certainty.value}){where}")
    warnings = [finding for finding in decision.findings if not blocks(finding)]
    for finding in warnings:
        print(f"  warns        {flat(finding.msg)}")
    for lost in decision.assessment.reading.not_understood:
        print(f"  not read     {flat(shown(lost.path))}: {flat(lost.reason)}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _exit_code(decision: Decision) -> int:
    match decision.verdict:
        case Approved():
            return 0
        case Pending() | Rejected():
            return 1
        case Undecidable():
            return 2
