"""Kubernetes manifests: the objects that the YAML and JSON files in a tree declare.

An object is itself by API group, kind, namespace and name. Where several files declare the same one
(overlays, clusters side by side), each is compared with the same file's. Objects without a name
(generated names, kustomizations, tool configuration) are told apart by file and position. A file of
other documents declares nothing; one that cannot be parsed is a fault.

Below `templates`, where Helm renders whatever there is, a file may have any name, and its name is part
of what its objects are: those in `_web.yaml` are not applied. One that is not what it will be once it
is rendered is opaque: of its objects nothing is known for certain.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Key, Side, TextFile
from mrbot.resources.kubernetes.go_templates import (
    OPENING,
    beyond_values,
    in_templates,
    unknown_values,
)
from mrbot.resources.kubernetes.stateful import holds_data
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import YamlDocument, untagged

FORMAT = "kubernetes"

_SUFFIXES = (".yaml", ".yml", ".json")
_LAST_APPLIED: Path = (
    "metadata",
    "annotations",
    "kubectl.kubernetes.io/last-applied-configuration",
)
HELM = "a Helm template"
"""How the reason begins where one was not read."""
_NO_YAML = ("not YAML", "a key must be a plain word")
"""How messages begin that are true of templates. What only mrbot refuses, kubectl may take."""
_CONCERNS = re.compile(rb"apiVersion|\\[uUx\r\n]")
"""What a manifest has in it, as it is or in YAML's and JSON's escapes."""
_SECRET_CONTENT = frozenset({"data", "stringdata"})
_KUSTOMIZE = "kustomize.config.k8s.io/"
"""No cluster knows these kinds: a kustomization is its own reader's."""
ApiObject = tuple[dict[str, Json], int]
"""An API object, and the line it starts on."""


def reads(path: str) -> bool:
    """Whether a file by this path may hold manifests."""
    return path.endswith(_SUFFIXES) or in_templates(path)


def looks_like(file: TextFile) -> bool:
    """Whether kubectl would find an object in `file`, whatever else the file is; or may find one, once
    it is rendered."""
    try:
        documents = file.data()
    except BadInput:
        return False
    if any(_is_object(_untagged(one)) for one in documents):
        return True
    return file.path.endswith(_SUFFIXES) and _opaque_at(file) is not None


def declare(files: Sequence[TextFile]) -> Side:
    """The objects that `files` declare, lists of objects taken apart."""
    side = Side()
    for file in sorted(files, key=lambda file: file.path):
        for number, (value, line) in enumerate(objects(file, side), start=1):
            resource = _declared(file.path, number, value, line)
            if file.path in side.opaque:
                resource = replace(resource, unknown=((),), partial=True, text=file.text)
            first = side.add(resource)
            if first is not None:
                where = f"{resource.address[:200]} is declared twice in this file"
                side.fault(file.path, line, f"{where} (first: line {first.source.line})")
    _tell_neighbours(side)
    return side


def objects(file: TextFile, side: Side) -> Iterator[ApiObject]:
    """The objects in one file; what is not one while another is, is a fault."""
    try:
        documents = _documents(file)
    except BadInput as error:
        _tell_broken(file, error, side)
        return
    _tell_opaque(file, side)
    others: list[int] = []
    found = 0
    for document in documents:
        value = _untagged(document)
        if value is None:
            continue
        if not _is_object(value):
            others.append(document.line)
            continue
        found += 1
        if document.tags:
            tag, line = document.tags[0]
            side.fault(file.path, line, f"the tag {tag[:100]} in a manifest: kubectl ignores it")
        else:
            yield from _taken_apart(value, document, file, side)
    for line in others if found else ():
        side.fault(file.path, line, "a document without apiVersion and kind among manifests")


def _tell_broken(file: TextFile, error: BadInput, side: Side) -> None:
    problem = error.problems[0]
    reason, relevant = problem.message, _concerns(file)
    if _is_template(file) and error.problems[-1].message.startswith(_NO_YAML):
        reason, relevant = f"{HELM}, opaque until it is rendered ({reason})", False
    side.fault(file.path, problem.line, reason, relevant=relevant)


def _tell_opaque(file: TextFile, side: Side) -> None:
    at = _opaque_at(file)
    if at is not None:
        side.opaque.add(file.path)
        reason = f"{HELM} that makes more than the value it is in: opaque until it is rendered"
        side.fault(file.path, at, reason, relevant=False)


def _documents(file: TextFile) -> Sequence[YamlDocument]:
    """Its documents. A `.json` file is taken for YAML where there is an object in it, and else told as
    what it is.

    Raises: BadInput.
    """
    documents = file.data()
    if file.path.endswith(".json") and not any(_is_object(_untagged(one)) for one in documents):
        load_json(file.text, file.path)
    return documents


