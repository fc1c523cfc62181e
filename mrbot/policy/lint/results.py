"""What rules that count give, where it is constant: results, demands, exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mrbot.policy.conventions import DEMAND_KEYS, MAX_COUNT, counts
from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.constant import UNKNOWN, constant, fields, given
from mrbot.policy.lint.module import Parsed, Rule, Shape
from mrbot.policy.regorus.patterns import Tree

_PEOPLE = ("users", "groups", "roles")
_SEVERITIES = ("deny", "violation", "warn")


def results(modules: Sequence[Parsed]) -> Iterator[Complaint]:
    """`result-shape`, `location-shape`, `require-shape`, `exception-shape` and `exception-unknown`
    in the modules that are not tests."""
    policies = [one for one in modules if not one.is_test]
    for module in policies:
        suffixes = {
            suffix
            for one in policies
            if one.package == module.package
            for rule in one.rules
            if len(rule.name) == 1 and (suffix := _suffix(rule.name[0])) is not None
        }
        for rule in module.rules:
            if rule.shape is Shape.SET and len(rule.name) == 1 and counts(rule.name[0]):
                for body in rule.bodies:
                    yield from _member(module, rule, given(body), suffixes)


def _member(module: Parsed, rule: Rule, node: Tree, suffixes: set[str]) -> Iterator[Complaint]:
    line = _line(node) or rule.line
    match rule.name[0]:
        case "exception":
            yield from _exception(module, line, node, suffixes)
        case "require":
            yield from _demand(module, line, node)
        case _:
            yield from _result(module, line, node)


def _result(module: Parsed, line: int, node: Tree) -> Iterator[Complaint]:
    def wrong(message: str, rule: str = "result-shape", fix: str = "") -> Complaint:
        fix = fix or 'give a string, or an object with a string `msg`: {"msg": "what is wrong"}'
        return _error(module, line, rule, f"{message}, and judging fails where it fires", fix)

    known = fields(node)
    if known is None:
        value = constant(node)
        if (value is not UNKNOWN and not isinstance(value, str)) or _is_collection(node):
            yield wrong("the result is neither a string nor an object")
        return
    if "msg" not in known:
        yield wrong(f"the result has no `msg`: it has {', '.join(sorted(known)) or 'nothing'}")
    elif (msg := constant(known["msg"])) is not UNKNOWN and not isinstance(msg, str):
        yield wrong("the result's `msg` is not a string")
    if "_loc" in known and (what := _odd_location(known["_loc"])) is not None:
        fix = 'write "_loc": {"file": path, "line": number}, or leave `_loc` out'
        yield wrong(what, "location-shape", fix)


def _odd_location(node: Tree) -> str | None:
    known = fields(node)
    if known is None:
        value = constant(node)
        odd = _is_collection(node) or (value is not UNKNOWN and value is not None)
        return "`_loc` is not an object" if odd else None
    if "file" not in known:
        return f"`_loc` has no `file`: it has {', '.join(sorted(known)) or 'nothing'}"
    file = constant(known["file"])
    return None if file is UNKNOWN or isinstance(file, str) else "`file` of `_loc` is not a string"


def _demand(module: Parsed, line: int, node: Tree) -> Iterator[Complaint]:
    def wrong(message: str, fix: str) -> Complaint:
        return _error(
            module, line, "require-shape", f"{message}, and judging fails where it fires", fix
        )

    example = '{"msg": "why", "count": 1, "groups": ["platform"]}'
    known = fields(node)
    if known is None:
        if constant(node) is not UNKNOWN or _is_collection(node):
            yield wrong("the demand is not an object", f"write {example}")
        return
    if unknown := sorted(set(known) - DEMAND_KEYS):
        keys = ", ".join(sorted(DEMAND_KEYS))
        yield wrong(f"a demand has no key {', '.join(map(repr, unknown))}", f"it takes {keys}")
    msg = constant(known["msg"]) if "msg" in known else None
    if msg is not UNKNOWN and not (isinstance(msg, str) and msg.strip()):
        yield wrong("the demand does not say why", "give it a `msg`, which the approver reads")
    count = constant(known["count"]) if "count" in known else 1
    whole = isinstance(count, int) and not isinstance(count, bool)
    if count is not UNKNOWN and not (whole and isinstance(count, int) and 1 <= count <= MAX_COUNT):
        yield wrong("the demand's `count` cannot be met", f"give a number from 1 to {MAX_COUNT}")
    people = [constant(known[key]) for key in _PEOPLE if key in known]
    if all(one == [] for one in people):
        yield wrong("the demand names nobody", f"name `users`, `groups` or `roles`: {example}")
    if any(one is not UNKNOWN and not _are_names(one) for one in people):
        fix = 'write lists, also of one: "users": ["dana"]'
        yield wrong("`users`, `groups` and `roles` are lists of names", fix)


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value)


def _exception(module: Parsed, line: int, node: Tree, suffixes: set[str]) -> Iterator[Complaint]:
    value = constant(node)
    if value is UNKNOWN and not (_is_collection(node) and "Array" not in node):
        return
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        fix = 'write `exception contains ["suffix"] if { ... }`'
        yield _error(
            module,
            line,
            "exception-shape",
            "an exception is a list of suffixes of rules; anything else makes judging fail",
            fix,
        )
        return
    for name in value:
        if name not in suffixes:
            there = ", ".join(repr(one) for one in sorted(suffixes)) or "none"
            yield Complaint(
                path=module.path,
                line=line,
                rule="exception-unknown",
                level=Level.WARNING,
                message=f"no rule of this package has the suffix {name!r}: nothing is taken back",
                fix=f"name the part after `deny_`, `violation_` or `warn_`; there are {there}",
            )


def _suffix(name: str) -> str | None:
    for severity in _SEVERITIES:
        if name == severity or name.startswith(f"{severity}_"):
            return name.removeprefix(severity).removeprefix("_")
    return None


def _is_collection(node: Tree) -> bool:
    return isinstance(node, dict) and bool(
        node.keys() & {"Array", "Set", "Object", "ArrayCompr", "SetCompr", "ObjectCompr"}
    )


def _line(node: Tree) -> int:
    """Where a literal stands; 0 for what is no node."""
    if not isinstance(node, dict):
        return 0
    (inner,) = node.values()
    return int(inner["span"]["line"])


def _error(module: Parsed, line: int, rule: str, message: str, fix: str) -> Complaint:
    return Complaint(
        path=module.path, line=line, rule=rule, level=Level.ERROR, message=message, fix=fix
    )
