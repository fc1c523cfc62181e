"""Kubernetes manifests: the objects that the YAML and JSON files in a tree declare.

An object is itself by API group, kind, namespace and name. Where several files declare the same one
(overlays, clusters side by side), each is compared with the same file's. Objects without a name
(generated names, kustomizations, tool configuration) are told apart by file and position. A file of
other documents declares nothing; one that cannot be parsed is a fault.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Key, Side, TextFile
from mrbot.resources.json_text import load_json
from mrbot.resources.kubernetes_stateful import holds_data
from mrbot.resources.masking import Path
from mrbot.resources.model import Source
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.yaml_text import YamlDocument

FORMAT = "kubernetes"

_SUFFIXES = (".yaml", ".yml", ".json")
_LAST_APPLIED: Path = (
    "metadata",
    "annotations",
    "kubectl.kubernetes.io/last-applied-configuration",
)
_TEMPLATE = "{{"
HELM = "a Helm template"
"""How the reason begins where one was not read."""
_NO_YAML = ("not YAML", "a key must be a plain word")
"""How messages begin that are true of templates. What only mrbot refuses, kubectl may take."""
ApiObject = tuple[dict[str, Json], int]
"""An API object, and the line it starts on."""


def reads(path: str) -> bool:
    """Whether a file by this path may hold manifests."""
    return path.endswith(_SUFFIXES)


def looks_like(file: TextFile) -> bool:
    """Whether kubectl would find an object in `file`, whatever else the file is."""
    try:
        return any(_is_object(value) for value, _, _ in _documents(file))
    except BadInput:
        return False


def declare(files: Sequence[TextFile]) -> Side:
    """The objects that `files` declare, lists of objects taken apart."""
    side = Side()
    for file in sorted(files, key=lambda file: file.path):
        for number, (value, line) in enumerate(objects(file, side), start=1):
            resource = _declared(file.path, number, value, line)
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
        problem = error.problems[0]
        reason, relevant = problem.message, _concerns(file)
        if _helm(file) and error.problems[-1].message.startswith(_NO_YAML):
            reason, relevant = f"{HELM}, opaque until it is rendered ({reason})", False
        side.fault(file.path, problem.line, reason, relevant=relevant)
        return
    others: list[int] = []
    found = 0
    for value, line, document in documents:
        if value is None:
            continue
        if not _is_object(value):
            others.append(line)
        elif document is not None and document.tags:
            tag, at = document.tags[0]
            found += 1
            side.fault(file.path, at, f"the tag {tag[:100]} in a manifest: kubectl ignores it")
        else:
            found += 1
            yield from _taken_apart(value, line, document, file, side)
    for line in others if found else ():
        side.fault(file.path, line, "a document without apiVersion and kind among manifests")


def _documents(file: TextFile) -> list[tuple[Json, int, YamlDocument | None]]:
    """Each document's value, its line, and itself where lines within it are known.

    Raises: BadInput.
    """
    if file.path.endswith(".json"):
        return [(load_json(file.text, file.path), 1, None)]
    return [(_untagged(document), document.line, document) for document in file.documents()]


def _untagged(document: YamlDocument) -> Json:
    """The document without a tag on its root, behind which `apiVersion` would hide."""
    value = document.value
    while isinstance(value, dict) and len(value) == 1 and document.tags:
        tag, inner = next(iter(value.items()))
        if not tag.startswith("!"):
            break
        value = inner
    return value


def _is_object(value: Json) -> bool:
    return isinstance(value, dict) and "apiVersion" in value and "kind" in value


def _taken_apart(
    value: Json, line: int, document: YamlDocument | None, file: TextFile, side: Side
) -> Iterator[ApiObject]:
    """The object itself, or those in it when it is a list; lists within lists too."""
    pending: deque[tuple[Json, Path]] = deque([(value, ())])
    while pending:
        here, path = pending.popleft()
        at = document.line_of(path) if document and path else line
        if not isinstance(here, dict) or not (
            isinstance(here.get("apiVersion"), str) and isinstance(here.get("kind"), str)
        ):
            side.fault(file.path, at, "an object whose apiVersion or kind is not a word")
            continue
        items = here.get("items")
        kind = str(here["kind"])
        if not (kind.endswith("List") and isinstance(items, list)):
            yield here, at
            continue
        implied: dict[str, Json] = {"apiVersion": here["apiVersion"], "kind": kind[: -len("List")]}
        if kind == "List":
            implied = {}
        for index, item in enumerate(items):
            whole = {**implied, **item} if isinstance(item, dict) else item
            pending.append((whole, (*path, "items", index)))


def _declared(path: str, number: int, value: dict[str, Json], line: int) -> Declared:
    api_version, kind = str(value["apiVersion"]), str(value["kind"])
    metadata = value.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    name, namespace = named.get("name"), named.get("namespace")
    group = api_version.rpartition("/")[0]
    if isinstance(name, str) and name:
        words = (namespace, kind, name) if isinstance(namespace, str) else (kind, name)
        # Moved to another directory it is gone from where it was applied, and new where it is now.
        identity: Key | None = (str(PurePosixPath(path).parent), group, *words)
        address = "/".join(words)
    else:
        identity = None
        address = f"{kind}/{shown(path)}#{number}"
    return Declared(
        key=(path, *identity) if identity else (path, group, kind, str(number)),
        identity=identity,
        address=address,
        kind=f"{api_version}/{kind}",
        value=value,
        source=Source(path=path, line=line),
        unknown=tuple(_templated(value, ())) if _in_templates(path) else (),
        sensitive=(*secret_paths(value), *secret_data(kind, value)),
        stateful=holds_data(f"{api_version}/{kind}", value),
    )


def secret_data(kind: str, value: dict[str, Json]) -> Iterator[Path]:
    """Everything in a Secret that is its content."""
    if kind != "Secret":
        return
    yield _LAST_APPLIED
    for name in ("data", "stringData"):
        content = value.get(name)
        if isinstance(content, dict):
            yield from ((name, key) for key in content)
        else:
            yield (name,)


def _tell_neighbours(side: Side) -> None:
    """An object that two files of one directory declare is told: which one counts depends on the
    order in which they are applied."""
    seen: dict[Key, Declared] = {}
    for resource in list(side.declared.values()):
        if resource.identity is None:
            continue
        path = resource.source.path
        first = seen.setdefault(resource.identity, resource)
        if first.source.path != path:
            where = f"{shown(first.source.path)}:{first.source.line}"
            reason = f"{resource.address[:200]} is declared in {where} too"
            side.fault(path, resource.source.line, reason, relevant=False)


def _concerns(file: TextFile) -> bool:
    """Whether text that cannot be parsed might be a manifest: YAML always may; JSON is many other
    things, some of them with comments."""
    return not file.path.endswith(".json") or b"apiVersion" in file.text


def _in_templates(path: str) -> bool:
    return "templates" in PurePosixPath(path).parts[:-1]


def _helm(file: TextFile) -> bool:
    return _in_templates(file.path) and _TEMPLATE.encode() in file.text


def _templated(value: Json, path: Path) -> Iterator[Path]:
    """The paths of strings that a template engine will replace."""
    match value:
        case str() if _TEMPLATE in value:
            yield path
        case list():
            for index, item in enumerate(value):
                yield from _templated(item, (*path, index))
        case dict():
            for key, inner in value.items():
                yield from _templated(inner, (*path, key))
        case _:
            return
