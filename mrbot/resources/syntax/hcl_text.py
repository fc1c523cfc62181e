"""The text inside HCL strings and heredocs.

Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#template-expressions
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.?)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_MARKER = re.compile(r"\$\$\{|%%\{|\$\{|%\{")
_ESCAPED = {"$${": "${", "%%{": "%{"}
_LARGEST_CODE_POINT = 0x10FFFF


class BadEscapeError(ValueError):
    """A backslash followed by what HCL does not know."""


def plain(template: str) -> bool:
    """Whether `template` is only text: no `${...}` and no `%{...}` but escaped ones."""
    return all(found in _ESCAPED for found in _MARKER.findall(template))


def unescaped(template: str, *, quoted: bool) -> str:
    """The text that a plain template stands for; in a heredoc (not `quoted`) backslashes are
    ordinary.

    Raises: BadEscapeError.
    """
    text = _ESCAPE.sub(_character, template) if quoted else template
    return _MARKER.sub(lambda found: _ESCAPED.get(found[0], found[0]), text)


def heredoc(text: str, *, flush: bool) -> str:
    """The content of a heredoc; with `flush` (`<<-`), less the indentation its lines share."""
    if not flush:
        return text
    lines = text.splitlines(keepends=True)
    indents = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    shared = min(indents, default=0)
    return "".join(line[shared:] if line.strip() else line.lstrip(" \t") for line in lines)


def _character(found: re.Match[str]) -> str:
    code = found[1]
    if code in _SIMPLE:
        return _SIMPLE[code]
    point = int(code[1:], 16) if code[:1] in {"u", "U"} and len(code) > 1 else -1
    if not 0 <= point <= _LARGEST_CODE_POINT or 0xD800 <= point <= 0xDFFF:
        raise BadEscapeError(f"the escape \\{code[:1]}")
    return chr(point)
