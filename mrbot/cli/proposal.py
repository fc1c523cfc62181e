"""A change between two commits of a plain git repository, for commands that a person types."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mrbot.app import local_runner, organisation_of
from mrbot.change.people import Review, ReviewSource, ReviewState
from mrbot.change.snapshot import Change, ChangeState, HostChange
from mrbot.decision.material import Material, TextFile
from mrbot.decision.ruleset import ProjectKind
from mrbot.errors import BadReference, Problem
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import ChangeId, HostKind, Person, RepoId
from mrbot.judgement import projects_of
from mrbot.plan.plan import Plan, PlanFailed, Planned, PlanRequest
from mrbot.plan.supplied import supplied_plan
from mrbot.plan.vault import Vault
from mrbot.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the options of such a command say."""

    repo: Path
    base: str | None
    head: str | None
    rules: Path | None
    policies: Path | None
    namespaces: tuple[str, ...]
    plan: bool
    plan_files: tuple[str, ...]
    dialect: str
    author: str
    approvers: tuple[str, ...]


def proposes(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The command takes these options, and a `proposal` made of them. `required`: it cannot do without
    `--base` and `--head`."""
    options = [
        click.option(
            "--repo",
            default=".",
            show_default=True,
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="A git repository.",
        ),
        click.option("--base", required=required, help="The target: a branch, tag or commit."),
        click.option(
            "--head", required=required, help="What is proposed: a branch, tag or commit."
        ),
        click.option(
            "--rules",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Judge by this rule file instead of the target's .mrbot.yml.",
        ),
        click.option(
            "--policies",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Judge by these policies instead of the library that ships.",
        ),
        click.option(
            "--namespace",
            "namespaces",
            multiple=True,
            help="With --policies: Rego packages to ask (repeatable; default main).",
        ),
        click.option(
            "--plan/--no-plan",
            default=False,
            help="Plan the changed Terraform projects, on this machine, as you.",
        ),
        click.option(
            "--plan-json",
            "plan_files",
            multiple=True,
            metavar="PROJECT=FILE",
            help="A plan of HEAD made elsewhere, as `terraform show -json` writes it (repeatable).",
        ),
        click.option(
            "--codeowners",
            "dialect",
            type=click.Choice(["github", "gitlab"]),
            default="github",
            show_default=True,
            help="Whose CODEOWNERS dialect.",
        ),
        click.option("--author", default="(author)", help="Login of the author, who never counts."),
        click.option(
            "--approved-by",
            "approvers",
            multiple=True,
            help="Pretend that this login approved (repeatable); for trying rules.",
        ),
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def made(**given: Any) -> None:  # noqa: ANN401
            own = {field.name: given.pop(field.name) for field in fields(Proposal)}
            command(proposal=Proposal(**own), **given)

        for option in reversed(options):
            made = option(made)
        return made

    return decorate


def gathered(proposal: Proposal, now: datetime) -> tuple[Change, Material]:
    """The change and everything that it is judged by; planned where that was asked for.

    Raises: BadInput when a reference, a file or an option cannot be used; GitFailure.
    """
    repository = GitRepository(Git(directory=proposal.repo.resolve()))
    change = _change(proposal, repository)
    given = proposal.rules
    material = gather(
        change,
        repository,
        dialect=HostKind(proposal.dialect),
        organisation=organisation_of(None, proposal.policies, proposal.namespaces or None),
        plans=(),
        planning=proposal.plan or bool(proposal.plan_files),
        now=now,
        rules=None if given is None else TextFile(path=str(given), content=given.read_bytes()),
    )
    handed = _handed_over(proposal.plan_files, material, change)
    made = _planned(material, change, repository, set(handed)) if proposal.plan else ()
    return change, replace(material, plans=(*handed.values(), *made))


def _change(proposal: Proposal, repository: GitRepository) -> Change:
    if proposal.base is None or proposal.head is None:
        raise BadReference("name both --base and --head: branches, tags or commits")
    target, head = repository.resolve(proposal.base), repository.resolve(proposal.head)
    host = HostChange(
        id=ChangeId(RepoId("local", proposal.repo.resolve().name), 0),
        title="",
        description="",
        author=Person(id=proposal.author, login=proposal.author),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="",
        target_branch=proposal.base,
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
        for login in dict.fromkeys(proposal.approvers)
    )
    return pinned(host, repository, target, people=frozenset(), reviews=reviews)


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
