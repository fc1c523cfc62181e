"""A document as JSON text: what every engine understands the same way, and nothing else."""

from __future__ import annotations

import json
import math
import re

from mrbot.errors import BadInput
from mrbot.ids import Json

MAX_DEPTH = 120
"""Deepest nesting of a document: files are read to 100 levels, and regorus reads 128."""
MAX_DOCUMENT_BYTES = 32 * 2**20
"""Largest document that is given to an engine, in bytes of JSON."""
MAX_DIGITS = 300
"""Longest whole number, in digits; beyond 1e308 regorus refuses a number."""

_HALF = re.compile("[\ud800-\udfff]")


def dump_json(value: Json) -> str:
    """`value` as one line of ASCII.

    Raises: BadInput when it is not a document that all engines read alike, or is too large.
    """
    if (problem := unfit(value)) is not None:
        raise BadInput(problem)
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    if len(text) > MAX_DOCUMENT_BYTES:
        raise BadInput(f"{len(text)} bytes are more than a document may have: {MAX_DOCUMENT_BYTES}")
    return text


def unfit(value: Json) -> str | None:
    """Why `value` is not a document that all engines read alike; None when it is."""
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return f"it nests deeper than {MAX_DEPTH} levels"
        inner: list[Json] = []
        for one in level:
            match one:
                case dict():
                    inner.extend(one.values())
                    problem = next(filter(None, map(_unfit_text, one)), None)
                case list():
                    inner.extend(one)
                    problem = None
                case _:
                    problem = _unfit_scalar(one)
            if problem is not None:
                return problem
        level = inner
    return None


def _unfit_scalar(value: Json) -> str | None:
    match value:
        case str():
            return _unfit_text(value)
        case float() if not math.isfinite(value):
            return f"it holds {value}, which is not JSON"
        case int() if value.bit_length() > _MAX_BITS:
            return f"it holds a number of more than {MAX_DIGITS} digits"
        case _:
            return None


_MAX_BITS = int(MAX_DIGITS * math.log2(10))


def _unfit_text(text: str) -> str | None:
    if text.isascii():
        return None
    half = _HALF.search(text)
    return (
        half and f"it holds half of a surrogate pair (U+{ord(half.group()):04X}), not a character"
    )
