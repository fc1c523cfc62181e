"""What is known of an expression's value without running it."""

from __future__ import annotations

from typing import Final

from mrbot.ids import Json
from mrbot.policy.lint.module import Body
from mrbot.policy.regorus.patterns import Tree


class _Unknown:
    """The value of an expression that is not constant."""


UNKNOWN: Final = _Unknown()


def constant(node: Tree) -> Json | _Unknown:
    """The value of a literal; UNKNOWN for anything else, and for an array with such a part."""
    match node:
        case {"String": {"value": value}} | {"RawString": {"value": value}}:
            return str(value)
        case {"Number": {"value": int() | float() as value}} | {"Bool": {"value": bool(value)}}:
            return value
        case {"Null": _}:
            return None
        case {"Array": {"items": list(items)}}:
            values: list[Json] = []
            for item in items:
                value = constant(item)
                if isinstance(value, _Unknown):
                    return UNKNOWN
                values.append(value)
            return values
        case _:
            return UNKNOWN


def is_known(value: Json | _Unknown) -> bool:
    """Whether it is a constant."""
    return not isinstance(value, _Unknown)


def fields(node: Tree) -> dict[str, Tree] | None:
    """The fields of an object whose keys are all constant strings; None for anything else."""
    if not isinstance(node, dict) or "Object" not in node:
        return None
    found: dict[str, Tree] = {}
    for _, key, value in node["Object"]["fields"]:
        name = constant(key)
        if not isinstance(name, str):
            return None
        found[name] = value
    return found


def given(body: Body) -> Tree:
    """What the body gives; a variable that it assigns once is what was assigned."""
    node = body.gives
    if not isinstance(node, dict) or "Var" not in node or body.query is None:
        return node
    name = node["Var"]["value"]
    found = [
        value
        for statement in body.query["stmts"]
        if (value := _assigned(statement["literal"], name)) is not None
    ]
    return found[0] if len(found) == 1 else node


def _assigned(literal: Tree, name: str) -> Tree:
    match literal:
        case {
            "Expr": {"expr": {"AssignExpr": {"lhs": {"Var": {"value": left}}, "rhs": right}}}
        } if left == name:
            return right
        case {
            "Expr": {"expr": {"AssignExpr": {"rhs": {"Var": {"value": right}}, "lhs": left}}}
        } if right == name:
            return left
        case _:
            return None
