"""HCL's expressions as hcl2json writes them: literals as they are, lists and objects of them, and the
source of every other expression as `${source}`.

Source: https://github.com/tmccombs/hcl2json/blob/main/convert/convert.go,
https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from mrbot.ids import Json
from mrbot.resources.syntax.hcl_expression import UnreadableError, Value, line_of, text_of
from mrbot.resources.syntax.hcl_text import BadEscapeError, heredoc, unescaped
from mrbot.resources.syntax.yaml_scalars import Scalars, resolve

MAX_DEPTH = 150
"""Deepest nesting of an expression, in steps of the grammar: a list takes three."""

_LITERALS = frozenset({"numeric_lit", "bool_lit", "null_lit"})
_QUOTED = frozenset({"string_lit", "quoted_template"})
_WRAPPERS = frozenset(
    {"expression", "literal_value", "template_expr", "collection_value", "operation"}
)
_HOLE = re.compile("\ue000(\\d+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")


@dataclass(frozen=True, slots=True)
class _Mark:
    """What stands between the texts of a template, and whether it takes the blanks beside it.
    `only` is the expression of an interpolation."""

    text: str
    takes_left: bool
    takes_right: bool
    only: Node | None = None


def convert(node: Node) -> Value:
    """What the expression at `node` is in JSON. No path in it is told to be unknown.

    Raises: UnreadableError.
    """
    return _value(node, 0), ()


def _value(node: Node, depth: int) -> Json:
    node = _unwrapped(node, depth)
    match node.type:
        case kind if kind in _LITERALS:
            return resolve(text_of(node), Scalars.CORE)
        case kind if kind in _QUOTED:
            return _quoted(node, depth)
        case "heredoc_template":
            return _heredoc(node, depth)
        case "tuple":
            inside = (c for c in _named(node) if c.type not in {"tuple_start", "tuple_end"})
            return [_value(child, depth + 1) for child in inside]
        case "object":
            return _object(node, depth)
        case "unary_operation":
            return _unary(node)
        case _:
            return _wrapped(node)


def _unwrapped(node: Node, depth: int) -> Node:
    """The innermost node that says the same; parentheses are kept."""
    while True:
        if depth > MAX_DEPTH:
            what = f"an expression nested deeper than {MAX_DEPTH} steps"
            raise UnreadableError(line_of(node), what)
        inside = _named(node)
        if node.type not in _WRAPPERS or len(inside) != 1 or node.children[0].type == "(":
            return node
        node, depth = inside[0], depth + 1


def _named(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _expressions(node: Node, number: int) -> list[Node]:
    """The expressions in `node`.

    Raises: UnreadableError when there are not so many: the grammar lets some be left out.
    """
    found = [child for child in _named(node) if child.type == "expression"]
    if len(found) != number:
        raise UnreadableError(line_of(node), "not HCL: an expression is missing")
    return found


def _wrapped(node: Node) -> str:
    return "${" + text_of(node) + "}"


def _object(node: Node, depth: int) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for item in _named(node):
        if item.type == "object_elem":
            key, value = _expressions(item, 2)
            made[_key(key, depth)] = _value(value, depth + 1)
    return made


def _key(node: Node, depth: int) -> str:
    inside = _unwrapped(node, depth)
    kinds = {child.type for child in _named(inside)}
    if inside.type == "variable_expr" or (inside.type == "expression" and _traverses(kinds)):
        return text_of(inside)
    return _inlined(node, depth)


def _traverses(kinds: set[str]) -> bool:
    return bool(kinds) and kinds <= {"variable_expr", "get_attr", "index"}


def _unary(node: Node) -> Json:
    operand = _unwrapped(_named(node)[-1], 0)
    literal = operand.type in _LITERALS and "(" not in text_of(node)
    value = resolve(text_of(operand), Scalars.CORE) if literal else None
    sign = text_of(node)[:1]
    if isinstance(value, bool):
        return not value if sign == "!" else _wrapped(node)
    if isinstance(value, int | float) and sign == "-":
        return -value
    return _wrapped(node)


def _quoted(node: Node, depth: int) -> Json:
    start, end = node.children[0].end_byte, node.children[-1].start_byte
    parts = list(_parts(node, start, end, depth))
    if len(parts) == 3 and not parts[0] and not parts[2]:
        only = parts[1]
        if isinstance(only, _Mark) and only.only is not None:
            return _value(only.only, depth + 1)
    pieces = []
    for part in _trimmed(parts):
        if isinstance(part, _Mark):
            pieces.append(part.text)
            continue
        try:
            pieces.append(_escaped(unescaped(part, quoted=True)))
        except BadEscapeError as error:
            raise UnreadableError(line_of(node), f"not HCL: {error}") from error
    return "".join(pieces)


def _heredoc(node: Node, depth: int) -> str:
    words = [child for child in node.children if child.type == "heredoc_identifier"]
    whole = node.text or b""
    start = whole.index(b"\n", words[0].end_byte - node.start_byte) + 1
    end = whole.rindex(b"\n", 0, words[-1].start_byte - node.start_byte) + 1
    if _PRIVATE.search(text_of(node)):
        raise UnreadableError(line_of(node), "a heredoc with characters of private use")
    marks: list[_Mark] = []
    pieces: list[str] = []
    for part in _trimmed(list(_parts(node, start + node.start_byte, end + node.start_byte, depth))):
        if isinstance(part, _Mark):
            pieces.append(f"\ue000{len(marks)}\ue001")
            marks.append(part)
        else:
            pieces.append(part)
    flush = any(text_of(child) == "<<-" for child in node.children[0].children)
    text = heredoc("".join(pieces), flush=flush)
    return _HOLE.sub(lambda found: marks[int(found[1])].text, text)


def _escaped(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _parts(node: Node, start: int, end: int, depth: int) -> Iterator[str | _Mark]:
    """Texts and marks by turns, beginning and ending with a text. Texts are what lies between marks:
    the grammar drops blanks from its own."""
    at = start
    for first, last, mark in _marks(node, depth):
        yield _between(node, at, first)
        yield mark
        at = last
    yield _between(node, at, end)


def _between(node: Node, start: int, end: int) -> str:
    return (node.text or b"")[start - node.start_byte : end - node.start_byte].decode("utf-8")


def _marks(node: Node, depth: int) -> Iterator[tuple[int, int, _Mark]]:
    """Where each mark below a template starts and ends; of a directive, its parts."""
    if depth > MAX_DEPTH:
        raise UnreadableError(line_of(node), f"a template nested deeper than {MAX_DEPTH} steps")
    for child in node.children:
        match child.type:
            case "template_interpolation":
                yield child.start_byte, child.end_byte, _interpolation(child, depth)
            case "template_directive" | "template_if" | "template_for":
                yield from _marks(child, depth + 1)
            case "template_if_intro" | "template_for_start":
                words = " ".join(text_of(one) for one in _directive_words(child))
                text = "%{" + words.replace(" ,", ",") + "}"
                yield child.start_byte, child.end_byte, _mark(child, text)
            case "template_else_intro" | "template_if_end" | "template_for_end":
                text = "%{" + text_of(_directive_words(child)[0]) + "}"
                yield child.start_byte, child.end_byte, _mark(child, text)
            case _:
                pass  # texts, which are taken by position


def _directive_words(node: Node) -> list[Node]:
    without = {"template_directive_start", "template_directive_end", "strip_marker", "comment"}
    return [child for child in node.children if child.type not in without]


def _interpolation(node: Node, depth: int) -> _Mark:
    (inner,) = _expressions(node, 1)
    return _mark(node, _inlined(inner, depth + 1), inner)


def _mark(node: Node, text: str, only: Node | None = None) -> _Mark:
    takes_left = node.children[1].type == "strip_marker"
    return _Mark(text, takes_left, node.children[-2].type == "strip_marker", only)


def _inlined(node: Node, depth: int) -> str:
    """An expression inside a template's text, or as the key of an object."""
    inside = _unwrapped(node, depth)
    if inside.type in _LITERALS:
        return json.dumps(resolve(text_of(inside), Scalars.CORE))
    if inside.type in _QUOTED:
        value = _quoted(inside, depth)
        return value if isinstance(value, str) else json.dumps(value)
    if inside.type == "conditional":
        condition, yes, no = _expressions(inside, 3)
        otherwise = _inlined(no, depth + 1)
        rest = f"%{{else}}{otherwise}" if otherwise else ""
        return f"%{{if {text_of(condition)}}}{_inlined(yes, depth + 1)}{rest}%{{endif}}"
    return _wrapped(inside)


def _trimmed(parts: Sequence[str | _Mark]) -> Iterator[str | _Mark]:
    """The parts without the blanks that a mark beside them takes (`${~ x ~}`)."""
    for index, part in enumerate(parts):
        if isinstance(part, _Mark):
            yield part
            continue
        text = part
        before = parts[index - 1] if index else None
        after = parts[index + 1] if index + 1 < len(parts) else None
        if isinstance(before, _Mark) and before.takes_right:
            text = text.lstrip()
        if isinstance(after, _Mark) and after.takes_left:
            text = text.rstrip()
        yield text
