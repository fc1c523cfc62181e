"""Helm charts: what a chart is, what it depends on, and the values that are given to it.

Kinds: `chart` (address: the path of `Chart.yaml`), `dependency` (that path, a slash, its alias or
name), `lock` (the path of the lock, and one for each dependency it pins), `values` and `schema`
(address: the path). Files are values by common naming; templates are the Kubernetes reader's.

Source: https://helm.sh/docs/topics/charts/, https://getsops.io/docs/#encryption-protocol
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.masking import strings
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import YamlDocument

FORMAT = "helm"

MAX_DEPENDENCIES = 1_000
"""Most dependencies of one chart."""

_CHARTS = frozenset({"Chart.yaml", "requirements.yaml"})
_LOCKS = frozenset({"Chart.lock", "requirements.lock"})
_SCHEMA = "values.schema.json"
_SUFFIXES = (".yaml", ".yml")
_ENCRYPTED = re.compile(r"ENC\[[A-Za-z0-9_]+,[A-Za-z0-9+/=_:,]*\]")
_HOLES = ("{{", "${")  # replaced before Helm reads the values: helmfile, Argo CD, envsubst


def reads(path: str) -> bool:
    """Whether a file by this path is part of a chart, or looks like values for one."""
    *folders, name = PurePosixPath(path).parts or ("",)
    if name in _CHARTS | _LOCKS | {_SCHEMA}:
        return True
    return "templates" not in folders and _is_values(name)


def declare(files: Sequence[TextFile]) -> Side:
    """The charts, dependencies, locks, values and schemas in `files`."""
    side = Side()
    for file in files:
        try:
            if PurePosixPath(file.path).name == _SCHEMA:
                _schema(file, side)
            else:
                _file(file, side)
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
    return side


def _is_values(name: str) -> bool:
    stem = next((name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)), None)
    return stem is not None and (
        stem == "values"
        or stem.startswith(("values-", "values."))
        or stem.endswith(("-values", ".values"))
    )


def _file(file: TextFile, side: Side) -> None:
    """Raises: BadInput."""
    full = [document for document in file.documents() if document.value is not None]
    document = full[0] if full else None
    content = document.value if document else {}
    if len(full) > 1:
        side.fault(file.path, full[1].line, "a second document, which Helm ignores")
    elif document and document.tags:
        tag, line = document.tags[0]
        side.fault(file.path, line, f"the tag {tag[:100]}, which Helm ignores")
    elif not isinstance(content, dict):
        side.fault(file.path, document.line if document else 1, "not a mapping")
    else:
        _content(file.path, content, document, side)


def _content(
    path: str, content: dict[str, Json], document: YamlDocument | None, side: Side
) -> None:
    name = PurePosixPath(path).name
    line = document.line if document else 1
    if name not in _CHARTS | _LOCKS:
        side.add(_declared(path, "values", "", content, line))
        return
    kind, each = ("lock", "lock") if name in _LOCKS else ("chart", "dependency")
    rest = {key: value for key, value in content.items() if key != "dependencies"}
    side.add(_declared(path, kind, "", rest, line))
    if document and content.get("dependencies") is not None:
        _dependencies(path, each, content["dependencies"], document, side)


def _dependencies(path: str, kind: str, listed: Json, document: YamlDocument, side: Side) -> None:
    """Each dependency, by its alias or name; the second of one name by its number too."""
    if not isinstance(listed, list) or len(listed) > MAX_DEPENDENCIES:
        reason = f"no list of at most {MAX_DEPENDENCIES} dependencies"
        side.fault(path, document.line_of(("dependencies",)), reason)
        return
    seen: dict[str, int] = {}
    for index, value in enumerate(listed):
        line = document.line_of(("dependencies", index))
        if not isinstance(value, dict):
            side.fault(path, line, "a dependency that is not a mapping")
            continue
        name = str(value.get("alias") or value.get("name") or "")
        seen[name] = seen.get(name, 0) + 1
        numbered = name if seen[name] == 1 else f"{name}#{seen[name]}"
        side.add(_declared(path, kind, numbered or "#1", value, line))


def _schema(file: TextFile, side: Side) -> None:
    """Raises: BadInput."""
    value = load_json(file.text, file.path)
    if isinstance(value, dict):
        side.add(_declared(file.path, "schema", "", value, 1))
    else:
        side.fault(file.path, 1, "not an object")


def _declared(path: str, kind: str, name: str, value: dict[str, Json], line: int) -> Declared:
    return Declared(
        key=(path, kind, name),
        address=f"{shown(path)}/{name}" if name else shown(path),
        kind=kind,
        value=value,
        source=Source(path=path, line=line),
        unknown=tuple(at for at, text in strings(value) if any(hole in text for hole in _HOLES)),
        sensitive=tuple(_sensitive(kind, value)),
    )


def _sensitive(kind: str, value: dict[str, Json]) -> Iterator[Path]:
    """Secrets, and what SOPS encrypted: that it changed is to be seen, not into what."""
    yield from secret_paths(value)
    if kind == "values" and isinstance(value.get("sops"), dict):
        encrypted = ((at, text) for at, text in strings(value) if at[0] != "sops")
        yield from (at for at, text in encrypted if _ENCRYPTED.fullmatch(text))
