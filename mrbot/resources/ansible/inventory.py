"""Inventories: the hosts that Ansible works on, and the groups they are in.

Kinds: `inventory` (address `<path>`: its groups, in order; or the settings of the plugin that finds
the hosts), `group` (`<path>#groups/<name>`: hosts, children, vars), `host`
(`<path>#hosts/<name>`: its groups and variables). Ranges (`web[01:50]`) stay as written, and so do
the values of INI files, whose types depend on the place they are in.

Source: https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.ansible.values import TAGS, declared
from mrbot.resources.declared import Declared, Side
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import untagged

MAX_MEMBERS = 50_000
"""Most hosts, counted in each group that they are in, of one inventory."""
MAX_LINE = 4_000
"""Longest line with quotes in an INI inventory, in characters: taking them apart is slow."""

_MAX_PROBLEMS = 20
_SECTIONS = frozenset({"hosts", "children", "vars"})
_HEADER = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_QUOTING = re.compile(r"['\"\\#]")
_SPACES = re.compile(r"[ \t\r]+")
_CHILD = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_Lines = Callable[[Path], int]


class _NotReadError(Exception):
    """A line of an INI inventory that Ansible would refuse."""


@dataclass(slots=True)
class _Group:
    line: int
    hosts: list[Json] = field(default_factory=list)
    children: list[Json] = field(default_factory=list)
    vars: dict[str, Json] = field(default_factory=dict)
    other: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class _Host:
    line: int
    groups: list[Json] = field(default_factory=list)
    vars: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class _Inventory:
    """One inventory, while it is gathered."""

    path: str
    groups: dict[str, _Group] = field(default_factory=dict)
    hosts: dict[str, _Host] = field(default_factory=dict)
    members: int = 0

    def group(self, name: str, line: int) -> _Group:
        return self.groups.setdefault(name, _Group(line))

    def join(self, host: str, group: str, variables: dict[str, Json], line: int) -> bool:
        """`host` is in `group` and has `variables` too, unless there are too many: then False."""
        self.members += 1
        if self.members > MAX_MEMBERS:
            return False
        self.group(group, line).hosts.append(host)
        known = self.hosts.setdefault(host, _Host(line))
        known.vars |= variables
        if group not in known.groups[-1:]:
            known.groups.append(group)
        return True

    def resources(self) -> Iterator[Declared]:
        address = shown(self.path)
        order: dict[str, Json] = {"groups": [*self.groups]}
        yield declared(self.path, address, "inventory", order, 1)
        for name, group in self.groups.items():
            content: dict[str, Json] = {"hosts": group.hosts, "children": group.children}
            content |= {"vars": group.vars, **({"other": group.other} if group.other else {})}
            yield declared(self.path, f"{address}#groups/{name}", "group", content, group.line)
        for name, host in self.hosts.items():
            content = {"groups": [*dict.fromkeys(map(str, host.groups))], "vars": host.vars}
            yield declared(self.path, f"{address}#hosts/{name}", "host", content, host.line)


def is_inventory(value: Json) -> bool:
    """Whether it is a mapping in which there is a group, or the settings of an inventory plugin.
    Ansible skips what is no group beside one that is."""
    if not isinstance(value, dict):
        return False
    groups = (untagged(group) for group in value.values())
    return bool(value.get("plugin")) or any(
        isinstance(group, dict) and not _SECTIONS.isdisjoint(group) for group in groups
    )


def yaml_inventory(
    path: str, content: dict[str, Json], lines: _Lines, side: Side
) -> Iterator[Declared]:
    """The groups and hosts in `content`; what Ansible would refuse in it is a fault."""
    if content.get("plugin"):
        yield declared(path, shown(path), "inventory", content, lines(()))
        return
    reader = _YamlReader(_Inventory(path), lines, side)
    for name, group in content.items():
        reader.group(name, group, (name,))
    if reader.inventory.members > MAX_MEMBERS:
        side.fault(path, lines(()), f"more than {MAX_MEMBERS} hosts in groups")
    yield from reader.inventory.resources()


@dataclass(frozen=True, slots=True)
class _YamlReader:
    inventory: _Inventory
    lines: _Lines
    side: Side

    def _fault(self, at: Path, reason: str, *, relevant: bool = True) -> None:
        self.side.fault(self.inventory.path, self.lines(at), reason, relevant=relevant)

    def group(self, name: str, content: Json, at: Path) -> None:
        """In the order in which it is written: of two values of a host's variable the last counts."""
        if content is not None and not isinstance(content, dict):
            self._fault(at, "not a group: Ansible skips it", relevant=False)
            return
        group = self.inventory.group(name, self.lines(at))
        for key, value in (content or {}).items():
            inner: Json = {value: None} if isinstance(value, str) else value
            if key in TAGS:
                self._fault(at, f"the tag {key} on a group")
            elif key not in _SECTIONS:
                group.other[key] = value
            elif inner is None:
                continue
            elif not isinstance(inner, dict) or not TAGS.isdisjoint(inner):
                self._fault((*at, key), f"the {key} of a group are not a mapping")
            elif key == "vars":
                group.vars |= inner
            elif key == "children":
                group.children.extend(inner)
                for child, its in inner.items():
                    self.group(child, its, (*at, key, child))
            else:
                self._hosts(name, inner, (*at, key))

    def _hosts(self, group: str, hosts: dict[str, Json], at: Path) -> None:
        for host, variables in hosts.items():
            line = self.lines((*at, host))
            if variables and (not isinstance(variables, dict) or not TAGS.isdisjoint(variables)):
                self._fault((*at, host), "the variables of a host are not a mapping")
            known = variables if isinstance(variables, dict) else {}
            if not self.inventory.join(host, group, known, line):
                return


