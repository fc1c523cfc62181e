"""The documents that policies judge, version 1 (`config/schema/input-change.v1.json`).

A rule file says which of them a policy set gets: `change` (one document a change), `plan` (one a
planned project: Terraform's own plan JSON, redacted) or `document` (one a changed file or YAML
document at the head, as conftest gives it).
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import PurePosixPath

from mrbot.change.commits import Commit
from mrbot.change.files import FileChange, shown
from mrbot.change.notes import FileNote
from mrbot.change.people import Signature
from mrbot.change.snapshot import Change
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json, Person
from mrbot.plan.plan import Plan
from mrbot.policy.finding import Document
from mrbot.resources.attributes import changed_paths
from mrbot.resources.model import FileVersions, NotUnderstood, Reading, ResourceChange
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import Scalars, load_documents

VERSION = 1
"""Of the change document. A key may be added within a version; none changes or goes."""
_DOCUMENTS = frozenset({".json", ".yaml", ".yml", ".toml"})
CHANGE = "change"
"""The name of the change document."""


def change_document(
    change: Change,
    reading: Reading,
    plans: tuple[Plan, ...],
    projects: tuple[str, ...],
    environments: tuple[str, ...],
    now: datetime,
    notes: tuple[FileNote, ...] = (),
) -> Document:
    """Everything about the change in one document. `now` must know its time zone."""
    content: dict[str, Json] = {
        "version": VERSION,
        "kind": CHANGE,
        "change": _change(change),
        "people": _people(change),
        "commits": [_commit(commit) for commit in change.commits],
        "commits_left_out": change.commits_left_out,
        "environments": list(environments),
        "projects": [shown(project) for project in projects],
        "files": [_file(file) for file in change.files],
        "resources": [_resource(resource) for resource in reading.resources],
        "not_understood": [_not_understood(one) for one in reading.not_understood],
        "notes": [_note(note) for note in notes],
        "plans": [_plan(plan) for plan in plans],
        "now": _moment(now),
    }
    return Document(name=CHANGE, content=content)


def plan_document(plan: Plan) -> Document:
    """Terraform's plan JSON, redacted already."""
    return Document(name=f"plan of {shown(plan.project)}", content=plan.document)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDocuments:
    """The parsed contents of changed files at the head, and the files that do not parse.

    Files of other kinds, and files that the change deletes, are in neither.
    """

    documents: tuple[Document, ...]
    not_understood: tuple[NotUnderstood, ...]


def file_documents(files: Sequence[FileVersions]) -> FileDocuments:
    """One document a file; one a YAML document or member of a JSON list where there are several.

    Like conftest, whose documents these are, it takes the members of a list one by one. JSON, YAML
    and TOML are read; YAML as conftest reads it, `yes` being true.
    """
    documents: list[Document] = []
    failed: list[NotUnderstood] = []
    for file in files:
        if file.after is None:
            continue
        try:
            contents = _contents(file.path, file.after)
        except BadInput as error:
            first = error.problems[0]
            failed.append(
                NotUnderstood(
                    path=shown(file.path), line=first.line, reason=first.message, relevant=True
                )
            )
            continue
        name = shown(file.path)
        documents.extend(
            Document(name=name if len(contents) == 1 else f"{name}#{number}", content=content)
            for number, content in enumerate(contents, start=1)
        )
    return FileDocuments(documents=tuple(documents), not_understood=tuple(failed))


def is_document(path: str) -> bool:
    """Whether `file_documents` reads a file by this path."""
    return PurePosixPath(path).suffix.lower() in _DOCUMENTS


def combined_document(documents: Sequence[Document]) -> Document:
    """Conftest's `--combine`: all documents as one list of `{"path", "contents"}`."""
    combined: list[Json] = [{"path": one.name, "contents": one.content} for one in documents]
    return Document(name="all files", content=combined)


def _contents(path: str, raw: bytes) -> tuple[Json, ...]:
    """Nothing for a file that is none of these kinds. Raises: BadInput."""
    match PurePosixPath(path).suffix.lower():
        case ".json":
            values: tuple[Json, ...] = (load_json(raw, path),)
        case ".yaml" | ".yml":
            loaded = load_documents(raw, path, scalars=Scalars.LEGACY)
            values = tuple(document.value for document in loaded)
        case ".toml":
            values = (_toml(raw, path),)
        case _:
            return ()
    return tuple(
        one for value in values for one in (value if isinstance(value, list) and value else [value])
    )


