"""`rego.metadata.rule()`, which regorus lacks: the rule's own `# METADATA` comments, put where it is called.

    # METADATA
    # title: Buckets are private
    # custom: {severity: high}
    deny contains msg if { m := rego.metadata.rule(); ... }

Lines stay what they are: the literal stands on the line of the call. Runs inside the worker.

Source: https://www.openpolicyagent.org/docs/policy-language#metadata
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import cast

from mrbot.policy.regorus.builtins.calls import Call
from mrbot.policy.regorus.builtins.documents import FUNCTIONS
from mrbot.policy.regorus.builtins.values import BadArgument
from mrbot.policy.regorus.patterns import Tree
from mrbot.policy.regorus.preflight import Refusal

RULE = "rego.metadata.rule"
"""The function."""

MAX_BYTES = 16 * 1024
"""Longest annotations of one rule, in bytes."""

MAX_DEPTH = 8
"""How deep `custom` may nest: the time that the engine takes to read a literal doubles with each level."""

_LARGEST = 2**63 - 1
"""The largest number that Go reads as what it is."""
_SPACE = " \t\r"
"""What is blank in a line to OPA; a no-break space is not."""
_KEYS = frozenset({"scope", "title", "description", "organizations", "custom"})
_CALLED = re.compile(rb"\s*\(\s*\)")
_BEGINS = re.compile(r"^\s*#\s*METADATA\s*$")
_OTHERWISE = re.compile(r"\d{4}-\d|(?<![\w.])0\d|\.(?:inf|nan)\b", re.IGNORECASE)
"""What may be in YAML that Go makes something else of: dates, octal numbers, no numbers."""
_UNMARSHAL = cast("Callable[[str], object]", FUNCTIONS["yaml.unmarshal"][1])


class Unclear(Exception):
    """Annotations that cannot be given exactly."""


def annotated(tree: Tree, calls: tuple[Call, ...]) -> tuple[dict[str, str], tuple[Refusal, ...]]:
    """The text of each module with annotations in the place of the calls, by name; and what cannot be
    given."""
    texts = {one["source"]["file"]: one["source"]["contents"] for one in tree}
    rules = {one["source"]["file"]: one["ast"]["rules"] for one in tree}
    refused: list[Refusal] = []
    wanted = [call for call in calls if call.name == RULE]
    for call in sorted(wanted, key=lambda call: call.start, reverse=True):
        source = texts[call.module].encode()
        line = source.count(b"\n", 0, call.start) + 1
        try:
            if call.parameters != 0 or (called := _CALLED.match(source, call.end)) is None:
                raise Unclear("it is called without arguments, and not replaced with `with`")
            literal = json.dumps(_annotations(source, rules[call.module], call.start))
        except (Unclear, BadArgument) as error:
            message = f"{RULE}() cannot be given here: {error}; use OPA"
            refused.append(Refusal(path=call.module, line=line, message=message))
            continue
        source = source[: call.start] + literal.encode() + source[called.end() :]
        texts[call.module] = source.decode()
    return texts, tuple(reversed(refused))


def _annotations(source: bytes, rules: Tree, at: int) -> dict[str, object]:
    """Raises: Unclear, BadArgument."""
    rule = _rule_at(rules, at)
    if len(rule["bodies"]) > 1:
        raise Unclear("the rule has an else or several bodies")
    begins = source.rfind(b"\n", 0, rule["span"]["start"]) + 1
    if source[begins : rule["span"]["start"]].strip():
        raise Unclear("the rule does not begin its line")
    above = source[:begins].decode().split("\n")[:-1]
    found = [one for one in _blocks(above) if one.get("scope", "rule") == "rule"]
    if len(found) > 1:
        raise Unclear("the rule has annotations twice")
    if not found:
        return {}
    return {**found[0], "scope": "rule"}


def _rule_at(rules: Tree, at: int) -> Tree:
    for rule in (one["Spec"] for one in rules if "Spec" in one):
        if rule["span"]["start"] <= at < rule["span"]["end"]:
            return rule
    raise Unclear("it stands in no rule")


def _blocks(lines: list[str]) -> Iterator[dict[str, object]]:
    """The annotations in the comments right above, the last first."""
    block: list[str] = []
    for line in reversed(lines):
        comment = line.strip(_SPACE)
        if comment and not comment.startswith("#"):
            return
        if comment and not line.startswith("#"):
            raise Unclear("a comment above the rule is indented")
        if "`" in comment:  # it may be the end of a text that only looks like comments
            raise Unclear("a backquote stands in the comments above the rule")
        if _BEGINS.match(line):
            yield _read(block)
            block = []
        elif comment:
            block.insert(0, comment[1:])
        else:
            block = []  # what a blank line parts from its beginning belongs to nothing


def _read(block: list[str]) -> dict[str, object]:
    indent = min((len(one) - len(one.lstrip(" ")) for one in block if one.strip()), default=0)
    text = "".join(f"{one[indent:]}\n" for one in block)
    if len(text.encode()) > MAX_BYTES:
        raise Unclear(f"its annotations are longer than {MAX_BYTES} bytes")
    if _OTHERWISE.search(text):
        raise Unclear("its annotations hold a date or a number that Go reads otherwise")
    read = _UNMARSHAL(text) if text.strip() else None
    if not isinstance(read, dict) or not read:
        raise Unclear("its annotations are no object")
    if read.get("scope") == "document":
        return read
    for name, value in read.items():
        if name not in _KEYS:
            raise Unclear(f"the annotation {name!r} is read by OPA only")
        if not _is_plain(name, value):
            raise Unclear(f"the annotation {name!r} is empty, or OPA makes something else of it")
    return read


def _is_plain(name: str, value: object) -> bool:
    """Whether OPA takes the value as it is: not turned into a text, not left out, not an error."""
    match name:
        case "scope":
            return value == "rule"
        case "title" | "description":
            return isinstance(value, str) and value != ""
        case "organizations":
            return (
                isinstance(value, list)
                and bool(value)
                and all(_is_plain("title", one) for one in value)
            )
        case _:
            return isinstance(value, dict) and bool(value) and _is_read(value)


def _is_read(value: object) -> bool:
    waiting = [(value, 1)]
    while waiting:
        match waiting.pop():
            case ((dict() | list()), depth) if depth > MAX_DEPTH:
                return False
            case dict() as one, depth:
                waiting.extend((inner, depth + 1) for inner in one.values())
            case list() as one, depth:
                waiting.extend((inner, depth + 1) for inner in one)
            case int() as number, _ if abs(number) > _LARGEST:
                return False
            case _:
                pass
    return True
