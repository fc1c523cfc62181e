"""What a rule's head asks of its body, for regorus.

In OPA a solution of the body for which the head's value is undefined gives nothing, and the others
count: `deny contains {"msg": x.tags} if some x in input.items` passes over an item without tags.
regorus gives up the whole rule, silently when it was the last item. Runs inside the worker: nothing
but the standard library.

Source: rewriteTermsInHead in
https://github.com/open-policy-agent/opa/blob/main/v1/ast/compile.go
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.policy.regorus.negation import indexes, iterates, outside
from mrbot.policy.regorus.patterns import Tree

ITERATES = (
    "`_` inside a rule's head loses results in this engine: name what is found in the body"
    " (x := things[_]), and use that name in the head"
)

_UNDEFINED = frozenset(
    {"RefDot", "RefBrack", "Call", "ArithExpr", "BinExpr", "BoolExpr", "Membership", "UnaryExpr"}
)


def guards(rule: Tree) -> Iterator[tuple[Tree, list[Tree]]]:
    """Each body of a rule, with the expressions that must be defined for its solutions to count.

    `rule` is a rule of the syntax tree that is not a default.
    """
    ((kind, head),) = rule["head"].items()
    names = list(indexes(head["refr"]))
    first = names + [one for one in (head.get("key"), _value(head)) if one is not None]
    for body in rule["bodies"]:
        own = _value(body)
        asked = first if own is None else [*names, own]
        # A function's value that is undefined is passed over by regorus as well.
        yield (
            body["query"],
            [] if kind == "Func" else [guarded for one in asked for guarded in _guarded(one)],
        )


def iterating_key(rule: Tree) -> Tree | None:
    """The expression in a set's head that iterates where results may be undefined, if there is one;
    also one that only iterates, where no body keeps the engine from trying what is not there."""
    key = rule["head"].get("Set", {}).get("key")
    if key is None or not (iterates(_base(key)) or (iterates(key) and not rule["bodies"])):
        return None
    return key


def loses_results(rule: Tree) -> bool:
    """Whether another head iterates where the results of the iteration may be undefined."""
    ((_, head),) = rule["head"].items()
    asked = [head["refr"], head.get("key"), _value(head), *map(_value, rule["bodies"])]
    return any(iterates(_base(one)) for one in asked if one is not None)


def _value(node: Tree) -> Tree | None:
    assigned = node.get("assign")
    return assigned and assigned["value"]


def _guarded(node: Tree) -> Iterator[Tree]:
    """What of a head's expression can be undefined; a name alone is defined by the body."""
    base = _base(node)
    if any(_UNDEFINED & one.keys() for one in outside(base)):
        yield base


def _base(node: Tree) -> Tree:
    """`things` for `things[_]`, whose every member is defined; else the node itself."""
    inner = node.get("RefBrack")
    if inner is not None and inner["index"].get("Var", {}).get("value") == "_":
        return inner["refr"]
    return node
