"""The contents of a very large change: what reading them takes beside git's own patch."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.memory import peak_mib
from bench.sample import Sample, git, large_diff
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from mrbot.resources.model import FileVersions
from mrbot.resources.read import read

LIMIT_BYTES = 5 << 20


def measure(work: Path, effort: Effort) -> list[Row]:
    """`git diff` with its patches, against both contents of every file, and against the resources
    that are read from them."""
    megabytes = effort.diff_megabytes
    sample = large_diff(work / "contents", megabytes)
    diff = ("diff", "-M", sample.base, sample.head)
    size = len(git(sample.directory, *diff)) / 1e6
    name = f"{size:,.0f} MB of diff"
    rows = compared(
        {
            f"{name}: git diff": partial(git, sample.directory, *diff),
            f"{name}: contents": partial(versions, sample),
            f"{name}: hunks": partial(hunks, sample),
        },
        effort,
    )
    slow = compared(
        {
            f"{name}: git diff again": partial(git, sample.directory, *diff),
            f"{name}: read as resources": lambda: read(versions(sample), {}),
        },
        effort,
    )
    return [*rows, *slow, _memory(name, sample)]


def versions(sample: Sample) -> list[FileVersions]:
    """Both contents of every changed file."""
    repository = GitRepository(Git(directory=sample.directory))
    files = repository.files(Sha(sample.base), Sha(sample.head))
    oids = {oid for file in files for oid in (file.old_blob, file.new_blob) if oid}
    blobs = repository.blobs(oids, LIMIT_BYTES)
    return [
        FileVersions(
            path=file.path,
            old_path=file.old_path or file.path,
            before=getattr(blobs.get(file.old_blob or ""), "content", None),
            after=getattr(blobs.get(file.new_blob or ""), "content", None),
        )
        for file in files
    ]


def hunks(sample: Sample) -> object:
    """The changed lines of every file, within the limits that hold."""
    repository = GitRepository(Git(directory=sample.directory))
    return repository.hunks(repository.files(Sha(sample.base), Sha(sample.head)))


def _memory(name: str, sample: Sample) -> Row:
    """In a process of its own, since a process's peak never falls again."""
    arguments = [str(sample.directory), sample.base, sample.head]
    done = subprocess.run(
        [sys.executable, "-m", "bench.contents", *arguments], stdout=subprocess.PIPE, check=True
    )
    idle, peak = json.loads(done.stdout)
    note = f"peak {peak:,.0f} MiB of memory, {idle:,.0f} MiB before it begins"
    return Row(name=f"{name}: memory", samples=None, note=note)


def main() -> None:
    """Arguments: a repository, its base and its head. Prints the peak before and after reading."""
    directory, base, head = sys.argv[1:]
    before = peak_mib()
    read(versions(Sample(directory=Path(directory), base=base, head=head)), {})
    print(json.dumps([before, peak_mib()]))


if __name__ == "__main__":
    main()
