"""Policies at random, from the constructs that teams write, and documents for them to judge.

Expressions are drawn by the type that they should have, so that most policies compile and say
something; parts of the input may be absent or of another type, so that much of it is undefined.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

from mrbot.ids import Json

TEXTS = (
    "",
    "a",
    "prod-eu",
    "aws_s3_bucket",
    "é\u0301",
    "10.0.0.0/8",
    "a,b,,c",
    "UPPER x",
    "42",
    '"',
)
NUMBERS = (0, 1, -1, 2, 7, 10, 1.5, 100, 1000, 3000000000, 12345678901234567890)
PATTERNS = ("^[a-z]+$", "a", "^prod-", "[0-9]+", r"\\.", "(a|b)+", "^$", "(?i)upper")
KEYS = ("n", "s", "flag", "tags", "list", "items")
MARKS = st.sampled_from(("a", "b", "owner", "x-y", "é"))

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.text('ab_ é\u0301,"\\', max_size=4),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(MARKS, inner, max_size=3)),
    max_leaves=6,
)
resources = st.fixed_dictionaries(
    {"kind": st.sampled_from(("aws_s3_bucket", "aws_instance")), "name": st.sampled_from(TEXTS)},
    optional={
        "size": st.sampled_from(NUMBERS),
        "public": st.booleans(),
        "tags": st.dictionaries(MARKS, st.sampled_from(TEXTS), max_size=3),
        "ports": st.lists(st.sampled_from((22, 80, 443)), max_size=3),
    },
)
documents: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {},
    optional={
        "n": st.one_of(st.sampled_from(NUMBERS), values),
        "s": st.one_of(st.sampled_from(TEXTS), values),
        "flag": st.one_of(st.booleans(), values),
        "tags": st.one_of(st.dictionaries(MARKS, st.sampled_from(TEXTS), max_size=3), values),
        "list": st.one_of(st.lists(st.sampled_from(NUMBERS), max_size=4), values),
        "items": st.one_of(st.lists(resources, max_size=3), values),
    },
)


@st.composite
def policies(draw: st.DrawFn, package: str) -> str:
    """One module of `package` whose rules count."""
    return _Writer(draw).module(package)


@dataclass(slots=True)
class _Scope:
    """Variables of a body by the type that they should have, and functions with their result's."""

    of_type: dict[str, list[str]] = field(default_factory=dict)

    def inner(self) -> _Scope:
        return _Scope({kind: list(names) for kind, names in self.of_type.items()})

    def add(self, kind: str, name: str) -> None:
        self.of_type.setdefault(kind, []).append(name)


