"""The contents of a very large change: what reading them takes beside git's own patch."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.memory import peak_row, print_peaks
from bench.sample import Sample, git, large_diff
from mrbot.gather.material import FILE_LIMIT_BYTES
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from mrbot.resources.model import FileVersions
from mrbot.resources.read import read


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
    return [*rows, *slow, peak_row(name, "bench.contents", sample)]


def versions(sample: Sample) -> list[FileVersions]:
    """Both contents of every changed file."""
    repository = GitRepository(Git(directory=sample.directory))
    files = repository.files(Sha(sample.base), Sha(sample.head))
    oids = {oid for file in files for oid in (file.old_blob, file.new_blob) if oid}
    blobs = repository.blobs(oids, FILE_LIMIT_BYTES)
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


def main() -> None:
    """Arguments: a repository, its base and its head. Prints the peak before and after reading."""
    print_peaks(lambda sample: read(versions(sample), {}))


if __name__ == "__main__":
    main()
