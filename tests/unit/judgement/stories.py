"""A change in a real git repository, judged as the bot would judge it.

`Story.judged()` joins what the host says (given), what git holds (real) and a real policy engine.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from mrbot.change.people import Directory, Group, Review, ReviewSource, ReviewState
from mrbot.change.snapshot import Change
from mrbot.decision.decide import Decision, decide
from mrbot.decision.material import Material, Organisation, PolicyFolder, TextFile
from mrbot.decision.ruleset import PolicyInput, Require
from mrbot.decision.verdict import name_of, reasons_of
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import HostKind, Person, Sha
from mrbot.judgement import assess
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.finding import PolicyEngine
from tests.build import NOW, make_host_change, make_person

ORGANISATION_RULES = b"version: 1\notherwise: approved\n"
"""An organisation that asks for nothing by itself, so that a test sees what the repository asks."""

LENIENT = b"version: 1\notherwise: approved\n"

OWNER, ENGINEER = make_person("owner"), make_person("engineer")

NOTHING_TO_SAY = (
    b'package main\n\nimport rego.v1\n\ndeny contains msg if {\n  false\n  msg := ""\n}\n'
)


def deny_when(condition: str, msg: str = "no") -> bytes:
    """A policy that denies where `condition` holds."""
    return (
        f'package main\n\nimport rego.v1\n\ndeny contains "{msg}" if {{\n  {condition}\n}}\n'
    ).encode()


@dataclass(slots=True)
class Story:
    """A repository under `root`, whose default branch is `main`."""

    root: Path
    engine: PolicyEngine
    rules: bytes = ORGANISATION_RULES
    default: bool = False
    policies: dict[str, bytes] = field(default_factory=lambda: {"main.rego": NOTHING_TO_SAY})
    policy_input: PolicyInput = PolicyInput.CHANGE
    planning: bool = False
    plans: tuple[Plan | PlanFailed, ...] = ()
    dialect: HostKind = HostKind.GITHUB
    _clock: int = 1_700_000_000

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """What git printed; every commit is a second later than the one before."""
        self._clock += 1
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "Author" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "author@example.com" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_DATE": f"{self._clock} +0000" for who in ("AUTHOR", "COMMITTER")},
        }
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            input=stdin, capture_output=True, check=True, env=environment,
        )  # fmt: skip
        return done.stdout.decode().strip()

    def commit(
        self, files: Mapping[str, bytes | str | None], *parents: str, clock: int | None = None
    ) -> Sha:
        """A commit whose tree is its first parent's with `files` laid over it.

        Bytes are a file; text is a symbolic link to it, or with `commit:` before it a submodule;
        None removes.
        """
        if clock is not None:
            self._clock = clock
        self.git("read-tree", *((parents[0],) if parents else ("--empty",)))
        for path, content in files.items():
            if content is None:
                self.git("rm", "--cached", "-r", "-q", "-f", "--", path)
                continue
            mode = "100644" if isinstance(content, bytes) else "120000"
            if isinstance(content, str) and content.startswith("commit:"):
                mode, oid = "160000", content.removeprefix("commit:")
            else:
                raw = content if isinstance(content, bytes) else content.encode()
                oid = self.git("hash-object", "-w", "--stdin", stdin=raw)
            self.git("update-index", "--add", "--replace", "--cacheinfo", f"{mode},{oid},{path}")
        tree = self.git("write-tree")
        onto = [word for parent in parents for word in ("-p", parent)]
        return Sha(self.git("commit-tree", tree, *onto, "-m", "change"))

    def change(
        self, target: Sha, head: Sha, *approvers: Person, target_branch: str = "main"
    ) -> Change:
        """The change of `head` onto `target`, approved on its head by `approvers`."""
        return pinned(
            make_host_change(head=head, target_branch=target_branch),
            GitRepository(Git(directory=self.root)),
            target,
            people=frozenset(),
            reviews=tuple(
                Review(person=one, state=ReviewState.APPROVED, source=ReviewSource.HOST, head=head)
                for one in approvers
            ),
        )

    def material(self, change: Change) -> Material:
        """What the judgement of `change` reads."""
        return gather(
            change,
            GitRepository(Git(directory=self.root)),
            dialect=self.dialect,
            organisation=Organisation(
                rules=TextFile(path="rules.yml", content=self.rules),
                default=self.default,
                policies=PolicyFolder(
                    directory="/etc/mrbot/policies",
                    origin="organisation",
                    files=tuple(TextFile(path=p, content=c) for p, c in self.policies.items()),
                ),
                namespaces=("main",),
                input=self.policy_input,
                owners=Require(count=1, users=("owner",)),
            ),
            plans=tuple(replace(plan, head=change.head) for plan in self.plans),
            planning=self.planning,
            now=NOW,
        )

    def judged(
        self, target: Sha, head: Sha, *approvers: Person, target_branch: str = "main"
    ) -> Decision:
        """The decision on the change of `head` onto `target`."""
        change = self.change(target, head, *approvers, target_branch=target_branch)
        material = self.material(change)
        assessment = assess(material, change, self.engine)
        members = frozenset({OWNER, ENGINEER})
        directory = Directory(
            groups=tuple(
                Group(name=name, members=members)
                for name in {g for r in assessment.requirements for g in r.require.groups}
            ),
            roles=tuple((person.id, "write") for person in members),
        )
        return decide(change, assessment, directory, NOW, planning=material.planning)


def verdict(decision: Decision) -> str:
    """`approved`, `pending`, `rejected` or `undecidable`."""
    return name_of(decision.verdict)


def codes(decision: Decision) -> set[str]:
    """The codes of the reasons."""
    return {reason.code for reason in reasons_of(decision.verdict)}
