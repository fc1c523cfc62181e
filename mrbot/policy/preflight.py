"""What regorus lacks, stubs or gets wrong, found in its own syntax tree before it runs.

regorus looks a function up when it is reached, so that a policy with a function it does not have
passes until the day the rule fires; and some of what it has is not what OPA has. All of that is
refused here, with file and line. Runs inside the worker: nothing but the standard library.

Found by running OPA's own conformance suite, and the constructs that policies are made of, over
regorus 0.13.0 and OPA, and reading every difference that was not an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mrbot.policy.patterns import MESSAGE, Tree, pattern_lines, walk
from mrbot.policy.refused import REFUSED

MAX_REFUSALS = 20
"""How many are reported at once."""

WRONG = {
    "graph.reachable_paths": "this engine leaves out paths",
    "strings.count": "this engine counts overlapping matches, OPA does not",
}
"""Functions that are there and answer differently from OPA."""

_SYNTAX = frozenset({"print", "set"})
"""Called like functions, and not listed among the built-in ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One thing that may not stay: where, and why."""

    path: str
    line: int
    message: str


@dataclass(slots=True)
class _File:
    """One module of the tree. `imports` maps the name an import gives to the path it stands for."""

    path: str
    package: tuple[str, ...]
    rules: Tree
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)


def refusals(tree: Tree, builtins: frozenset[str]) -> tuple[Refusal, ...]:
    """What to refuse in the modules of `tree` (of `get_ast_as_json`), in order, bounded in number.

    Raises: LookupError, TypeError when the tree is not built as regorus 0.13 builds it.
    """
    files = [_file(one) for one in tree]
    declared = frozenset(path for one in files for path in _functions(one))
    found: list[Refusal] = []
    for one in files:
        for line, message in _problems(one, declared, builtins):
            found.append(Refusal(path=one.path, line=line, message=message))
            if len(found) == MAX_REFUSALS:
                return tuple(found)
    return tuple(found)


def _file(one: Mapping[str, Tree]) -> _File:
    tree, source = one["ast"], one["source"]
    text = source["contents"].encode()
    made = _File(source["file"], ("data", *_path(tree["package"]["refr"])), tree["rules"])
    for each in tree["imports"]:
        path, alias = _path(each["refr"]), each.get("as")
        name = text[alias["start"] : alias["end"]].decode() if alias else path[-1]
        made.imports[name] = path
    return made


def _path(node: Tree) -> tuple[str, ...]:
    """The path of a reference; empty when a part of it is not constant."""
    parts: list[str] = []
    while "Var" not in node:
        if "RefDot" in node:
            node, part = node["RefDot"]["refr"], node["RefDot"]["field"][1]
        elif "RefBrack" in node and "String" in node["RefBrack"]["index"]:
            node, part = node["RefBrack"]["refr"], node["RefBrack"]["index"]["String"]["value"]
        else:
            return ()
        parts.append(part)
    return (node["Var"]["value"], *reversed(parts))


def _functions(one: _File) -> Iterator[tuple[str, ...]]:
    for rule in one.rules:
        if "Default" in rule:
            head = rule["Default"] if rule["Default"].get("args") else None
        else:
            head = rule["Spec"]["head"].get("Func")
        if head is not None:
            yield (*one.package, *_path(head["refr"]))


def _problems(
    one: _File, declared: frozenset[tuple[str, ...]], builtins: frozenset[str]
) -> Iterator[tuple[int, str]]:
    for rule in one.rules:
        if "Spec" in rule and (line := _variable_inside(rule["Spec"]["head"])):
            yield line, "a variable inside a rule's name is not dependable in this engine: use OPA"
        for line in pattern_lines(rule):
            yield line, MESSAGE
    calls = [node["Call"] for node in walk(one.rules) if "Call" in node]
    for call in sorted(calls, key=lambda call: (call["span"]["line"], call["span"]["col"])):
        message = _refused(_path(call["fcn"]), len(call["params"]), one, declared, builtins)
        if message is not None:
            yield call["span"]["line"], message


def _variable_inside(head: Mapping[str, Tree]) -> int:
    """The line of a head such as `p[x].q`, whose variable is not its last part; else 0."""
    (kind,) = head.values()
    node, last = kind["refr"], True
    while "Var" not in node:
        (inner,) = node.values()
        index = inner.get("index")
        if not last and index is not None and "String" not in index:
            return int(inner["span"]["line"])
        node, last = inner["refr"], False
    return 0


def _refused(
    path: tuple[str, ...],
    parameters: int,
    one: _File,
    declared: frozenset[tuple[str, ...]],
    builtins: frozenset[str],
) -> str | None:
    """Why this function may not be called; None when it may."""
    if not path:
        return "what is called here is not a constant name"
    meant = (*one.imports[path[0]], *path[1:]) if path[0] in one.imports else path
    if meant in declared or (*one.package, *path) in declared:
        return None
    name = ".".join(path)
    if name in REFUSED:
        return f"{name} may not be called: {REFUSED[name]}"
    if name in WRONG:
        return f"{name} may not be called here: {WRONG[name]}; use OPA"
    if name == "walk" and parameters == 1:
        return "walk(x) finds nothing in this engine: write walk(x, [path, value]), or use OPA"
    if name in builtins or name in _SYNTAX:
        return None
    return f"{name} is neither declared nor a function that this engine has"
