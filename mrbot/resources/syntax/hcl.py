"""HCL as blocks and attributes with line numbers, by tree-sitter.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from mrbot.ids import Json
from mrbot.resources.paths import Path
from mrbot.resources.syntax.hcl_expression import UnreadableError, Value, evaluate, line_of, text_of
from mrbot.resources.syntax.hcl_items import (
    Item,
    UnbalancedError,
    block_parts,
    elements,
    items,
    together,
)

MAX_BYTES = 4 * 2**20
"""Largest HCL file that is read, in bytes."""
MAX_ITEM_BYTES = 32 << 10
"""Largest text that is parsed at once, in bytes; a larger one is cut into its items first."""
MAX_BLOCK_DEPTH = 40
"""Deepest nesting of blocks."""

Evaluate = Callable[[Node], Value]
"""What is made of an expression."""

_OPENING = re.compile(rb"<<")
_CONFLICT = b"<<<<<<< "
_NOT_HCL = "not HCL: "
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


def parse(text: bytes, evaluate: Evaluate = evaluate) -> Body | Fault:
    """The content of one file, or the first thing in it that is not HCL."""
    if len(text) > MAX_BYTES:
        return Fault(0, f"larger than the {MAX_BYTES} bytes of HCL that are read")
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode("utf-8")
        return _read(Item(text, 1), 0, evaluate)
    except UnicodeDecodeError as error:
        return Fault(text.count(b"\n", 0, error.start) + 1, "not UTF-8 text")
    except UnbalancedError as error:
        return _conflict(text) or Fault(error.line, f"not HCL: {error}")
    except UnreadableError as error:
        broken = str(error).startswith(_NOT_HCL)
        return (_conflict(text) if broken else None) or Fault(error.line, str(error))


def _read(item: Item, depth: int, evaluate: Evaluate) -> Body:
    """What stands between two braces. A large text is parsed item by item.

    Raises: UnreadableError, UnbalancedError.
    """
    if len(item.text) <= MAX_ITEM_BYTES:
        return _parsed(item, depth, evaluate)
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for part in together(items(item.text)):
        piece = Item(part.text, part.line + item.line - 1)
        read = _parsed if len(piece.text) <= MAX_ITEM_BYTES else _large
        body = read(piece, depth, evaluate)
        for name, attribute in body.attributes.items():
            _once(name, attribute.line, attributes)
            attributes[name] = attribute
        blocks.extend(body.blocks)
    return _checked(attributes, blocks)


def _large(item: Item, depth: int, evaluate: Evaluate) -> Body:
    """One block by its parts, or one list or object by its elements."""
    block = block_parts(item)
    if block is not None:
        header, inner = block
        if depth >= MAX_BLOCK_DEPTH:
            _too_deep(item.line)
        (empty,) = _parsed(Item(header + b"}", item.line), depth, evaluate).blocks
        return Body(blocks=(replace(empty, body=_read(inner, depth + 1, evaluate)),))
    attribute = elements(item)
    if attribute is None or any(len(one.text) > MAX_ITEM_BYTES for one in attribute[1]):
        what = f"an expression larger than the {MAX_ITEM_BYTES} bytes that are read of one"
        raise UnreadableError(item.line, what)
    before, groups, after = attribute
    found = [_parsed(Item(before + one.text + after, one.line), depth, evaluate) for one in groups]
    return Body(
        {name: _joined([one.attributes[name] for one in found]) for name in found[0].attributes}
    )


def _joined(parts: Sequence[Attribute]) -> Attribute:
    """The lists or objects of all parts as one."""
    unknown: list[Path] = []
    values: list[Json] = []
    entries: dict[str, Json] = {}
    for part in parts:
        match part.value:
            case list():
                at = len(values)
                unknown += (
                    (int(path[0]) + at, *path[1:]) if path else path for path in part.unknown
                )
                values += part.value
            case dict():
                unknown = [path for path in unknown if not path or path[0] not in part.value]
                unknown += part.unknown
                entries |= part.value
            case _:  # a key that is not known: neither is any other
                return replace(parts[0], value=part.value, unknown=((),))
    is_list = isinstance(parts[0].value, list)
    return replace(parts[0], value=values if is_list else entries, unknown=tuple(unknown))


def _parsed(item: Item, depth: int, evaluate: Evaluate) -> Body:
    """`item` by the grammar.

    Raises: UnreadableError, its line counted in the file.
    """
    root = Parser(_LANGUAGE).parse(item.text).root_node
    try:
        if root.has_error:
            _tell_first_error(root)
        _tell_early_end(root, item.text)
        bodies = [child for child in root.named_children if child.type == "body"]
        return _body(bodies[0], depth, item.line - 1, evaluate) if bodies else Body()
    except UnreadableError as error:
        raise UnreadableError(error.line + item.line - 1, str(error)) from error


def _conflict(text: bytes) -> Fault | None:
    """What git leaves behind when two sides cannot be merged; the grammar sees errors all over."""
    at = 0 if text.startswith(_CONFLICT) else text.find(b"\n" + _CONFLICT) + 1
    if not text.startswith(_CONFLICT, at):
        return None
    return Fault(text.count(b"\n", 0, at) + 1, "not HCL: a merge conflict that nobody resolved")


def _tell_first_error(root: Node) -> NoReturn:
    """Raises: UnreadableError at the first error or missing token, the innermost of those around it;
    found without recursion, however deep."""
    node = root
    while not node.is_missing:
        broken = (child for child in node.children if child.has_error or child.is_missing)
        inner = next(broken, None)
        if inner is None:
            break
        node = inner
    what = f"{node.type} is missing" if node.is_missing else "syntax error"
    raise UnreadableError(line_of(node), _NOT_HCL + what)


def _tell_early_end(root: Node, text: bytes) -> None:
    """Raises: UnreadableError at the first line at which HCL ends a heredoc that to the grammar goes
    on: HCL takes any white space beside the marker, the grammar only some."""
    starts: dict[int, list[str]] = {}
    ends: dict[int, list[str]] = {}
    for first, last, marker in _heredocs(root, text):
        starts.setdefault(first, []).append(marker)
        ends.setdefault(last, []).append(marker)
    if not starts:
        return
    inside: Counter[str] = Counter()
    for row, line in enumerate(text.decode("utf-8").split("\n")):
        inside.subtract(ends.get(row, ()))
        marker = line.strip()
        if inside[marker] > 0:
            what = f'parsers disagree whether this line ends "{marker[:100]}"'
            raise UnreadableError(row + 1, what)
        inside.update(starts.get(row, ()))


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


def _body(node: Node, depth: int, base: int, evaluate: Evaluate) -> Body:
    """Lines are counted from the file's first: `base` is how many come before what was parsed."""
    if depth > MAX_BLOCK_DEPTH:
        _too_deep(line_of(node))
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for child in node.named_children:
        if child.type == "attribute":
            name = sys.intern(text_of(child.named_children[0]))
            _once(name, line_of(child), attributes)
            value, unknown = evaluate(child.named_children[-1])
            attributes[name] = Attribute(value, unknown, line_of(child) + base)
        elif child.type == "block":
            blocks.append(_block(child, depth, base, evaluate))
    return _checked(attributes, blocks, base)


