"""Go templates in YAML and JSON: what Helm makes of a file in a chart's `templates` before it is YAML.

A template that stands in a value and looks up a path (`.Values.image`) makes that value. Any other may
make or remove whatever is around it: one that computes or includes text; one in a comment, which to
YAML is nothing; one that opens or ends a part (`if`, `/*`); one that takes white space away beyond its
value; one with quotes that may end elsewhere.

Source: https://pkg.go.dev/text/template
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import TextFile
from mrbot.resources.paths import Path

OPENING = "{{"
_MARK = "\ue000"
"""A character that has no meaning, around a template's number."""
_ACTION = re.compile(f"{_MARK}([0-9]+){_MARK}([^{{}}`'\\\\{_MARK}]*)}}}}")
_LITERAL = r"(?:\"[\w./:@%+=-]*+\"|-?[0-9]++|true|false)"
_FUNCTION = (
    r"(?:quote|squote|int|int64|toString|upper|lower|b64enc"
    rf"|trunc\s++-?[0-9]++|(?:default|trimSuffix)\s++{_LITERAL})"
)
_VALUE = re.compile(
    rf"(?:-(?=\s))?\s*+\$?(?:\.(?!Files\b)[A-Za-z_]\w*+)++\s*+(?:\|\s*+{_FUNCTION}(?!\w)\s*+)*+"
    r"(?:(?<=\s)-)?"
)
"""A path, and functions that make one word of what is there. Whatever else may make lines: `printf`,
`include`, `tpl`, `toYaml`, the files of the chart, and all that is not known here."""


def in_templates(path: str) -> bool:
    """Whether charts keep files by this path to render them, whatever they are called."""
    return "templates" in PurePosixPath(path).parts[:-1]


def unknown_values(value: Json, path: Path = ()) -> Iterator[Path]:
    """The paths of what a template makes; where it makes a key, of all that has it."""
    match value:
        case str() if OPENING in value:
            yield path
        case list():
            for index, item in enumerate(value):
                yield from unknown_values(item, (*path, index))
        case dict() if any(OPENING in key for key in value):
            yield path
        case dict():
            for key, inner in value.items():
                yield from unknown_values(inner, (*path, key))
        case _:
            return


def beyond_values(file: TextFile) -> int | None:
    """The line of the first template in `file` that may make more than the value it is in; None
    where there is none. `file` is YAML or JSON, or its first template is that line."""
    first, *pieces = file.text.decode("utf-8", "replace").split(OPENING)
    if not pieces:
        return None
    marked = first + "".join(f"{_MARK}{n}{_MARK}{piece}" for n, piece in enumerate(pieces))
    harmless = set() if _MARK in first + "".join(pieces) else _in_values(file.path, marked)
    for number in range(len(pieces)):
        if number not in harmless:
            return sum(piece.count("\n") for piece in (first, *pieces)[: number + 1]) + 1
    return None


def _in_values(path: str, marked: str) -> set[int]:
    """The numbers of the templates that make only values."""
    try:
        documents = TextFile(path=path, text=marked.encode("utf-8")).data()
    except BadInput:
        return set()
    return {n for one in documents for text in _texts(one.value) for n in _harmless(text)}


def _texts(value: Json) -> Iterator[str]:
    """Every string and every key."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case dict():
            for key, inner in value.items():
                yield key
                yield from _texts(inner)
        case _:
            return


def _harmless(text: str) -> Iterator[int]:
    """The numbers of the templates in `text`, when they begin and end in it, all of them."""
    actions = _ACTION.findall(text)
    starts, ends = text.lstrip(), text.rstrip()
    if (
        2 * len(actions) == text.count(_MARK)
        and not (starts.startswith(_MARK) and actions[0][1].startswith("-"))
        and not ends.endswith("-}}")
        and all(_VALUE.fullmatch(inner) for _, inner in actions)
    ):
        yield from (int(number) for number, _ in actions)
