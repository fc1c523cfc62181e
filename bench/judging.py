"""A whole judgement, from git to verdict, without a host and without a plan."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.sample import Sample, git, infrastructure
from mrbot.app import organisation_of, settle_engine
from mrbot.change.people import Directory
from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.decision.decide import Decision, decide
from mrbot.decision.material import Organisation
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import ChangeId, HostKind, Person, RepoId, Sha
from mrbot.judgement import assess
from mrbot.policy.finding import EvaluationFailed, PolicyEngine

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """What judges each sample alike: the rules and policies that ship, and an engine."""

    organisation: Organisation
    engine: PolicyEngine

    def decision(self, sample: Sample) -> Decision:
        """The verdict on the sample's change.

        Raises: SystemExit when the engine gave no answer: such a figure would mean nothing.
        """
        repository = GitRepository(Git(directory=sample.directory))
        change = pinned(_host(sample), repository, Sha(sample.base), people=frozenset(), reviews=())
        material = gather(
            change,
            repository,
            dialect=HostKind.GITHUB,
            organisation=self.organisation,
            plans=(),
            planning=False,
            now=NOW,
        )
        assessment = assess(material, change, self.engine)
        for one in assessment.evaluations:
            if isinstance(one, EvaluationFailed):
                sys.exit(f"the policies were not evaluated: {one.fault}: {one.detail}")
        return decide(change, assessment, Directory(), NOW, planning=False)


def judge(choice: str) -> Judge:
    """A judge with the engine `auto`, `opa` or `regorus`, which is the caller's to close.

    Raises: BadSettings when there is no such engine.
    """
    return Judge(organisation=organisation_of(None, None, None), engine=settle_engine(choice))


def measure(work: Path, effort: Effort) -> list[Row]:
    """`git diff` with its patches against everything that mrbot does until there is a verdict."""
    found = []
    judging = judge("auto")
    try:
        for count in effort.judged_files:
            sample = infrastructure(work / f"judged-{count}", count)
            diff = ("diff", "-M", sample.base, sample.head)
            found += compared(
                {
                    f"{count:,} resources: git diff": partial(git, sample.directory, *diff),
                    f"{count:,} resources: judged": partial(judging.decision, sample),
                },
                effort,
            )
            found.append(_memory(count, sample))
    finally:
        judging.engine.close()
    return found


def _memory(count: int, sample: Sample) -> Row:
    """In a process of its own, since a process's peak never falls again."""
    arguments = [str(sample.directory), sample.base, sample.head]
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", *arguments], stdout=subprocess.PIPE, check=True
    )
    idle, peak = json.loads(done.stdout)
    note = f"peak {peak:,.0f} MiB of memory, {idle:,.0f} MiB before it begins"
    name = f"{count:,} resources: memory"
    if not idle:
        return Row(name=name, samples=None, note="peak memory is read from Linux's /proc")
    return Row(name=name, samples=None, ratio=peak / idle, note=note)


def _host(sample: Sample) -> HostChange:
    return HostChange(
        id=ChangeId(RepoId("local", "bench"), 1),
        title="",
        description="",
        author=Person(id="alice", login="alice"),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="change",
        target_branch="main",
        head=Sha(sample.head),
        from_fork=False,
        labels=(),
        web_url="",
    )
