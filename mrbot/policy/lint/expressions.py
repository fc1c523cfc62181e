"""Every expression of a rule, with the variables that it sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mrbot.policy.lint.module import Parsed, Rule
from mrbot.policy.lint.scope import Scope, is_with_input
from mrbot.policy.regorus.patterns import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A reference at its whole length, a comparison, a membership or a call. `other_input`: it is
    evaluated over an input that the policy itself makes (`with input as ...`)."""

    node: Tree
    scope: Scope
    other_input: bool

    @property
    def is_call(self) -> bool:
        """Whether it is a call."""
        return "Call" in self.node


class Scoping(Protocol):
    """Who knows which variables there are."""

    def scope(self, module: Parsed, rule: Rule, query: Tree) -> Scope:
        """The variables of one body of a rule."""
        ...

    def inner(self, parent: Scope, query: Tree) -> Scope:
        """The variables of a query within another."""
        ...

    def every(self, parent: Scope, every: Tree) -> Scope:
        """The variables of `every x in xs {...}`."""
        ...


def expressions(scoping: Scoping, module: Parsed, rule: Rule) -> Iterator[Expression]:
    """Every expression of the rule, once, those within others included."""
    walk = _Walk(scoping)
    for number, body in enumerate(rule.bodies):
        scope = scoping.scope(module, rule, body.query)
        if body.query is not None:
            yield from walk.query(body.query, scope, other=False)
        # A rule's bodies share what it gives: it is passed with the first one.
        if number == 0 or body.gives is not rule.bodies[0].gives:
            yield from walk.at(body.gives, scope, other=False)


class _Walk:
    def __init__(self, scoping: Scoping) -> None:
        self._scoping = scoping

    def query(self, query: Tree, scope: Scope, *, other: bool) -> Iterator[Expression]:
        for statement in query["stmts"]:
            yield from self.at(statement["literal"], scope, other=other or is_with_input(statement))

    def at(self, node: Tree, scope: Scope, *, other: bool) -> Iterator[Expression]:
        match node:
            case {"Var": _} | {"RefDot": _} | {"RefBrack": _}:
                yield Expression(node=node, scope=scope, other_input=other)
                yield from self._within(node, scope, other=other)
            case {"Every": every}:
                yield from self.at(every["domain"], scope, other=other)
                around = self._scoping.every(scope, every)
                yield from self.query(every["query"], around, other=other)
            case {"ArrayCompr": made} | {"SetCompr": made} | {"ObjectCompr": made}:
                inner = self._scoping.inner(scope, made["query"])
                for part in ("term", "key", "value"):
                    yield from self.at(made.get(part), inner, other=other)
                yield from self.query(made["query"], inner, other=other)
            case {"Call": call}:
                yield Expression(node=node, scope=scope, other_input=other)
                yield from self.at(call["params"], scope, other=other)
            case dict():
                if node.keys() & {"BoolExpr", "Membership"}:
                    yield Expression(node=node, scope=scope, other_input=other)
                for key, inner_node in node.items():
                    if key not in {"span", "with_mods"}:
                        yield from self.at(inner_node, scope, other=other)
            case list():
                for inner_node in node:
                    yield from self.at(inner_node, scope, other=other)
            case _:
                pass

    def _within(self, node: Tree, scope: Scope, *, other: bool) -> Iterator[Expression]:
        """What stands in a reference's brackets, and at its root."""
        while "Var" not in node:
            match node:
                case {"RefDot": {"refr": refr}}:
                    node = refr
                case {"RefBrack": {"refr": refr, "index": index}}:
                    yield from self.at(index, scope, other=other)
                    node = refr
                case _:
                    yield from self.at(node, scope, other=other)
                    return
