"""`.gitignore` and `.dockerignore` as lists of entries.

Source: https://www.conftest.dev/parsers/, and git's own rules, https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

from mrbot.ids import Json
from mrbot.policy.parsers.text import decoded


def ignore(text: bytes, path: str) -> Json:
    """One list in a list: an entry for each line, the empty one after the last line end too."""
    return [[_entry(line) for line in decoded(text, path).split("\n")]]


def _entry(line: str) -> Json:
    bare = line.rstrip(" ")
    if bare.endswith("\\") and len(bare) < len(line):  # the backslash keeps one space
        bare += " "
    if not bare:
        kind, value = "Empty", line
    elif line.startswith("#"):
        kind, value = "Comment", bare[1:].strip()
    elif line.startswith("!"):
        kind, value = "NegatedPath", _unescaped(bare[1:])
    else:
        kind, value = "Path", _unescaped(bare)
    return {"Kind": kind, "Value": value, "Original": line}


def _unescaped(text: str) -> str:
    return "\\".join(part.replace("\\", "") for part in text.split("\\\\"))
