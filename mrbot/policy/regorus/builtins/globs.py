"""`glob.*`, in the language of github.com/gobwas/glob, as a regular expression of RE2.

`*` and `?` stop at a delimiter, `**` does not; `[!a]` is not `a`, and `^` is nothing special.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

MAX_KNOWN = 512
"""How many patterns are kept compiled."""

_SPECIAL = frozenset("*?\\[]{}")


def _match(pattern: Value, delimiters: Value, text: Value) -> bool:
    if delimiters is None:
        separators = ""
    elif isinstance(delimiters, list) and all(isinstance(one, str) for one in delimiters):
        if any(len(one) != 1 for one in delimiters):
            raise BadArgument("a delimiter must be one character")
        separators = "".join(delimiters) or "."
    else:
        raise BadArgument(f"argument 2 must be an array of strings or null, not {kind(delimiters)}")
    expression = _compiled(string(pattern, 1), separators)
    return expression.search(string(text, 3).encode()) is not None


@lru_cache(maxsize=MAX_KNOWN)
def _compiled(pattern: str, separators: str) -> Any:  # noqa: ANN401  the library has no types
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?s)^{_translated(pattern, separators)}$".encode(), options)
    except re2.error as error:
        raise BadArgument(f"the pattern {pattern[:100]!r} is too large") from error


def _translated(pattern: str, separators: str) -> str:
    other = f"[^{_escaped(separators)}]" if separators else "."
    out, at, depth = [], 0, 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            if pattern.startswith("*", at):
                at += 1
                out.append(".*")
            else:
                out.append(f"{other}*")
        elif character == "?":
            out.append(other)
        elif character == "\\":
            if at == len(pattern):
                raise BadArgument(f"{pattern[:100]!r} ends with a backslash")
            out.append(_escaped(pattern[at]))
            at += 1
        elif character == "[":
            end = pattern.find("]", at)
            out.append(_class(pattern[at:end] if end > 0 else "", pattern))
            at = end + 1
        elif character == "{":
            depth += 1
            out.append("(?:")
        elif character == "}" and depth:
            depth -= 1
            out.append(")")
        elif character == "," and depth:
            out.append("|")
        elif character in {"]", "}"}:
            raise BadArgument(f"{pattern[:100]!r}: {character} closes nothing")
        else:
            out.append(_escaped(character))
    if depth:
        raise BadArgument(f"{pattern[:100]!r}: a brace is not closed")
    return "".join(out)


def _class(inner: str, pattern: str) -> str:
    """A list of characters, or one range."""
    negated = inner.startswith("!")
    members = inner[negated:]
    if not members or any(special in members for special in "\\[!"):
        raise BadArgument(f"{pattern[:100]!r}: a class like this is not in this engine")
    begin = "[^" if negated else "["
    match members:
        case _ if len(members) == 3 and members[1] == "-" and members[0] < members[2]:
            return f"{begin}{_escaped(members[0])}-{_escaped(members[2])}]"
        case _ if "-" not in members:
            return f"{begin}{_escaped(members)}]"
        case _:
            raise BadArgument(f"{pattern[:100]!r}: a class like this is not in this engine")


def _escaped(text: str) -> str:
    return str(re2.escape(text))


def _quote_meta(text: Value) -> str:
    quoted = (f"\\{one}" if one in _SPECIAL else one for one in string(text, 1))
    return "".join(quoted)


FUNCTIONS = {"glob.match": (3, _match), "glob.quote_meta": (1, _quote_meta)}
