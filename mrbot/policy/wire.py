"""A document as JSON text: what every engine understands the same way, and nothing else.

A plan has hundreds of thousands of values, so that nothing here looks at each of them in turn where
a whole text can be asked: nesting is followed from container to container, what is no number fails
while it is written, half a character fails while it is encoded, and long numbers are looked for in
a sample of the text that none can slip through.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from mrbot.errors import BadInput
from mrbot.ids import Json

MAX_DEPTH = 120
"""Deepest nesting of a document, a scalar being a level: files are read to 100 levels, and regorus
reads 128."""
MAX_DOCUMENT_BYTES = 32 * 2**20
"""Largest document that is given to an engine, in bytes of JSON."""
MAX_DIGITS = 300
"""Longest whole number, in digits; beyond 1e308 regorus refuses a number."""

_CONTAINERS = (dict, list)
_MAX_BITS = int(MAX_DIGITS * math.log2(10))
_STRIDE = 30
_LONG = re.compile(rb"[0-9]{%d}" % (MAX_DIGITS // _STRIDE))
"""In every `_STRIDE`th byte. As many digits in a row as a number may have show there as so many."""


def dump_json(value: Json) -> bytes:
    """`value` as one line of UTF-8.

    Raises: BadInput when it is not a document that all engines read alike, or is too large.
    """
    if _nests_deeply(value):
        raise BadInput(f"it nests deeper than {MAX_DEPTH} levels")
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        raw = text.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(error.object[error.start]):04X}"
        raise BadInput(f"it holds half of a surrogate pair ({half}), not a character") from error
    except ValueError as error:  # not a number, or one too long for Python to write
        raise BadInput(_odd_number(value) or f"it is not JSON: {error}") from error
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise BadInput(f"{len(raw)} bytes are more than a document may have: {MAX_DOCUMENT_BYTES}")
    if _LONG.search(raw[::_STRIDE]) and (problem := _odd_number(value)):
        raise BadInput(problem)
    return raw


def unfit(value: Json) -> str | None:
    """Why `value` is not a document that all engines read alike; None when it is."""
    try:
        dump_json(value)
    except BadInput as error:
        return str(error)
    return None


def _nests_deeply(value: Json) -> bool:
    """Only lists and objects are followed; the scalars below them are one level more."""
    level: list[Any] = [value] if isinstance(value, _CONTAINERS) else []
    depth = 1
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, _CONTAINERS)
        ]
    return False


def _odd_number(value: Json) -> str | None:
    """What is wrong with the first number that is no JSON, or too long; `value` is not deep."""
    for one in _scalars(value):
        if isinstance(one, float) and not math.isfinite(one):
            return f"it holds {one}, which is not JSON"
        if isinstance(one, int) and one.bit_length() > _MAX_BITS:
            return f"it holds a number of more than {MAX_DIGITS} digits"
    return None


def _scalars(value: Json) -> Iterator[Json]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        match one:
            case dict():
                waiting.extend(one.values())
            case list():
                waiting.extend(one)
            case _:
                yield one
