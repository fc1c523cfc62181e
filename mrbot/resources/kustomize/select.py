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
from mrbot.resources.kustomize.file import mapping, text
from mrbot.resources.kustomize.work import NO_NAMESPACE, Id, Resource

MAX_PATTERN = 1_000
"""Longest pattern that is read, in characters."""

_NOWHERE = "_non_namespaceable_"  # what Kustomize matches for an object that has no namespace


class Pattern(Protocol):
    """What RE2 has compiled."""

    def search(self, text: str) -> object | None: ...


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Pattern | None:
    """`pattern`, None where RE2 does not take it."""
    options = re2.Options()
    options.log_errors = False
    try:
        return cast("Pattern", re2.compile(pattern, options)) if len(pattern) <= 4_000 else None
    except re2.error:
        return None


def selected(target: dict[str, Json], resource: Resource, ids: Sequence[Id]) -> bool | None:
    """Whether `target` selects the object, known by `ids` (the last: as it is now); None where
    that is not known."""
    now = ids[-1]
    certain = True
    for name, words in (
        ("kind", [now.kind]),
        ("name", [id_.name for id_ in ids]),
        ("namespace", [_namespace(id_) for id_ in ids]),
        ("group", [now.group]),
        ("version", [now.version]),
    ):
        found = _any(text(target, name), words)
        if found is False:
            return False
        certain &= bool(found)
    for name, held in (("labelSelector", "labels"), ("annotationSelector", "annotations")):
        found = _chosen(text(target, name), resource, held)
        if found is False:
            return False
        certain &= bool(found)
    return True if certain else None


def _namespace(id_: Id) -> str:
    return _NOWHERE if id_.namespace == NO_NAMESPACE else id_.namespace


def _any(pattern: str, words: Sequence[str]) -> bool | None:
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
