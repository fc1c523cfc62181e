"""HCL 2 as JSON, in the shape of https://github.com/tmccombs/hcl2json, which conftest takes."""

from __future__ import annotations

from mrbot.ids import Json
from mrbot.policy.parsers.hcl_expression import convert
from mrbot.policy.parsers.text import refuse
from mrbot.resources.syntax.hcl import Block, Body, Fault, parse

MAX_LABELS = 10
"""Most labels of one block."""


def hcl2(text: bytes, path: str) -> Json:
    """Attributes by name; the blocks of one type and labels as a list, below their labels."""
    try:
        read = parse(text, convert)
    except RecursionError:
        read = Fault(0, "nested too deeply")
    if isinstance(read, Fault):
        refuse(path, read.line, read.reason)
    return _body(read, path)


def _body(body: Body, path: str) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for block in body.blocks:
        _block(block, made, path)
    for name, attribute in body.attributes.items():
        made[name] = attribute.value
    return made


def _block(block: Block, into: dict[str, Json], path: str) -> None:
    if len(block.labels) > MAX_LABELS:
        refuse(path, block.line, f"a block of more than {MAX_LABELS} labels")
    *above, last = (block.type, *block.labels)
    message = f'blocks "{block.type[:100]}" with and without a label: JSON has no place for both'
    for label in above:
        inner = into.setdefault(label, {})
        if not isinstance(inner, dict):
            refuse(path, block.line, message)
        into = inner
    same = into.setdefault(last, [])
    if not isinstance(same, list):
        refuse(path, block.line, message)
    same.append(_body(block.body, path))
