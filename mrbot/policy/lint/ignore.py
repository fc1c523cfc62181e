"""`# mrbot-lint: ignore=rule-name`: a complaint of that rule on the next line is switched off, and
counted. The comment may stand at the end of the line itself, or above other comments of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mrbot.policy.finding import Module
from mrbot.policy.lint.complaint import RULES, Complaint, Level

_COMMENT = re.compile(r"#\s*mrbot-lint:\s*ignore=([a-z0-9, -]*[a-z0-9])\s*$")
_ANY = re.compile(r"#\s*mrbot-lint\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """What is said, and what a comment switched off."""

    said: tuple[Complaint, ...]
    switched_off: tuple[Complaint, ...]


def sort_out(complaints: Iterable[Complaint], modules: Iterable[Module]) -> Sorted:
    """Complaints by what comments say of them. A comment that has no effect is a complaint too."""
    wanted: dict[tuple[str, int, str], tuple[int, bool]] = {}
    said: list[Complaint] = []
    for module in modules:
        for comment, line, rules in _comments(module):
            said.extend(_odd(module.path, comment, rules))
            for rule in rules & RULES.keys():
                wanted[module.path, line, rule] = (comment, False)
    switched_off: list[Complaint] = []
    for one in complaints:
        key = (one.path, one.line, one.rule)
        if key in wanted:
            wanted[key] = (wanted[key][0], True)
            switched_off.append(one)
        else:
            said.append(one)
    for (path, _, rule), (comment, used) in wanted.items():
        if not used:
            message = f"there is no `{rule}` on the line that this comment is about"
            said.append(_idle(path, comment, message, "delete the comment"))
    order = sorted(set(said), key=lambda one: (one.path, one.line, one.rule, one.message))
    return Sorted(said=tuple(order), switched_off=tuple(switched_off))


def _comments(module: Module) -> Iterable[tuple[int, int, frozenset[str]]]:
    """The line of each comment, the line that it is about, and the rules that it names."""
    lines = module.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if "mrbot-lint" not in line or not _ANY.search(line):
            continue
        matched = _COMMENT.search(line.rstrip())
        named = frozenset(re.split(r"[, ]+", matched.group(1))) if matched else frozenset({""})
        about = number
        if line.lstrip().startswith("#"):
            about = next(
                (
                    at
                    for at in range(number + 1, len(lines) + 1)
                    if not lines[at - 1].lstrip().startswith("#")
                ),
                number,
            )
        yield number, about, named


def _odd(path: str, line: int, rules: frozenset[str]) -> Iterable[Complaint]:
    for rule in sorted(rules - RULES.keys()):
        message = f"there is no lint rule {rule!r}" if rule else "this comment cannot be understood"
        yield _idle(path, line, message, "write `# mrbot-lint: ignore=rule-name` above the line")


def _idle(path: str, line: int, message: str, fix: str) -> Complaint:
    return Complaint(
        path=path, line=line, rule="idle-ignore", level=Level.WARNING, message=message, fix=fix
    )
