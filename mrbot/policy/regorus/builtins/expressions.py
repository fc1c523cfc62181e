"""`regex.*` with RE2, whose language is Go's. regorus has Rust's: there `\\w` is Unicode, `{` alone is
an error, and `(?x)`, `a++` and `[a--b]` mean something.

Source: https://pkg.go.dev/regexp, https://pkg.go.dev/regexp/syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Any

import re2

from mrbot.policy.regorus.builtins.values import BadArgument, Value, integer, string

MAX_KNOWN = 512
"""How many expressions are kept compiled."""
MAX_DEPTH = 250
"""How deep groups may nest: Go counts otherwise from about there on."""

_TOKEN = re.compile(
    r"\\Q.*?(?:\\E|\Z)|(?P<byte>\\C)|(?P<property>\\[pP](?:\{[^}]*\}?|.)?)|\\.|\(\?P?<(?P<name>[^>]*)>",
    re.DOTALL,
)
_INDEX = re.compile(r"0|[1-9]\d{0,7}", re.ASCII)
"""What stands for a group by its number: no zero leads it."""
_NAME = re.compile(r"\w+", re.ASCII)
_NEWER = re.compile("[\u2ffc-\u2fff\u31ef\U0002ebf0-\U0002ee5d]")
"""Characters that RE2 has properties of, and Go's Unicode does not have."""
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


class _NoExpression(BadArgument):
    """It is certain that Go does not take it either."""


@lru_cache(maxsize=MAX_KNOWN)
def _compiled(pattern: str) -> Any:  # noqa: ANN401  the library has no types
    tokens = list(_TOKEN.finditer(pattern))
    names = [token["name"] for token in tokens if token["name"] is not None]
    if any(token["byte"] for token in tokens):
        raise _NoExpression(f"error parsing regexp: \\C in {pattern[:100]!r}")
    if not all(map(_NAME.fullmatch, names)):
        raise _NoExpression(f"error parsing regexp: invalid named capture in {pattern[:100]!r}")
    if len(names) != len(set(names)):
        raise BadArgument("Go's versions do not agree on two groups of one name")
    if any("_" in (token["property"] or "") for token in tokens):
        raise BadArgument("Go's versions do not agree on properties with an underscore")
    if max(accumulate({"(": 1, ")": -1}.get(each, 0) for each in pattern), default=0) > MAX_DEPTH:
        raise BadArgument(f"groups nest more than {MAX_DEPTH} deep")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        reason = said.decode(errors="replace") if isinstance(said, bytes) else said
        unsure = "too large" in reason or any(token["property"] for token in tokens)
        kind_of = BadArgument if unsure else _NoExpression
        raise kind_of(f"error parsing regexp: {reason}") from error


def compiled(pattern: Value, position: int) -> Any:  # noqa: ANN401
    """The expression.

    Raises: BadArgument when it is none, or one that RE2 and Go may not read alike.
    """
    return _compiled(string(pattern, position))


def _is_valid(pattern: Value) -> bool:
    if not isinstance(pattern, str):
        return False
    try:
        compiled(pattern, 1)
    except _NoExpression:
        return False
    return True


def _subject(text: Value, position: int, pattern: str) -> bytes:
    whole = string(text, position)
    if "\\p" in pattern.lower() and _NEWER.search(whole):
        raise BadArgument("the text has characters whose properties Go does not know")
    return whole.encode()


def _match(pattern: Value, text: Value) -> bool:
    return compiled(pattern, 1).search(_subject(text, 2, pattern)) is not None


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
    return max(integer(value, 3), -1)


def _find_n(pattern: Value, text: Value, limit: Value) -> list[str]:
    expression, data = compiled(pattern, 1), _subject(text, 2, pattern)
    return [_part(data, spans[0]) for spans in _all(expression, data, _limit(limit))]


def _find_groups(pattern: Value, text: Value, limit: Value) -> list[list[str]]:
    expression, data = compiled(pattern, 1), _subject(text, 2, pattern)
    found = _all(expression, data, _limit(limit))
    return [[_part(data, span) for span in spans] for spans in found]


def _split(pattern: Value, text: Value) -> list[str]:
    expression, data = compiled(pattern, 1), _subject(text, 2, pattern)
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
    expression = compiled(pattern, 2)
    data = _subject(text, 1, pattern)
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
        named = expression.groupindex.get(name.encode(), len(spans))
        number = int(name) if _INDEX.fullmatch(name) else named
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
    return expression.search(_subject(text, 2, pattern)) is not None


FUNCTIONS = {
    "regex.find_all_string_submatch_n": (3, _find_groups),
    "regex.find_n": (3, _find_n),
    "regex.is_valid": (1, _is_valid),
    "regex.match": (2, _match),
    "regex.replace": (3, _replace),
    "regex.split": (2, _split),
    "regex.template_match": (4, _template_match),
}
