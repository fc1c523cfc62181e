"""mrbot's own rule file, as it is written: `.mrbot.yml`, in the root of a repository.

Kinds and addresses: `project` (`projects/<name>`), `approval` (`approvals/<name>`), `policy`
(`policies/<directory>`), `deployment` (`deployments/<environment>`) and `settings` (all the rest,
and every section of another shape than it should have). Rules add up, so their order means nothing:
an entry is itself by its name.

Source: docs/rules.md
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.steering.text import Names
from mrbot.resources.syntax.yaml_text import Scalars, YamlDocument
from mrbot.resources.text.lines import disguised

RULE_FILE = ".mrbot.yml"

_LISTS = {
    "projects": ("project", "name"),
    "approvals": ("approval", "name"),
    "policies": ("policy", "directory"),
}
"""The kind of each section's entries, and the key that names them."""
_DEPLOYMENTS = "deployments"


def rules(file: TextFile, side: Side) -> None:
    """What the rule file says is in `side`."""
    try:
        documents = [one for one in file.documents(Scalars.CORE) if one.value is not None]
    except BadInput as error:
        _unread(file, side, error.problems[0].line, error.problems[0].message)
        return
    for line, reason in disguised(file.text.decode("utf-8").split("\n")):
        side.fault(file.path, line, reason, relevant=False)
    if len(documents) > 1:
        _unread(file, side, documents[1].line, "a second document: a rule file is one")
    elif documents and not isinstance(documents[0].value, dict):
        _unread(file, side, documents[0].line, "not a mapping")
    elif documents:
        for resource in _entries(file.path, documents[0], side):
            side.add(resource)


def _unread(file: TextFile, side: Side, line: int, reason: str) -> None:
    side.fault(file.path, line, reason, relevant=False)
    side.unread.add(file.path)  # what it said before is not thereby deleted


def _entries(path: str, document: YamlDocument, side: Side) -> Iterator[Declared]:
    content = document.value if isinstance(document.value, dict) else {}
    rest: dict[str, Json] = {}
    for section, value in content.items():
        if section in _LISTS and isinstance(value, list):
            yield from _listed(path, section, value, document)
        elif section == _DEPLOYMENTS and isinstance(value, dict):
            for name, target in value.items():
                yield _declared(path, document, "deployment", (section, name), name, target)
        else:
            rest[section] = value
            if section in (*_LISTS, _DEPLOYMENTS):
                line = document.line_of((section,))
                side.fault(path, line, f"{section} is not of its usual shape", relevant=False)
    if rest:
        yield _declared(path, document, "settings", (next(iter(rest)),), "", rest)


def _listed(
    path: str, section: str, entries: list[Json], document: YamlDocument
) -> Iterator[Declared]:
    kind, key = _LISTS[section]
    names = Names()
    for index, entry in enumerate(entries):
        found = entry.get(key) if isinstance(entry, dict) else None
        # A name that is there twice is an error that others tell; both entries are kept.
        name = found if isinstance(found, str) else f"({key} missing)"
        yield _declared(path, document, kind, (section, index), names.take(name), entry)


def _declared(
    path: str, document: YamlDocument, kind: str, place: Path, name: str, value: Json
) -> Declared:
    address = f"{place[0]}/{name}" if name or kind != "settings" else "settings"
    content: dict[str, Json] = value if isinstance(value, dict) else {"value": value}
    return Declared(
        key=(path, kind, name),
        address=address if path == RULE_FILE else f"{shown(path)}/{address}",
        kind=kind,
        value=content,
        source=Source(path=path, line=document.line_of(place)),
        sensitive=tuple(secret_paths(content)),
    )
