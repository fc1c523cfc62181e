"""pydantic's errors in words for the people who write the files: what is wrong, what was meant.

Allowed keys and values come from the published schema. Nothing that stands below a `writeOnly`
schema (a secret's place) is ever quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from pydantic_core import ErrorDetails

from mrbot.ids import Json

_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_LONGEST_QUOTE = 60  # characters of somebody's text in a message
_MOST_KEYS = 30  # keys listed in a message; no mapping here has more
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema that can be walked along a document."""

    root: dict[str, Json]

    def alternatives(self, node: Json) -> list[dict[str, Json]]:
        """`node` as the schemas any of which a value may meet, references followed."""
        if not isinstance(node, dict):
            return []
        found = [node]
        reference = node.get("$ref")
        if isinstance(reference, str):
            found = [*found, *self.alternatives(self._definition(reference))]
        for key in ("oneOf", "anyOf", "allOf"):
            inner = node.get(key)
            if isinstance(inner, list):
                found += [one for each in inner for one in self.alternatives(each)]
        return found

    def _definition(self, reference: str) -> Json:
        definitions = self.root.get("$defs")
        name = reference.rpartition("/")[2]
        return definitions.get(name) if isinstance(definitions, dict) else None

    def inside(self, nodes: list[dict[str, Json]], step: str | int) -> list[dict[str, Json]]:
        """What stands at `step` within any of `nodes`."""
        found: list[dict[str, Json]] = []
        for node in nodes:
            properties = node.get("properties")
            if isinstance(step, int):
                found += self.alternatives(node.get("items"))
            elif isinstance(properties, dict) and step in properties:
                found += self.alternatives(properties[step])
            else:
                by_pattern = node.get("patternProperties")
                patterned = by_pattern.values() if isinstance(by_pattern, dict) else ()
                for inner in (*patterned, node.get("additionalProperties")):
                    found += self.alternatives(inner)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """`path` in the document; the schemas of the value there and of what it stands in."""

    path: tuple[str | int, ...]
    nodes: list[dict[str, Json]]
    around: list[dict[str, Json]]
    secret: bool


def complaint(error: ErrorDetails, schema: Schema) -> tuple[tuple[str | int, ...], str] | None:
    """Where the error is, and what a person is told; None when it follows from another error."""
    if error["type"] == "too_short" and error["input"]:
        return None  # pydantic counts only the entries that are right, and tells of the wrong ones
    place = _place(error, schema)
    return place.path, _message(error, place)


def where(path: Sequence[str | int]) -> str:
    """A path as people write it: `approvals[1].require.count`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            out += ("." if out else "") + (step if _PLAIN.fullmatch(step) else quoted(step))
    return out


def quoted(text: str) -> str:
    """Somebody's text within a message: short, on one line, nothing in it invisible."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "...")


def meant(word: str, known: Iterable[str]) -> str:
    """`: did you mean 'x'?`, or nothing when no known word is near."""
    near = get_close_matches(word[:_LONGEST_QUOTE], list(known), n=1, cutoff=0.6)
    return f": did you mean {near[0]!r}?" if near else ""


def _place(error: ErrorDetails, schema: Schema) -> _Place:
    """pydantic's location without what is no step: in a union the name of the branch comes first,
    and `[key]` after a mapping's key means the key itself."""
    nodes = around = schema.alternatives(schema.root)
    path: list[str | int] = []
    secret, branch_chosen = _is_secret(nodes), False
    for step in error["loc"]:
        if not branch_chosen and any("oneOf" in node for node in nodes):
            branch_chosen = True
            continue
        inner = schema.inside(nodes, step)
        if step == "[key]" and not inner and error["type"] != "extra_forbidden":
            continue
        around, nodes, branch_chosen = nodes, inner, False
        if not (secret and not nodes):  # an unknown key there may be the secret itself
            path.append(step)
        secret = secret or _is_secret(nodes)
    return _Place(path=tuple(path), nodes=nodes, around=around, secret=secret)


def _is_secret(nodes: list[dict[str, Json]]) -> bool:
    return any(node.get("writeOnly") is True for node in nodes)


def _message(error: ErrorDetails, place: _Place) -> str:
    kind, value, details = error["type"], error["input"], error.get("ctx", {})
    match kind:
        case "missing":
            return f"this key is missing{_described(place.nodes)}"
        case "extra_forbidden":
            return _unknown_key(place)
        case "null":
            return f"there is no value: write {_expected(place.nodes)}, or leave the key out"
        case "too_short":
            return "this is empty: leave it out, or write what it holds"
        case "too_long":
            return f"{details['actual_length']} entries are more than {details['max_length']}"
        case "greater_than_equal":
            return f"must be at least {details['ge']}"
        case "less_than_equal":
            return f"must be at most {details['le']}"
        case "value_error":
            return str(details["error"])
        case _ if place.secret:
            return "a secret is never written here: write {env: NAME} (upper case) or {file: /path}"
        case "literal_error" | "enum":
            return _none_of(value, place.nodes)
        case _ if kind.endswith("_type") or kind == "int_from_float":
            return f"must be {_expected(place.nodes)}, not {_is(value)}{_hint(value, place.nodes)}"
        case _:
            return error["msg"]


def _unknown_key(place: _Place) -> str:
    known = [key for node in place.around for key in _keys(node)]
    if place.secret:
        return f"unknown key: the keys here are {', '.join(known)}"
    key = str(place.path[-1])
    return f"unknown key{meant(key, known) or ': the keys here are ' + _some(known)}"


def _keys(node: dict[str, Json]) -> list[str]:
    properties = node.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def _some(words: list[str]) -> str:
    return ", ".join(words[:_MOST_KEYS])


def _none_of(value: Json, nodes: list[dict[str, Json]]) -> str:
    allowed = _allowed(nodes)
    if not isinstance(value, str):
        return f"must be {_expected(nodes)}, not {_is(value)}"
    near = meant(value, [word for word in allowed if isinstance(word, str)])
    return f"{quoted(value)} is not {_expected(nodes)}{near}"


def _allowed(nodes: list[dict[str, Json]]) -> list[Json]:
    found: list[Json] = []
    for node in nodes:
        values = node.get("enum")
        found += values if isinstance(values, list) else []
        found += [node["const"]] if "const" in node else []
    return found


def _expected(nodes: list[dict[str, Json]]) -> str:
    """What may stand there: `true, false or github`, `text`, `always or a mapping`."""
    words = [_word(value) for value in _allowed(nodes)]
    for node in nodes:
        kind = node.get("type")
        if isinstance(kind, str) and "enum" not in node and "const" not in node:
            words.append(_TYPES.get(kind, kind))
    words = list(dict.fromkeys(words)) or ["something else"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is(value: object) -> str:
    """What a value is, without quoting it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int():
            return "a number"
        case float():
            return "a number with a fraction"
        case str():
            return "text"
        case list() | tuple():
            return "a list"
        case _:
            return "a mapping"


def _hint(value: object, nodes: list[dict[str, Json]]) -> str:
    kinds = {node.get("type") for node in nodes}
    if isinstance(value, bool | int | float) and "string" in kinds:
        return ": put it in quotes"
    if isinstance(value, str) and "array" in kinds:
        return ": put it in brackets"
    return ""


def _described(nodes: list[dict[str, Json]]) -> str:
    """The first sentence of the key's description."""
    texts = (node.get("description") for node in nodes)
    first = next((text for text in texts if isinstance(text, str)), "")
    return f": {first.partition('. ')[0].rstrip('.')}" if first else ""
