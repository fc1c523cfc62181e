"""What one Rego module says of itself, without running it: its package, its dialect, its names.

Rego has two dialects and files of both exist. A module's dialect is decided by its text alone:

1. `import rego.v1` makes it version 1.
2. Else a rule body that opens without `if` makes it version 0, unless the module also uses `if` or
   `contains` in a rule's head; then only `import future.keywords` (version 0's way to have them)
   makes it version 0, and without that import the module is refused as undecidable.
3. Else it is version 1, the language's default since OPA 1.0.

Differences between the dialects that matter are errors in the other one, so that a module that is
read as the wrong dialect fails; it does not pass unseen.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

from mrbot.errors import BadPolicy, Problem
from mrbot.policy.conventions import counts
from mrbot.policy.finding import Module
from mrbot.policy.tokens import Token, tokens

MAX_KNOWN = 1024
"""How many modules' readings are remembered: reading takes a second for each megabyte."""


_PART = re.compile(r"[A-Za-z0-9_/-]+")
"""One part of a package's path. Engines write others in ways that cannot be told apart."""


class Dialect(IntEnum):
    """The versions of the Rego language."""

    V0 = 0
    V1 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A module that was looked at.

    `package` is the package's path; `names` are all names in the module that follow the conventions
    for rules, wherever they stand: a superset of the rules that count. `functions` are those of
    them that are called: a rule cannot be. `tests` are test rules with the line of their first
    body. `template_line` is where it first uses a template string, else 0.
    """

    module: Module
    package: tuple[str, ...]
    dialect: Dialect
    names: frozenset[str]
    functions: frozenset[str]
    tests: tuple[tuple[str, int], ...]
    template_line: int


@lru_cache(maxsize=MAX_KNOWN)
def read(module: Module) -> Source:
    """What `module` says of itself.

    Raises: BadPolicy with the line, when it cannot be read, has no package or has no one dialect.
    """
    found = tokens(module.text, module.path)
    return Source(
        module=module,
        package=_package(found, module.path),
        dialect=_dialect(found, module.path),
        names=_names(found),
        functions=_functions(found),
        tests=_tests(found),
        template_line=next((token.line for token in found if token.kind == "template"), 0),
    )


def dotted(package: tuple[str, ...]) -> str:
    """A package's path as Rego writes it: `a.b`, `a["b-c"]`."""
    first, *rest = package
    return first + "".join(f".{p}" if _plain(p) else f"[{json.dumps(p)}]" for p in rest)


def _plain(name: str) -> bool:
    return name.isascii() and name.isidentifier()


def _package(found: tuple[Token, ...], path: str) -> tuple[str, ...]:
    if not found or found[0].text != "package":
        line = found[0].line if found else 0
        raise BadPolicy(
            Problem(path, line, "a Rego module begins with its package: `package main`")
        )
    parts = []
    expected = "name"
    for token in found[1:]:
        match expected, token.kind, token.text:
            case "name", "name", name:
                parts.append(name)
                expected = "more"
            case "more", "symbol", "." if token.joined:
                expected = "name"
            case "more", "symbol", "[" if token.joined:
                expected = "index"
            case "index", "string", text if text.startswith('"'):
                parts.append(_unquoted(text, path, token.line))
                expected = "]"
            case "]", "symbol", "]":
                expected = "more"
            case _:
                break
    if expected != "more":
        raise BadPolicy(Problem(path, found[0].line, "this package's name cannot be read"))
    odd = next((part for part in parts if not _PART.fullmatch(part)), None)
    if odd is not None:
        message = f"a package's name is letters, digits, `_`, `-` and `/`, not {odd!r}"
        raise BadPolicy(Problem(path, found[0].line, message))
    return tuple(parts)


def _unquoted(text: str, path: str, line: int) -> str:
    try:
        return str(json.loads(text))
    except ValueError as error:
        raise BadPolicy(Problem(path, line, f"{text} is not a string")) from error


_NO_BODY_BEFORE = frozenset(
    {"if", "in", "contains", "and", "or", "not", "default", "every", "some"}
)


def _dialect(found: tuple[Token, ...], path: str) -> Dialect:
    imports = _imports(found)
    if any(name.startswith("rego.v") for name in imports):
        return Dialect.V1
    old = _body_without_if(found)
    if old is None:
        return Dialect.V1
    new = _new_keyword(found)
    if new is None or any(name.startswith("future.keywords") for name in imports):
        return Dialect.V0
    raise BadPolicy(
        Problem(
            path,
            old,
            f"this rule's body opens without `if` (Rego v0), and line {new} uses `if` or `contains`"
            " (Rego v1): add `import rego.v1` and write `if` here, or add `import future.keywords`"
            " to keep the file v0",
        )
    )


def _imports(found: tuple[Token, ...]) -> tuple[str, ...]:
    """The path of every import, without spaces."""
    paths = []
    for index, token in enumerate(found):
        if token.text == "import" and token.first and token.depth == 0:
            rest = found[index + 1 :]
            length = next((i for i, t in enumerate(rest) if i and not t.joined), len(rest))
            paths.append("".join(t.text for t in rest[:length]))
    return tuple(paths)


def _body_without_if(found: tuple[Token, ...]) -> int | None:
    """The line of the first rule body that no `if` announces."""
    announced = False
    for before, token in pairwise(found):
        if token.depth:
            continue
        if token.first and token.column == 1:
            announced = False
        if token.text == "if":
            announced = True
        elif token.text == "}":
            announced = False
        elif token.text == "{" and not announced and _ends_a_head(before):
            return token.line
    return None


def _ends_a_head(token: Token) -> bool:
    match token.kind:
        case "name":
            return token.text not in _NO_BODY_BEFORE
        case "symbol":
            return token.text in {"]", ")", "}"}
        case _:
            return True


def _new_keyword(found: tuple[Token, ...]) -> int | None:
    """The line of the first `if` or `contains` that stands where only version 1 has it."""
    for (before, token), after in zip(pairwise(found), (*found[2:], None), strict=True):
        called = after is not None and after.text == "(" and after.joined
        if (
            token.text in {"if", "contains"}
            and not token.depth
            and before.text != "."
            and not called
        ):
            return token.line
    return None


def _functions(found: tuple[Token, ...]) -> frozenset[str]:
    """Names that follow the conventions and are called, as this package's and not as a part of a
    longer path."""
    return frozenset(
        name.text
        for (before, name), after in zip(pairwise(found), found[2:], strict=False)
        if counts(name.text) and before.text != "." and after.text == "(" and after.joined
    )


def _names(found: tuple[Token, ...]) -> frozenset[str]:
    """Plain names, and those that are written `main["deny"]`."""
    plain = (token.text for token in found if token.kind == "name")
    written = (
        _text_of(token)
        for before, token, after in zip(found, found[1:], found[2:], strict=False)
        if token.kind == "string" and (before.text, after.text) == ("[", "]")
    )
    return frozenset(name for name in (*plain, *written) if counts(name))


def _text_of(token: Token) -> str:
    """What a string says; nothing for one that cannot be read, which no engine reads either."""
    if token.text.startswith("`"):
        return token.text[1:-1]
    try:
        return str(json.loads(token.text))
    except ValueError:
        return ""


def _tests(found: tuple[Token, ...]) -> tuple[tuple[str, int], ...]:
    lines: dict[str, int] = {}
    for token in found:
        if token.first and not token.depth and token.text.startswith(("test_", "todo_test_")):
            lines.setdefault(token.text, token.line)
    return tuple(lines.items())
