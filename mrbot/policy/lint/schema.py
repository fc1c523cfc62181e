"""What a JSON Schema says of a document's parts, for as much of the language as documents are
described in: references, properties, items, types, alternatives. Whatever else a schema says makes
a part free: a lint says nothing of it.

https://json-schema.org/draft/2020-12/json-schema-core
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

Node = Mapping[str, Any]
"""A schema that is an object."""

_FREE_WORDS = frozenset(
    {
        "allOf", "not", "if", "then", "else", "dependentSchemas", "patternProperties", "$dynamicRef",
        "unevaluatedProperties", "prefixItems", "contains",
    }
)  # fmt: skip
"""Keywords whose effect is not worked out."""
_DATA_WORDS = frozenset({"const", "enum", "default", "examples"})
"""Keywords whose values are no schemas."""
_NAMED_WORDS = frozenset(
    {"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"}
)
"""Keywords whose values are objects of schemas by name."""
_MAX_REFERENCES = 32
_NEAR = 0.85
"""How alike two names are of which one is probably a slip of the other, of 1."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A part of a document: any of `nodes`, or a list (or set) of `items` that a policy made of parts.
    With neither, it may be anything."""

    nodes: tuple[Node, ...] = ()
    items: Kind | None = None
    is_set: bool = False


ANYTHING = Kind()
"""What nothing is known of."""


class Schema:
    """A document's schema. `name` is what people call the document."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self._document, self.name = document, name
        self.root = self._kind(document)

    def field(self, kind: Kind, name: str) -> Kind | None:
        """The part under a key; None when it certainly has no such key."""
        if kind.items is not None:
            # A member of a set is its own key.
            text = not kind.items.nodes or any(_may_be(one, "string") for one in kind.items.nodes)
            return ANYTHING if kind.is_set and text else None
        found: list[Kind] = []
        for node in kind.nodes:
            if not _may_be(node, "object"):
                continue
            properties = node.get("properties", {})
            if name in properties:
                found.append(self._kind(properties[name]))
            elif node.get("additionalProperties") is not False:
                return ANYTHING
        return _union(found) if found or kind.nodes else ANYTHING

    def near(self, kind: Kind, name: str) -> str | None:
        """The named key that was probably meant, where other keys may be but are not likely."""
        known = self.keys(kind)
        if name in known or not all(_may_be(node, "object") for node in kind.nodes):
            return None
        return next(iter(get_close_matches(name, known, n=1, cutoff=_NEAR)), None)

    def element(self, kind: Kind) -> Kind:
        """A member of a list; anything when it is not certainly a list."""
        if kind.items is not None:
            return kind.items
        found = []
        for node in kind.nodes:
            types = set(_types(node)) - {"null"}
            if types != {"array"} or not isinstance(node.get("items"), dict):
                return ANYTHING
            found.append(self._kind(node["items"]))
        return _union(found) or ANYTHING

    def is_list(self, kind: Kind) -> bool:
        """Whether it may be a list."""
        return kind.items is not None or any(_may_be(node, "array") for node in kind.nodes)

    def keys(self, kind: Kind) -> tuple[str, ...]:
        """The keys that it may have, as far as they are named."""
        return tuple(sorted({key for node in kind.nodes for key in node.get("properties", {})}))

    def values(self, kind: Kind) -> frozenset[str] | None:
        """All values that it may have, when they are strings and counted; else None."""
        found: set[str] = set()
        for node in kind.nodes:
            values = [node["const"]] if "const" in node else node.get("enum")
            if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
                return None
            found.update(values)
        return frozenset(found) or None

    def dangling(self) -> tuple[str, ...]:
        """The references into the schema itself (`#/a/b`) that nothing is at: what they should describe
        is not known, and nothing would be found in it."""
        found = dict.fromkeys(_references(self._document))
        return tuple(one for one in found if one.startswith("#/") and self._referred(one) is None)

    def _kind(self, node: object) -> Kind:
        nodes = tuple(self._alternatives(node, 0))
        return ANYTHING if None in nodes else Kind(tuple(one for one in nodes if one is not None))

    def _alternatives(self, node: object, depth: int) -> Iterator[Node | None]:
        """Every alternative; None for one of which nothing is known."""
        if not isinstance(node, dict) or depth > _MAX_REFERENCES or _is_free(node):
            yield None
        elif "$ref" in node:
            yield from self._alternatives(self._referred(node["$ref"]), depth + 1)
        elif choice := node.get("anyOf") or node.get("oneOf"):
            for one in choice if isinstance(choice, list) else [None]:
                yield from self._alternatives(one, depth + 1)
        elif not _types(node):
            yield None
        else:
            yield node

    def _referred(self, reference: object) -> object:
        """The schema at `#/a/b`; None for any other reference."""
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return None
        found: Any = self._document
        for part in unquote(reference[2:]).split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, dict) and name in found:
                found = found[name]
            else:
                return None
        return found


def _references(schema: object) -> Iterator[str]:
    """Of a schema and those in it, but for parts with a `$id`: references there begin at that part."""
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case list() as several:
                waiting.extend(several)
            case dict() as node if node is schema or not isinstance(node.get("$id"), str):
                if isinstance(node.get("$ref"), str):
                    yield node["$ref"]
                for word, value in node.items():
                    if word in _NAMED_WORDS and isinstance(value, dict):
                        waiting.extend(value.values())
                    elif word not in _DATA_WORDS:
                        waiting.append(value)
            case _:
                pass


def _is_free(node: Node) -> bool:
    """Whether it says more than is worked out here."""
    referring = node.keys() & {"$ref", "anyOf", "oneOf"}
    return bool(node.keys() & _FREE_WORDS) or ("properties" in node and bool(referring))


def union(kinds: list[Kind]) -> Kind:
    """Any of these; anything when there is none, or one of them may be."""
    return _union(kinds) or ANYTHING


def _union(kinds: list[Kind]) -> Kind | None:
    if not kinds:
        return None
    if any(one == ANYTHING for one in kinds):
        return ANYTHING
    lists = [one.items for one in kinds if one.items is not None]
    if lists:
        is_set = any(one.is_set for one in kinds)
        return Kind(items=_union(lists), is_set=is_set) if len(lists) == len(kinds) else ANYTHING
    return Kind(tuple(node for one in kinds for node in one.nodes))


def _types(node: Node) -> tuple[str, ...]:
    """The types that a schema allows, by `type`, constants or properties; empty when it is silent."""
    said = node.get("type")
    if isinstance(said, str):
        return (said,)
    if isinstance(said, list):
        return tuple(map(str, said))
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list):
        return tuple({_type_of(one) for one in values})
    return ("object",) if "properties" in node else ()


def _type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _may_be(node: Node, name: str) -> bool:
    return name in _types(node)
