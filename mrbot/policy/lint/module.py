"""A parsed module as rules see it: imports and rules, over regorus's syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from mrbot.policy.regorus.patterns import Tree, walk
from mrbot.policy.source import Source


class Shape(Enum):
    """What a rule is: `p contains x`, `p := x`, `p if ...`, `p[k] := x`, `p(x)`."""

    SET = auto()
    VALUE = auto()
    BOOLEAN = auto()
    OBJECT = auto()
    FUNCTION = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body of a rule: what it gives (a set's member, else the value; None is `true`), and its
    query; None where it has none."""

    gives: Tree
    query: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `name` is its path within the package; `arguments` are patterns."""

    name: tuple[str, ...]
    line: int
    shape: Shape
    bodies: tuple[Body, ...]
    arguments: tuple[Tree, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """`path` is known in the module as `name`."""

    path: tuple[str, ...]
    name: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A module and its tree."""

    source: Source
    tree: Tree
    imports: tuple[Import, ...]
    rules: tuple[Rule, ...]

    @property
    def path(self) -> str:
        """As people know it."""
        return self.source.module.path

    @property
    def package(self) -> tuple[str, ...]:
        """The package's path."""
        return self.source.package

    @property
    def is_test(self) -> bool:
        """Whether it is only for tests."""
        return self.path.endswith("_test.rego")

    def text(self, span: Tree) -> str:
        """The source between a span's ends, on one line."""
        raw = self.source.module.text.encode()[span["start"] : span["end"]]
        return " ".join(raw.decode(errors="replace").split())


def parsed(source: Source, tree: Tree) -> Parsed:
    """The module.

    Raises: LookupError, TypeError when the tree is not built as regorus 0.13 builds it.
    """
    return Parsed(
        source=source,
        tree=tree,
        imports=tuple(_import(source, one) for one in tree["imports"]),
        rules=tuple(_rule(one) for one in tree["rules"]),
    )


def path_of(node: Tree) -> tuple[str, ...]:
    """The constant beginning of a reference: `a.b` of `a.b[x].c`; empty when there is none."""
    parts: list[str] = []
    while "Var" not in node:
        if "RefDot" in node:
            node, part = node["RefDot"]["refr"], node["RefDot"]["field"][1]
            parts.append(part)
        elif "RefBrack" in node:
            index, node = node["RefBrack"]["index"], node["RefBrack"]["refr"]
            if "String" in index:
                parts.append(index["String"]["value"])
            else:
                parts.clear()
        else:
            return ()
    return (node["Var"]["value"], *reversed(parts))


def calls(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every call of a constant name in a tree, with the call's node."""
    for node in walk(tree):
        if "Call" in node:
            yield ".".join(path_of(node["Call"]["fcn"])), node["Call"]


def names_used(tree: Tree) -> Iterator[str]:
    """Every name that stands in a tree as a variable, a field or a constant key."""
    for node in walk(tree):
        match node:
            case {"Var": {"value": str(name)}}:
                yield name
            case {"RefDot": {"field": [_, str(name)]}}:
                yield name
            case {"RefBrack": {"index": {"String": {"value": str(name)}}}}:
                yield name
            case _:
                pass


def _import(source: Source, node: Tree) -> Import:
    path, alias = path_of(node["refr"]), node.get("as")
    text = source.module.text.encode()
    name = text[alias["start"] : alias["end"]].decode() if alias else path[-1]
    return Import(path=path, name=name, line=node["span"]["line"])


def _rule(node: Tree) -> Rule:
    if "Default" in node:
        default = node["Default"]
        return Rule(
            name=path_of(default["refr"]),
            line=default["span"]["line"],
            shape=Shape.FUNCTION if default.get("args") else Shape.VALUE,
            bodies=(Body(gives=default["value"], query=None),),
            arguments=tuple(default.get("args") or ()),
            default=True,
        )
    spec = node["Spec"]
    ((kind, head),) = spec["head"].items()
    assigned = head.get("assign")
    gives = head["key"] if kind == "Set" else assigned and assigned["value"]
    return Rule(
        name=path_of(head["refr"]),
        line=spec["span"]["line"],
        shape=_shape(kind, head),
        bodies=tuple(_bodies(spec["bodies"], gives)) or (Body(gives=gives, query=None),),
        arguments=tuple(head.get("args") or ()),
    )


def _shape(kind: str, head: Tree) -> Shape:
    if kind == "Func":
        return Shape.FUNCTION
    if kind == "Set":
        return Shape.SET
    if "RefBrack" in head["refr"] and "String" not in head["refr"]["RefBrack"]["index"]:
        return Shape.OBJECT
    return Shape.VALUE if head.get("assign") else Shape.BOOLEAN


def _bodies(bodies: Tree, gives: Tree) -> Iterator[Body]:
    for body in bodies:
        assigned = body.get("assign")
        yield Body(gives=assigned["value"] if assigned else gives, query=body["query"])
