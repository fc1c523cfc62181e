"""`requirements.yml`: the collections and roles that are fetched from elsewhere.

Kind `requirement`, address `<path>#collection <name>` or `<path>#role <name>`.

Source: https://docs.ansible.com/ansible/latest/galaxy/user_guide.html
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.change.files import shown
from mrbot.ids import Json
from mrbot.resources.ansible.values import Addresses, declared
from mrbot.resources.declared import Declared, Side
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import YamlDocument

_SECTIONS = ("collections", "roles")
_NAMES = ("name", "src", "include")


def are_requirements(value: Json) -> bool:
    """Whether it is what `requirements.yml` holds: a list by itself is one of roles."""
    return isinstance(value, list) or (
        isinstance(value, dict) and any(section in value for section in _SECTIONS)
    )


def are_surely_requirements(value: Json) -> bool:
    """Whether it holds nothing but collections and roles, and is not another's list of roles."""
    if not isinstance(value, dict) or not value or not {*value} <= {*_SECTIONS}:
        return False
    roles = value.get("roles")
    entries = roles if isinstance(roles, list) else []
    return isinstance(value.get("collections"), list) or any(
        isinstance(entry, dict) and "src" in entry for entry in entries
    )


def requirements(path: str, document: YamlDocument, value: Json, side: Side) -> Iterator[Declared]:
    """Each collection and role in `value`; what is neither is a fault."""
    addresses = Addresses()
    lists = value if isinstance(value, dict) else {"roles": value}
    for section, entries in lists.items():
        root: Path = (section,) if isinstance(value, dict) else ()
        if entries is None:
            continue
        if section not in _SECTIONS or not isinstance(entries, list):
            side.fault(path, document.line_of(root), "not a list of collections or roles")
            continue
        for index, entry in enumerate(entries):
            content: dict[str, Json] = entry if isinstance(entry, dict) else {"name": entry}
            name = next((content[key] for key in _NAMES if content.get(key)), "")
            within = f"{shown(path)}#{section.removesuffix('s')} "
            address = within + addresses.free(within, str(name))
            line = document.line_of((*root, index))
            yield declared(path, address, "requirement", content, line)
