"""A whole judgement, from git to verdict, without a host and without a plan."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.memory import peak_row, print_peaks
from bench.sample import Sample, git, host_change, infrastructure
from mrbot.app import organisation_of, settle_engine
from mrbot.change.people import Directory
from mrbot.decision.decide import Decision, decide
from mrbot.decision.material import Organisation
from mrbot.gather import gather, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import HostKind, Sha
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
        host = host_change(sample.head)
        change = pinned(host, repository, Sha(sample.base), people=frozenset(), reviews=())
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
            found.append(peak_row(f"{count:,} resources", "bench.judging", sample))
    finally:
        judging.engine.close()
    return found


def main() -> None:
    """Arguments: a repository, its base and its head. Prints the peak before and after judging."""
    judging = judge("auto")
    try:
        print_peaks(judging.decision)
    finally:
        judging.engine.close()


if __name__ == "__main__":
    main()
