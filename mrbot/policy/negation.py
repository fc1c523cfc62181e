"""What `not` means in OPA, written out for regorus.

OPA takes every reference and call out of the arguments of a negated call, so that they are evaluated
before it: `not startswith(input.name, "x")` is undefined where there is no name, and so are
`not input.n > 3` and `not "a" in input.list` (but not `not input.n == 3`: an equality is no call).
regorus would make them true. Here each of them is put before its `not`, as a statement that is
undefined exactly then:

    not startswith(input.name, "x")        __before := input.name; not startswith(input.name, "x")

Lines stay what they are, so that errors name the right ones. Runs inside the worker: nothing but
the standard library.

Source: rewriteDynamicTerms and expandExprs in
https://github.com/open-policy-agent/opa/blob/main/v1/ast/compile.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mrbot.policy.patterns import Tree, walk
from mrbot.policy.preflight import MAX_REFUSALS, Refusal
from mrbot.policy.rego_text import RegoText, Unwritable

_COMPREHENSIONS = frozenset({"ArrayCompr", "SetCompr", "ObjectCompr"})
_REFERENCES = frozenset({"RefDot", "RefBrack"})
_NAMED = _REFERENCES | {"Var", "Call"}
_ENDING = _NAMED | _COMPREHENSIONS | {
    "String", "RawString", "Number", "Bool", "Null", "Array", "Set", "Object",
}  # fmt: skip
_SHORTHAND = re.compile(rb"\bif\s*$")
_VERSION = re.compile(rb"import\s+rego\.v1")
_CLOSED = re.compile(rb"(?:\s*\))*")


class Unclear(Exception):
    """A `not` that cannot be written out: its line, and why."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def negations(tree: Tree) -> tuple[dict[str, str], tuple[Refusal, ...]]:
    """The text of every module in `tree` (of `get_ast_as_json`) with its negations written out, by
    name; and what cannot be.

    Raises: LookupError, TypeError when the tree is not built as regorus 0.13 builds it.
    """
    texts: dict[str, str] = {}
    refused: list[Refusal] = []
    for one in tree:
        name, text = one["source"]["file"], one["source"]["contents"]
        try:
            texts[name] = _written_out(one["ast"]["rules"], _without_version(one["ast"], text))
        except Unclear as error:
            refused.append(Refusal(path=name, line=error.line, message=error.message))
            texts[name] = text
    return texts, tuple(refused[:MAX_REFUSALS])


def _without_version(module: Tree, text: str) -> str:
    """`text` without `import rego.v1`, which regorus takes for a name: a variable `v1` would be it.

    It is known already which dialect the module is, and nothing moves.
    """
    source = text.encode()
    for one in module["imports"]:
        start, end = one["span"]["start"], one["span"]["end"]
        if _VERSION.fullmatch(source, start, end):
            source = source[:start] + b" " * (end - start) + source[end:]
    return source.decode()


def _written_out(tree: Tree, text: str) -> str:
    source = text.encode()
    added: list[tuple[int, bytes]] = []
    for node in walk(tree):
        for statement in node.get("stmts", ()):
            if "NotExpr" in statement["literal"]:
                added.extend(_added(statement, source))
    for at, more in sorted(added, key=lambda one: one[0], reverse=True):
        source = source[:at] + more + source[at:]
    return source.decode()


def _added(statement: Tree, source: bytes) -> Iterator[tuple[int, bytes]]:
    """What is inserted for one negation, and at which offset."""
    negated, line = statement["literal"]["NotExpr"]["expr"], int(statement["span"]["line"])
    if any("Var" in node and node["Var"]["value"] == "_" for node in _outside(negated)):
        message = (
            "`_` inside `not` is an error in OPA: name what is found in a rule or a comprehension"
            " of its own, and negate that"
        )
        raise Unclear(line, message)
    write = RegoText(source)
    try:
        mods = write.mods(statement)
        asked = dict.fromkeys(map(write.expression, _asked(negated)))
    except Unwritable as error:
        raise Unclear(line, f"this `not` is too long for this engine: {error}") from error
    if not asked:
        return
    start = statement["span"]["start"]
    # Names of their own: regorus would let `_ = name` define the name.
    named = (f"__before_{start}_{number} := {one}{mods}; " for number, one in enumerate(asked))
    before = "".join(named).encode()
    if _SHORTHAND.search(source[max(0, start - 1000) : start]) is None:
        yield start, before
    else:  # `if` with one expression and no braces
        yield start, b"{ " + before
        yield _end(statement, source), b" }"


def _end(statement: Tree, source: bytes) -> int:
    """Where a statement ends. The tree's own spans leave out quotes and parentheses, and that of
    `set()` goes on behind it."""
    end = 0
    for node in walk([statement["literal"], statement.get("with_mods", [])]):
        for kind in node.keys() & _ENDING:
            span = node[kind]["span"]
            if kind == "Set" and not node[kind]["items"]:
                end = max(end, source.index(b")", span["start"]) + 1)
            else:
                end = max(end, span["end"] + (kind in {"String", "RawString"}))
    closed = _CLOSED.match(source, end)
    return closed.end() if closed else end


def _asked(expr: Tree) -> Iterator[Tree]:
    """What OPA evaluates before the negation of `expr`."""
    ((kind, inner),) = expr.items()
    match kind:
        case "RefDot" | "RefBrack":
            yield from _indexes(expr)
        case "BoolExpr" | "AssignExpr" if inner["op"] == "Eq":
            for side in (inner["lhs"], inner["rhs"]):
                if _REFERENCES & side.keys():
                    yield from _indexes(side)
                elif "Var" not in side and _may_be_undefined(side):
                    yield side
        case _:
            for one in _operands(kind, inner):
                if _may_be_undefined(one):
                    yield one


def _operands(kind: str, inner: Tree) -> list[Tree]:
    match kind:
        case "Call":
            return list(inner["params"])
        case "BinExpr" | "ArithExpr" | "BoolExpr":
            return [inner["lhs"], inner["rhs"]]
        case "Membership":
            return [one for one in (inner["key"], inner["value"], inner["collection"]) if one]
        case "UnaryExpr":
            return [inner["expr"]]
        case "Array" | "Set":
            return list(inner["items"])
        case "Object":
            return [one for _, key, value in inner["fields"] for one in (key, value)]
        case _:
            return []


def _indexes(reference: Tree) -> Iterator[Tree]:
    """What stands in the brackets of a reference, and the call that it begins with."""
    while _REFERENCES & reference.keys():
        ((_, inner),) = reference.items()
        if "index" in inner and _may_be_undefined(inner["index"]):
            yield inner["index"]
        reference = inner["refr"]
    if "Call" in reference:
        yield reference


def _may_be_undefined(node: Tree) -> bool:
    """Whether a name, a reference or a call is in it; a comprehension is always defined."""
    return any(_NAMED & one.keys() for one in _outside(node))


def _outside(tree: Tree) -> Iterator[dict[str, Tree]]:
    """Every object of `tree` that is in no comprehension."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if _COMPREHENSIONS & node.keys():
                continue
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
