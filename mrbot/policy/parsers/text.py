"""The text of a small settings file: bounded, and UTF-8."""

from __future__ import annotations

from typing import NoReturn

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem

MAX_BYTES = 4 * 2**20
"""Largest file, in bytes."""
MAX_LINES = 200_000
"""Most lines of a file."""


def decoded(raw: bytes, path: str) -> str:
    """`raw` as text, without the mark that some editors put before it.

    Raises: BadInput for what is over the limits or not UTF-8.
    """
    if len(raw) > MAX_BYTES:
        refuse(path, 0, f"larger than the {MAX_BYTES} bytes that are read of such a file")
    if raw.count(b"\n") > MAX_LINES:
        refuse(path, MAX_LINES, f"more than {MAX_LINES} lines")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(path, raw.count(b"\n", 0, error.start) + 1, "not UTF-8 text")
    if "\0" in text:
        refuse(path, text.count("\n", 0, text.index("\0")) + 1, "not text: it holds a zero byte")
    return text


def refuse(path: str, line: int, message: str) -> NoReturn:
    """Raises: BadInput."""
    raise BadInput(Problem(shown(path), line, message))
