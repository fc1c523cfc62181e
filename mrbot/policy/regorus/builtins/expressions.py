"""`regex.*` with RE2, whose language is Go's. regorus has Rust's: there `\\w` is Unicode, `{` alone is
an error, and `(?x)`, `a++` and `[a--b]` mean something.

Source: https://pkg.go.dev/regexp, https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

MAX_KNOWN = 512
"""How many expressions are kept compiled."""

_ANY_BYTE = re.compile(r"(?:^|[^\\])(?:\\\\)*\\C")
_NAMED = re.compile(r"\(\?P?<(\w+)>")
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


@lru_cache(maxsize=MAX_KNOWN)
def _compiled(pattern: str) -> Any:  # noqa: ANN401  the library has no types
    names = _NAMED.findall(pattern)
    if _ANY_BYTE.search(pattern) or len(names) != len(set(names)):
        raise BadArgument(f"error parsing regexp: {pattern[:100]!r}")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else said
        raise BadArgument(f"error parsing regexp: {reason}") from error


def compiled(pattern: Value, position: int) -> Any:  # noqa: ANN401
    """The expression.

    Raises: BadArgument when it is none.
    """
    return _compiled(string(pattern, position))


def _is_valid(pattern: Value) -> bool:
    try:
        compiled(pattern, 1)
    except BadArgument:
        return False
    return True


def _match(pattern: Value, text: Value) -> bool:
    return compiled(pattern, 1).search(string(text, 2).encode()) is not None


_Span = tuple[int, int]


def _all(expression: Any, data: bytes, limit: int = -1) -> Iterator[list[_Span]]:  # noqa: ANN401
    """The places of every match and its groups; none that is empty and touches the one before."""
    at, before, count = 0, -1, 0
    while at <= len(data) and count != limit:
        match = expression.search(data, at)
        if match is None:
            return
        start, end = match.span()
        if end > at:
            at, accepted = end, True
        else:
            accepted = start != before
            at += _width(data, at)
        before = end
        if accepted:
            count += 1
            yield [match.span(group) for group in range(expression.groups + 1)]


def _width(data: bytes, at: int) -> int:
    """Of the character that begins at `at`, in bytes."""
    width = 1
    while at + width < len(data) and data[at + width] & 0xC0 == 0x80:
        width += 1
    return width


def _part(data: bytes, span: _Span) -> str:
    start, end = span
    return "" if start < 0 else data[start:end].decode()


def _limit(value: Value) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadArgument(f"argument 3 must be an integer, not {kind(value)}")
    return value if value >= 0 else -1


def _find_n(pattern: Value, text: Value, limit: Value) -> list[str]:
    expression, data = compiled(pattern, 1), string(text, 2).encode()
    return [_part(data, spans[0]) for spans in _all(expression, data, _limit(limit))]


def _find_groups(pattern: Value, text: Value, limit: Value) -> list[list[str]]:
    expression, data = compiled(pattern, 1), string(text, 2).encode()
    found = _all(expression, data, _limit(limit))
    return [[_part(data, span) for span in spans] for spans in found]


def _split(pattern: Value, text: Value) -> list[str]:
    expression, data = compiled(pattern, 1), string(text, 2).encode()
    if pattern and not data:
        return [""]
    parts, begin, end = [], 0, 0
    for (start, stop), *_ in _all(expression, data):
        end = start
        if stop:
            parts.append(data[begin:end].decode())
        begin = stop
    return parts if end == len(data) else [*parts, data[begin:].decode()]


def _replace(text: Value, pattern: Value, template: Value) -> str:
    data, expression = string(text, 1).encode(), compiled(pattern, 2)
    written = string(template, 3)
    out, last = [], 0
    for spans in _all(expression, data):
        (start, end), *_ = spans
        out += [data[last:start].decode(), _expanded(written, expression, data, spans)]
        last = end
    return "".join((*out, data[last:].decode()))


def _expanded(template: str, expression: Any, data: bytes, spans: list[_Span]) -> str:  # noqa: ANN401
    """The template with `$1`, `${1}`, `$name` and `${name}`; what does not exist is empty."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isascii() and name.isdecimal():
            number = int(name) if len(name) < 9 else len(spans)
        else:
            number = expression.groupindex.get(name.encode(), len(spans))
        return _part(data, spans[number]) if number < len(spans) else ""

    return _REFERENCE.sub(group, template)


def _template_match(template: Value, text: Value, begin: Value, end: Value) -> bool:
    """What stands between the delimiters is an expression, and the rest is itself."""
    opening, closing = string(begin, 3), string(end, 4)
    if len(opening.encode()) != 1 or len(closing.encode()) != 1:
        raise BadArgument("a delimiter has to be exactly one character long")
    pattern, level, start, last = "^", 0, 0, 0
    whole = string(template, 1)
    for at, character in enumerate(whole):
        if character == opening:
            level += 1
            start = at if level == 1 else start
        elif character == closing:
            level -= 1
            if level < 0:
                break
            if level == 0:
                inner = whole[start + 1 : at]
                compiled(f"^{inner}$", 1)
                pattern += f"{re2.escape(whole[last:start])}({inner})"
                last = at + 1
    if level:
        raise BadArgument(f"unbalanced delimiters in {whole[:100]!r}")
    expression = compiled(f"{pattern}{re2.escape(whole[last:])}$", 1)
    return expression.search(string(text, 2).encode()) is not None


FUNCTIONS = {
    "regex.find_all_string_submatch_n": (3, _find_groups),
    "regex.find_n": (3, _find_n),
    "regex.is_valid": (1, _is_valid),
    "regex.match": (2, _match),
    "regex.replace": (3, _replace),
    "regex.split": (2, _split),
    "regex.template_match": (4, _template_match),
}
