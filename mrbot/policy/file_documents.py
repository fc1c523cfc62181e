"""Changed files as the documents that policies written for conftest judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.finding import Document
from mrbot.policy.parsers import members, parse
from mrbot.resources.model import FileVersions, NotUnderstood

_PARSERS = {".json": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
"""What is a document to policies. conftest judges the files that it is given by name; a change's
files come unasked, and a policy for manifests is not meant for each Dockerfile among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDocuments:
    """The parsed contents of changed files at the head, and the files that do not parse.

    Files of other kinds, and files that the change deletes, are in neither.
    """

    documents: tuple[Document, ...]
    not_understood: tuple[NotUnderstood, ...]


def file_documents(files: Sequence[FileVersions]) -> FileDocuments:
    """One document a file; one a YAML document or member of a list where there are several."""
    documents: list[Document] = []
    failed: list[NotUnderstood] = []
    for file in files:
        parser = _PARSERS.get(PurePosixPath(file.path).suffix.lower())
        if file.after is None or parser is None:
            continue
        try:
            content = parse(parser, file.after, file.path)
        except BadInput as error:
            first = error.problems[0]
            failed.append(
                NotUnderstood(
                    path=shown(file.path), line=first.line, reason=first.message, relevant=True
                )
            )
            continue
        if content is not None or parser != "yaml":  # YAML without a value holds no document
            documents.extend(documents_of(shown(file.path), content))
    return FileDocuments(documents=tuple(documents), not_understood=tuple(failed))


def is_document(path: str) -> bool:
    """Whether `file_documents` reads a file by this path."""
    return PurePosixPath(path).suffix.lower() in _PARSERS


def documents_of(path: str, content: Json) -> tuple[Document, ...]:
    """A parsed file as what policies are given one by one. `path` is printable."""
    parts = members(content)
    return tuple(
        Document(name=path if len(parts) == 1 else f"{path}#{number}", path=path, content=part)
        for number, part in enumerate(parts, start=1)
    )


def combined_document(documents: Sequence[Document]) -> Document:
    """Conftest's `--combine`: all documents as one list of `{"path", "contents"}`, by path."""
    ordered = sorted(documents, key=lambda one: one.path or one.name)
    combined: list[Json] = [
        {"path": one.path or one.name, "contents": one.content} for one in ordered
    ]
    return Document(name="all files", content=combined)
