"""`mrbot review`: the whole judgement on a plain git repository, no host needed."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from mrbot.app import local_runner, organisation_of, settle_engine
from mrbot.audit.record import record_bytes, recorded
from mrbot.change.people import Directory, Group, Review, ReviewSource, ReviewState
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.cli.review_text import printed
from mrbot.decision.decide import Decision, decide
from mrbot.decision.document import decision_document
from mrbot.decision.material import Material, TextFile
from mrbot.decision.ruleset import ProjectKind
from mrbot.decision.verdict import Approved, Pending, Rejected, Undecidable
from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.render import render
from mrbot.errors import BadReference, Problem
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.line_counts import LineCount, line_counts
from mrbot.git.repository import GitRepository
from mrbot.ids import ChangeId, HostKind, Json, Person, RepoId, Sha
from mrbot.judgement import assess, projects_of
from mrbot.plan.plan import Plan, PlanFailed, Planned, PlanRequest
from mrbot.plan.supplied import supplied_plan
from mrbot.plan.vault import Vault
from mrbot.secret import Secret

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
    "--plan-json",
    "plan_files",
    multiple=True,
    metavar="PROJECT=FILE",
    help="A plan of HEAD made elsewhere, as `terraform show -json` writes it (repeatable).",
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
    plan_files: tuple[str, ...],
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
            planning=plan or bool(plan_files),
            now=now,
            rules=None if rules is None else TextFile(path=str(rules), content=rules.read_bytes()),
        )
        handed = _handed_over(plan_files, material, change)
        made = _planned(material, change, repository, set(handed)) if plan else ()
        material = replace(material, plans=(*handed.values(), *made))
        assessment = assess(material, change, judge)
        directory = Directory(groups=_groups(members), roles=tuple((a, "admin") for a in approvers))
        decision = decide(change, assessment, directory, now, planning=material.planning)
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


def _handed_over(
    pairs: tuple[str, ...], material: Material, change: Change
) -> dict[str, Plan | PlanFailed]:
    """The plans that were made elsewhere, by project."""
    concerned = {project.name: project for project in projects_of(material, change)}
    digest = Vault(Secret("mrbot review: what it is given is never kept")).keyed_digest
    plans: dict[str, Plan | PlanFailed] = {}
    for pair in pairs:
        name, equals, file = pair.partition("=")
        if not (name and equals and file):
            raise BadReference(Problem("--plan-json", 0, f"not of the form PROJECT=FILE: {pair!r}"))
        if name not in concerned:
            listed = ", ".join(sorted(concerned)) or "none"
            message = f"{name!r} is no project that the change concerns: those are {listed}"
            raise BadReference(Problem("--plan-json", 0, message))
        try:
            text = Path(file).read_bytes()
        except OSError as error:
            raise BadReference(Problem(file, 0, f"cannot be read: {error.strerror}")) from error
        environment = concerned[name].environment
        plans[name] = supplied_plan(text, name, environment, change.head, digest)
    return plans


def _planned(
    material: Material, change: Change, repository: GitRepository, done: Collection[str]
) -> tuple[Plan | PlanFailed, ...]:
    plans: list[Plan | PlanFailed] = []
    with local_runner() as runner:
        for project in projects_of(material, change):
            if project.kind != ProjectKind.TERRAFORM or project.name in done:
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
    return tuple(plans)


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
