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

from mrbot.policy.refused import REFUSED
from mrbot.policy.regorus.builtins import OURS
from mrbot.policy.regorus.builtins.calls import PACKAGE, Call
from mrbot.policy.regorus.builtins.deprecated import ONLY_V0
from mrbot.policy.regorus.patterns import MESSAGE, Tree, pattern_lines, walk

MAX_REFUSALS = 20
"""How many are reported at once."""

WRONG = {
    "json.marshal_with_options": "this engine does not escape <, > and &",
    "json.match_schema": "this engine has another validator, with other findings",
    "json.verify_schema": "this engine has another validator, with other findings",
    "yaml.marshal": "this engine quotes and indents otherwise",
}
"""Functions that are there and answer differently from OPA."""

_WRITTEN_OUT = frozenset({"rego.metadata.rule"})
"""Called like functions, and replaced by what they give before the engine sees them."""
_COLLECTIONS = frozenset({"Array", "Set", "Object", "ArrayCompr", "SetCompr", "ObjectCompr"})
_WALK = "a function of yours that is called as walk is taken for the built-in one here: rename it, or use OPA"
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
    is_v0: bool
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)


def refusals(tree: Tree, builtins: frozenset[str]) -> tuple[Refusal, ...]:
    """What to refuse in the modules of `tree` (of `get_ast_as_json`), in order, bounded in number.

    Raises: LookupError, TypeError when the tree is not built as regorus 0.13 builds it.
    """
    files = [_file(one) for one in tree]
    declared = frozenset(path for one in files for path in _functions(one))
    found: list[Refusal] = []
    for one in files:
        if one.package[:2] == ("data", PACKAGE):
            message = f"package {PACKAGE} is reserved: give the policy another package"
            found.append(Refusal(path=one.path, line=1, message=message))
        for line, message in _problems(one, declared, builtins):
            found.append(Refusal(path=one.path, line=line, message=message))
            if len(found) == MAX_REFUSALS:
                return tuple(found)
    return tuple(found)


def calls(tree: Tree) -> tuple[Call, ...]:
    """The functions that are called in the modules of `tree`, or replaced by a `with`, and that
    none of the modules declares."""
    files = [_file(one) for one in tree]
    declared = frozenset(path for one in files for path in _functions(one))
    found = []
    for one in files:
        for node in walk(one.rules):
            references = [(each["refr"], -1) for each in node.get("with_mods") or ()]
            if "Call" in node:
                references.append((node["Call"]["fcn"], len(node["Call"]["params"])))
            for reference, parameters in references:
                path = _path(reference)
                if path and not _is_declared(path, one, declared):
                    ((span,),) = [[inner["span"]] for inner in reference.values()]
                    found.append(
                        Call(
                            module=one.path,
                            start=span["start"],
                            end=span["end"],
                            name=".".join(path),
                            parameters=parameters,
                            collection=parameters > 0
                            and bool(node["Call"]["params"][0].keys() & _COLLECTIONS),
                        )
                    )
    return tuple(found)


def _file(one: Mapping[str, Tree]) -> _File:
    tree, source = one["ast"], one["source"]
    text = source["contents"].encode()
    package = ("data", *_path(tree["package"]["refr"]))
    made = _File(source["file"], package, tree["rules"], not tree["rego_v1"])
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
    for path, line in _reaching(one.rules):
        meant = (*one.imports[path[0]], *path[1:]) if path[0] in one.imports else path
        if meant == one.package[: len(meant)]:
            yield line, f"{'.'.join(meant)} holds this very rule, which OPA calls recursive"
    calls = [node["Call"] for node in walk(one.rules) if "Call" in node]
    for call in sorted(calls, key=lambda call: (call["span"]["line"], call["span"]["col"])):
        message = _refused(_path(call["fcn"]), len(call["params"]), one, declared, builtins)
        if message is not None:
            yield call["span"]["line"], message


def _reaching(tree: Tree) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every reference's path up to where it is not constant any more, with its line. What a `with`
    replaces is none."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict) and node.keys() & {"Var", "RefDot", "RefBrack"}:
            parts, line, base = list[str](), 0, node
            while "Var" not in base and base.keys() & {"RefDot", "RefBrack"}:
                ((_, inner),) = base.items()
                if "field" in inner:
                    parts.append(inner["field"][1])
                elif "String" in inner["index"]:
                    parts.append(inner["index"]["String"]["value"])
                elif inner["index"].keys() & {"Number", "Bool", "Null"}:
                    parts.append("")  # no package has such a name
                else:
                    parts.clear()
                    waiting.append(inner["index"])
                base = inner["refr"]
            if "Var" in base:
                line = int(base["Var"]["span"]["line"])
                yield (base["Var"]["value"], *reversed(parts)), line
            else:
                waiting.append(base)
        elif isinstance(node, dict):
            waiting.extend(value for key, value in node.items() if key not in {"with_mods", "refr"})
            waiting.extend(each["as"] for each in node.get("with_mods") or () if "as" in each)


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
    if _is_declared(path, one, declared):
        return _WALK if path == ("walk",) else None
    name = ".".join(path)
    if name in ONLY_V0 and not one.is_v0:
        return f"{name} may not be called in a module of Rego v1: OPA has it for v0 only"
    if name in REFUSED:
        return f"{name} may not be called: {REFUSED[name]}"
    if name in WRONG:
        return f"{name} may not be called here: {WRONG[name]}; use OPA"
    if name == "walk" and parameters == 1:
        return "walk(x) finds nothing in this engine: write walk(x, [path, value]), or use OPA"
    if name in builtins or name in OURS or name in _SYNTAX or name in _WRITTEN_OUT:
        return None
    return f"{name} is neither declared nor a function that this engine has"


def _is_declared(path: tuple[str, ...], one: _File, declared: frozenset[tuple[str, ...]]) -> bool:
    meant = (*one.imports[path[0]], *path[1:]) if path[0] in one.imports else path
    return meant in declared or (*one.package, *path) in declared
