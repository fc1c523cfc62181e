"""Files of rules, one a line, of which a later one may win over an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.text.lines import disguised

MAX_BYTES = 3_000_000
"""Largest file of rules that is read, in bytes. GitHub loads no CODEOWNERS of that size."""
MAX_RULES = 5_000
"""Most rules of one file that are read."""

BLANK = " \t\r\f\v"
"""What separates words, to git and to the hosts."""


def rule_lines(file: TextFile, side: Side) -> Iterator[tuple[int, str]]:
    """The lines of `file` that are neither blank nor a comment, and their numbers. A file that git
    or a host would not read as text has none, and that is a fault: its rules are gone then."""
    if b"\0" in file.text:
        at = file.text.count(b"\n", 0, file.text.index(b"\0")) + 1
        side.fault(file.path, at, "binary, not text: its rules do not hold")
        return
    if len(file.text) >= MAX_BYTES:
        side.fault(file.path, 0, f"of {MAX_BYTES} bytes or more: its rules are not read")
        return
    try:
        text = file.text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.object.count(b"\n", 0, error.start) + 1
        reason = "not UTF-8 text: other bytes are shown as \\xNN"
        side.fault(file.path, at, reason, relevant=False)
        text = file.text.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    for at, reason in disguised(lines):
        side.fault(file.path, at, reason, relevant=False)
    count = 0
    for number, line in enumerate(lines, start=1):
        words = line.strip(BLANK)
        if not words or words.startswith("#"):
            continue
        count += 1
        if count > MAX_RULES:
            side.fault(file.path, number, f"more than {MAX_RULES} rules")
            return
        yield number, words


class Names:
    """Names told apart: one that was taken already gets a number."""

    def __init__(self) -> None:
        self._times: Counter[str] = Counter()
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """`name`, or `name (2)` and so on: what nothing else is called."""
        own = name
        while own in self._taken:
            self._times[name] += 1
            own = f"{name} ({self._times[name] + 1})"
        self._taken.add(own)
        return own


class RuleList:
    """The rules of one file, by name."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._names = Names()
        self._order: list[Json] = []

    def rule(self, kind: str, name: str, value: dict[str, Json], line: int) -> Declared:
        """The rule as a resource."""
        own = self._names.take(name)
        self._order.append(own)
        return self._declared(kind, own, value, line)

    def order(self) -> Declared | None:
        """The rules' order as a resource, whose address is the file's; None when there are none."""
        return self._declared("order", "", {"rules": self._order}, 1) if self._order else None

    def _declared(self, kind: str, name: str, value: dict[str, Json], line: int) -> Declared:
        return Declared(
            key=(self._path, kind, name),
            address=f"{shown(self._path)}/{name}" if name else shown(self._path),
            kind=kind,
            value=value,
            source=Source(path=self._path, line=line),
        )
