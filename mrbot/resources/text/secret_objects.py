"""The data of Kubernetes Secrets in text that is no YAML yet: templates of manifests.

Whoever writes a file chooses what is in it, so only what any rendering would make part of a Secret is
secret: what is below `data:` or `stringData:` in a document in which no other kind is. References
(`{{ .Values.password }}`) and lines of nothing but templates stay to be read.

Source: https://kubernetes.io/docs/concepts/configuration/secret/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath

from mrbot.resources.kubernetes.go_templates import in_templates
from mrbot.resources.secrets.credential_shapes import Span
from mrbot.resources.text.named_values import NamedValue, Style, literal

NAME = "data"
"""What a value is called whose key is no plain word."""

_MANIFESTS = frozenset({".yaml", ".yml"})
_KIND = re.compile(r"[\"']?\bkind[\"']?[ \t]*+:[ \t]*+[\"']?(?P<kind>[^\s\"',}]*+)")
_BEFORE_KEY = re.compile(r"(?:[ \t]|-[ \t])*+")
_DATA = re.compile(
    r"(?:[ \t]|-[ \t])*+(?P<word>[\"']?(?:data|stringData)[\"']?[ \t]*+:)(?:[ \t]++(?P<value>.++))?\s*+"
)
_ENTRY = re.compile(r"\s*+[\"']?(?P<key>[^\s:\"'][^:\"']*+)[\"']?:(?:\s++(?P<value>\S.*+))?\s*+")
_BLOCK = re.compile(r"[|>][+-]?[0-9]?[+-]?\s*+(?:#.*+)?")
_TEMPLATES = re.compile(r"(?:\s*+\{\{[^{}]*+\}\})++\s*+")
_PLAIN = re.compile(r"[\w.-]{1,200}")


def may_be_manifest(path: str) -> bool:
    """Whether a file by this path is, once it is rendered, an object of a cluster."""
    file = PurePosixPath(path.lower())
    return not _MANIFESTS.isdisjoint(file.suffixes[-2:]) or (
        in_templates(path) and file.suffix in ("", ".tpl")
    )


def secret_data(lines: Sequence[str]) -> dict[int, tuple[Span, ...]]:
    """By the index of a line, where in it the data of a Secret is."""
    found: dict[int, tuple[Span, ...]] = {}
    start = 0
    for begins, group in groupby(lines, key=lambda line: line.startswith("---")):
        document = list(group)
        kinds = () if begins else tuple(_kinds(document))
        if any(kind == "Secret" for _, kind in kinds):
            found.update(enumerate(_spans(document, kinds), start=start))
        start += len(document)
    return found


def _kinds(document: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Each kind, and how deep it is indented: not at all, where it does not begin its line. There,
    none is said to be a Secret, and none in a comment is one of another kind."""
    for line in document:
        for found in _KIND.finditer(line):
            if _BEFORE_KEY.fullmatch(line, 0, found.start()):
                yield found.start(), found["kind"]
            elif found["kind"] != "Secret" and not line.lstrip().startswith("#"):
                yield 0, found["kind"]


def _spans(document: Sequence[str], kinds: Sequence[tuple[int, str]]) -> Iterator[tuple[Span, ...]]:
    """Of each line, what of it is data."""
    data: int | None = None
    block: int | None = None
    outermost_other = min((at for at, kind in kinds if kind != "Secret"), default=None)
    outermost = min(at for at, kind in kinds if kind == "Secret")
    for line in document:
        if not line.strip() or _TEMPLATES.fullmatch(line):
            yield ()
            continue
        indent = len(line) - len(line.lstrip())
        block = block if block is not None and indent > block else None
        if data is not None and indent > data:
            block, spans = _within(line, indent, block)
            yield spans
            continue
        data, head = None, _DATA.fullmatch(line)
        at = head.start("word") if head else -1
        if (
            head is None
            or at < outermost
            or (outermost_other is not None and outermost_other <= at)
        ):
            yield ()
            continue
        data = at
        yield tuple(_value(line, head, NAME))


def _within(line: str, indent: int, block: int | None) -> tuple[int | None, tuple[Span, ...]]:
    """The indentation of the block scalar that is open after `line`, if one is; and its secrets."""
    entry = _ENTRY.fullmatch(line) if block is None else None
    if entry is None:
        return block, ((indent, len(line.rstrip()), NAME),)
    if entry["value"] and _BLOCK.fullmatch(entry["value"]):
        return indent, ()
    key = entry["key"].strip()
    return None, tuple(_value(line, entry, key if _PLAIN.fullmatch(key) else NAME))


def _value(line: str, found: re.Match[str], name: str) -> Iterator[Span]:
    if found["value"]:
        yield from literal(line, NamedValue(name, *found.span("value"), Style.REST))
