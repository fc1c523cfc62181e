"""`make bench-history REPO=path`: every commit of a repository, mrbot's reading against git's own.

For each commit of the first-parent line the list of files since its parent, and for each merge that
of the merge request which it once was, are compared with what git prints, read here anew, and with
the two trees themselves. Then every changed file is read as resources. A difference or a crash is
printed and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path

from bench.sample import git, host_change
from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK, FileChange
from mrbot.change.repository import Blob, BlobSkipped
from mrbot.gather.material import FILE_LIMIT_BYTES
from mrbot.gather.pinned import MERGE_BASE_LIMIT, pinned
from mrbot.git.command import Git
from mrbot.git.repository import GitRepository
from mrbot.ids import Sha
from mrbot.resources.model import FileVersions, Reading
from mrbot.resources.read import read

SHOWN = 5
"""Differences, and crashes, that are printed; the others are counted."""
REASONS = 20
"""Kinds of faults that are printed."""
PROGRESS_S = 5.0

_LETTERS = {"added": "A", "modified": "M", "deleted": "D", "renamed": "R", "type-changed": "T"}

Row = tuple[str, ...]
"""Letter and names of one changed file, as `git diff --name-status` has them."""


@dataclass(slots=True)
class Tally:
    """What was found so far."""

    compared: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    files: int = 0
    resources: int = 0

    def tell(self, problem: str) -> None:
        """One more difference or crash; the first few are printed."""
        self.wrong.append(problem)
        if len(self.wrong) <= SHOWN:
            print(problem, flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A repository, as mrbot reads it and as git does."""

    directory: Path
    repository: GitRepository

    def git(self, *arguments: str) -> bytes:
        """What git printed."""
        return git(self.directory, *arguments)

    def commits(self, most: int, *which: str) -> list[tuple[str, ...]]:
        """Each commit with its parents, newest first."""
        # A repository without commits has no HEAD to begin from, and nothing to compare.
        start = self.git("rev-list", "--max-count=1", "--ignore-missing", "HEAD")
        out = (
            self.git("rev-list", "--parents", f"--max-count={most}", *which, "HEAD")
            if start
            else b""
        )
        return [tuple(line.split()) for line in out.decode().splitlines()]

    def statuses(self, *arguments: str) -> list[Row]:
        """What a git command with `--name-status -z` printed, sorted."""
        # -l0: mrbot looks for renames however many files there are, so git must here as well.
        options = ("--name-status", "-z", "-M", "-l0", "--no-ext-diff", "--no-textconv")
        words = self.git(*arguments[:1], *options, *arguments[1:]).split(b"\0")
        rows, at = [], 0
        while at + 1 < len(words):
            letter = words[at][:1].decode()
            count = 2 if letter in "RC" else 1
            rows.append((letter, *map(os.fsdecode, words[at + 1 : at + 1 + count])))
            at += 1 + count
        return sorted(rows)


