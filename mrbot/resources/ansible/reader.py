"""Ansible: playbooks, roles, variables, inventories, requirements and settings.

Kinds and addresses of plays and tasks: `tasks`; of inventories: `inventory`; of
`ansible.cfg`: `settings`; of requirements: `requirements`. Here, all with the path as
address: `vars` (a file of variables), `role` (what is in its `meta`), `collection` (`galaxy.yml`), and
`vault` (a file that is encrypted as a whole: a change of it shows, nothing else does).

What a file is, its place says (`places`); a playbook is one anywhere.

Source: https://docs.ansible.com/ansible/latest/tips_tricks/sample_setup.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.ansible.inventory import ini_inventory, is_inventory, yaml_inventory
from mrbot.resources.ansible.places import DATA, Place, place_of
from mrbot.resources.ansible.requirements import (
    are_requirements,
    are_surely_requirements,
    requirements,
)
from mrbot.resources.ansible.settings import decoded, settings
from mrbot.resources.ansible.shapes import is_playbook, is_task_list
from mrbot.resources.ansible.tasks import playbook, task_file
from mrbot.resources.ansible.values import MAX_TITLE, TAGS, declared
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.syntax.yaml_text import YamlDocument, untagged

FORMAT = "ansible"

MAX_RESOURCES = 100_000
"""Most resources of one side."""

_VAULT = b"$ANSIBLE_VAULT"


def reads(path: str) -> bool:
    """Whether Ansible would read a file at this path, by its place."""
    return place_of(path) is not None


def looks_like(file: TextFile) -> bool:
    """Whether Ansible could read it wherever it is: a vault, a playbook, a list of tasks or of
    collections and roles."""
    if file.text.startswith(_VAULT):
        return True
    listed = b"-" in file.text or b"[" in file.text
    if not listed or not file.path.endswith(DATA):
        return False
    try:
        documents = file.data()
    except BadInput:
        return False
    return any(_shape_of(untagged(document.value), None) for document in documents)


def declare(files: Sequence[TextFile]) -> Side:
    """What each of `files` declares, by itself: what it includes is not followed."""
    side = Side()
    for file in sorted(files, key=lambda file: file.path):
        for resource in _file(file, side):
            if len(side.declared) >= MAX_RESOURCES:
                side.fault(file.path, resource.source.line, f"more than {MAX_RESOURCES} resources")
                break
            if side.add(resource) is not None:
                reason = f"{resource.address[:200]} is declared twice in this file"
                side.fault(file.path, resource.source.line, reason)
    return side


def _file(file: TextFile, side: Side) -> Iterable[Declared]:
    place = place_of(file.path)
    if file.text.startswith(_VAULT):
        return [_vault(file)]
    if place is Place.SETTINGS:
        return settings(file, side)
    if place is Place.INVENTORY and not file.path.endswith(DATA):
        return _hosts(file, side)
    return _data(file, place, side)


def _vault(file: TextFile) -> Declared:
    header = file.text.partition(b"\n")[0][: 2 * MAX_TITLE].decode("utf-8", "replace")
    digest = f"sha256:{hashlib.sha256(file.text).hexdigest()}"
    return Declared(
        key=(file.path, "vault"),
        address=shown(file.path),
        kind="vault",
        value={"header": header.strip(), "digest": digest},
        source=Source(path=file.path, line=1),
        unknown=((),),
        sensitive=(("digest",),),
    )


def _hosts(file: TextFile, side: Side) -> Iterable[Declared]:
    """An inventory whose name does not say whether it is YAML: Ansible tries that first."""
    if file.text.startswith(b"#!"):
        side.fault(file.path, 1, "an inventory script: which hosts it names is not known")
        return ()
    if not file.path.endswith(".ini"):
        try:
            if any(isinstance(document.value, dict) for document in file.documents()):
                return _data(file, Place.INVENTORY, side)
        except BadInput as error:
            problem = error.problems[-1]
            if not problem.message.startswith("not YAML"):
                side.fault(file.path, problem.line, problem.message)
                return ()
    try:
        return ini_inventory(file.path, decoded(file), side)
    except BadInput as error:
        side.fault(file.path, error.problems[0].line, error.problems[0].message)
        return ()


def _data(file: TextFile, place: Place | None, side: Side) -> Iterable[Declared]:
    """What YAML or JSON declares, when its shape is the one that is read in its place."""
    try:
        documents = [one for one in file.data() if one.value is not None]
    except BadInput as error:
        side.fault(file.path, error.problems[0].line, error.problems[0].message)
        return ()
    shapes = [_shape_of(untagged(document.value), place) for document in documents]
    if not any(shapes):
        for document in documents[:1]:
            what = f"not what Ansible reads here ({place or 'a playbook'})"
            side.fault(file.path, document.line, what, relevant=False)
        return ()
    if len(documents) > 1:
        side.fault(file.path, documents[1].line, "a second document, which Ansible does not read")
        return ()
    document, shape = documents[0], shapes[0]
    tags = [tag for tag in document.tags if tag[0] not in TAGS]
    if tags or untagged(document.value) is not document.value or shape is None:
        tag, line = tags[0] if tags else ("all of it", document.line)
        side.fault(file.path, line, f"a tag that Ansible does not take there: {tag[:100]}")
        return ()
    return shape.read(_Content(file.path, document, document.value, side))


@dataclass(frozen=True, slots=True)
class _Content:
    """One document of the shape that its reader takes."""

    path: str
    document: YamlDocument
    value: Json
    side: Side

    def items(self) -> list[Json]:
        return self.value if isinstance(self.value, list) else []

    def mapping(self) -> dict[str, Json]:
        return self.value if isinstance(self.value, dict) else {}


@dataclass(frozen=True, slots=True)
class _Shape:
    """What Ansible reads in one kind of place."""

    fits: Callable[[Json], bool]
    read: Callable[[_Content], Iterable[Declared]]


def _playbook(content: _Content) -> Iterable[Declared]:
    return playbook(content.path, content.document, content.items(), content.side)


def _tasks(content: _Content) -> Iterable[Declared]:
    return task_file(content.path, content.document, content.items(), content.side)


def _inventory(content: _Content) -> Iterable[Declared]:
    lines = content.document.line_of
    return yaml_inventory(content.path, content.mapping(), lines, content.side)


def _whole(kind: str) -> Callable[[_Content], Iterable[Declared]]:
    """A reader of files that are one resource."""

    def read(content: _Content) -> Iterable[Declared]:
        path, line = content.path, content.document.line
        return [declared(path, shown(path), kind, content.mapping(), line)]

    return read


def _requirements(content: _Content) -> Iterable[Declared]:
    return requirements(content.path, content.document, content.value, content.side)


def _is_mapping(value: Json) -> bool:
    return isinstance(value, dict)


def _has_mappings(value: Json) -> bool:
    return isinstance(value, list) and any(isinstance(untagged(item), dict) for item in value)


_PLAYBOOK = _Shape(is_playbook, _playbook)
_ELSEWHERE = (_Shape(is_task_list, _tasks), _Shape(are_surely_requirements, _requirements))
_IN_PLACE = {
    Place.REQUIREMENTS: _Shape(are_requirements, _requirements),
    Place.COLLECTION: _Shape(_is_mapping, _whole("collection")),
    Place.ROLE: _Shape(_is_mapping, _whole("role")),
    Place.TASKS: _Shape(_has_mappings, _tasks),
    Place.VARS: _Shape(_is_mapping, _whole("vars")),
    Place.INVENTORY: _Shape(is_inventory, _inventory),
}


def _shape_of(value: Json, place: Place | None) -> _Shape | None:
    """What `value` is in its place, if it is anything to Ansible: a playbook is one anywhere."""
    here = (_IN_PLACE[place],) if place in _IN_PLACE else ()
    return next((shape for shape in (_PLAYBOOK, *here, *_ELSEWHERE) if shape.fits(value)), None)
