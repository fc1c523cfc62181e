"""Text from outside, made safe to stand in Markdown. The only place where that happens.

What this must hold off: HTML and comments, code fences, tables, links and images, mentions and
references (which notify people), GitLab quick actions (a line that starts with `/`), text that
reverses or hides other text.
"""

from __future__ import annotations

import unicodedata

TEXT_LIMIT = 300
"""Characters of one untrusted text that a comment shows."""

_ESCAPED = frozenset("\\`*_[]<>|#~$&{}()")
_REFERENCE = frozenset("@#!~%$&")
_BREAK = "\u200b"


def flat(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` on one line, without control or direction characters, at most `limit` characters."""
    kept = "".join(
        letter if unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} else " "
        for letter in text
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plain(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` shown as it is, as prose: nothing in it is markup, a mention or a reference."""
    out: list[str] = []
    for letter in flat(text, limit):
        if letter in _ESCAPED:
            out.append({"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(letter, "\\" + letter))
        elif letter == "/" and not out:
            out.append("&#47;")
        else:
            out.append(letter)
        if letter in _REFERENCE:
            out.append(_BREAK)
    return "".join(out)


def code(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` as an inline code span, safe inside a table's cell too."""
    line = flat(text, limit).replace("|", "\u2502") or " "
    fence = "`"
    while fence in line:
        fence += "`"
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def fenced(text: str, limit: int, language: str = "") -> str:
    """`text` as a code block of at most `limit` characters: the end of it, and how much is left
    out."""
    body = "".join(
        letter
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
        else "�"
        for letter in text
    ).strip("\n")
    if len(body) > limit:
        left_out = len(body) - limit
        body = f"… {left_out:,} characters not shown …\n{body[-limit:]}"
    fence = "```"
    while fence in body:
        fence += "`"
    return f"{fence}{language}\n{body}\n{fence}"
