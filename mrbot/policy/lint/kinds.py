"""What part of the input an expression is, followed through variables and rules as far as is sound.

A variable is followed when exactly one place in its scope gives it a value; a rule when every body of
it does. Function arguments and results, object comprehensions and whatever is unified in two places
may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from mrbot.policy.lint.module import Parsed, Rule, Shape
from mrbot.policy.lint.schema import ANYTHING, Kind, Schema, union
from mrbot.policy.patterns import Tree, walk

MAX_DEPTH = 40
"""Longest chain of variables and rules that is followed."""

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
        self._schema = schema
        self._packages = {module.package for module in modules}
        self._rules: dict[tuple[tuple[str, ...], str], list[tuple[Parsed, Rule]]] = {}
        self._known: dict[tuple[tuple[str, ...], str], Kind] = {}
        self._asking: set[tuple[tuple[str, ...], str]] = set()
        self._depth = 0
        for module in modules:
            for rule in module.rules:
                self._rules.setdefault((module.package, rule.name[0]), []).append((module, rule))

    def scope(self, module: Parsed, rule: Rule, query: Tree) -> Scope:
        """The variables of one body of a rule."""
        outer = Scope(module, None)
        for argument in rule.arguments:
            _patterned(outer.firm, argument)
        return self.inner(outer, query)

    def inner(self, parent: Scope, query: Tree) -> Scope:
        """The variables of a query within another."""
        scope = Scope(parent.module, parent)
        for statement in query["stmts"] if query is not None else ():
            if is_with_input(statement):
                _unsure(scope, statement["literal"])
            else:
                self._bind(scope, statement["literal"])
        return scope

    def every(self, parent: Scope, every: Tree) -> Scope:
        """The variables of `every x in xs {...}`."""
        around = Scope(parent.module, parent)
        around.firm[_written(parent.module, every["value"])] = [
            lambda: self._schema.element(self.of(every["domain"], parent))
        ]
        if every.get("key"):
            around.firm[_written(parent.module, every["key"])] = []
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
            case _:
                return ANYTHING

    def reference(self, node: Tree, scope: Scope) -> Kind | Missing:
        """What a reference leads to, or its first step that leads nowhere."""
        root, steps = _steps(node)
        if "Var" not in root:
            return ANYTHING
        name = root["Var"]["value"]
        kind, steps = self._begin(name, steps, scope)
        said = scope.module.text(root["Var"]["span"])
        for key, step in steps:
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
                    line=step["span"]["line"],
                    meant=None if found is None else meant,
                )
            kind = found
            said = scope.module.text({**step["span"], "start": _start(root)})
        return kind

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
            kind: Kind | None = self._schema.root
            for part in path[1:]:
                kind = None if kind is None else self._schema.field(kind, part)
            return kind or ANYTHING, steps
        if path[0] != "data":
            return self._rule(module.package, name), steps
        parts, rest = list(path[1:]), list(steps)
        while tuple(parts) not in self._packages and rest and rest[0][0] is not None:
            parts.append(str(rest.pop(0)[0]))
        if tuple(parts) in self._packages and rest and rest[0][0] is not None:
            return self._rule(tuple(parts), str(rest[0][0])), rest[1:]
        if tuple(parts[:-1]) in self._packages:
            return self._rule(tuple(parts[:-1]), parts[-1]), rest
        return ANYTHING, []

    def _local(self, name: str, scope: Scope | None) -> Kind | None:
        """What a local variable is; None when there is none of this name."""
        inmost = scope
        while scope is not None:
            if name in scope.firm:
                return _only(scope, name, scope.firm[name])
            scope = scope.parent
        if inmost is None or self._is_global(name, inmost.module):
            return None
        around: Scope | None = inmost
        holders = []
        while around is not None:
            if name in around.loose:
                holders.append(around)
            around = around.parent
        if not holders:
            return None if name == "data" else ANYTHING
        return _only(holders[0], name, holders[0].loose[name]) if len(holders) == 1 else ANYTHING

    def _is_global(self, name: str, module: Parsed) -> bool:
        return (
            name in {"input", "data"}
            or (module.package, name) in self._rules
            or any(one.name == name for one in module.imports)
        )

    def _rule(self, package: tuple[str, ...], name: str) -> Kind:
        key = (package, name)
        if key in self._known:
            return self._known[key]
        if key in self._asking:
            return ANYTHING
        self._asking.add(key)
        found = union([one for made in self._rules.get(key, ()) for one in self._given(*made)])
        self._asking.discard(key)
        self._known[key] = found
        return found

    def _given(self, module: Parsed, rule: Rule) -> Iterator[Kind]:
        if len(rule.name) != 1 or rule.shape not in {Shape.SET, Shape.VALUE}:
            yield ANYTHING
            return
        for body in rule.bodies:
            kind = self.of(body.gives, self.scope(module, rule, body.query))
            yield Kind(items=kind, is_set=True) if rule.shape is Shape.SET else kind

    def _bind(self, scope: Scope, literal: Tree) -> None:
        match literal:
            case {"SomeIn": made}:
                self._made(scope.firm, made["value"], lambda: self._element(made, scope))
                if made.get("key"):
                    _patterned(scope.firm, made["key"])
            case {"SomeVars": {"vars": names}}:
                for span in names:
                    scope.firm.setdefault(_written(scope.module, span), [])
            case {"Expr": {"expr": {"AssignExpr": {"op": "ColEq"} as made}}}:
                self._made(scope.firm, made["lhs"], lambda: self.of(made["rhs"], scope))
            case {"Expr": {"expr": {"AssignExpr": made}}}:
                left, right = made["lhs"], made["rhs"]
                self._made(scope.loose, left, lambda: self.of(right, scope))
                self._made(scope.loose, right, lambda: self.of(left, scope))
            case _:
                pass

    def _element(self, made: Tree, scope: Scope) -> Kind:
        return self._schema.element(self.of(made["collection"], scope))

    @staticmethod
    def _made(into: dict[str, list[Made]], pattern: Tree, made: Made) -> None:
        if "Var" in pattern:
            into.setdefault(pattern["Var"]["value"], []).append(made)
        elif pattern.keys() & {"Array", "Object", "Set"}:
            _patterned(into, pattern)


def is_with_input(statement: Tree) -> bool:
    """Whether the statement looks at another input."""
    return any(
        node.get("Var", {}).get("value") == "input"
        for one in statement.get("with_mods") or ()
        for node in walk(one["refr"])
    )


def _unsure(scope: Scope, literal: Tree) -> None:
    """Whatever a statement about another input makes may be anything."""
    match literal:
        case {"SomeIn": made}:
            _patterned(scope.firm, made["value"])
        case {"Expr": {"expr": {"AssignExpr": made}}}:
            into = scope.firm if made["op"] == "ColEq" else scope.loose
            _patterned(into, made["lhs"])
            _patterned(into, made["rhs"] if made["op"] == "Eq" else [])
        case _:
            pass


def _only(scope: Scope, name: str, made: list[Made]) -> Kind:
    if len(made) != 1 or name in scope.asked or name == "_":
        return ANYTHING
    scope.asked.add(name)
    try:
        return made[0]()
    finally:
        scope.asked.discard(name)


def _patterned(into: dict[str, list[Made]], pattern: Tree) -> None:
    """Variables of a pattern may be anything: they are made twice over."""
    for node in walk(pattern):
        if "Var" in node:
            into.setdefault(node["Var"]["value"], []).extend([_anything, _anything])


def _anything() -> Kind:
    return ANYTHING


def _steps(node: Tree) -> tuple[Tree, list[tuple[str | None, Tree]]]:
    """A reference's root, and each step: its key, None where that is not constant, and its node."""
    steps: list[tuple[str | None, Tree]] = []
    while True:
        match node:
            case {"RefDot": step}:
                steps.append((step["field"][1], step))
            case {"RefBrack": step}:
                index = step["index"]
                key = index["String"]["value"] if "String" in index else None
                steps.append((key, step))
            case _:
                return node, steps[::-1]
        node = step["refr"]


def _start(root: Tree) -> int:
    return int(root["Var"]["span"]["start"])


def _written(module: Parsed, span: Tree) -> str:
    return module.text(span)
