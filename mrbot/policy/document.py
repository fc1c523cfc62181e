"""The documents that policies judge, version 1 (`config/schema/input-change.v1.json`).

A rule file says which of them a policy set gets: `change` (one document a change), `plan` (one a
planned project: Terraform's own plan JSON, redacted) or `document` (one a changed file or YAML
document at the head, as conftest gives it: `file_documents.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from mrbot.change.commits import Commit
from mrbot.change.files import FileChange, shown
from mrbot.change.notes import FileNote
from mrbot.change.people import Signature
from mrbot.change.snapshot import Change
from mrbot.ids import Json, Person
from mrbot.plan.plan import Plan
from mrbot.policy.finding import Document
from mrbot.resources.attributes import changed_paths
from mrbot.resources.model import NotUnderstood, Reading, ResourceChange

VERSION = 1
"""Of the change document. A key may be added within a version; none changes or goes."""
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
