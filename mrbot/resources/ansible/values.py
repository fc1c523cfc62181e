"""What holds for every value in Ansible's files: what is known of it, and what must not be shown.

A template (`{{ }}`) is known only when it runs, a vault only to who has its password. Secrets are
those of `secret_names`, and the ones that are written in text: `password=hunter2`,
`https://user:hunter2@host`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mrbot.ids import Json
from mrbot.resources.declared import Declared
from mrbot.resources.masking import strings
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths

UNSAFE = "!unsafe"
VAULT_TAGS = frozenset({"!vault", "!vault-encrypted"})
TAGS = VAULT_TAGS | {UNSAFE}
"""The custom tags that Ansible knows."""

MAX_TITLE = 100
"""Most characters of a name in an address."""

_TEMPLATE = ("{{", "{%", "{#")
_VARIABLE = re.compile(r"\{\{-?\s*[A-Za-z_][\w.]*\s*-?\}\}")
_ASSIGNED = re.compile(r"(?<![\w-])([\w-]+)=(?=\S)")
_REFERENCE = re.compile(r"""["']?(?:\{\{-?\s*[A-Za-z_][\w.]*\s*-?\}\}|\$\{?\w+\}?)["']?(?!\S)""")
_IN_URL = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def declared(
    path: str,
    address: str,
    kind: str,
    value: dict[str, Json],
    line: int,
    *,
    hidden: Iterable[Path] = (),
) -> Declared:
    """The resource of one file that is itself by its address; the values at `hidden` are not shown,
    whatever they are called."""
    return Declared(
        key=(path, address),
        address=address,
        kind=kind,
        value=value,
        source=Source(path=path, line=line),
        unknown=tuple(unknown_paths(value)),
        sensitive=(*hidden, *sensitive_paths(value)),
    )


def unknown_paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """Where a template or a vault stands for what nobody can read here."""
    match value:
        case str() if _is_template(value):
            yield path
        case list():
            for index, item in enumerate(value):
                yield from unknown_paths(item, (*path, index))
        case dict() if _is_vault(value):
            yield path
        case dict() if value.keys() != {UNSAFE}:
            for key, inner in value.items():
                if _is_template(key):
                    yield (*path, key)
                yield from unknown_paths(inner, (*path, key))
        case _:
            return


def sensitive_paths(value: Json) -> Iterator[Path]:
    """Where a secret stands, or what is one by its name or in its text."""
    yield from (path for path in secret_paths(value) if not _is_variable(value, path))
    yield from _vaults(value, ())
    yield from (path for path, text in strings(value) if _tells_secret(text))


def _is_template(text: str) -> bool:
    return any(opening in text for opening in _TEMPLATE)


def _is_vault(value: dict[str, Json]) -> bool:
    return len(value) == 1 and not VAULT_TAGS.isdisjoint(value)


def _vaults(value: Json, path: Path) -> Iterator[Path]:
    match value:
        case list():
            for index, item in enumerate(value):
                yield from _vaults(item, (*path, index))
        case dict() if _is_vault(value):
            yield path
        case dict():
            for key, inner in value.items():
                yield from _vaults(inner, (*path, key))
        case _:
            return


def _is_variable(value: Json, path: Path) -> bool:
    """Whether nothing but the name of a variable stands at `path`."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
    return isinstance(value, str) and _VARIABLE.fullmatch(value) is not None


def _tells_secret(text: str) -> bool:
    """Whether `text` gives a secret a value, as arguments and commands do."""
    for found in _ASSIGNED.finditer(text):
        if is_secret_name(found[1]) and not _REFERENCE.match(text, found.end()):
            return True
    return _IN_URL.search(text) is not None


@dataclass(slots=True)
class Addresses:
    """Those given in one file, each once."""

    _given: set[str] = field(default_factory=set)
    _next: dict[str, int] = field(default_factory=dict)

    def free(self, within: str, name: str) -> str:
        """`name` as it is told apart within `within`: with a number from its second use on. It is
        one line, and no longer than an address takes."""
        title = " ".join(name[: 2 * MAX_TITLE].split())[:MAX_TITLE]
        number = self._next.get(within + title, 1)
        while within + (numbered := _numbered(title, number)) in self._given:
            number += 1
        self._next[within + title] = number + 1
        self._given.add(within + numbered)
        return numbered


def _numbered(title: str, number: int) -> str:
    return title if number == 1 else f"{title} ({number})"