def ini_inventory(path: str, text: str, side: Side) -> Iterator[Declared]:
    """The groups and hosts in `text`; what Ansible would refuse in it is a fault, of no concern
    where nothing in it is of an inventory."""
    reader = _IniReader(_Inventory(path))
    problems: list[tuple[int, str]] = []
    # As Ansible does: it ends lines at more characters than a newline.
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        try:
            if line and line[0] not in ";#":
                reader.take(line, number)
        except _NotReadError as error:
            problems.append((number, str(error)))
    if problems and not reader.understood:
        number, reason = problems[0]
        side.fault(path, number, f"not an Ansible inventory: {reason}", relevant=False)
        return
    for number, reason in problems[:_MAX_PROBLEMS]:
        side.fault(path, number, reason)
    yield from reader.inventory.resources()


@dataclass(slots=True)
class _IniReader:
    """`name` and `section` are those of the last header; before it, hosts are in no group."""

    inventory: _Inventory
    name: str = "ungrouped"
    section: str = "hosts"
    understood: bool = False

    def take(self, line: str, number: int) -> None:
        """Raises: _NotReadError."""
        header = _HEADER.fullmatch(line)
        if header is not None:
            self.name, self.section = header[1], header[2] or "hosts"
            if self.section not in _SECTIONS:
                raise _NotReadError(f'a section of the unknown kind "{self.section[:100]}"')
            self.inventory.group(self.name, number)
            return
        if line.startswith("[") and line.endswith("]"):
            raise _NotReadError("not the name of a section")
        match self.section:
            case "hosts":
                self._host(line, number)
            case "children":
                self._child(line, number)
            case "vars":
                self._variable(line, number)
            case _:
                raise _NotReadError("in a section of an unknown kind")
        self.understood = True

    def _host(self, line: str, number: int) -> None:
        host, *words = _words(line)
        if not all("=" in word for word in words):
            raise _NotReadError("more than a host and its variables (key=value)")
        pairs = (word.partition("=") for word in words)
        variables: dict[str, Json] = {key: value for key, _, value in pairs}
        if not self.inventory.join(host, self.name, variables, number):
            raise _NotReadError(f"more than {MAX_MEMBERS} hosts in groups")

    def _child(self, line: str, number: int) -> None:
        child = _CHILD.fullmatch(line)
        if child is None:
            raise _NotReadError("not the name of a group")
        self.inventory.group(self.name, number).children.append(child[1])

    def _variable(self, line: str, number: int) -> None:
        key, equals, value = line.partition("=")
        if not equals:
            raise _NotReadError("not a variable (key=value)")
        self.inventory.group(self.name, number).vars[key.strip()] = value.strip()


def _words(line: str) -> list[str]:
    """The words of a host's line as a shell takes them apart; at least one.

    Raises: _NotReadError.
    """
    if not _QUOTING.search(line):
        return _SPACES.split(line)
    if len(line) > MAX_LINE:
        raise _NotReadError(f"a line with quotes of more than {MAX_LINE} characters")
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise _NotReadError(f"not a host: {error}") from error
    if not words:
        raise _NotReadError("no host")
    return words
