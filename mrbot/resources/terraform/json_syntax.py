"""Terraform's JSON syntax as the same blocks that HCL gives.

Without a provider's schema, an object inside a resource may be a nested block or an attribute: it
stays the object it is, where HCL would give a block as a list of objects. Only the blocks of the
language itself (`lifecycle`, `provisioner`, `backend`, ...) become lists here too.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.paths import Path
from mrbot.resources.syntax.hcl import Attribute, Block, Body, Fault
from mrbot.resources.syntax.hcl_text import plain, unescaped
from mrbot.resources.syntax.json_text import load_json

LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "provider": 1,
    "variable": 1,
    "output": 1,
    "check": 1,
    "terraform": 0,
    "locals": 0,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
"""How many labels each block of the language takes."""

_COMMENT = "//"
_INNER_BLOCKS = frozenset(
    {"lifecycle", "provisioner", "connection", "validation", "precondition", "postcondition"}
    | {"required_providers", "backend", "cloud", "assert", "timeouts"}
)
_LINE = 1  # JSON is read without positions


def parse_json(text: bytes, path: str) -> Body | Fault:
    """The blocks of one `.tf.json` file, or why it could not be read."""
    root = _load(text, path)
    if isinstance(root, Fault):
        return root
    blocks: list[Block] = []
    for kind, content in root.items():
        if kind == _COMMENT:
            continue
        found = _blocks(kind, (), content, LABELS.get(kind, 0))
        if isinstance(found, Fault):
            return found
        blocks.extend(found)
    return Body({}, tuple(blocks))


def parse_json_variables(text: bytes, path: str) -> Body | Fault:
    """The values of one `.tfvars.json` file, or why it could not be read."""
    root = _load(text, path)
    if isinstance(root, Fault):
        return root
    return Body({name: Attribute(value, (), _LINE) for name, value in root.items()})


def _load(text: bytes, path: str) -> dict[str, Json] | Fault:
    try:
        root = load_json(text, path)
    except BadInput as error:
        return Fault(error.problems[0].line, error.problems[0].message)
    return root if isinstance(root, dict) else Fault(_LINE, "not an object of blocks")


def _blocks(kind: str, labels: tuple[str, ...], content: Json, wanted: int) -> list[Block] | Fault:
    """The blocks in `content`, of which `wanted` levels are labels still."""
    found: list[Block] = []
    for part in content if isinstance(content, list) else [content]:
        if not isinstance(part, dict):
            return Fault(_LINE, f'"{".".join((kind, *labels))[:100]}" is not an object')
        if not wanted:
            found.append(Block(kind, labels, _body(part), _LINE))
            continue
        for label, inner in part.items():
            if label == _COMMENT:
                continue
            inside = _blocks(kind, (*labels, label), inner, wanted - 1)
            if isinstance(inside, Fault):
                return inside
            found.extend(inside)
    return found


def _body(content: dict[str, Json]) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for name, raw in content.items():
        if name == "dynamic":
            found = _blocks(name, (), raw, 1)
            if not isinstance(found, Fault):
                blocks.extend(_dynamic(block) for block in found)
                continue
        if name != _COMMENT:
            listed = name in _INNER_BLOCKS and isinstance(raw, dict)
            value, unknown = _templates([raw] if listed else raw)
            attributes[name] = Attribute(value, unknown, _LINE)
    return Body(attributes, tuple(blocks))


def _dynamic(block: Block) -> Block:
    """A dynamic block with its `content` as the blocks that HCL would have there."""
    attributes = dict(block.body.attributes)
    content = attributes.get("content")
    if content is None:
        return block
    listed = content.value if isinstance(content.value, list) else [content.value]
    parts = [part for part in listed if isinstance(part, dict)]
    if len(parts) < len(listed):
        return block
    del attributes["content"]
    unknown = content.unknown
    if content.value is not listed:
        unknown = tuple((0, *path) for path in unknown)
    blocks = tuple(_content(part, _below(unknown, at)) for at, part in enumerate(parts))
    return Block(block.type, block.labels, Body(attributes, blocks), _LINE)


def _content(values: dict[str, Json], unknown: tuple[Path, ...]) -> Block:
    inside = {
        name: Attribute(value, _below(unknown, name), _LINE) for name, value in values.items()
    }
    return Block("content", (), Body(inside), _LINE)


def _below(paths: tuple[Path, ...], step: str | int) -> tuple[Path, ...]:
    return tuple(path[1:] for path in paths if path[:1] == (step,))


def _templates(value: Json) -> tuple[Json, tuple[Path, ...]]:
    """`value` with its strings read as the templates they are, and the paths of those unknown."""
    match value:
        case str():
            return (unescaped(value, quoted=False), ()) if plain(value) else (value, ((),))
        case list():
            items = [_templates(item) for item in value]
            unknown = tuple((i, *p) for i, (_, paths) in enumerate(items) for p in paths)
            return [item for item, _ in items], unknown
        case dict():
            entries = {key: _templates(inner) for key, inner in value.items()}
            inside = tuple((key, *p) for key, (_, paths) in entries.items() for p in paths)
            return {key: inner for key, (inner, _) in entries.items()}, inside
        case _:
            return value, ()
