"""HCL written out of plain values, for tests that make configuration up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Block:
    """A body: its attributes by name, and lists of blocks by their type and labels (`dynamic a`)."""

    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: dict[str, list[Block]] = field(default_factory=dict)


@dataclass(frozen=True)
class Expression:
    """What is written as it is: `var.region`."""

    source: str


def write(body: Block, depth: int = 0) -> str:
    """The text of `body`."""
    indent = "  " * depth
    lines = [f"{indent}{name} = {_value(value)}" for name, value in body.attributes.items()]
    for head, blocks in body.blocks.items():
        kind, *labels = head.split(" ")
        for block in blocks:
            lines.append(" ".join([indent + kind, *map(quoted, labels), "{"]))
            lines += [write(block, depth + 1).rstrip("\n"), indent + "}"]
    return "".join(line + "\n" for line in lines if line)


def quoted(text: str) -> str:
    """`text` as a literal that is no template."""
    return '"' + "".join(_character(one) for one in _no_template(text)) + '"'


def _value(value: Any) -> str:
    match value:
        case Expression(source):
            return source
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case str() if value.endswith("\n") and _plain(value):
            return f"<<EOT\n{_no_template(value)}EOT"
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(map(_in_brackets, value)) + "]"
        case dict():
            entries = (f"{quoted(key)} = {_in_brackets(inner)}" for key, inner in value.items())
            return "{" + ", ".join(entries) + "}"
        case _:
            return repr(value)


def _in_brackets(value: Any) -> str:
    """A heredoc would swallow the comma behind it."""
    return quoted(value) if isinstance(value, str) else _value(value)


def _plain(text: str) -> bool:
    return text.replace("\n", "").isprintable() and "EOT" not in text


def _no_template(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _character(one: str) -> str:
    if one in '"\\':
        return "\\" + one
    if one.isprintable():
        return one
    return f"\\u{ord(one):04x}" if ord(one) < 0x10000 else f"\\U{ord(one):08x}"
