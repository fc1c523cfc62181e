"""Bytes as lines of text, secrets apart: what is shown of a file that is read as text only.

`lines` are without their breaks, but where both kinds of break occur, a line that ends in CR LF
keeps its CR. A character that is not seen, or that changes what is seen, stays in its line; the
first such line is told, for there the text is not what it looks like.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.paths import Path
from mrbot.resources.text.named_values import Style
from mrbot.resources.text.secret_objects import secret_data
from mrbot.resources.text.secrets import redacted

MAX_BYTES = 256 * 2**10
"""Largest text that is kept line by line, in bytes."""
MAX_LINES = 5_000
"""Most lines that are kept."""

_MARK = b"\xef\xbb\xbf"
_SEEN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
"""Characters that Unicode calls letters or marks, and that show as nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLines:
    """A file's text as a value, and the paths in it; `problems` are lines (0: all) and what is
    wrong there. Without `lines` in the value, the text itself is unknown."""

    value: dict[str, Json]
    unknown: tuple[Path, ...] = ()
    sensitive: tuple[Path, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()


def text_lines(text: bytes, style: Style, *, manifest: bool = False) -> TextLines:
    """`text` as a value, with its secrets under `secrets` and no longer in its lines; of a
    `manifest`, the data of Secrets too."""
    if len(text) > MAX_BYTES:
        return _digest(text, None, 0, f"larger than the {MAX_BYTES} bytes that are shown")
    if b"\0" in text:
        return _digest(text, "binary", _line_at(text, text.index(b"\0")), "binary, not text")
    try:
        decoded = text.removeprefix(_MARK).decode("utf-8")
    except UnicodeDecodeError as error:
        return _digest(text, "not UTF-8", _line_at(error.object, error.start), "not UTF-8 text")
    ending = _ending(text)
    lines = decoded.replace("\r\n", "\n").split("\n") if ending == "crlf" else decoded.split("\n")
    final_newline = lines[-1] == ""
    if final_newline:
        lines.pop()
    if len(lines) > MAX_LINES:
        return _digest(text, None, 0, f"more than the {MAX_LINES} lines that are shown")
    apart = redacted(lines, style, secret_data(lines) if manifest else None)
    return TextLines(
        value={
            "lines": apart.lines,
            "final_newline": final_newline and bool(lines),
            "line_ending": ending,
            **({"byte_order_mark": True} if text.startswith(_MARK) else {}),
            **({"secrets": apart.secrets} if apart.secrets else {}),
        },
        sensitive=tuple(("secrets", name) for name in apart.secrets),
        problems=disguised(lines),
    )


def disguised(lines: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """The first line, if any, with a character that is not seen, or changes what is seen."""
    for number, line in enumerate(lines, start=1):
        text = line.removesuffix("\r").replace("\t", " ")
        if text.isprintable() and not _SEEN_AS_NOTHING.search(text):
            continue
        found = next(c for c in text if not c.isprintable() or _SEEN_AS_NOTHING.match(c))
        return ((number, f"the text is not what it looks like: U+{ord(found):04X} is in it"),)
    return ()


def _digest(text: bytes, encoding: str | None, line: int, problem: str) -> TextLines:
    value: dict[str, Json] = {
        "sha256": hashlib.sha256(text).hexdigest(),
        "lines_in_all": text.count(b"\n") + (not text.endswith(b"\n")),
        "bytes": len(text),
    }
    if encoding is not None:
        value["encoding"] = encoding
    return TextLines(value=value, unknown=(("lines",),), problems=((line, problem),))


def _line_at(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1


def _ending(text: bytes) -> str:
    both, all_ = text.count(b"\r\n"), text.count(b"\n")
    if both == 0:
        return "lf"
    return "crlf" if both == all_ else "mixed"
