"""What a lint found, as text for people and as CI systems read it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from mrbot.ids import Json
from mrbot.policy.lint.complaint import RULES, Complaint, Level
from mrbot.policy.lint.run import Linted

SHOWN = 50
"""Most complaints about one file that people are shown."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_GITHUB = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}
_GITLAB = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTE: "info"}


def text(linted: Linted, directory: Path) -> Iterator[str]:
    """By file: each complaint with what to do; then what was not looked at, and the counts."""
    for path, group in groupby(linted.complaints, key=lambda one: one.path):
        found = list(group)
        yield _place(path, directory)
        for one in found[:SHOWN]:
            yield f"  {one.line:>4}  {one.level.value:<7}  {_plain(one.message)}  [{one.rule}]"
            yield f"{'':<17}{_plain(one.fix)}"
        if len(found) > SHOWN:
            yield f"  ... and {len(found) - SHOWN} more in this file"
        yield ""
    for what in linted.unchecked:
        yield f"not checked: {_plain(what)}"
    if linted.switched_off:
        rules = Counter(one.rule for one in linted.switched_off)
        named = ", ".join(f"{number} {rule}" for rule, number in sorted(rules.items()))
        yield f"switched off by comments: {named}"
    yield _counts(linted)


def as_json(linted: Linted, directory: Path) -> Iterator[str]:
    """One document with everything."""
    document: Json = {
        "version": 1,
        "findings": [_finding(one, directory) for one in linted.complaints],
        "switched_off": [_finding(one, directory) for one in linted.switched_off],
        "not_checked": list(linted.unchecked),
        "counts": {level.value: linted.count(level) for level in Level},
        "files": linted.files,
    }
    yield json.dumps(document, indent=2)


def github(linted: Linted, directory: Path) -> Iterator[str]:
    """Annotations, by workflow commands.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    for one in linted.complaints:
        place = f"file={_property(_place(one.path, directory))},line={one.line}"
        said = _data(f"{one.message}. {one.fix}")
        yield f"::{_GITHUB[one.level]} {place},title={_property(one.rule)}::{said}"
    for what in linted.unchecked:
        yield f"not checked: {_plain(what)}"
    yield _counts(linted)


def gitlab(linted: Linted, directory: Path) -> Iterator[str]:
    """A Code Quality report.

    https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
    """
    report: list[Json] = []
    seen: Counter[str] = Counter()
    for one in linted.complaints:
        # Lines move; the same complaint on another line is still the same one.
        name = f"{one.path}\0{one.rule}\0{one.message}"
        seen[name] += 1
        print_of = hashlib.sha256(f"{name}\0{seen[name]}".encode()).hexdigest()
        report.append(
            {
                "description": f"{one.message}. {one.fix}",
                "check_name": one.rule,
                "fingerprint": print_of,
                "severity": _GITLAB[one.level],
                "location": {"path": _place(one.path, directory), "lines": {"begin": one.line}},
            }
        )
    yield json.dumps(report, indent=2)


FORMATS: Final[Mapping[str, Callable[[Linted, Path], Iterator[str]]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "gitlab": gitlab,
}
"""Each format's name, and how it is written."""


def _counts(linted: Linted) -> str:
    errors, warnings, notes = (linted.count(level) for level in Level)
    found = ", ".join(
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((errors, "error"), (warnings, "warning"), (notes, "note"))
        if number
    )
    files = "1 file" if linted.files == 1 else f"{linted.files} files"
    return f"{found or 'nothing found'} in {files}"


def _finding(one: Complaint, directory: Path) -> Json:
    return {
        "path": _place(one.path, directory),
        "line": one.line,
        "rule": one.rule,
        "level": one.level.value,
        "message": one.message,
        "fix": one.fix,
        "about": RULES[one.rule],
    }


def _place(path: str, directory: Path) -> str:
    """The file as seen from where the command runs; the directory for what is about no file."""
    return _plain((directory / path).as_posix())


def _plain(said: str) -> str:
    """On one line, without characters that move a terminal's cursor."""
    return _CONTROL.sub("\ufffd", " ".join(said.split()))


def _data(said: str) -> str:
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _data(said).replace(":", "%3A").replace(",", "%2C")
