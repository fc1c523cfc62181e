"""What part of the input an expression is, followed through variables and rules as far as is sound.

A variable is followed when exactly one place in its scope gives it a value; a rule or a function when
every body of it does; an argument when every call does. Built-in functions (but `array.concat`),
object comprehensions and whatever is unified in two places may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from mrbot.policy.lint.directory import Directory, Key, steps_of
from mrbot.policy.lint.expressions import Expression, expressions
from mrbot.policy.lint.module import Import, Parsed, Rule, Shape, path_of
from mrbot.policy.lint.schema import ANYTHING, Kind, Schema, union
from mrbot.policy.lint.scope import Scope, bound, is_with_input, only, patterned, unsure
from mrbot.policy.regorus.patterns import Tree

MAX_DEPTH = 40
"""Longest chain of variables and rules that is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A step that leads nowhere: the reference up to it, the key, and the keys that there are. It is
    a guess where others may be: `meant` is then the key that it is like."""

    before: str
    key: str
    known: tuple[str, ...]
    is_list: bool
    line: int
    meant: str | None = None


class Kinds:
    """Kinds of expressions in `modules`, of which tests are not a part."""

    def __init__(self, modules: Sequence[Parsed], schema: Schema) -> None:
        self._modules, self._schema = modules, schema
        self._directory = Directory(modules)
        self._known: dict[tuple[Key, object], Kind] = {}
        self._asking: set[tuple[Key, object]] = set()
        self._calls: dict[Key, list[Expression]] | None = None
        self._depth = 0

    def scope(self, module: Parsed, rule: Rule, query: Tree) -> Scope:
        """The variables of one body of a rule."""
        outer = Scope(module, None)
        key = module.package, rule.name[0]
        for number, argument in enumerate(rule.arguments):
            bound(outer.firm, argument, partial(self._argument, key, number))
        return self.inner(outer, query)

    def inner(self, parent: Scope, query: Tree) -> Scope:
        """The variables of a query within another."""
        scope = Scope(parent.module, parent)
        for statement in query["stmts"] if query is not None else ():
            if is_with_input(statement):
                unsure(scope, statement["literal"])
            else:
                self._bind(scope, statement["literal"])
        return scope

    def every(self, parent: Scope, every: Tree) -> Scope:
        """The variables of `every x in xs {...}`."""
        around = Scope(parent.module, parent)
        around.firm[parent.module.text(every["value"])] = [
            lambda: self._schema.element(self.of(every["domain"], parent))
        ]
        if every.get("key"):
            around.firm[parent.module.text(every["key"])] = []
        return self.inner(around, every["query"])

    def of(self, node: Tree, scope: Scope) -> Kind:
        """What part of the input it is; anything when that is not certain."""
        if self._depth > MAX_DEPTH:
            return ANYTHING
        self._depth += 1
        try:
            return self._of(node, scope)
        finally:
            self._depth -= 1

    def _of(self, node: Tree, scope: Scope) -> Kind:
        match node:
            case {"Var": _} | {"RefDot": _} | {"RefBrack": _}:
                found = self.reference(node, scope)
                return found if isinstance(found, Kind) else ANYTHING
            case {"ArrayCompr": made} | {"SetCompr": made}:
                items = self.of(made["term"], self.inner(scope, made["query"]))
                return Kind(items=items, is_set="SetCompr" in node)
            case {"Call": call}:
                return self._returned(call, scope)
            case _:
                return ANYTHING

    def reference(self, node: Tree, scope: Scope) -> Kind | Missing:
        """What a reference leads to, or its first step that leads nowhere."""
        root, steps = steps_of(node)
        if "Var" in root:
            kind, steps = self._begin(root["Var"]["value"], steps, scope)
        else:
            kind = self.of(root, scope) if "Call" in root else ANYTHING
        start = _span(root)
        said = scope.module.text(start)
        for key, step in steps:
            found = self._step(kind, key, said, step["span"]["line"])
            if isinstance(found, Missing) or found == ANYTHING:
                return found
            kind = found
            said = scope.module.text({**step["span"], "start": start["start"]})
        return kind

    def imported(self, one: Import) -> Kind | Missing:
        """What an import of a part of the input leads to."""
        kind, said = self._schema.root, one.path[0]
        for key in one.path[1:]:
            found = self._step(kind, key, said, one.line)
            if isinstance(found, Missing) or found == ANYTHING:
                return found
            kind, said = found, f"{said}.{key}"
        return kind

    def _step(self, kind: Kind, key: str | None, said: str, line: int) -> Kind | Missing:
        if kind == ANYTHING:
            return ANYTHING
        found = self._schema.element(kind) if key is None else self._schema.field(kind, key)
        meant = None if key is None else self._schema.near(kind, key)
        if found is None or (found == ANYTHING and meant is not None):
            return Missing(
                before=said,
                key=str(key),
                known=self._schema.keys(kind),
                is_list=self._schema.is_list(kind),
                line=line,
                meant=None if found is None else meant,
            )
        return found

    def values(self, node: Tree, scope: Scope) -> frozenset[str] | None:
        """All strings that the expression may be; None when they are not counted."""
        kind = self.of(node, scope)
        return None if kind == ANYTHING else self._schema.values(kind)

    def _begin(
        self, name: str, steps: list[tuple[str | None, Tree]], scope: Scope
    ) -> tuple[Kind, list[tuple[str | None, Tree]]]:
        """The kind of a reference's first parts, and the steps that are left."""
        local = self._local(name, scope)
        if local is not None:
            return local, steps
        module = scope.module
        found = next((one for one in module.imports if one.name == name), None)
        path: tuple[str, ...] = (name,) if found is None else found.path
        if path[0] == "input":
            kind = self._schema.root if found is None else self.imported(found)
            return kind if isinstance(kind, Kind) else ANYTHING, steps
        if path[0] != "data":
            return self._rule(module.package, name), steps
        key, left = self._directory.below_data(path[1:], [key for key, _ in steps])
        return (ANYTHING, []) if key is None else (self._rule(*key), steps[left:])

    def _local(self, name: str, scope: Scope | None) -> Kind | None:
        """What a local variable is; None when there is none of this name."""
        inmost = scope
        while scope is not None:
            if name in scope.firm:
                return only(scope, name, scope.firm[name])
            scope = scope.parent
        if inmost is None or self._directory.is_global(name, inmost.module):
            return None
        around: Scope | None = inmost
        holders = []
        while around is not None:
            if name in around.loose:
                holders.append(around)
            around = around.parent
        if not holders:
            return None if name == "data" else ANYTHING
        return only(holders[0], name, holders[0].loose[name]) if len(holders) == 1 else ANYTHING

    def _rule(self, package: tuple[str, ...], name: str) -> Kind:
        """What a rule is that is not called."""
        key = package, name
        return self._once((key, "rule"), lambda: self._given(key, {Shape.SET, Shape.VALUE}))

    def _returned(self, call: Tree, scope: Scope) -> Kind:
        """What a call gives."""
        key = self._directory.called(call, scope)
        if key is not None:
            return self._once((key, "call"), lambda: self._given(key, {Shape.FUNCTION}))
        if path_of(call["fcn"]) != ("array", "concat"):
            return ANYTHING
        return Kind(
            items=union([self._schema.element(self.of(one, scope)) for one in call["params"]])
        )

    def _argument(self, key: Key, number: int) -> Kind:
        """What a function is given, by every call of it; anything when there is none."""
        if self._calls is None:
            self._calls = {}
            for module in self._modules:
                for rule in module.rules:
                    for made in expressions(self, module, rule):
                        callee = (
                            self._directory.called(made.node["Call"], made.scope)
                            if made.is_call
                            else None
                        )
                        if callee is not None:
                            self._calls.setdefault(callee, []).append(made)
        calls = self._calls.get(key, [])
        return self._once((key, number), lambda: (self._passed(one, number) for one in calls))

    def _passed(self, call: Expression, number: int) -> Kind:
        parameters = call.node["Call"]["params"]
        if call.other_input or number >= len(parameters):
            return ANYTHING
        return self.of(parameters[number], call.scope)

    def _once(self, what: tuple[Key, object], kinds: Callable[[], Iterable[Kind]]) -> Kind:
        """Any of `kinds`, worked out once; anything while it is being worked out."""
        if what in self._known:
            return self._known[what]
        if what in self._asking:
            return ANYTHING
        self._asking.add(what)
        try:
            found = union(list(kinds()))
        finally:
            self._asking.discard(what)
        self._known[what] = found
        return found

    def _given(self, key: Key, shapes: set[Shape]) -> Iterator[Kind]:
        for module, rule in self._directory.rules.get(key, ()):
            if len(rule.name) != 1 or rule.shape not in shapes:
                yield ANYTHING
                return
            for body in rule.bodies:
                kind = self.of(body.gives, self.scope(module, rule, body.query))
                yield Kind(items=kind, is_set=True) if rule.shape is Shape.SET else kind

    def _bind(self, scope: Scope, literal: Tree) -> None:
        match literal:
            case {"SomeIn": made}:
                bound(scope.firm, made["value"], lambda: self._element(made, scope))
                if made.get("key"):
                    patterned(scope.firm, made["key"])
            case {"SomeVars": {"vars": names}}:
                for span in names:
                    scope.firm.setdefault(scope.module.text(span), [])
            case {"Expr": {"expr": {"AssignExpr": {"op": "ColEq"} as made}}}:
                bound(scope.firm, made["lhs"], lambda: self.of(made["rhs"], scope))
            case {"Expr": {"expr": {"AssignExpr": made}}}:
                left, right = made["lhs"], made["rhs"]
                bound(scope.loose, left, lambda: self.of(right, scope))
                bound(scope.loose, right, lambda: self.of(left, scope))
            case _:
                pass

    def _element(self, made: Tree, scope: Scope) -> Kind:
        return self._schema.element(self.of(made["collection"], scope))


def _span(node: Tree) -> Tree:
    ((_, inner),) = node.items()
    return inner["span"]