class _Writer:
    """Draws; every method returns Rego text."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.counter, self.helpers = draw, 0, _Scope()

    def pick(self, *options: str) -> str:
        return self.draw(st.sampled_from(options))

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(0, of - 1)) == of - 1

    def fresh(self) -> str:
        self.counter += 1
        return f"x{self.counter}"

    def module(self, package: str) -> str:
        parts = [f"package {package}", "import rego.v1"]
        parts += [self.helper() for _ in range(self.draw(st.integers(0, 3)))]
        parts += [self.rule() for _ in range(self.draw(st.integers(1, 3)))]
        return "\n\n".join(parts) + "\n"

    def rule(self) -> str:
        name = self.pick("deny", "warn", "violation_x", "deny_y")
        scope = _Scope()
        body = self.body(scope, 3)
        shown = self.any(scope, 2)
        if "_" in shown:  # the embedded engine takes no iteration in a head
            body, shown = f"{body}\tshown := {shown}\n", "shown"
        result = self.pick(f'{{"msg": "m", "value": {shown}}}', f"json.marshal({shown})")
        return f"{name} contains {result} if {{\n{body}}}"

    def helper(self) -> str:
        """A rule or function that later ones may use."""
        name, scope = f"h{self.fresh()}", _Scope()
        kind = self.pick("function", "many", "default", "else", "set", "object", "bool", "any")
        if kind == "function":
            scope.add("any", "x")
        text = self.defined(kind, name, scope)
        self.helpers.add(
            {"many": "function", "default": "any", "else": "any"}.get(kind, kind), name
        )
        return text

    def defined(self, kind: str, name: str, scope: _Scope) -> str:
        match kind:
            case "many":
                one, two = self.text(scope, 1), self.text(scope, 1)
                cases = (
                    f"{name}(x) := {one} if is_string(x)",
                    f"{name}(x) := {two} if not is_string(x)",
                )
                return "\n\n".join(cases)
            case "default":
                otherwise = self.pick("false", "0", '"none"', "[]", "set()", "{}")
                return f"default {name} := {otherwise}\n\n{self.ruled(name, scope)}"
            case "else":
                first, second = (self.ruled(which, scope.inner()) for which in (name, "else"))
                return f"{first} {second} else := {self.any(scope, 1)}"
            case "set":
                body = self.body(scope, 2)
                return f"{name} contains {self.any(scope, 1)} if {{\n{body}}}"
            case "object":
                key, source = self.fresh(), self.coll(scope, 1)
                return f"{name}[{key}] := 1 if some {key} in {source}"
            case "bool":
                return f"{name} if {{\n{self.body(scope, 2)}}}"
            case "function":
                return self.ruled(f"{name}(x)", scope)
            case _:
                return f"{name} := {self.any(scope, 2)}"

    def ruled(self, head: str, scope: _Scope) -> str:
        body = self.body(scope, 2)
        return f"{head} := {self.any(scope, 2)} if {{\n{body}}}"

    def body(self, scope: _Scope, most: int) -> str:
        count = self.draw(st.integers(1, most))
        return "".join(f"\t{self.statement(scope)}\n" for _ in range(count))

    def statement(self, scope: _Scope) -> str:
        match self.pick("some", "assign", "test", "test", "not", "every", "index", "pair"):
            case "some":
                source, name = self.coll(scope, 1), self.fresh()
                scope.add("any", name)
                return f"some {name} in {source}"
            case "pair":
                source, key, name = self.coll(scope, 1), self.fresh(), self.fresh()
                scope.add("any", name)
                scope.add("any", key)
                return f"some {key}, {name} in {source}"
            case "index":
                key = self.fresh()
                scope.add("any", key)
                base = self.pick("input.list", "input.items", "input.tags", "input.items[_].ports")
                return f"{base}[{key}]" if self.chance(2) else f"some {key}\n\t{base}[{key}]"
            case "assign":
                kind = self.pick("num", "text", "coll", "any")
                made, name = self.of(kind, scope, 2), self.fresh()
                scope.add(kind, name)
                return f"{name} := {made}"
            case "not":
                return f"not {self.test(scope.inner(), 1)}"
            case "every":
                source, name = self.coll(scope, 1), self.fresh()
                inner = scope.inner()
                inner.add("any", name)
                key = f"{self.fresh()}, " if self.chance(3) else ""
                return f"every {key}{name} in {source} {{ {self.test(inner, 1)} }}"
            case _:
                return self.test(scope, 2)

    def test(self, scope: _Scope, depth: int) -> str:
        options = ["compare", "text", "in", "is", "flag", "regex", "same"]
        options += ["helper"] * ("bool" in self.helpers.of_type)
        match self.pick(*options):
            case "compare":
                sign = self.pick("==", "!=", "<", "<=", ">", ">=")
                return f"{self.num(scope, depth)} {sign} {self.num(scope, depth)}"
            case "same":
                sign = self.pick("==", "!=", "<", ">=")
                return f"{self.any(scope, depth)} {sign} {self.any(scope, depth)}"
            case "text":
                function = self.pick("startswith", "endswith", "contains")
                return f"{function}({self.text(scope, depth)}, {self.text(scope, 0)})"
            case "in":
                return f"{self.any(scope, 1)} in {self.coll(scope, depth)}"
            case "is":
                kind = self.pick("string", "number", "boolean", "array", "object", "null", "set")
                return f"is_{kind}({self.any(scope, depth)})"
            case "regex":
                return f"regex.match(`{self.pick(*PATTERNS)}`, {self.text(scope, depth)})"
            case "helper":
                return self.pick(*self.helpers.of_type["bool"])
            case _:
                return self.pick("input.flag", "input.items[_].public", "input.flag == false")

    def of(self, kind: str, scope: _Scope, depth: int) -> str:
        match kind:
            case "num":
                return self.num(scope, depth)
            case "text":
                return self.text(scope, depth)
            case "coll":
                return self.coll(scope, depth)
            case _:
                return self.any(scope, depth)

    def any(self, scope: _Scope, depth: int) -> str:
        names = [*scope.of_type.get("any", ()), *self.helpers.of_type.get("any", ())]
        options = ["num", "text", "input", "coll"] + ["name"] * 4 * bool(names)
        options += ["get", "object", "call", "tests"] if depth else []
        match self.pick(*options):
            case "name":
                return self.pick(*names)
            case "input":
                return self.pick(
                    *(f"input.{key}" for key in KEYS),
                    "input.items[0]", "input.items[_].tags", "input.tags.owner", 'input.tags["x-y"]',
                )  # fmt: skip
            case "get":
                where = self.pick("input", "input.tags", "input.items[0]", *names)
                path = self.pick('"n"', '"tags"', '["tags", "owner"]', '["items", 0, "size"]', "0")
                return f"object.get({where}, {path}, {self.any(scope, 0)})"
            case "object":
                return f'{{"a": {self.any(scope, depth - 1)}, "k": {self.num(scope, 0)}}}'
            case "call" if "function" in self.helpers.of_type:
                function = self.pick(*self.helpers.of_type["function"])
                return f"{function}({self.any(scope, depth - 1)})"
            case "tests":
                return self.pick(
                    f"{{1 | {self.test(scope.inner(), 0)}}}",
                    f"json.unmarshal(json.marshal({self.any(scope, 0)}))",
                    f"type_name({self.any(scope, 0)})",
                )
            case "text":
                return self.text(scope, depth)
            case "coll":
                return self.coll(scope, depth)
            case _:
                return self.num(scope, depth)

    def num(self, scope: _Scope, depth: int) -> str:
        names = scope.of_type.get("num", [])
        options = ["literal", "input"] + ["name"] * 2 * bool(names)
        options += ["sum", "count", "fold", "round", "parse", "index"] if depth else []
        match self.pick(*options):
            case "name":
                return self.pick(*names)
            case "input":
                return self.pick("input.n", "input.items[_].size", "input.list[0]", "input.list[_]")
            case "sum":
                sign = self.pick("+", "-", "*", "/", "%")
                left, right = self.num(scope, depth - 1), self.num(scope, depth - 1)
                return f"({left} {sign} {right})"
            case "count":
                return f"count({self.coll(scope, depth - 1)})"
            case "fold":
                function = self.pick("sum", "max", "min", "product")
                return f"{function}({self.coll(scope, depth - 1)})"
            case "round":
                function = self.pick("abs", "round", "ceil", "floor")
                return f"{function}({self.num(scope, depth - 1)})"
            case "parse":
                return f"to_number({self.text(scope, depth - 1)})"
            case "index":
                return f"indexof({self.text(scope, depth - 1)}, {self.text(scope, 0)})"
            case _:
                return json.dumps(self.draw(st.sampled_from(NUMBERS)))

    def text(self, scope: _Scope, depth: int) -> str:
        names = scope.of_type.get("text", [])
        options = ["literal", "literal", "input"] + ["name"] * 2 * bool(names)
        options += ["print", "join", "case", "cut", "replace", "piece", "format"] if depth else []
        match self.pick(*options):
            case "name":
                return self.pick(*names)
            case "input":
                return self.pick("input.s", "input.items[_].name", "input.items[0].kind")
            case "print":  # what Go prints of other values is a matter of its own
                return self.pick(
                    f'sprintf("%s-%s", [{self.text(scope, depth - 1)}, {self.text(scope, 0)}])',
                    f'sprintf("%d of %v", [count({self.coll(scope, depth - 1)}), {self.text(scope, 0)}])',
                )
            case "join":
                return f"concat({self.text(scope, 0)}, {self.coll(scope, depth - 1)})"
            case "case":
                function = self.pick("lower", "upper", "trim_space")
                return f"{function}({self.text(scope, depth - 1)})"
            case "cut":
                function = self.pick(
                    "trim", "trim_prefix", "trim_suffix", "trim_left", "trim_right"
                )
                return f"{function}({self.text(scope, depth - 1)}, {self.text(scope, 0)})"
            case "replace":
                inner = self.text(scope, depth - 1)
                return self.pick(
                    f"replace({inner}, {self.text(scope, 0)}, {self.text(scope, 0)})",
                    f'regex.replace({inner}, `{self.pick(*PATTERNS)}`, "<$0>")',
                    f"substring({inner}, {self.pick('0', '1', '2')}, {self.pick('-1', '0', '2')})",
                    f'strings.replace_n({{"a": "b", "<": "&lt;"}}, {inner})',
                    f"base64.encode({inner})",
                )
            case "piece":
                index = self.pick("0", "1", "_")
                return f"split({self.text(scope, depth - 1)}, {self.text(scope, 0)})[{index}]"
            case "format":
                base = self.pick("10", "2", "16")
                return f"format_int({self.num(scope, depth - 1)}, {base})"
            case _:
                return json.dumps(self.draw(st.sampled_from(TEXTS)), ensure_ascii=False)

    def coll(self, scope: _Scope, depth: int) -> str:
        names = [*scope.of_type.get("coll", ()), *self.helpers.of_type.get("set", ())]
        names += self.helpers.of_type.get("object", [])
        options = ["literal", "input", "input"] + ["name"] * 2 * bool(names)
        options += ["listing", "setting", "objecting", "algebra", "made"] if depth else []
        match self.pick(*options):
            case "name":
                return self.pick(*names)
            case "input":
                return self.pick("input.list", "input.items", "input.tags", "input.items[_].ports")
            case "listing" | "setting" | "objecting" as kind:
                inner = scope.inner()
                source, name = self.coll(scope, depth - 1), self.fresh()
                inner.add("any", name)
                condition = f"; {self.test(inner, 0)}" if self.chance(2) else ""
                body = f"some {name} in {source}{condition}"
                head = self.any(inner, depth - 1)
                match kind:
                    case "listing":
                        return f"[{head} | {body}]"
                    case "setting":
                        return f"{{{head} | {body}}}"
                    case _:
                        return f"{{{name}: {self.pick('1', name)} | {body}}}"
            case "algebra":
                sign = self.pick("|", "&", "-")
                return f"(({self.set(scope)}) {sign} ({self.set(scope)}))"
            case "made":
                one = self.coll(scope, depth - 1)
                return self.pick(
                    f"object.keys({one})",
                    f"sort({one})",
                    f"array.concat({one}, [1, 2])",
                    f"array.slice({one}, 0, 2)",
                    f"array.reverse({one})",
                    f"split({self.text(scope, 0)}, {self.text(scope, 0)})",
                    f'object.union({one}, {{"a": 1}})',
                    f'object.remove({one}, ["a"])',
                    f'object.filter({one}, ["a", "b"])',
                    f'json.remove({one}, ["a/b"])',
                    f"numbers.range({self.num(scope, 0)}, 3)",
                    f"union({{{self.set(scope)}, {{1}}}})",
                    f"intersection({{{self.set(scope)}, {{1, 2}}}})",
                    f"regex.find_n(`{self.pick(*PATTERNS)}`, {self.text(scope, 0)}, -1)",
                    f"regex.split(`,`, {self.text(scope, 0)})",
                )  # fmt: skip
            case _:
                one, two = self.any(scope, 0), self.any(scope, 0)
                return self.pick(
                    f"[{one}, {two}]", f"{{{one}, {two}}}", f'{{"a": {one}, "b": {two}}}'
                )

    def set(self, scope: _Scope) -> str:
        name, source = self.fresh(), self.coll(scope, 0)
        return f"{{{name} | some {name} in {source}}}"