def _too_deep(line: int) -> NoReturn:
    raise UnreadableError(line, f"blocks nested deeper than {MAX_BLOCK_DEPTH} levels")


def _once(name: str, line: int, attributes: Collection[str]) -> None:
    if name in attributes:
        raise UnreadableError(line, f'the attribute "{name[:100]}" is set twice')


def _checked(attributes: dict[str, Attribute], blocks: Sequence[Block], base: int = 0) -> Body:
    for block in blocks:
        name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
        if name in attributes:
            reason = f'"{name[:100]}" is both an attribute and a block'
            raise UnreadableError(block.line - base, reason)
    return Body(attributes, tuple(blocks))


def _block(node: Node, depth: int, base: int, evaluate: Evaluate) -> Block:
    kind, *others = node.named_children
    body = next((child for child in others if child.type == "body"), None)
    labels = [child for child in others if child.type in {"identifier", "string_lit"}]
    return Block(
        text_of(kind),
        tuple(_label(label) for label in labels),
        Body() if body is None else _body(body, depth + 1, base, evaluate),
        line_of(node) + base,
    )


def _label(node: Node) -> str:
    if node.type == "identifier":
        return text_of(node)
    value, unknown = evaluate(node)
    if unknown:
        raise UnreadableError(line_of(node), "a block's label is no literal")
    return str(value)
