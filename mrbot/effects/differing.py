"""What differs between two values, in few characters, and so that it can be seen: from a little
before the first difference on, and with what has no shape of its own written out.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.attributes import Absent
from mrbot.resources.model import SENSITIVE_CHANGED

LEAD = 30
"""Characters shown before the first difference."""

_SHAPELESS = re.compile(  # printable by Unicode, and yet nothing is there to be seen
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_BLANKS = re.compile(r" {2,}")
_BLANKS_LAST = re.compile(r"(?<! ) +$")
_BLANK = "␣"


@dataclass(frozen=True, slots=True)
class Differing:
    """Both sides, fit to be shown. `further`: they also differ in what is not shown."""

    before: str
    after: str
    further: bool


def differing_values(before: Json | Absent, after: Json | Absent, limit: int) -> Differing:
    """The values as JSON in at most `limit` characters each, `…` aside."""
    if isinstance(before, Absent) or isinstance(after, Absent):
        old, new = (_cut(_written(value), 0, limit) for value in (before, after))
        return Differing(old, new, further=False)
    return _differing(_written(before), _written(after), limit)


def differing_lines(before: str, after: str, limit: int) -> Differing:
    """The same of two lines of text; the first of several blanks is seen where it stands."""
    return _differing(_visible_line(before), _visible_line(after), limit)


def visible(text: str) -> str:
    """`text` with `\\uXXXX` for each character that shows nothing, and with `␣` for each of several
    blanks in a row."""
    return _BLANKS.sub(_marked, _escaped(text))


def _visible_line(text: str) -> str:
    parts = (_escaped(part) for part in text.split("\t"))
    return _BLANKS_LAST.sub(_marked, "\t".join(parts))


def _marked(found: re.Match[str]) -> str:
    return _BLANK * len(found[0])


def _escaped(text: str) -> str:
    if not text.isprintable():
        text = "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
    return _SHAPELESS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _written(value: Json | Absent) -> str:
    if isinstance(value, Absent):
        return "absent"
    return visible(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _differing(before: str, after: str, limit: int) -> Differing:
    first = _alike_from_start(before, after)
    if before == after:  # but for a secret, in the place of which the same stands
        first = max(0, before.find(SENSITIVE_CHANGED))
    fits = max(len(before), len(after)) <= limit
    start = 0 if fits else max(0, first - LEAD)
    end = start + limit
    last = _alike_from_start(before[first:][::-1], after[first:][::-1])
    further = before != after and max(len(before), len(after)) - last > end
    return Differing(_cut(before, start, end), _cut(after, start, end), further=further)


def _cut(text: str, start: int, end: int) -> str:
    return ("…" if start else "") + text[start:end] + ("…" if len(text) > end else "")


def _alike_from_start(one: str, other: str) -> int:
    """How many characters at the start are the same in both; quick, for texts may be long."""
    most = min(len(one), len(other))
    return bisect_left(range(most), 1, key=lambda last: int(one[: last + 1] != other[: last + 1]))
