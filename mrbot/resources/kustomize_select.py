"""Which objects a patch or a replacement is for.

Kustomize's words are regular expressions in Go's syntax, anchored, which RE2 reads the same way.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

import re2

from mrbot.ids import Json
from mrbot.resources.kustomize_file import mapping, text
from mrbot.resources.kustomize_work import NO_NAMESPACE, Id, Resource

MAX_PATTERN = 1_000
"""Longest pattern that is read, in characters."""

_NOWHERE = "_non_namespaceable_"  # what Kustomize matches for an object that has no namespace


class _Pattern(Protocol):
    def search(self, text: str) -> object | None: ...


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> _Pattern | None:
    """`pattern`, None where RE2 does not take it."""
    options = re2.Options()
    options.log_errors = False
    try:
        return cast("_Pattern", re2.compile(pattern, options)) if len(pattern) <= 4_000 else None
    except re2.error:
        return None


def selected(target: dict[str, Json], resource: Resource, ids: Sequence[Id]) -> bool | None:
    """Whether `target` selects the object, of which it may know `ids`; None where that is not
    known."""
    now = resource.id
    tests = (
        _any(text(target, "namespace"), *map(_namespace, ids)),
        _any(text(target, "name"), *(id_.name for id_ in ids)),
        _any(text(target, "group"), now.group),
        _any(text(target, "version"), now.version),
        _any(text(target, "kind"), now.kind),
        _chosen(text(target, "labelSelector"), resource, "labels"),
        _chosen(text(target, "annotationSelector"), resource, "annotations"),
    )
    if False in tests:
        return False
    return None if None in tests else True


def _namespace(id_: Id) -> str:
    return _NOWHERE if id_.namespace == NO_NAMESPACE else id_.namespace


def _any(pattern: str, *words: str) -> bool | None:
    if not pattern or pattern in words:
        return True
    found = compiled(f"^(?:{pattern})$") if len(pattern) <= MAX_PATTERN else None
    return None if found is None else any(found.search(word) for word in words)


def _chosen(selector: str, resource: Resource, name: str) -> bool | None:
    """Whether the object's labels or annotations are as `selector` says, of the simple forms."""
    if not selector.strip():
        return True
    if "(" in selector or "<" in selector or ">" in selector or len(selector) > MAX_PATTERN:
        return None
    held = mapping(mapping(resource.value, "metadata"), name)
    return all(_holds(term.strip(), held) for term in selector.split(","))


def _holds(term: str, held: dict[str, Json]) -> bool:
    key, unequal, value = term.partition("!=")
    if unequal:
        return held.get(key.strip()) != value.strip()
    key, equal, value = term.partition("=")
    if equal:
        return held.get(key.strip()) == value.removeprefix("=").strip()
    return term[1:].strip() not in held if term.startswith("!") else term in held
