"""YAML and JSON that no other reader knows: settings of whatever program reads them.

Kind: `document` (address: the file's path, `#2` for a second document). The value is the document;
one that is no mapping stands under `value`. What it means is for its program to say, as is what its
comments and its way of writing mean (`yes` or `true`, `1.10` or `1.1`): a first document whose file is
written otherwise differs. What differs in it, and what of it is secret by its name, is told as for
every other format.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.kubernetes.go_templates import OPENING
from mrbot.resources.model import Source
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.syntax.json_text import load_json

FORMAT = "data"


def reads(path: str) -> bool:
    """Whether a file by this path is YAML or JSON."""
    return path.endswith((".yaml", ".yml", ".json"))


def parses(file: TextFile) -> bool:
    """Whether `file`, which is one of those by its path, is so by what it holds: not where it holds
    nothing but what a template engine will make of it."""
    try:
        return any(True for _ in _documents(file)) or OPENING.encode() not in file.text
    except BadInput:
        return False


def declare(files: Sequence[TextFile]) -> Side:
    """Every document in `files`."""
    side = Side()
    for file in files:
        try:
            for number, (content, line) in enumerate(_documents(file), start=1):
                resource = _declared(file.path, number, content, line)
                side.add(replace(resource, text=file.text) if number == 1 else resource)
        except BadInput as error:
            problem = error.problems[0]
            side.fault(file.path, problem.line, problem.message, relevant=False)
    return side


def _documents(file: TextFile) -> Iterator[tuple[Json, int]]:
    if file.path.endswith(".json") and file.text.lstrip().startswith((b"{", b"[")):
        # With comments in it it is no JSON; to YAML, they would be part of its keys.
        yield load_json(file.text, file.path), 1
        return
    for document in file.data():
        if document.value is not None:
            yield document.value, document.line


def _declared(path: str, number: int, content: Json, line: int) -> Declared:
    value: dict[str, Json] = content if isinstance(content, dict) else {"value": content}
    return Declared(
        key=(path, str(number)),
        address=shown(path) if number == 1 else f"{shown(path)}#{number}",
        kind="document",
        value=value,
        source=Source(path=path, line=line),
        sensitive=tuple(secret_paths(value)),
    )
