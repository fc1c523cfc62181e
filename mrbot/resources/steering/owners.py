"""CODEOWNERS, rule by rule, for both hosts' dialects: what is written, not what it comes to.

Kinds: `owners` (address `CODEOWNERS/pattern`, in a section `CODEOWNERS/[Section]/pattern`),
`section` (GitLab's header: `CODEOWNERS/[Section]`) and `order` (the file itself: its rules in
order, for the last one that matches wins). `remark` is what follows a `#` after the owners: GitHub
takes it for a comment, GitLab for owners. In `.github/` there are no sections.

Sources: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
https://docs.gitlab.com/user/project/codeowners/reference/
"""

from __future__ import annotations

import re

from mrbot.ids import Json
from mrbot.resources.declared import Side, TextFile
from mrbot.resources.steering.text import BLANK, RuleList, rule_lines

_HEADER = re.compile(r"(\^?)\[([^\]]*+)\](?:\[([0-9]*+)\])?(.*+)", re.DOTALL)
_PATTERN = re.compile(rf"(?:\\.|[^{BLANK}\\])++", re.DOTALL)


def owners(file: TextFile, side: Side) -> None:
    """What the file says is in `side`."""
    rules = RuleList(file.path)
    sections = not file.path.lower().startswith(".github/")
    section = ""
    for number, line in rule_lines(file, side):
        header = _HEADER.fullmatch(line) if sections else None
        if header:
            section = header[2]
            side.add(rules.rule("section", f"[{section}]", _section(header), number))
        else:
            pattern, value = _entry(section, line)
            name = f"[{section}]/{pattern}" if section else pattern
            side.add(rules.rule("owners", name, value, number))
    order = rules.order()
    if order:
        side.add(order)


def _section(header: re.Match[str]) -> dict[str, Json]:
    optional, name, approvals, rest = header.groups()
    return {
        "section": name,
        "optional": optional == "^",
        "approvals": approvals,
        **_people(rest),
    }


def _entry(section: str, line: str) -> tuple[str, dict[str, Json]]:
    found = _PATTERN.match(line)
    pattern = found[0] if found else line
    people = _people(line[len(pattern) :])
    return pattern, {"section": section, "pattern": pattern, **people}


def _people(text: str) -> dict[str, Json]:
    before, sign, after = text.partition("#")
    words: list[Json] = [word for word in re.split(f"[{BLANK}]+", before) if word]
    return {"owners": words, "remark": f"#{after}"} if sign else {"owners": words}
