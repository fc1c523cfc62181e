"""Object patterns in regorus's syntax tree: `{"name": n} = thing`.

In Rego such a pattern matches an object with exactly these keys. regorus also matches one that has
more, silently, so that `not matches(thing)` misses what OPA finds. Where an object with variables
may be a pattern, it is refused; what is certainly a value (`x := {"name": n}`) is not. Runs inside
the worker: nothing but the standard library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

Tree = Any
"""A part of regorus's syntax tree as JSON: dicts with one key naming the kind, lists, spans."""

MESSAGE = (
    "an object with variables is compared here, and this engine ignores further keys:"
    ' compare its parts (thing.name == ...), assign it first (x := {"name": n}), or use OPA'
)


def pattern_lines(rule: Tree) -> Iterator[int]:
    """The line of every place in one rule where an object may be a pattern."""
    if "Spec" not in rule:
        return
    (head,) = rule["Spec"]["head"].values()
    for argument in head.get("args", []):
        if _has_variable(argument):
            yield head["span"]["line"]
    # The head's own reference builds a value; what follows it may hold comprehensions.
    values = {key: value for key, value in head.items() if key not in {"refr", "args"}}
    for tree in (values, rule["Spec"]["bodies"]):
        for node in walk(tree):
            for kind, inner in node.items():
                if _is_pattern(kind, inner, tree, head.get("args", [])):
                    yield inner["span"]["line"]


def walk(tree: Tree) -> Iterator[dict[str, Tree]]:
    """Every object in a tree, without recursion."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _is_pattern(kind: str, inner: Tree, tree: Tree, arguments: Tree) -> bool:
    match kind:
        case "SomeIn":
            return _has_variable(inner["value"]) or _has_variable(inner.get("key"))
        case "RefBrack":
            return _has_variable(inner["index"]) and not _is_known(inner["index"], tree, arguments)
        case "Expr":  # a statement that is a call: its last argument may take the result
            call = inner["expr"].get("Call")
            return bool(call and call["params"]) and _has_variable(call["params"][-1])
        case "AssignExpr":
            if _same_keys(inner["lhs"], inner["rhs"]):
                return False
            if _has_variable(inner["lhs"]):
                return True
            if inner["op"] == "ColEq" or not _has_variable(inner["rhs"]):
                return False
            name = inner["lhs"].get("Var")
            return name is None or _is_bound_elsewhere(name["value"], inner, tree, arguments)
        case _:
            return False


def _is_known(index: Tree, tree: Tree, arguments: Tree) -> bool:
    """Whether every variable in `index` has its value before: it is an argument of the function, or was
    assigned with `:=` in a body that `index` stands in. Then it is a value that is looked up, and no
    pattern. A name that the rule declares more than once may be another one here; what `some x` and
    `every x` declare has no name in the tree, so that beside them nothing is known."""
    if any("SomeVars" in node or "Every" in node for node in walk(tree)):
        return False
    names = [node["Var"] for node in walk(index) if "Var" in node]
    mine = min(_place(name) for name in names)
    known = {node["Var"]["value"] for node in walk(arguments) if "Var" in node}
    for query in _around(tree, index):
        for statement in query["stmts"]:
            match statement["literal"]:
                case {"Expr": {"expr": {"AssignExpr": {"op": "ColEq", "lhs": {"Var": assigned}}}}}:
                    if _place(assigned) < mine:
                        known.add(assigned["value"])
                case _:
                    pass
    declared = Counter(_declared(tree, arguments))
    return all(name["value"] in known and declared[name["value"]] == 1 for name in names)


def _around(tree: Tree, wanted: Tree) -> Iterator[Tree]:
    """The bodies that `wanted` stands in, those of comprehensions and of `every` too."""
    for query in walk(tree):
        if "stmts" in query and any(node is wanted for node in walk(query)):
            yield query


def _declared(tree: Tree, arguments: Tree) -> Iterator[str]:
    """Every name that an argument, `:=` or `some ... in` declares, as often as it is declared."""
    yield from (node["Var"]["value"] for node in walk(arguments) if "Var" in node)
    for node in walk(tree):
        match node:
            case {"AssignExpr": {"op": "ColEq", "lhs": left}}:
                yield from (one["Var"]["value"] for one in walk(left) if "Var" in one)
            case {"SomeIn": some}:
                sides = [some["key"], some["value"]]
                yield from (one["Var"]["value"] for one in walk(sides) if "Var" in one)
            case _:
                pass


def _same_keys(one: Tree, other: Tree) -> bool:
    """Whether every object with variables on one side faces, on the other, an object that is
    written with the same keys: then there are no further keys to ignore."""
    waiting = [(one, other)]
    while waiting:
        match waiting.pop():
            case {"Object": {"fields": mine}}, {"Object": {"fields": theirs}}:
                left, right = _by_key(mine), _by_key(theirs)
                if left is None or right is None or set(left) != set(right):
                    return False
                waiting.extend((left[key], right[key]) for key in left)
            case {"Array": {"items": mine}}, {"Array": {"items": theirs}}:
                if len(mine) != len(theirs):
                    return False
                waiting.extend(zip(mine, theirs, strict=True))
            case mine, theirs:
                if _has_variable(mine) or _has_variable(theirs):
                    return False
    return True


def _by_key(fields: Tree) -> dict[tuple[str, str], Tree] | None:
    """The values by their keys, which are constants or variables; None when a key is not, or is
    there twice."""
    found = {}
    for _, key, value in fields:
        match key:
            case {"String": {"value": str(name)}}:
                found["constant", name] = value
            case {"Var": {"value": str(name)}}:
                found["variable", name] = value
            case _:
                return None
    return found if len(found) == len(fields) else None


def _has_variable(node: Tree) -> bool:
    """Whether an object in `node` has a plain variable for a value, through lists and objects."""
    waiting = [(node, False)]
    while waiting:
        one, in_object = waiting.pop()
        match one:
            case {"Var": _}:
                if in_object:
                    return True
            case {"Object": {"fields": fields}}:
                waiting.extend((field[2], True) for field in fields)
            case {"Array": {"items": items}}:
                waiting.extend((item, in_object) for item in items)
            case _:
                pass
    return False


def _is_bound_elsewhere(name: str, assignment: Tree, tree: Tree, arguments: Tree) -> bool:
    """Whether the variable that `name = {...}` seems to assign may have its value already: it is an
    argument of the function, stands earlier, or is on a side of another `=`."""
    mine = _place(assignment["lhs"]["Var"])
    for argument in walk(arguments):
        if "Var" in argument and argument["Var"]["value"] == name:
            return True
    for node in walk(tree):
        if "Var" in node and node["Var"]["value"] == name and _place(node["Var"]) < mine:
            return True
        other = node.get("AssignExpr")
        if other is not None and other is not assignment:
            sides = (other["lhs"].get("Var"), other["rhs"].get("Var"))
            if any(side is not None and side["value"] == name for side in sides):
                return True
    return False


def _place(node: Tree) -> tuple[int, int]:
    return node["span"]["line"], node["span"]["col"]
