"""HCL cut into the attributes and blocks that it consists of, by brackets, quotes and line ends alone.

tree-sitter takes time in proportion to the square of a text's length to get over what is wrong in it,
and cannot be stopped. Cut into items, a large file is parsed piece by piece, and the first piece that
is wrong ends it.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#lexical-elements
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

GROUP_BYTES = 8 << 10
"""Elements of a list or an object are taken together up to this size."""

_STEP = re.compile(rb"[\n,\"#{}()\[\]]|//|/\*|<<-?[^\W\d][\w-]*[ \t\r]*\n|[$%]\{")
_IN_STRING = re.compile(rb"\\.|\"|\n|\$\$\{|%%\{|[$%]\{", re.DOTALL)
_CLOSING = {b"{": b"}", b"(": b")", b"[": b"]"}
_OPENING = re.compile(rb"\s*[^\W\d][\w-]*[ \t]*=[ \t]*([\[{])")
_FOR = re.compile(rb"\s*for\s")
_HEADER = re.compile(rb"\s*[^\W\d][\w-]*(?:[ \t]+(?:[^\W\d][\w-]*|\"[^\"\n]*\"))*[ \t]*\{")


@dataclass(frozen=True, slots=True)
class Item:
    """The bytes of one item, and the line on which they begin, from 1."""

    text: bytes
    line: int


class UnbalancedError(Exception):
    """A bracket or a text that is never closed, or closed without being open. `line` from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def items(text: bytes) -> Iterator[Item]:
    """Every item, in order, comments before it included.

    Raises: UnbalancedError.
    """
    start, line, at_line = 0, 1, 1
    for end in _ends(text):
        piece = text[start:end]
        if piece.strip():
            yield Item(piece, line)
        at_line += piece.count(b"\n")
        start, line = end, at_line


def together(parts: Iterable[Item]) -> Iterator[Item]:
    """Neighbouring items as one, up to a size that is quick to parse."""
    held: Item | None = None
    for part in parts:
        if held is None:
            held = part
        elif len(held.text) + len(part.text) <= GROUP_BYTES:
            gap = part.line - held.line - held.text.count(b"\n")
            held = Item(held.text + b"\n" * gap + part.text, held.line)
        else:
            yield held
            held = part
    if held is not None:
        yield held


def block_parts(item: Item) -> tuple[bytes, Item] | None:
    """A block's own line up to its `{`, and what stands between that and its end; None for an
    attribute."""
    header = _HEADER.match(item.text)
    end = item.text.rfind(b"}")
    if header is None or end < header.end():
        return None
    before = item.text[: header.end()]
    return before, Item(item.text[header.end() : end], item.line + before.count(b"\n"))


def elements(item: Item) -> tuple[bytes, list[Item], bytes] | None:
    """An attribute that is a list or an object, as what stands before its elements, those in groups
    that fit, and what stands after them; None for any other, and for one that is made by `for`."""
    opening = _OPENING.match(item.text)
    text = item.text.rstrip()
    if opening is None or text[-1:] != _CLOSING[opening[1]] or _FOR.match(text, opening.end()):
        return None
    inner, line = text[opening.end() : -1], item.line + item.text.count(b"\n", 0, opening.end())
    separators = b"," if opening[1] == b"[" else b",\n"
    groups: list[Item] = []
    start = last = 0
    for end in (*_ends(inner, separators),):
        if end - start > GROUP_BYTES and last > start:
            groups.append(Item(inner[start:last], line + inner.count(b"\n", 0, start)))
            start = last
        last = end
    groups.append(Item(inner[start:], line + inner.count(b"\n", 0, start)))
    return opening[0], groups, _CLOSING[opening[1]]


def _ends(text: bytes, separators: bytes = b"\n") -> Iterator[int]:
    """Where each part ends: after a separator outside of all brackets and texts."""
    open_: list[tuple[bytes, int]] = []  # the closing bracket that is awaited; `"` for a text
    at = 0
    while at < len(text):
        inside = bool(open_) and open_[-1][0] == b'"'
        step = (_IN_STRING if inside else _STEP).search(text, at)
        if step is None:
            break
        found, begin, at = step[0], step.start(), step.end()
        if inside:
            _in_string(found, begin, open_, text)
        elif found in {b"\n", b","}:
            if not open_ and found in separators:
                yield at
        elif found == b'"':
            open_.append((b'"', begin))
        elif found in {b"#", b"//"}:
            at = _index(text, b"\n", at)
        elif found == b"/*":
            at = _index(text, b"*/", at) + 2
        elif found.startswith(b"<<"):
            at = _after_heredoc(text, found, at)
            if not open_ and b"\n" in separators:
                yield at
        elif found[-1:] in _CLOSING:
            open_.append((_CLOSING[found[-1:]], begin))
        elif open_ and open_[-1][0] == found:
            open_.pop()
        else:
            raise UnbalancedError(_line(text, begin), f"{found.decode()} closes nothing")
    if open_:
        awaited, begin = open_[-1]
        raise UnbalancedError(_line(text, begin), f"{awaited.decode()} is missing")
    yield len(text)


def _in_string(found: bytes, begin: int, open_: list[tuple[bytes, int]], text: bytes) -> None:
    if found == b'"':
        open_.pop()
    elif found in {b"${", b"%{"}:
        open_.append((b"}", begin))
    elif found == b"\n":
        raise UnbalancedError(_line(text, begin), '" is missing')


def _after_heredoc(text: bytes, opening: bytes, at: int) -> int:
    """Where the line after the heredoc's end begins."""
    marker = opening.strip().lstrip(b"<-")
    while at < len(text):
        end = _index(text, b"\n", at)
        line, at = text[at:end], end + 1
        if line.strip() == marker:
            return min(at, len(text))
    raise UnbalancedError(_line(text, len(text)), f"{marker.decode('utf-8', 'replace')} is missing")


def _index(text: bytes, what: bytes, at: int) -> int:
    found = text.find(what, at)
    return len(text) if found < 0 else found


def _line(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1
