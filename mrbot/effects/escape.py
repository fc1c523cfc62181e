"""Text from outside, made safe to stand in Markdown. The only place where that happens.

What this must hold off: HTML and comments, code fences, tables, links and images, mentions and
references (which notify people), GitLab quick actions (a line that starts with `/`), text that
reverses or hides other text. A bare address stays one: a host may make a link of it, and such a
link leads where it says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

TEXT_LIMIT = 300
"""Characters of one untrusted text that a comment shows."""

_BREAK = "\u200b"
"""Seen by no reader, and by the hosts as the end of a name, a tag or a command."""

_MARKUP = re.compile(r"[\\`*_\[\]<>|#~$&{}()@!%]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_REFERENCE = frozenset("@#!~%$&")
_LITERAL = frozenset("@!%")

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_OPENING = re.compile(r"()([-+=])|([0-9]+)(\.)(?= |$)")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~:/?#@!$&+,;=%-]*)?")


def flat(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` on one line, without control or direction characters, at most `limit` characters."""
    head = text[: limit * 4]
    if not head.isprintable():
        head = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in head)
    line = " ".join(head.split())
    if len(line) <= limit and len(text) <= limit * 4:
        return line
    return line[: limit - 1] + "…"


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` shown as it is, as prose: nothing in it is markup, a mention or a reference."""
    line = _MARKUP.sub(_literal, flat(text, limit))
    if line.startswith("/"):
        return "&#47;" + line[1:]
    # What would begin a list, or underline what is above.
    return _OPENING.sub(_escaped, line, count=1) if _OPENING.match(line) else line


def _literal(found: re.Match[str]) -> str:
    letter = found[0]
    shown = letter if letter in _LITERAL else _ENTITIES.get(letter, "\\" + letter)
    return shown + _BREAK if letter in _REFERENCE else shown


def _escaped(found: re.Match[str]) -> str:
    return f"{found[1] or found[3] or ''}\\{found[2] or found[4]}"


def code(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` as an inline code span, safe inside a table's cell too."""
    line = flat(text, limit).replace("|", "\u2502") or " "
    fence = "`"
    while fence in line:
        fence += "`"
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{_untagged(line)}{pad}{fence}"


def fenced(text: str, limit: int, language: str = "") -> str:
    """`text` as a code block of at most `limit` characters: the end of it, and how much is left
    out."""
    body = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    left_out = max(0, len(body) - limit)
    body = "".join(
        "�" if c not in "\n\t" and unicodedata.category(c) in _HIDDEN else c
        for c in body[left_out:]
    )
    if left_out:
        body = f"… {left_out:,} characters not shown …\n{body}"
    # GitLab has been known to look for commands in blocks that it took for closed.
    body = re.sub(r"(?m)^(?=/)", _BREAK, _untagged(body))
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{language}\n{body}\n{fence}"


def fenced_lines(lines: Sequence[str], most: int, language: str = "") -> str:
    """The first `most` of `lines` as a code block, and how many are left out."""
    rest = len(lines) - most
    shown = [*lines[:most], *([f"… {rest:,} more lines"] if rest > 0 else [])]
    return fenced("\n".join(shown), sum(len(line) + 1 for line in shown), language)


def link(text: str, address: str) -> str:
    """A link that trusted `text` carries; `text` alone when `address` is none that is safe."""
    return f"[{text}](<{address}>)" if _ADDRESS.fullmatch(address) else text


def _untagged(text: str) -> str:
    """`text` with no tag in it, for whoever does not know that it is code."""
    return _TAG.sub(f"<{_BREAK}", text)
