"""The variables of a query: which place gives each its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mrbot.policy.lint.module import Parsed
from mrbot.policy.lint.schema import ANYTHING, Kind
from mrbot.policy.regorus.patterns import Tree, walk

Made = Callable[[], Kind]
"""What a variable is, worked out when somebody asks."""


@dataclass(slots=True)
class Scope:
    """The variables of one query, within those around it. `firm` are made here; `loose` are unified
    here, and made here only when nothing around has them."""

    module: Parsed
    parent: Scope | None
    firm: dict[str, list[Made]] = field(default_factory=dict)
    loose: dict[str, list[Made]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def is_with_input(statement: Tree) -> bool:
    """Whether the statement looks at another input."""
    return any(
        node.get("Var", {}).get("value") == "input"
        for one in statement.get("with_mods") or ()
        for node in walk(one["refr"])
    )


def unsure(scope: Scope, literal: Tree) -> None:
    """Whatever a statement about another input makes may be anything."""
    match literal:
        case {"SomeIn": made}:
            patterned(scope.firm, made["value"])
        case {"Expr": {"expr": {"AssignExpr": made}}}:
            into = scope.firm if made["op"] == "ColEq" else scope.loose
            patterned(into, made["lhs"])
            patterned(into, made["rhs"] if made["op"] == "Eq" else [])
        case _:
            pass


def only(scope: Scope, name: str, made: list[Made]) -> Kind:
    """What the one place says that gives the variable a value; anything when there are more."""
    if len(made) != 1 or name in scope.asked or name == "_":
        return ANYTHING
    scope.asked.add(name)
    try:
        return made[0]()
    finally:
        scope.asked.discard(name)


def patterned(into: dict[str, list[Made]], pattern: Tree) -> None:
    """Variables of a pattern may be anything: they are made twice over."""
    for node in walk(pattern):
        if "Var" in node:
            into.setdefault(node["Var"]["value"], []).extend([_anything, _anything])


def _anything() -> Kind:
    return ANYTHING


def bound(into: dict[str, list[Made]], pattern: Tree, made: Made) -> None:
    """What is matched with `pattern` is what `made` says, where the pattern is a variable."""
    if "Var" in pattern:
        into.setdefault(pattern["Var"]["value"], []).append(made)
    elif pattern.keys() & {"Array", "Object", "Set"}:
        patterned(into, pattern)