def _untagged(document: YamlDocument) -> Json:
    """The document without a tag on its root, behind which `apiVersion` would hide."""
    return untagged(document.value) if document.tags else document.value


def _is_object(value: Json) -> bool:
    return isinstance(value, dict) and "apiVersion" in value and "kind" in value


def _taken_apart(
    value: Json, document: YamlDocument, file: TextFile, side: Side
) -> Iterator[ApiObject]:
    """The object itself, and those in it: kubectl takes any object with `items` for a list, whatever
    its kind. One whose kind ends in List is nothing beside them."""
    pending: deque[tuple[Json, Path]] = deque([(value, ())])
    while pending:
        here, path = pending.popleft()
        at = document.line_of(path) if path else document.line
        if not isinstance(here, dict) or not (
            isinstance(here.get("apiVersion"), str) and isinstance(here.get("kind"), str)
        ):
            side.fault(file.path, at, "an object whose apiVersion or kind is not a word")
            continue
        items = here.get("items")
        kind = str(here["kind"])
        own = str(here["apiVersion"]).startswith(_KUSTOMIZE)
        if not isinstance(items, list) or not _holds_objects(kind, items):
            if not own:
                yield here, at
            continue
        if not own and not kind.endswith("List"):
            yield {key: inner for key, inner in here.items() if key != "items"}, at
        implied = {"apiVersion": here["apiVersion"], "kind": kind.removesuffix("List")}
        if kind == "List":
            implied = {}
        for index, item in enumerate(items):
            whole = {**implied, **item} if isinstance(item, dict) else item
            pending.append((whole, (*path, "items", index)))


def _holds_objects(kind: str, items: list[Json]) -> bool:
    """Whether `items` can be objects: with others in them, what is no list fails, or is not
    kubectl's."""
    return kind.endswith("List") or any(isinstance(item, dict) for item in items)


def _declared(path: str, number: int, value: dict[str, Json], line: int) -> Declared:
    api_version, kind = str(value["apiVersion"]), str(value["kind"])
    metadata = value.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    name, namespace = named.get("name"), named.get("namespace")
    group = api_version.rpartition("/")[0]
    if isinstance(name, str) and name:
        words = (namespace, kind, name) if isinstance(namespace, str) else (kind, name)
        # Moved to another directory it is gone from where it was applied, and new where it is now.
        own: Key = (str(PurePosixPath(path).parent), group, *words)
        identity = None if in_templates(path) else own
        address = "/".join(words)
    else:
        own, identity = (path, group, kind, str(number)), None
        address = f"{kind}/{shown(path)}#{number}"
    return Declared(
        key=(path, *own),
        identity=identity,
        address=address,
        kind=f"{api_version}/{kind}",
        value=value,
        source=Source(path=path, line=line),
        unknown=tuple(unknown_values(value)) if in_templates(path) else (),
        sensitive=(*secret_paths(value), *secret_data(value)),
        stateful=holds_data(f"{api_version}/{kind}", value),
    )


def secret_data(value: Json, path: Path = ()) -> Iterator[Path]:
    """Everything in a Secret that is its content; in those within other objects (templates) too."""
    match value:
        case dict() if str(value.get("kind")).casefold() == "secret":
            yield (*path, *_LAST_APPLIED)
            for name, content in value.items():
                if name.casefold() in _SECRET_CONTENT and isinstance(content, dict):
                    yield from ((*path, name, key) for key in content)
                elif name.casefold() in _SECRET_CONTENT:
                    yield (*path, name)
        case dict():
            for key, inner in value.items():
                yield from secret_data(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from secret_data(inner, (*path, index))
        case _:
            return


def _tell_neighbours(side: Side) -> None:
    """An object that two files of one directory declare is told: which one counts depends on the
    order in which they are applied."""
    seen: dict[Key, Declared] = {}
    for resource in list(side.declared.values()):
        path = resource.source.path
        first = seen.setdefault(resource.key[1:], resource)
        if first.source.path != path:
            where = f"{shown(first.source.path)}:{first.source.line}"
            reason = f"{resource.address[:200]} is declared in {where} too"
            side.fault(path, resource.source.line, reason, relevant=False)


def _concerns(file: TextFile) -> bool:
    """Whether text that cannot be parsed might be a manifest: YAML always may; JSON is many other
    things, some of them with comments."""
    if not file.path.endswith(".json") or _CONCERNS.search(file.text):
        return True
    try:
        file.text.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _is_template(file: TextFile) -> bool:
    return in_templates(file.path) and OPENING.encode() in file.text


def _opaque_at(file: TextFile) -> int | None:
    """The line at which a template makes `file` other than it looks, if any does."""
    return beyond_values(file) if _is_template(file) else None
