"""The end of a tool's output as text that people may see: bounded, printable, without secrets."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable

from mrbot.plan.watched import Captured

DETAIL_CHARACTERS = 16 * 1024
"""Of a tool's output, shown at most."""
MIN_SECRET_CHARACTERS = 4
"""A shorter secret is not looked for: it would be found in half of all words."""
MAX_SPELLINGS = 20_000
"""Looked for at most; beyond that, no output is shown at all."""
HIDDEN = "***"

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def detail(*streams: Captured, secrets: Iterable[str]) -> str:
    """The end of the streams one after the other, at most `DETAIL_CHARACTERS`.

    Every secret, also one that is escaped, in base64 or spread over lines, is `***`. What was left
    out before the end is counted in bytes on the first line.
    """
    forms = sorted(set(spellings(secrets)), key=len, reverse=True)
    if len(forms) > MAX_SPELLINGS:
        return f"(not shown: more than {MAX_SPELLINGS} texts would have to be kept out of it)"
    margin = max((len(form.encode()) for form in forms), default=0)
    texts, dropped = [], 0
    for stream in streams:
        # The first bytes after a cut may be the end of a secret that no search would find.
        data = stream.data[margin:] if stream.dropped else stream.data
        dropped += stream.dropped + len(stream.data) - len(data)
        texts.append(_hide(_ESCAPES.sub("", data.decode(errors="replace")), forms).strip("\r\n"))
    whole = _CONTROLS.sub("", "\n".join(filter(None, texts)))
    shown = whole[-DETAIL_CHARACTERS:]
    dropped += len(whole[: len(whole) - len(shown)].encode())
    return f"({dropped} bytes before this are not shown)\n{shown}" if dropped else shown


def _hide(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        text = text.replace(form, HIDDEN)
    return text


def spellings(secrets: Iterable[str]) -> Iterable[str]:
    """Every way in which a tool may print each secret that is long enough to look for.

    As it is; as a JSON or HCL string; in base64; its lines one by one, since a text of several
    lines is printed indented.
    """
    for secret in secrets:
        lines = [line.strip() for line in secret.splitlines()] if "\n" in secret else []
        for form in (secret, secret.strip(), *lines):
            if len(form) < MIN_SECRET_CHARACTERS:
                continue
            yield form
            yield json.dumps(form)[1:-1]
            yield json.dumps(form, ensure_ascii=False)[1:-1]
            yield base64.b64encode(form.encode()).decode().rstrip("=")
