"""What a set of policies is given: the documents, and what should be one and cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.change.snapshot import Change
from mrbot.decision.material import Material
from mrbot.decision.projects import concerned
from mrbot.decision.ruleset import PolicyInput, Project
from mrbot.judgement.reading import finished_plans, reading_of
from mrbot.judgement.rules import rules_of
from mrbot.policy.document import change_document, plan_document
from mrbot.policy.file_documents import combined_document, file_documents, is_document
from mrbot.policy.finding import Document
from mrbot.resources.model import NotUnderstood, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`lost` are files that should be documents and are not: what policies would say of them is not
    known."""

    documents: tuple[Document, ...]
    lost: tuple[NotUnderstood, ...] = ()


def inputs_of(kind: PolicyInput, material: Material, change: Change) -> Given:
    """What policies of this kind are given when the change is judged."""
    projects = concerned(rules_of(material).repository.projects, change.files)
    return given(kind, material, change, reading_of(material, change, projects), projects)


def given(
    kind: PolicyInput,
    material: Material,
    change: Change,
    reading: Reading,
    projects: tuple[Project, ...],
) -> Given:
    """What policies of this kind are given."""
    plans = finished_plans(material)
    match kind:
        case PolicyInput.CHANGE:
            names = tuple(project.name for project in projects)
            environments = tuple(sorted({project.environment for project in projects}))
            whole = change_document(
                change, reading, plans, names, environments, material.now, material.notes
            )
            return Given(documents=(whole,))
        case PolicyInput.PLAN:
            return Given(documents=tuple(plan_document(plan) for plan in plans))
        case PolicyInput.DOCUMENT | PolicyInput.COMBINED:
            parsed = file_documents(material.versions)
            documents = parsed.documents
            if kind is PolicyInput.COMBINED:
                documents = (combined_document(documents),)
            return Given(
                documents=documents,
                lost=(*parsed.not_understood, *_unread_documents(material, change)),
            )


def _unread_documents(material: Material, change: Change) -> tuple[NotUnderstood, ...]:
    unread = dict(material.unread)
    return tuple(
        NotUnderstood(path=shown(file.path), line=0, reason=unread[file.path], relevant=True)
        for file in change.files
        if file.path in unread and file.new_blob is not None and is_document(file.path)
    )
