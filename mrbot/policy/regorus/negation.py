"""What `not` means in OPA, for regorus.

OPA takes every reference and call out of the arguments of a negated call, so that they are evaluated
before it: `not startswith(input.name, "x")` is undefined where there is no name, and so are
`not input.n > 3` and `not "a" in input.list` (but not `not input.n == 3`: an equality is no call).
regorus would make them true. Runs inside the worker: nothing but the standard library.

Source: rewriteDynamicTerms and expandExprs in
https://github.com/open-policy-agent/opa/blob/main/v1/ast/compile.go
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.policy.regorus.patterns import Tree

ITERATES = (
    "`_` inside `not` is an error in OPA: name what is found in a rule or a comprehension of its"
    " own, and negate that"
)

_COMPREHENSIONS = frozenset({"ArrayCompr", "SetCompr", "ObjectCompr"})
_REFERENCES = frozenset({"RefDot", "RefBrack"})
_NAMED = _REFERENCES | {"Var", "Call"}


def asked_before(expr: Tree) -> Iterator[Tree]:
    """What OPA evaluates before the negation of `expr`."""
    ((kind, inner),) = expr.items()
    match kind:
        case "RefDot" | "RefBrack":
            yield from indexes(expr)
        case "BoolExpr" | "AssignExpr" if inner["op"] == "Eq":
            for side in (inner["lhs"], inner["rhs"]):
                if _REFERENCES & side.keys():
                    yield from indexes(side)
                elif "Var" not in side and may_be_undefined(side):
                    yield side
        case _:
            for one in _operands(kind, inner):
                if may_be_undefined(one):
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


def indexes(reference: Tree) -> Iterator[Tree]:
    """What stands in the brackets of a reference, and the call that it begins with."""
    while _REFERENCES & reference.keys():
        ((_, inner),) = reference.items()
        if "index" in inner and may_be_undefined(inner["index"]):
            yield inner["index"]
        reference = inner["refr"]
    if "Call" in reference:
        yield reference


def may_be_undefined(node: Tree) -> bool:
    """Whether a name, a reference or a call is in it; a comprehension is always defined."""
    return any(_NAMED & one.keys() for one in outside(node))


def iterates(node: Tree) -> bool:
    """Whether `_` is in it, outside of comprehensions."""
    return any("Var" in one and one["Var"]["value"] == "_" for one in outside(node))


def outside(tree: Tree) -> Iterator[dict[str, Tree]]:
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