def _toml(raw: bytes, path: str) -> Json:
    try:
        return _plain(tomllib.loads(raw.decode()))
    except (ValueError, RecursionError) as error:
        raise BadInput(Problem(shown(path), 0, f"not TOML: {error}")) from error


def _plain(value: object) -> Json:
    """TOML's dates as text, all else as it is."""
    match value:
        case dict():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case date() | time():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise ValueError(f"a {type(value).__name__} has no place in JSON")


def _change(change: Change) -> Json:
    host = change.host
    return {
        "id": str(change.id),
        "title": host.title,
        "description": host.description,
        "author": _person(host.author),
        "draft": host.draft,
        "labels": list(host.labels),
        "source_branch": shown(host.source_branch),
        "target_branch": shown(host.target_branch),
        "base": change.base,
        "target": change.target,
        "head": change.head,
        "from_fork": host.from_fork,
    }


def _people(change: Change) -> Json:
    contributors = change.contributors
    return {
        "contributors": [
            _person(one) for one in sorted(contributors.people, key=lambda one: (one.id, one.login))
        ],
        "signatures": [_signature(one) for one in sorted(contributors.signatures)],
        "reviews": [
            {
                "person": _person(review.person),
                "state": review.state.value,
                "source": review.source.value,
                "head": review.head,
                "on_head": review.head == change.head,
            }
            for review in sorted(change.reviews, key=lambda one: one.person.id)
        ],
    }


def _person(person: Person) -> Json:
    return {"id": person.id, "login": person.login}


def _signature(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email}


def _commit(commit: Commit) -> Json:
    return {
        "sha": commit.sha,
        "parents": commit.parents,
        "author": _signature(commit.author),
        "committer": _signature(commit.committer),
        "co_authors": [_signature(one) for one in sorted(commit.co_authors)],
        "committed_at": commit.committed_at,
        "message": commit.message,
    }


def _file(file: FileChange) -> Json:
    return {
        "path": shown(file.path),
        "old_path": None if file.old_path is None else shown(file.old_path),
        "status": file.status.value,
        "old_mode": file.old_mode,
        "new_mode": file.new_mode,
    }


def _resource(resource: ResourceChange) -> Json:
    source = resource.source
    return {
        "format": resource.format,
        "address": resource.address,
        "kind": resource.kind,
        "action": resource.action.value,
        "before": resource.before,
        "after": resource.after,
        "unknown_paths": list(resource.unknown_paths),
        "sensitive_paths": list(resource.sensitive_paths),
        "project": None if resource.project is None else shown(resource.project),
        "environment": resource.environment,
        "certainty": resource.certainty.value,
        "source": None if source is None else {"path": shown(source.path), "line": source.line},
        "stateful": resource.stateful,
        "previous_address": resource.previous_address,
        "why": resource.why,
        "replace_paths": list(resource.replace_paths),
        "changed_paths": changed_paths(resource.before, resource.after),
    }


def _not_understood(one: NotUnderstood) -> Json:
    return {
        "path": shown(one.path),
        "line": one.line,
        "reason": one.reason,
        "relevant": one.relevant,
    }


def _note(note: FileNote) -> Json:
    return {"path": shown(note.path), "kind": note.kind.value, "text": note.text}


def _plan(plan: Plan) -> Json:
    summary = plan.summary
    return {
        "project": shown(plan.project),
        "environment": plan.environment,
        "tool": {"name": plan.tool.name, "version": plan.tool.version},
        "summary": {
            "create": summary.create,
            "update": summary.update,
            "replace": summary.replace,
            "delete": summary.delete,
            "move": summary.move,
            "import": summary.import_,
            "forget": summary.forget,
            "outputs": summary.outputs,
        },
        "effect_digest": plan.effect_digest,
        "drifted": list(plan.drifted),
        "failed_checks": list(plan.failed_checks),
    }


def _moment(now: datetime) -> str:
    """Raises: ValueError when `now` does not know its time zone."""
    if now.tzinfo is None:
        raise ValueError("`now` must know its time zone")
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
