"""Playbooks and task files: what Ansible runs, in which order.

Kinds: `playbook` and `tasks` (address `<path>`: the titles of what is in the file, in order), `play`
(`<path>#<name>`; everything but its tasks, of which it has the titles), `import`, `block` and `task`
(`<path>#<play>/<section>/<name>`, in a task file `<path>#<name>`; flat, however deep in blocks:
`within` says in which). What has no name goes by its hosts or its module. A repeated title has a
number. So a task that is put between others alters only itself and the list that it is in.

A task's `module` is what it calls, `arguments` what it calls it with; both are taken out of
`action` and `local_action`. The rest is as written.

Source: https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.ansible.shapes import BLOCK_PARTS, called, calls, imported, is_keyword
from mrbot.resources.ansible.values import TAGS, Addresses, declared
from mrbot.resources.declared import Declared, Side
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import YamlDocument

MAX_TASKS = 5_000
"""Most plays, blocks and tasks in one file, aliases expanded."""

_SECTIONS = ("pre_tasks", "tasks", "post_tasks", "handlers")
_FILES = re.compile(r"(ansible\.(builtin|legacy)\.)?(include|import)(_(tasks|role|playbook|vars))?")
_NOT_LOGGED = ("arguments", "args", "vars", "environment", "loop")


def playbook(path: str, document: YamlDocument, items: list[Json], side: Side) -> list[Declared]:
    """Its plays and imports and all their tasks."""
    book = _Book(path, document, side)
    titles: list[Json] = [book.play(item, (index,)) for index, item in enumerate(items)]
    order = declared(path, shown(path), "playbook", {"plays": titles}, document.line)
    return [order, *book.finished()]


def task_file(path: str, document: YamlDocument, items: list[Json], side: Side) -> list[Declared]:
    """Its tasks."""
    book = _Book(path, document, side)
    section = _Section(book, f"{shown(path)}#", hidden=False)
    titles: list[Json] = [*section.tasks(items, (), "")]
    order = declared(path, shown(path), "tasks", {"tasks": titles}, document.line)
    return [order, *book.finished()]


@dataclass(slots=True)
class _Book:
    """One file, while its plays and tasks are gathered."""

    path: str
    document: YamlDocument
    side: Side
    addresses: Addresses = field(default_factory=Addresses)
    _found: list[Declared] = field(default_factory=list)
    _left_out: Path | None = None

    def finished(self) -> list[Declared]:
        """What was gathered; that there was more is told."""
        if self._left_out is not None:
            self.fault(self._left_out, f"more than {MAX_TASKS} plays and tasks")
        return self._found

    def fault(self, at: Path, reason: str) -> None:
        self.side.fault(self.path, self.document.line_of(at), reason)

    def is_full(self, at: Path) -> bool:
        """Whether there is no room for what is `at`, which then is left out."""
        if len(self._found) < MAX_TASKS:
            return False
        self._left_out = self._left_out or at
        return True

    def add(
        self,
        kind: str,
        address: str,
        value: dict[str, Json],
        at: Path,
        *,
        hidden: Iterable[Path] = (),
    ) -> None:
        line = self.document.line_of(at)
        self._found.append(declared(self.path, address, kind, value, line, hidden=hidden))

    def play(self, item: Json, at: Path) -> str:
        """The play or import in `item` is gathered, with its tasks; its title."""
        if not isinstance(item, dict):
            self.fault(at, "not a play")
        if not isinstance(item, dict) or self.is_full(at):
            return ""
        within = f"{shown(self.path)}#"
        other = imported(item)
        if other is not None:
            title = self.addresses.free(within, f"import {_text(other)}")
            self.add("import", within + title, item, at)
            return title
        if "hosts" not in item:
            self.fault(at, "a play without hosts")
        title = self.addresses.free(within, _text(item.get("name")) or _text(item.get("hosts")))
        value = {key: inner for key, inner in item.items() if key not in _SECTIONS}
        for name in _SECTIONS:
            if name in item:
                section = _Section(self, f"{within}{title}/{name}/", hidden=_is_hidden(item))
                value[name] = [*section.tasks(item[name], (*at, name), "")]
        self.add("play", within + title, value, at, hidden=_prompted(item))
        return title


@dataclass(frozen=True, slots=True)
class _Section:
    """A list of tasks with all its blocks, in which each title is there once."""

    book: _Book
    address: str
    hidden: bool
    """Whether nothing in it is logged."""

    def tasks(self, items: Json, at: Path, within: str) -> Iterator[str]:
        """The tasks and blocks in `items` are gathered; their titles, in order."""
        if items is None:
            return
        if not isinstance(items, list):
            self.book.fault(at, "not a list of tasks")
            return
        for index, item in enumerate(items):
            where = (*at, index)
            if self.book.is_full(where):
                return
            if not isinstance(item, dict) or not TAGS.isdisjoint(item):
                self.book.fault(where, "not a task")
            elif any(part in item for part in BLOCK_PARTS):
                yield self._block(item, where, within)
            else:
                yield self._task(item, where, within)

    def _block(self, item: dict[str, Json], at: Path, within: str) -> str:
        """Its tasks follow its title, so that titles are numbered as they are read."""
        title = self.book.addresses.free(self.address, _text(item.get("name")) or "block")
        strange = next((key for key in calls(item) if key not in BLOCK_PARTS), None)
        if strange is not None:
            self.book.fault((*at, strange), f'a block does not take "{strange[:100]}"')
        inside = _Section(self.book, self.address, self.hidden or _is_hidden(item))
        value = {key: inner for key, inner in item.items() if key not in BLOCK_PARTS}
        for part in BLOCK_PARTS:
            if part in item:
                value[part] = [*inside.tasks(item[part], (*at, part), f"{title}/{part}")]
        hidden = _not_logged(value) if inside.hidden else ()
        self.book.add("block", self.address + title, _placed(value, within), at, hidden=hidden)
        return title

    def _task(self, item: dict[str, Json], at: Path, within: str) -> str:
        value = {key: inner for key, inner in item.items() if is_keyword(key)}
        entries = calls(item)
        call = called(entries)
        if call is None:
            names = ", ".join(name[:50] for name in [*entries][:5])
            self.book.fault(at, f"a task that calls not just one module: {names or 'none'}")
        elif "local_action" in entries:
            value["delegate_to"] = "localhost"
        module, arguments = call or (None, entries)
        value |= {"module": module, "arguments": arguments}
        hidden = _not_logged(value) if self.hidden or _is_hidden(item) else ()
        name = _text(item.get("name")) or _unnamed(module or "task", None if hidden else arguments)
        title = self.book.addresses.free(self.address, name)
        self.book.add("task", self.address + title, _placed(value, within), at, hidden=hidden)
        return title


def _placed(value: dict[str, Json], within: str) -> dict[str, Json]:
    return {**value, "within": within} if within else value


def _unnamed(module: str, arguments: Json) -> str:
    """What a task without a name goes by: its module, and the file or role that it brings in."""
    if not _FILES.fullmatch(module):
        return module
    if isinstance(arguments, dict):
        arguments = next((arguments[key] for key in ("name", "file") if key in arguments), None)
    return module if "=" in _text(arguments) else f"{module} {_text(arguments)}"


def _text(value: Json) -> str:
    """A name as it is shown: that of several hosts is all of them."""
    if isinstance(value, list):
        return ",".join(item for item in value if isinstance(item, str))
    return "" if value is None or isinstance(value, dict) else str(value)


def _is_hidden(item: dict[str, Json]) -> bool:
    """Whether it is not to be logged, or may not be: `no_log` can be a template."""
    word = str(item.get("no_log")).lower()
    return word not in {"none", "false", "no", "off", "n", "f", "0", ""}


def _not_logged(value: dict[str, Json]) -> list[Path]:
    return [(key,) for key in value if key in _NOT_LOGGED or key.startswith("with_")]


def _prompted(play: dict[str, Json]) -> Iterator[Path]:
    """Defaults of what nobody is to see typed: `private` is true unless it is said to be false."""
    prompts = play.get("vars_prompt")
    for index, prompt in enumerate(prompts if isinstance(prompts, list) else ()):
        if isinstance(prompt, dict) and "default" in prompt and prompt.get("private") is not False:
            yield ("vars_prompt", index, "default")
