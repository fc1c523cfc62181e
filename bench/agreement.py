"""`python -m bench.agreement CONFTEST SOURCE`: mrbot policy check against the real conftest.

Runs the commands of conftest's own acceptance tests (`acceptance.bats` in SOURCE, a checkout of it)
with both programs, and compares exit codes and JSON results. A table in docs/policy-check.md is made
with it.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrbot.ids import Json

SECONDS = 120
"""For one command."""

_COMMAND = re.compile(r"^\s*run (?:\./)?conftest test (?P<arguments>.*)$", re.MULTILINE)
_DROPPED = {"--no-color", "--suppress-exceptions", "--trace", "--strict", "--show-builtin-errors"}
"""What changes no result of these examples, or is always so in mrbot."""
_VALUED = {"-o", "--output"}
_ABSENT = ("--update", "--capabilities", "--proto-file-dirs", "${TMPDIR}")
"""What mrbot does not have, or what needs the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A program's exit code and what it found; None when it printed no results."""

    code: int
    results: Json
    error: str


def commands(source: Path) -> Iterator[tuple[list[str], str | None]]:
    """The arguments of every test that both can run, each once, and the file for the standard
    input."""
    known: set[tuple[str, ...]] = set()
    for found in _COMMAND.finditer((source / "acceptance.bats").read_text()):
        text = found["arguments"]
        if any(word in text for word in _ABSENT):
            continue
        text, _, stdin = text.partition(" < ")
        words = iter(shlex.split(text))
        kept = []
        for word in words:
            if word in _VALUED:
                next(words)
            elif word and word not in _DROPPED:
                kept.append(word)
        if tuple(kept) not in known:
            known.add(tuple(kept))
            yield kept, stdin.strip() or None


def said(program: Sequence[str], arguments: list[str], stdin: str | None, source: Path) -> Said:
    """What `program` makes of it."""
    text = (source / stdin).read_text() if stdin else ""
    ended = subprocess.run(
        [*program, *arguments, "--output", "json"],
        cwd=source,
        input=text,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    try:
        results = _normal(json.loads(ended.stdout)) if ended.stdout.strip() else None
    except ValueError:
        results = None
    return Said(code=ended.returncode, results=results, error=ended.stderr.strip()[:200])


def _normal(results: Json) -> Json:
    """Without order, without what mrbot adds, and without packages in which nothing is asked."""
    kept: list[Json] = []
    for one in results if isinstance(results, list) else []:
        assert isinstance(one, dict)
        for exception in _list(one.get("exceptions")):
            exception.pop("metadata", None)
        for key in ("failures", "warnings", "exceptions"):
            if key in one:
                one[key] = sorted(
                    _list(one[key]), key=lambda told: json.dumps(told, sort_keys=True)
                )  # type: ignore[assignment]
        if len(one) > 3 or one["successes"]:
            kept.append(one)
    return sorted(kept, key=lambda one: json.dumps(one, sort_keys=True))


def _list(value: Json) -> list[dict[str, Json]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def main() -> int:
    """1 when one differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.agreement", description=__doc__)
    parser.add_argument("conftest", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--engine", default="auto")
    given = parser.parse_args()
    mrbot = [sys.executable, "-m", "mrbot", "policy", "check", "--engine", given.engine]
    same, differ = 0, 0
    for arguments, stdin in commands(given.source):
        theirs = said([str(given.conftest.absolute()), "test"], arguments, stdin, given.source)
        ours = said(mrbot, arguments, stdin, given.source)
        if (theirs.code, theirs.results) == (ours.code, ours.results):
            same += 1
            continue
        differ += 1
        print(f"differs: {shlex.join(arguments)}")
        print(f"  conftest {theirs.code}: {theirs.error or json.dumps(theirs.results)[:300]}")
        print(f"  mrbot    {ours.code}: {ours.error or json.dumps(ours.results)[:300]}")
    print(f"{same} the same, {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
