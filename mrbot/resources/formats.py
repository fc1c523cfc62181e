"""Which reader reads which file: by its path, by what is in it, or as what nothing else has read.

A file may be read by several. Kubernetes reads every YAML and JSON file that holds an object,
whatever else claims it: kubectl applies a manifest by any name, so no name and no look may hide one
from its policies. Below `templates` it reads any file that holds one, for Helm renders them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from mrbot.resources import github_workflow, gitlab_ci, helm, structured
from mrbot.resources.ansible import reader as ansible
from mrbot.resources.cloudformation import reader as cloudformation
from mrbot.resources.compose import reader as compose
from mrbot.resources.declared import Declare, TextFile
from mrbot.resources.dockerfile import reader as dockerfile
from mrbot.resources.kubernetes import reader as kubernetes
from mrbot.resources.kubernetes.go_templates import in_templates
from mrbot.resources.kustomize import reader as kustomization
from mrbot.resources.steering import reader as steering
from mrbot.resources.terraform import reader as terraform
from mrbot.resources.text import reader as plain_text

_PROSE_SUFFIXES = frozenset({".md", ".markdown", ".rst", ".adoc"})
_PROSE_NAMES = frozenset(
    {"LICENSE", "NOTICE", "README", "CHANGELOG", ".gitignore", ".editorconfig"}
)


def _nothing(_: TextFile) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """A format's name, its reader, and what that reads: by path, or by what a file holds."""

    name: str
    declare: Declare
    reads: Callable[[str], bool]
    looks_like: Callable[[TextFile], bool] = _nothing


FORMATS = (
    Format(terraform.FORMAT, terraform.declare, terraform.reads),
    Format(gitlab_ci.FORMAT, gitlab_ci.declare, gitlab_ci.reads),
    Format(github_workflow.FORMAT, github_workflow.declare, github_workflow.reads),
    Format(compose.FORMAT, compose.declare, compose.reads, compose.looks_like),
    Format(dockerfile.FORMAT, dockerfile.declare, dockerfile.reads),
    Format(helm.FORMAT, helm.declare, helm.reads),
    Format(kustomization.FORMAT, kustomization.declare, kustomization.reads),
    Format(ansible.FORMAT, ansible.declare, ansible.reads, ansible.looks_like),
    Format(
        cloudformation.FORMAT,
        cloudformation.declare,
        cloudformation.reads,
        cloudformation.looks_like,
    ),
    Format(steering.FORMAT, steering.declare, steering.reads),
)
"""The formats with a reader of their own, each asked about every file."""

KUBERNETES = Format(kubernetes.FORMAT, kubernetes.declare, kubernetes.reads, kubernetes.looks_like)

STRUCTURED = Format(structured.FORMAT, structured.declare, structured.reads)
PLAIN_TEXT = Format(plain_text.FORMAT, plain_text.declare, plain_text.reads)
FALLBACKS = (STRUCTURED, PLAIN_TEXT)
"""For files in which no other reader found anything."""


def claimants(file: TextFile) -> tuple[Format, ...]:
    """Every format that `file` is of."""
    own = tuple(one for one in FORMATS if one.reads(file.path) or one.looks_like(file))
    is_manifest = KUBERNETES.reads(file.path) and (
        KUBERNETES.looks_like(file) or (not own and structured.reads(file.path))
    )
    return (*own, KUBERNETES) if is_manifest else own


def possible(path: str) -> tuple[Format, ...]:
    """Every format that a file by this path may be of, when nobody knows what is in it."""
    general = KUBERNETES.reads(path)
    named = tuple(
        one for one in FORMATS if one.reads(path) or (general and one.looks_like is not _nothing)
    )
    return (*named, KUBERNETES) if general else named


def fallback(file: TextFile) -> Format | None:
    """The reader of a file that no other reader made anything of; YAML and JSON that cannot be
    parsed (a template) is text."""
    if is_prose(file.path):
        return None
    if structured.reads(file.path):
        return STRUCTURED if structured.parses(file) else PLAIN_TEXT
    return PLAIN_TEXT if _is_text(file.path) else None


def is_text(path: str) -> bool:
    """Whether a file by this path is read as text by its name alone."""
    named = structured.reads(path) or any(one.reads(path) for one in FORMATS)
    return not is_prose(path) and _is_text(path) and not named


def is_prose(path: str) -> bool:
    """Whether a file by this path is for people only, and configures nothing: none that is rendered,
    by any name."""
    name = PurePosixPath(path)
    named = name.name in _PROSE_NAMES or name.suffix.lower() in _PROSE_SUFFIXES
    return named and not in_templates(path)


def _is_text(path: str) -> bool:
    return plain_text.reads(path) or in_templates(path)
