"""HCL's expressions as JSON values.

Literals become what they are; any other expression becomes the string `${source}` and its path is
listed as unknown. `jsonencode({...})` becomes the JSON text that it would give; with references in
it, which stay `${source}`, the whole is listed as unknown.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#expressions
"""

from __future__ import annotations

import json

from tree_sitter import Node

from mrbot.ids import Json
from mrbot.resources.paths import Path
from mrbot.resources.syntax.hcl_text import BadEscapeError, heredoc, plain, unescaped
from mrbot.resources.syntax.yaml_scalars import Scalars, resolve

MAX_DEPTH = 300
"""Deepest nesting of an expression, in steps of the grammar: a list takes three."""

_ATOMS = frozenset({"string_lit", "quoted_template", "heredoc_template"})  # spaces in them count
_LITERALS = frozenset({"numeric_lit", "bool_lit", "null_lit"})


class UnreadableError(Exception):
    """Something that the grammar takes and HCL does not, or that is over a limit."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


Value = tuple[Json, tuple[Path, ...]]
"""A value and the paths in it that are not known."""


def evaluate(node: Node) -> Value:
    """What the expression at `node` gives.

    Raises: UnreadableError.
    """
    return _expression(node, 0)


def _expression(node: Node, depth: int) -> Value:
    """The value of an expression or of any node inside one; wrappers of one child are entered."""
    if depth > MAX_DEPTH:
        raise UnreadableError(line_of(node), f"an expression nested deeper than {MAX_DEPTH} steps")
    inside = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "tuple":
            return _tuple(inside, depth)
        case "object":
            return _object(node, inside, depth)
        case "string_lit" | "quoted_template":
            return _string(node)
        case "heredoc_template":
            return _heredoc(node)
        case "function_call":
            return _call(node, inside, depth)
        case "unary_operation" if text_of(node).startswith("-"):
            return _negative(node, inside, depth)
        case kind if kind in _LITERALS:
            return resolve(text_of(node), Scalars.CORE), ()
        case "expression" | "literal_value" | "template_expr" | "collection_value" | "operation":
            return _expression(inside[0], depth + 1) if len(inside) == 1 else _reference(node)
        case _:
            return _reference(node)


def _reference(node: Node) -> Value:
    return "${" + _source(node) + "}", ((),)


def _tuple(items: list[Node], depth: int) -> Value:
    values: list[Json] = []
    unknown: list[Path] = []
    for item in items:
        if item.type in {"tuple_start", "tuple_end"}:
            continue
        value, inner = _expression(item, depth + 1)
        unknown.extend((len(values), *path) for path in inner)
        values.append(value)
    return values, tuple(unknown)


def _object(node: Node, items: list[Node], depth: int) -> Value:
    values: dict[str, Json] = {}
    unknown: list[Path] = []
    for item in items:
        if item.type != "object_elem":
            continue
        key_node, value_node = (c for c in item.named_children if c.type == "expression")
        key = _object_key(key_node, depth)
        if key is None:  # which key this sets cannot be known, so neither can any other
            return _reference(node)
        value, inner = _expression(value_node, depth + 1)
        unknown = [path for path in unknown if path[0] != key]
        unknown.extend((key, *path) for path in inner)
        values[key] = value
    return values, tuple(unknown)


def _object_key(node: Node, depth: int) -> str | None:
    """A bare word is its own name; else the expression's value, None when it is not known."""
    inside = node.named_children
    bare = len(inside) == 1 and inside[0].type == "variable_expr"
    if bare and not text_of(node).startswith("("):
        return text_of(node)
    value, unknown = _expression(node, depth + 1)
    if unknown or isinstance(value, list | dict):
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _negative(node: Node, inside: list[Node], depth: int) -> Value:
    value, unknown = _expression(inside[0], depth + 1)
    if unknown or isinstance(value, bool) or not isinstance(value, int | float):
        return _reference(node)
    return -value, ()


def _call(node: Node, inside: list[Node], depth: int) -> Value:
    given = inside[1].named_children if len(inside) == 2 else []
    arguments = [child for child in given if child.type != "comment"]
    if text_of(inside[0]) != "jsonencode" or len(arguments) != 1:
        return _reference(node)
    value, unknown = _expression(arguments[0], depth + 1)
    if () in unknown:
        return _reference(node)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, ((),) if unknown else ()


def _string(node: Node) -> tuple[str, tuple[Path, ...]]:
    """A quoted string. Its text is taken by position: the grammar drops spaces in it."""
    start, end = node.children[0].end_byte, node.children[-1].start_byte
    return _template(node, start, end, quoted=True)


def _heredoc(node: Node) -> Value:
    words = [child for child in node.children if child.type == "heredoc_identifier"]
    offset = node.start_byte
    whole = node.text or b""
    start = whole.index(b"\n", words[0].end_byte - offset) + 1
    end = whole.rindex(b"\n", 0, words[-1].start_byte - offset) + 1
    text, unknown = _template(node, start + offset, end + offset, quoted=False)
    flush = any(text_of(child) == "<<-" for child in node.children[0].children)
    return heredoc(text, flush=flush), unknown


def _template(node: Node, start: int, end: int, *, quoted: bool) -> tuple[str, tuple[Path, ...]]:
    """The text between two positions of a template; unknown when anything is interpolated."""
    raw = (node.text or b"")[start - node.start_byte : end - node.start_byte].decode("utf-8")
    holes = any(
        child.type.startswith("template_i") or child.type == "template_directive"
        for child in node.children
    )
    if holes or not plain(raw):
        return raw, ((),)
    try:
        return unescaped(raw, quoted=quoted), ()
    except BadEscapeError as error:
        raise UnreadableError(line_of(node), f"not HCL: {error}") from error


def _source(node: Node) -> str:
    """The expression as written, without comments and with runs of spaces outside strings as one:
    so that formatting it anew is no change."""
    parts: list[str] = []
    last = node.start_byte
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type == "comment":
            continue
        if here.child_count and here.type not in _ATOMS:
            stack.extend(reversed(here.children))
            continue
        if here.start_byte > last and parts:
            parts.append(" ")
        parts.append(text_of(here))
        last = here.end_byte
    return "".join(parts)


def line_of(node: Node) -> int:
    """The line on which `node` starts, from 1."""
    return node.start_point.row + 1


def text_of(node: Node) -> str:
    """The text of `node` as it stands in the file."""
    return (node.text or b"").decode("utf-8")
