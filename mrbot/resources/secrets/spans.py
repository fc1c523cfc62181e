"""Where secrets are within a text that is no secret as a whole: private keys, and credentials by
their shape. What is around them is for those who judge it, so as little as possible is in a span.

Source: https://www.rfc-editor.org/rfc/rfc7468
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from mrbot.resources.secrets.credential_shapes import credentials

Span = tuple[int, int]
"""From the first character of a secret to behind its last."""

KEY_LINE = 32
"""Least characters of a line of a private key, the last one aside. What is shorter may be code."""


def secret_spans(text: str) -> list[Span]:
    """The secrets in `text`, in order and apart from each other. Linear in its length."""
    found = sorted([*_keys(text), *((start, end) for start, end, _ in credentials(text))])
    apart: list[Span] = []
    for start, end in found:
        if apart and start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return apart


def secrets_in(text: str, spans: Sequence[Span]) -> list[str]:
    """What is at `spans`."""
    return [text[start:end] for start, end in spans]


def with_spans(text: str, spans: Sequence[Span], instead: Sequence[str]) -> str:
    """`text` with each of `instead` in the place of what is at its span."""
    parts: list[str] = []
    at = 0
    for (start, end), word in zip(spans, instead, strict=True):
        parts += text[at:start], word
        at = end
    return "".join((*parts, text[at:]))


def _keys(text: str) -> Iterator[Span]:
    """What private keys are made of: all that follows the first line of one, where that is nothing
    but lines of Base64; else the lines that are nothing but such as only a key has."""
    marks = list(_MARK.finditer(text)) if "PRIVATE KEY" in text else []
    for begin, following in zip_longest(marks, marks[1:]):
        if not begin["begins"]:
            continue
        end = following.start() if following else len(text)
        body = _BODY.fullmatch(text, begin.end(), end)
        if body and body["key"]:
            yield body.span("key")
        elif not body:
            yield from (found.span("key") for found in _LINE.finditer(text, begin.end(), end))


_BREAK = r"(?:\s|\\++[nrt]?)"  # also as it is written within quotes
_FULL = rf"[A-Za-z0-9+/]{{{KEY_LINE},}}+={{0,2}}"
_LAST = r"[A-Za-z0-9+/]++={0,2}"
_MARK = re.compile(r"(?P<begins>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,10}-----)|-----END ")
_HEAD = (
    r"(?:Proc-Type: ?4,ENCRYPTED|DEK-Info: ?[A-Za-z0-9-]{1,40},[0-9A-Fa-f]{1,64}"
    r"|(?:Version|Comment): [^\r\n\\]{0,100})"
)
_BODY = re.compile(
    rf"(?:{_BREAK}++{_HEAD})*+{_BREAK}*+"
    rf"(?P<key>(?:{_FULL}(?:{_BREAK}++{_FULL})*+(?:{_BREAK}++{_LAST})?|{_LAST})"
    rf"(?:{_BREAK}++=[A-Za-z0-9+/]{{4}})?)?{_BREAK}*+"
)
_LINE = re.compile(
    rf"(?:(?<=-----)|[\r\n]|\\[nr])[ \t\"'#>|*+]*+(?P<key>{_FULL})(?=[ \t\"',;+]*+(?:[\r\n]|\\++[nr]|\Z))"
)
"""One that is alone on its line: what is longer may be a command, and part of it an address."""
