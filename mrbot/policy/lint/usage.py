"""How a module uses the language: its dialect, imports, and functions that are easily misused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.constant import constant
from mrbot.policy.lint.module import Parsed, calls, names_used
from mrbot.policy.regorus.patterns import Tree, walk
from mrbot.policy.source import Dialect

_VERB = re.compile(r"%[-+# 0]*(\*|\d+)?(\.(\*|\d+)?)?([a-zA-Z%])")
_FAMILIES = frozenset(
    {
        "array", "base64", "base64url", "bits", "crypto", "glob", "graph", "graphql", "hex", "http",
        "io", "json", "net", "numbers", "object", "rand", "regex", "rego", "semver", "strings",
        "time", "units", "urlquery", "uuid", "yaml",
    }
)  # fmt: skip
"""First parts of the names of built-in functions."""


def usage(modules: Sequence[Parsed], *, has_now: bool) -> Iterator[Complaint]:
    """`rego-v0`, `import-rego-v1`, `unused-import`, `print-left`, `clock`, `sprintf-arguments` and
    `shadowed-builtin`. `has_now`: the input document has the time of judgement."""
    for module in modules:
        yield from _dialect(module)
        yield from _unused_imports(module)
        yield from _calls(module, has_now=has_now)
        yield from _shadowed(module, modules)


def _dialect(module: Parsed) -> Iterator[Complaint]:
    if module.source.dialect is Dialect.V0:
        yield Complaint(
            path=module.path,
            line=1,
            rule="rego-v0",
            level=Level.NOTE,
            message="this is Rego v0, which OPA reads only when it is told to",
            fix="migrate it: run `opa fmt --v0-v1 --write` on this file",
        )
    elif not any(one.path[:1] == ("rego",) for one in module.imports):
        yield Complaint(
            path=module.path,
            line=1,
            rule="import-rego-v1",
            level=Level.NOTE,
            message="nothing in this file says that it is Rego v1",
            fix="write `import rego.v1` below the package, so that older tools read it alike",
        )


def _unused_imports(module: Parsed) -> Iterator[Complaint]:
    used = set(names_used(module.tree["rules"]))
    for one in module.imports:
        if one.path[0] not in {"rego", "future"} and one.name not in used:
            yield Complaint(
                path=module.path,
                line=one.line,
                rule="unused-import",
                level=Level.WARNING,
                message=f"`{one.name}` is imported and not used",
                fix="delete the import",
            )


def _calls(module: Parsed, *, has_now: bool) -> Iterator[Complaint]:
    for name, call in calls(module.tree["rules"]):
        match name:
            case "print" if not module.is_test:
                message = "a `print` is left: in production nobody sees it"
                fix = "delete it; tests may print"
                yield _warning(module, call, "print-left", message, fix)
            case "time.now_ns" if has_now and not module.is_test:
                message = "a decision that used the clock cannot be replayed"
                fix = "use `time.parse_rfc3339_ns(input.now)`, which is the moment of judgement"
                yield _warning(module, call, "clock", message, fix)
            case "sprintf":
                yield from _sprintf(module, call)
            case _:
                pass


def _sprintf(module: Parsed, call: Tree) -> Iterator[Complaint]:
    if len(call["params"]) < 2:
        return
    text, values = call["params"][:2]
    pattern = constant(text)
    if not isinstance(pattern, str) or "%[" in pattern or "Array" not in values:
        return
    places = 0
    for verb in _VERB.finditer(pattern):
        places += verb.group(4) != "%"
        places += verb.group(0).count("*")
    there = len(values["Array"]["items"])
    if places != there:
        yield Complaint(
            path=module.path,
            line=call["span"]["line"],
            rule="sprintf-arguments",
            level=Level.ERROR,
            message=f"the text has places for {places} values, and {there} are given:"
            f" people would read {'%!v(MISSING)' if places > there else '%!(EXTRA ...)'}",
            fix="give as many values as the text has verbs; a percent sign is %%",
        )


def _shadowed(module: Parsed, modules: Sequence[Parsed]) -> Iterator[Complaint]:
    """OPA takes `object.get` for a field of the rule or variable `object`, and does not compile it."""
    families = {
        name.split(".")[0]
        for name, _ in calls(module.tree["rules"])
        if name.split(".")[0] in _FAMILIES
    }
    imported = {one.name for one in module.imports}
    for family in sorted(families - imported):
        line, what = 0, ""
        for other in modules:
            for rule in other.rules:
                if other.package == module.package and rule.name[:1] == (family,):
                    line = rule.line if other is module else 0
                    what = f"the rule `{family}` of {other.path}:{rule.line}"
        if not what and (line := _local(module, family)):
            what = f"the variable `{family}`"
        if what:
            yield Complaint(
                path=module.path,
                line=line or 1,
                rule="shadowed-builtin",
                level=Level.WARNING,
                message=f"{what} hides the functions `{family}.*`: OPA does not compile that",
                fix=f"give it another name than `{family}`",
            )


def _local(module: Parsed, name: str) -> int:
    """The line on which a local variable of this name is made; 0 when there is none."""
    for node in walk(module.tree["rules"]):
        for kind in ("AssignExpr", "SomeIn"):
            if kind not in node:
                continue
            made = node[kind]
            for part in ("lhs", "value", "key"):
                match made.get(part):
                    case {"Var": {"value": value}} if value == name:
                        return int(made["span"]["line"])
                    case _:
                        pass
    for rule in module.rules:
        for argument in rule.arguments:
            if name in names_used(argument):
                return rule.line
    return 0


def _warning(module: Parsed, call: Tree, rule: str, message: str, fix: str) -> Complaint:
    line = int(call["span"]["line"])
    return Complaint(
        path=module.path, line=line, rule=rule, level=Level.WARNING, message=message, fix=fix
    )
