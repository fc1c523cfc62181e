"""Files as the documents that conftest makes of them, one module for each family of formats.

What conftest reads and mrbot cannot read the same way is refused by name, with a way to convert it.

Source: https://www.conftest.dev/#configuration-file-formats, parser/parser.go
"""

from __future__ import annotations

import importlib
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json

STDIN = "-"
"""The path that stands for the standard input."""

_MODULES = {
    "yaml": "structured",
    "json": "structured",
    "jsonc": "structured",
    "toml": "structured",
    "cyclonedx": "structured",
    "spdx": "structured",
    "hcl2": "hcl",
    "dockerfile": "dockerfile",
    "ini": "ini",
    "properties": "properties",
    "dotenv": "dotenv",
    "ignore": "ignore",
    "xml": "xml",
}
_UNREAD = {
    "cue": "cue export --out json",
    "edn": "jet --from edn --to json",
    "groovy": "a JSON file of what the policy looks at",
    "hcl1": "the syntax of HCL 2, or JSON",
    "hocon": "pyhocon -f json",
    "jsonnet": "jsonnet FILE > FILE.json",
    "nginx": "crossplane parse",
    "textproto": "protoc and a program that writes JSON",
    "vcl": "a JSON file of what the policy looks at",
}
"""What conftest reads beside: how to make something of it that is read."""

PARSERS = tuple(_MODULES)
"""What `parse` reads."""

_BY_EXTENSION = {
    "yml": "yaml",
    "hcl": "hcl2",
    "tf": "hcl2",
    "tfvars": "hcl2",
    "gitignore": "ignore",
    "dockerignore": "ignore",
    "env": "dotenv",
    "textpb": "textproto",
    "pbtxt": "textproto",
    "txtpb": "textproto",
    "prototxt": "textproto",
    "textproto": "textproto",
}
_BY_NAME = {
    "dockerfile": "dockerfile",
    ".env": "dotenv",
    "nginx.conf": "nginx",
    "jenkinsfile": "groovy",
}
_BY_BEGINNING = {"dockerfile.": "dockerfile", ".env.": "dotenv", "jenkinsfile.": "groovy"}


def parser_for(path: str) -> str | None:
    """The parser that conftest takes for a file of this name, be it one that is read here or not;
    None when it takes none. The standard input is YAML."""
    if path == STDIN:
        return "yaml"
    name = PurePosixPath(path).name.lower()
    if name in _BY_NAME and name != "nginx.conf":
        return _BY_NAME[name]
    for beginning, parser in _BY_BEGINNING.items():
        if name.startswith(beginning):
            return parser
    extension = name.rpartition(".")[2] if "." in name else ""
    known = _BY_EXTENSION.get(extension, extension)
    return known if known in _MODULES or known in _UNREAD else _BY_NAME.get(name)


def parse(parser: str, text: bytes, path: str) -> Json:
    """The document that `parser` makes of a file; `path` only names it in what is said of it.

    Of several YAML documents it is their list, as a Dockerfile's or ignore file's is a list with one
    list in it: `members` tells them apart.

    Raises: BadInput with the line where it is known; for a parser that is not in `PARSERS`.
    """
    if parser in _UNREAD:
        message = f"the format {parser} is not read here: convert it first ({_UNREAD[parser]})"
        raise BadInput(Problem(shown(path), 0, message))
    if parser not in _MODULES:
        known = ", ".join(sorted(PARSERS))
        raise BadInput(
            Problem(shown(path), 0, f"there is no parser {parser!r}: it is one of {known}")
        )
    module = importlib.import_module(f"{__name__}.{_MODULES[parser]}")
    read = getattr(module, parser)
    value: Json = read(text, path)
    return value


def members(document: Json) -> tuple[Json, ...]:
    """What policies are given one by one: the members of a list, else the whole."""
    return tuple(document) if isinstance(document, list) and document else (document,)
