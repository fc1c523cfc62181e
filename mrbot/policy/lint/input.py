"""References to fields that the input document does not have, by its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.constant import constant
from mrbot.policy.lint.expressions import expressions
from mrbot.policy.lint.kinds import Kinds, Missing
from mrbot.policy.lint.module import Parsed
from mrbot.policy.lint.schema import Schema
from mrbot.policy.lint.scope import Scope
from mrbot.policy.regorus.patterns import Tree

_SHOWN = 12
"""Most fields that are listed."""
_CLOSE = 0.75
"""How alike two names are of which one is offered for the other, of 1."""


def unknown_fields(modules: Sequence[Parsed], schema: Schema) -> Iterator[Complaint]:
    """`unknown-input-field` and `unknown-input-value` in the modules that are not tests."""
    policies = [one for one in modules if not one.is_test]
    kinds = Kinds(policies, schema)
    for module in policies:
        look = _Look(module, kinds, schema)
        yield from look.at_imports()
        for rule in module.rules:
            for one in expressions(kinds, module, rule):
                if not one.other_input:
                    yield from look.at(one.node, one.scope)


class _Look:
    """At one module."""

    def __init__(self, module: Parsed, kinds: Kinds, schema: Schema) -> None:
        self._module, self._kinds, self._schema = module, kinds, schema

    def at_imports(self) -> Iterator[Complaint]:
        """Imports of parts that the input does not have."""
        for one in self._module.imports:
            if one.path[0] == "input":
                found = self._kinds.imported(one)
                if isinstance(found, Missing):
                    yield self._missing(found)

    def at(self, node: Tree, scope: Scope) -> Iterator[Complaint]:
        """What is wrong with one expression, those within it left out."""
        match node:
            case {"Var": _} | {"RefDot": _} | {"RefBrack": _}:
                found = self._kinds.reference(node, scope)
                if isinstance(found, Missing):
                    yield self._missing(found)
            case {"BoolExpr": {"op": "Eq" | "Ne", "lhs": left, "rhs": right}}:
                yield from self._compared(left, [right], scope)
                yield from self._compared(right, [left], scope)
            case {"Membership": {"value": value, "collection": {"Set": {"items": items}}}}:
                yield from self._compared(value, items, scope)
            case _:
                pass

    def _missing(self, found: Missing) -> Complaint:
        message, fix = _said(found, self._schema.name)
        sure = found.meant is None
        return Complaint(
            path=self._module.path,
            line=found.line,
            rule="unknown-input-field",
            level=Level.ERROR if sure else Level.WARNING,
            message=f"{message}: the expression is undefined, always" if sure else message,
            fix=fix,
        )

    def _compared(self, node: Tree, others: list[Tree], scope: Scope) -> Iterator[Complaint]:
        """A part of the input beside constants that it never is."""
        if not isinstance(node, dict) or not node.keys() & {"Var", "RefDot", "RefBrack"}:
            return
        there = None
        for other in others:
            value = constant(other)
            if not isinstance(value, str):
                continue
            there = there or self._kinds.values(node, scope)
            if there is None:
                return
            if value not in there:
                ((_, inner),) = other.items()
                close = get_close_matches(value, there, n=1, cutoff=_CLOSE)
                known = ", ".join(sorted(there))
                ((_, reference),) = node.items()
                yield Complaint(
                    path=self._module.path,
                    line=inner["span"]["line"],
                    rule="unknown-input-value",
                    level=Level.ERROR,
                    message=f"`{self._module.text(reference['span'])}` is never {value!r}",
                    fix=f"did you mean {close[0]!r}?" if close else f"it is one of {known}",
                )


def _said(found: Missing, document: str) -> tuple[str, str]:
    """What is missing where, and what to do."""
    if found.meant is not None:
        message = f"`{found.before}` has no `{found.key}` that is known of in the {document}"
        return message, f"did you mean `{found.meant}`?"
    if found.is_list:
        fix = f"take its members: `some one in {found.before}`, then `one.{found.key}`"
        return f"`{found.before}` is a list, which has no `{found.key}`", fix
    if not found.known:
        fix = "it is a single value: compare it as it is"
        return f"`{found.before}` has no fields, so no `{found.key}`", fix
    close = get_close_matches(found.key, found.known, n=1, cutoff=_CLOSE)
    more = f" and {len(found.known) - _SHOWN} more" if len(found.known) > _SHOWN else ""
    fix = f"it has {', '.join(found.known[:_SHOWN])}{more}"
    if close:
        fix = f"did you mean `{close[0]}`?"
    elif found.before == "input":
        fix += "; where policies judge something else, say so: --input plan, --input document"
    return f"`{found.before}` has no `{found.key}` in the {document}", fix
