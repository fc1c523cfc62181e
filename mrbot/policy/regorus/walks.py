"""`[path, value] := walk(x)`, in which regorus finds nothing, as `walk(x, [path, value])`.

Only where no name on the left stands earlier in its rule, nor in what is walked, and where `walk` is the
built-in function and no `with` replaces it: then the two are the same. All else stays, and what is not
understood is refused. Lines stay what they are. Runs inside the worker.
"""

from __future__ import annotations

import re

from mrbot.policy.regorus.patterns import Tree, walk
from mrbot.policy.regorus.preflight import calls

_SHORTHAND = re.compile(rb"\bif\s*$")


def walked(tree: Tree) -> dict[str, str]:
    """The text of every module in `tree`, by name."""
    built_in = [call for call in calls(tree) if call.name == "walk"]
    if any(call.parameters < 0 for call in built_in):  # a `with` replaces it
        return {one["source"]["file"]: one["source"]["contents"] for one in tree}
    places = {(call.module, call.start) for call in built_in}
    texts = {}
    for one in tree:
        source = one["source"]["contents"].encode()
        found = [
            (statement, rule["Spec"])
            for rule in one["ast"]["rules"]
            if "Spec" in rule
            for node in walk(rule)
            for statement in node.get("stmts", ())
            if _is_walked(statement) and (one["source"]["file"], _called_at(statement)) in places
        ]
        for statement, rule in sorted(found, key=lambda one: -one[0]["span"]["start"]):
            source = _written(source, statement, rule)
        texts[one["source"]["file"]] = source.decode()
    return texts


def _is_walked(statement: Tree) -> bool:
    match statement["literal"]:
        case {
            "Expr": {
                "expr": {
                    "AssignExpr": {
                        "op": "ColEq",
                        "lhs": {"Array": {"items": [{"Var": _}, {"Var": _}]}},
                        "rhs": {"Call": {"fcn": {"Var": {"value": "walk"}}, "params": [_]}},
                    }
                }
            }
        }:
            return True
        case _:
            return False


def _called_at(statement: Tree) -> int:
    """Where the name `walk` stands in the source, in bytes."""
    call = statement["literal"]["Expr"]["expr"]["AssignExpr"]["rhs"]["Call"]
    start: int = call["fcn"]["Var"]["span"]["start"]
    return start


def _written(source: bytes, statement: Tree, rule: Tree) -> bytes:
    assignment = statement["literal"]["Expr"]["expr"]["AssignExpr"]
    left, call = assignment["lhs"]["Array"], assignment["rhs"]["Call"]
    names = [one["Var"]["value"] for one in left["items"] if one["Var"]["value"] != "_"]
    start, end = left["span"]["start"], call["span"]["end"]
    between = source[left["span"]["end"] : call["fcn"]["Var"]["span"]["start"]]
    opening = source.find(b"(", call["fcn"]["Var"]["span"]["end"])
    earlier = {
        node["Var"]["value"]
        for node in walk(_before(rule, statement))
        if "Var" in node and node["Var"]["span"]["start"] < start
    } | {node["Var"]["value"] for node in walk(call["params"]) if "Var" in node}
    if earlier & {*names} or len({*names}) != len(names) or _SHORTHAND.search(source[:start][-99:]):
        return source
    if b"\n" in between or source[end - 1 : end] != b")":
        return source
    declared = f"some {', '.join(names)}; ".encode() if names else b""
    argument, pattern = source[opening + 1 : end - 1], source[start : left["span"]["end"]]
    written = declared + b"walk(" + argument + b", " + pattern + b")"
    return source[:start] + written + source[end:]


def _before(rule: Tree, statement: Tree) -> list[Tree]:
    """Where a name on the left may have its value from. The head's own names have theirs from the
    body: they are the same where the statement is one of the body itself."""
    ((_, head),) = rule["head"].items()
    bodies = rule["bodies"]
    own = any(one is statement for body in bodies for one in body["query"]["stmts"])
    return [bodies, head.get("args", []) if own else head]
