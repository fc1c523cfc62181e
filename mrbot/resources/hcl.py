"""HCL as blocks and attributes with line numbers, by tree-sitter.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from mrbot.ids import Json
from mrbot.resources.hcl_expression import UnreadableError, evaluate, line_of, text_of
from mrbot.resources.masking import Path

MAX_BYTES = 4 * 2**20
"""Largest HCL file that is read, in bytes."""
MAX_BLOCK_DEPTH = 40
"""Deepest nesting of blocks."""

_OPENING = re.compile(rb"<<")
_CONFLICT = b"<<<<<<< "
_LANGUAGE = Language(tree_sitter_hcl.language())


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name = value`. `unknown` are the paths inside the value that are expressions, `()` all."""

    value: Json
    unknown: tuple[Path, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """`type "label" { ... }`."""

    type: str
    labels: tuple[str, ...]
    body: Body
    line: int


@dataclass(frozen=True, slots=True)
class Body:
    """What stands between two braces, or in a whole file."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file could not be read, and the line."""

    line: int
    reason: str


def parse(text: bytes) -> Body | Fault:
    """The content of one file, or the first thing in it that is not HCL."""
    if len(text) > MAX_BYTES:
        return Fault(0, f"larger than the {MAX_BYTES} bytes of HCL that are read")
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return Fault(text.count(b"\n", 0, error.start) + 1, "not UTF-8 text")
    root = Parser(_LANGUAGE).parse(text).root_node
    if root.has_error:
        return _conflict(text) or _first_error(root)
    early = _early_end(root, text)
    if early is not None:
        return early
    try:
        bodies = [child for child in root.named_children if child.type == "body"]
        return _body(bodies[0], 0) if bodies else Body()
    except UnreadableError as error:
        return Fault(error.line, str(error))


def _conflict(text: bytes) -> Fault | None:
    """What git leaves behind when two sides cannot be merged; the grammar sees errors all over."""
    at = 0 if text.startswith(_CONFLICT) else text.find(b"\n" + _CONFLICT) + 1
    if not text.startswith(_CONFLICT, at):
        return None
    return Fault(text.count(b"\n", 0, at) + 1, "not HCL: a merge conflict that nobody resolved")


def _first_error(root: Node) -> Fault:
    """The line of the first error or missing token, the innermost of those around it; found without
    recursion, however deep."""
    node = root
    while not node.is_missing:
        broken = (child for child in node.children if child.has_error or child.is_missing)
        inner = next(broken, None)
        if inner is None:
            break
        node = inner
    what = f"not HCL: {node.type} is missing" if node.is_missing else "not HCL: syntax error"
    return Fault(line_of(node), what)


def _early_end(root: Node, text: bytes) -> Fault | None:
    """The first line at which HCL ends a heredoc that to the grammar goes on: HCL takes any white
    space beside the marker, the grammar only some."""
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for first, last, marker in _heredocs(root, text):
        starts.setdefault(first, []).append(marker)
        ends.setdefault(last, []).append(marker)
    if not starts:
        return None
    inside: Counter[str] = Counter()
    for row, line in enumerate(text.decode("utf-8").split("\n")):
        inside.subtract(ends.get(row, ()))
        marker = line.strip()
        if inside[marker] > 0:
            return Fault(row + 1, f'parsers disagree whether this line ends "{marker[:100]}"')
        inside.update(starts.get(row, ()))
    return None


def _heredocs(root: Node, text: bytes) -> Iterator[tuple[int, int, str]]:
    """The rows on which each heredoc starts and ends, and its marker; without recursion, and only
    where one can be."""
    openings = [found.start() for found in _OPENING.finditer(text)]
    stack = [root]
    while stack:
        node = stack.pop()
        first = bisect_left(openings, node.start_byte)
        if first == bisect_left(openings, node.end_byte):
            continue
        stack.extend(node.named_children)
        words = [child for child in node.children if child.type == "heredoc_identifier"]
        if words:
            yield words[0].start_point.row, words[-1].start_point.row, text_of(words[0])


def _body(node: Node, depth: int) -> Body:
    if depth > MAX_BLOCK_DEPTH:
        raise UnreadableError(line_of(node), f"blocks nested deeper than {MAX_BLOCK_DEPTH} levels")
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for child in node.named_children:
        if child.type == "attribute":
            name = text_of(child.named_children[0])
            if name in attributes:
                raise UnreadableError(line_of(child), f'the attribute "{name[:100]}" is set twice')
            value, unknown = evaluate(child.named_children[-1])
            attributes[name] = Attribute(value, unknown, line_of(child))
        elif child.type == "block":
            blocks.append(_block(child, depth))
    for block in blocks:
        name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
        if name in attributes:
            reason = f'"{name[:100]}" is both an attribute and a block'
            raise UnreadableError(block.line, reason)
    return Body(attributes, tuple(blocks))


def _block(node: Node, depth: int) -> Block:
    kind, *others = node.named_children
    body = next((child for child in others if child.type == "body"), None)
    labels = [child for child in others if child.type in {"identifier", "string_lit"}]
    return Block(
        text_of(kind),
        tuple(_label(label) for label in labels),
        Body() if body is None else _body(body, depth + 1),
        line_of(node),
    )


def _label(node: Node) -> str:
    if node.type == "identifier":
        return text_of(node)
    value, unknown = evaluate(node)
    if unknown:
        raise UnreadableError(line_of(node), "a block's label is no literal")
    return str(value)