def main() -> None:
    """Compares the history of one repository, and exits with 1 where mrbot and git differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.history", description=main.__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, default=1_000_000, help="newest of each kind")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this long")
    given = parser.parse_args()
    directory = given.repository.resolve()
    history = History(directory=directory, repository=GitRepository(Git(directory=directory)))
    tally, started = Tally(), time.perf_counter()
    done = _compare(history, tally, given.commits, given.seconds)
    _report(tally, done, time.perf_counter() - started)
    sys.exit(1 if tally.wrong else 0)


def _compare(history: History, tally: Tally, most: int, seconds: float) -> int:
    line = history.commits(most, "--first-parent")
    merges = history.commits(most, "--merges")
    shallow = _shallow(history)
    steps: list[Callable[[], None]] = [
        partial(_as_request, history, tally, *commit) for commit in merges
    ]
    steps += [partial(_since_parent, history, tally, shallow, *commit) for commit in line]
    started = told = time.perf_counter()
    for done, step in enumerate(steps):
        now = time.perf_counter()
        if now - started > seconds:
            tally.skipped["not reached in the time given"] = len(steps) - done
            return done
        if now - told > PROGRESS_S:
            told = now
            print(f"  {done:,} of {len(steps):,} commits", file=sys.stderr, flush=True)
        step()
    return len(steps)


def _shallow(history: History) -> frozenset[str]:
    place = history.git("rev-parse", "--git-path", "shallow").decode().strip()
    path = history.directory / place
    return frozenset(path.read_text().split()) if path.exists() else frozenset()


def _since_parent(
    history: History, tally: Tally, shallow: frozenset[str], commit: str, *parents: str
) -> None:
    if commit in shallow:
        tally.skipped["a commit whose parents a shallow clone left out"] += 1
        return
    # A root commit is compared with the tree of nothing, which git knows without having it.
    base = parents[0] if parents else history.git("hash-object", "-t", "tree", "--stdin").decode()
    ends = (base.strip(), commit)
    with _watched(tally, f"{commit} since its parent"):
        files = history.repository.files(Sha(ends[0]), Sha(ends[1]))
        expected = history.statuses("diff-tree", "-r", *ends)
        _same(tally, f"{commit} since {ends[0]}", _rows(files), expected)
        _complete(history, tally, commit, files, ends)
        tally.compared["first-parent commits"] += 1
        _read(history, tally, files)


def _as_request(history: History, tally: Tally, merge: str, *parents: str) -> None:
    """The merge as the request that it was: its second parent onto its first."""
    target, head = parents[:2]
    try:
        bases = history.git("merge-base", "--all", target, head).split()
    except subprocess.CalledProcessError:
        tally.skipped["a merge whose sides have no common ancestor here"] += 1
        return
    if len(bases) > MERGE_BASE_LIMIT:
        tally.skipped[f"a merge with more than {MERGE_BASE_LIMIT} merge bases"] += 1
        return
    with _watched(tally, f"{merge} as a merge request"):
        change = pinned(
            host_change(head), history.repository, Sha(target), people=frozenset(), reviews=()
        )
        rows = _rows(change.files)
        expected = history.statuses("diff", f"{target}...{head}")
        if len(bases) == 1:
            tally.compared["merges"] += 1
            _same(tally, f"{merge} as {target}...{head}", rows, expected)
            ends = (bases[0].decode(), head)
            _complete(history, tally, merge, change.files, ends)
        else:
            tally.compared["merges with several merge bases (as superset)"] += 1
            lost = {path for row in expected for path in row[1:]} - {
                path for row in rows for path in row[1:]
            }
            if lost:
                tally.tell(f"{merge}: of {target}...{head} the list leaves out {sorted(lost)[:5]}")
        _read(history, tally, change.files)


def _rows(files: Iterable[FileChange]) -> list[Row]:
    return sorted((_LETTERS.get(file.status, "C"), *reversed(file.paths)) for file in files)


def _same(tally: Tally, what: str, rows: list[Row], expected: list[Row]) -> None:
    if rows != expected:
        more = [row for row in rows if row not in expected]
        less = [row for row in expected if row not in rows]
        tally.tell(f"{what}: mrbot alone lists {more[:3]}, git alone {less[:3]}")


def _complete(
    history: History, tally: Tally, commit: str, files: Iterable[FileChange], ends: tuple[str, str]
) -> None:
    """The files are the paths whose mode or object differs between the trees, each as it is there."""
    before, after = (_tree(history.directory, end) for end in ends)
    told: dict[str, list[tuple[str, str] | None]] = {}
    for file in files:
        if file.old_blob is not None:
            told.setdefault(file.old_path or file.path, [None, None])[0] = (
                file.old_mode,
                file.old_blob,
            )
        if file.new_blob is not None:
            told.setdefault(file.path, [None, None])[1] = (file.new_mode, file.new_blob)
    differing = {
        path: [before.get(path), after.get(path)]
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }
    # A path that was renamed away and taken by another that is the same is in the list, not here.
    told = {path: pair for path, pair in told.items() if pair[0] != pair[1]}
    if told != differing:
        wrong = sorted(
            path for path in told.keys() | differing if told.get(path) != differing.get(path)
        )
        tally.tell(f"{commit}: the trees {ends[0]} and {ends[1]} say otherwise of {wrong[:5]}")


@lru_cache(maxsize=8)
def _tree(directory: Path, treeish: str) -> dict[str, tuple[str, str]]:
    found = {}
    for entry in git(directory, "ls-tree", "-r", "-z", "--full-tree", treeish).split(b"\0")[:-1]:
        meta, _, path = entry.partition(b"\t")
        mode, _, oid = meta.decode().split()
        found[os.fsdecode(path)] = (mode, oid)
    return found


@contextmanager
def _watched(tally: Tally, what: str) -> Iterator[None]:
    """An exception inside is a crash, which is told, and the next commit is tried."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  # of whatever kind: that there is none is the point
        tally.tell(f"{what}: {type(error).__name__}: {error}")


def _read(history: History, tally: Tally, files: tuple[FileChange, ...]) -> None:
    skipped: dict[str, str] = {}
    reading = read([*_versions(history, files, skipped)], skipped)
    tally.files += len(files)
    tally.resources += len(reading.resources)
    tally.faults.update(_reasons(reading))


def _versions(
    history: History, files: tuple[FileChange, ...], skipped: dict[str, str]
) -> Iterator[FileVersions]:
    special = {MODE_SUBMODULE, MODE_SYMLINK}
    sides = [side for f in files for side in ((f.old_blob, f.old_mode), (f.new_blob, f.new_mode))]
    oids = {oid for oid, mode in sides if oid and mode not in special}
    blobs = history.repository.blobs(oids, FILE_LIMIT_BYTES)

    def content(oid: str | None, path: str) -> bytes | None:
        match blobs.get(oid or ""):
            case Blob(content=found):
                return found
            case BlobSkipped(reason=reason):
                skipped[path] = reason
        return None

    for file in files:
        if {file.old_mode, file.new_mode} & special:
            skipped[file.path] = "a symbolic link or submodule"
        yield FileVersions(
            path=file.path,
            old_path=file.old_path or file.path,
            before=content(file.old_blob, file.path),
            after=content(file.new_blob, file.path),
        )


def _reasons(reading: Reading) -> Iterator[str]:
    """Why each thing was not understood, without what is particular to one file."""
    for fault in reading.not_understood:
        weight = "blocks" if fault.relevant else "listed"
        reason = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`", "'…'", fault.reason)
        yield f"{weight}  {re.sub('[0-9][0-9,]*', 'N', reason)[:100]}"


def _report(tally: Tally, commits: int, seconds: float) -> None:
    if len(tally.wrong) > SHOWN:
        print(f"and {len(tally.wrong) - SHOWN:,} more")
    for counter in (tally.compared, tally.skipped):
        skipped = "skipped: " if counter is tally.skipped else ""
        for name, count in counter.most_common():
            print(f"{count:>10,}  {skipped}{name}")
    print(f"{tally.files:>10,}  changed files read; {tally.resources:,} resource changes")
    print(f"{tally.faults.total():>10,}  not understood, by reason:")
    for reason, count in tally.faults.most_common(REASONS):
        print(f"{count:>14,}  {reason}")
    rates = f"{commits / seconds:,.0f} commits/s, {tally.files / seconds:,.0f} files/s"
    verdict = f"{len(tally.wrong):,} differences or crashes"
    print(f"{verdict} in {commits:,} commits; {seconds:.0f} s, {rates}")


if __name__ == "__main__":
    main()
