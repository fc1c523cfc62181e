"""What tells git, and the hosts, how to treat files: `.gitattributes` and `.gitmodules`.

Kinds: `attributes` (address `<path>/<pattern>`, one a line), `order` (`<path>`: the lines in order,
for of each attribute the last word counts), `submodule` (`submodules/<name>`) and `settings`
(`.gitmodules/<section>`: what else stands there).

Sources: https://git-scm.com/docs/gitattributes https://git-scm.com/docs/gitmodules
https://git-scm.com/docs/git-config#_syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.steering.text import RuleList, rule_lines
from mrbot.resources.text.named_values import Style
from mrbot.resources.text.secrets import redacted

_PATTERN = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?|[^ \t\r]++")
_SECTION = re.compile(r"\[([^\]\"\s]++)[ \t]*+(?:\"((?:[^\"\\]|\\.)*+)\"[ \t]*+)?\][ \t]*+(.*+)")
_SETTING = re.compile(r"([A-Za-z][A-Za-z0-9-]*+)[ \t]*+(?:=[ \t]*+(.*+))?")

_Name = tuple[str, str]
"""A section's kind and, in quotes after it, its own name."""
_SECRETS = "(secrets)"
"""No setting can be called that."""


def attributes(file: TextFile, side: Side) -> None:
    """Each line of a `.gitattributes` is in `side`."""
    rules = RuleList(file.path)
    for number, line in rule_lines(file, side):
        found = _PATTERN.match(line)
        pattern = found[0] if found else line
        words: list[Json] = [*re.split(r"[ \t\r]+", line[len(pattern) :])]
        value: dict[str, Json] = {"pattern": pattern, "attributes": [w for w in words if w]}
        side.add(rules.rule("attributes", pattern, value, number))
    order = rules.order()
    if order:
        side.add(order)


def submodules(file: TextFile, side: Side) -> None:
    """Each section of a `.gitmodules` is in `side`; what git could not read is a fault. A section
    that is there twice is one, as for git; a setting that is there twice has all its values."""
    found: dict[_Name, tuple[int, list[str]]] = {}
    section: list[str] | None = None
    for number, line in _joined(rule_lines(file, side)):
        header = _SECTION.fullmatch(line)
        if header:
            named = (header[1].lower(), header[2] or "")
            section = found.setdefault(named, (number, []))[1]
        setting = header[3] if header else line
        if not setting or setting.startswith(("#", ";")):
            continue
        if section is None or not _SETTING.fullmatch(setting):
            side.fault(file.path, number, "neither a section nor a setting, as git reads it")
        else:
            section.append(setting)
    for name, (number, settings) in found.items():
        side.add(_submodule(file.path, name, number, settings))


def _joined(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines, one that ends in a backslash together with what follows it."""
    for number, line in lines:
        parts = [line]
        while (len(parts[-1]) - len(parts[-1].rstrip("\\"))) % 2:
            parts[-1] = parts[-1][:-1]
            parts.append(next(lines, (0, ""))[1])
        yield number, "".join(parts)


def _submodule(path: str, section: _Name, line: int, settings: list[str]) -> Declared:
    kind, name = section
    values: dict[str, list[Json]] = {}
    secrets: dict[str, Json] = {}
    for setting in settings:
        apart = redacted([setting], Style.REST)
        found = _SETTING.fullmatch(str(apart.lines[0]))
        key = found[1].lower() if found else setting
        values.setdefault(key, []).append(found[2] if found else None)
        if apart.secrets:
            secrets[f"{key} {len(values[key])}"] = apart.secrets
    ours = kind == "submodule" and path == ".gitmodules"
    return Declared(
        key=(path, kind, name),
        address=f"submodules/{name}" if ours else f"{shown(path)}/{kind} {name}".rstrip(),
        kind="submodule" if kind == "submodule" else "settings",
        value={**{key: _one(all_) for key, all_ in values.items()}, **_apart(secrets)},
        source=Source(path=path, line=line),
        sensitive=tuple((_SECRETS, key) for key in secrets),
    )


def _one(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values


def _apart(secrets: dict[str, Json]) -> dict[str, Json]:
    return {_SECRETS: secrets} if secrets else {}
