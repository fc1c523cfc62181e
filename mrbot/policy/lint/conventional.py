"""Rules that look like conftest's conventions and do not count, or count and are no set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from mrbot.policy.conventions import EXCEPTION, REQUIRE, counts
from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.constant import UNKNOWN, constant, fields
from mrbot.policy.lint.module import Parsed, Rule, Shape, names_used
from mrbot.policy.source import dotted

_WORDS = ("deny", "violation", "warn", REQUIRE, EXCEPTION)
_COUSINS = {
    "denies": "deny",
    "denied": "deny",
    "deny_all": "deny",
    "warning": "warn",
    "warnings": "warn",
    "requires": REQUIRE,
    "required": REQUIRE,
    "requirement": REQUIRE,
    "requirements": REQUIRE,
    "approvals": REQUIRE,
    "exceptions": EXCEPTION,
    "exempt": EXCEPTION,
}
_ODD = re.compile(r"(deny|violation|warn)_.*", re.IGNORECASE)


def conventional(modules: Sequence[Parsed], namespaces: Sequence[str]) -> Iterator[Complaint]:
    """`near-convention`, `wrong-shape` and `unasked-package` in the modules that are not tests."""
    policies = [one for one in modules if not one.is_test]
    used = Counter(name for one in policies for name in names_used(one.tree["rules"]))
    own = Counter(rule.name[0] for one in policies for rule in one.rules if rule.name)
    for module in policies:
        asked = not namespaces or _is_asked(module.package, namespaces)
        seen: set[str] = set()
        for rule in module.rules:
            name = rule.name[0] if len(rule.name) == 1 else ""
            if not name or name.startswith("test_"):
                continue
            if counts(name):
                if asked:
                    yield from _wrong_shape(module, rule, name, sure=bool(namespaces))
                elif name not in seen:
                    yield _unasked(module, rule, name, namespaces)
            # A name that other rules use is a part of theirs, whatever it is like.
            elif name not in seen and used[name] <= own[name]:
                yield from _near(module, rule, name)
            seen.add(name)


def _near(module: Parsed, rule: Rule, name: str) -> Iterator[Complaint]:
    meant = _meant(name, rule.shape)
    if meant is None:
        return
    suffixes = "" if meant in {REQUIRE, EXCEPTION} else f" or `{meant}_<letters and digits>`"
    yield Complaint(
        path=module.path,
        line=rule.line,
        rule="near-convention",
        level=Level.WARNING,
        message=f"`{name}` is not asked by anybody: it only looks like `{meant}`",
        fix=f"call it `{meant}`{suffixes}; a rule that others use may have any name",
    )


def _meant(name: str, shape: Shape) -> str | None:
    """The convention that was probably meant."""
    lower = name.lower()
    if shape is Shape.FUNCTION:
        return None
    first = lower.split("_")[0]
    if first in _WORDS and (lower == first or name != lower or first in {REQUIRE, EXCEPTION}):
        return first if shape is Shape.SET or name != lower else None
    if (odd := _ODD.fullmatch(name)) is not None:
        return odd.group(1).lower()
    if shape is not Shape.SET:
        return None
    if lower in _COUSINS or first in _COUSINS:
        return _COUSINS.get(lower) or _COUSINS[first]
    for word in _WORDS:
        if one_edit(first, word) or (name.startswith(word) and name[len(word)].isupper()):
            return word
    return None


def one_edit(left: str, right: str) -> bool:
    """Whether one letter more, less, other or swapped makes `left` of `right`."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    if len(left) > len(right):
        left, right = right, left
    start = next(
        (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), len(left)
    )
    if len(left) < len(right):
        return left[start:] == right[start + 1 :]
    swapped = left[:start] + left[start : start + 2][::-1] + left[start + 2 :]
    return left[start + 1 :] == right[start + 1 :] or swapped == right


def _wrong_shape(module: Parsed, rule: Rule, name: str, *, sure: bool) -> Iterator[Complaint]:
    """`sure`: it is known that the package is asked. conftest asks `main` by itself."""
    what = _not_a_set(rule, name)
    if what is None:
        return
    fails = rule.shape is not Shape.FUNCTION
    certain = fails and (sure or module.package == ("main",))
    then = "judging fails" if certain else "judging fails where this package is asked"
    example = {REQUIRE: '{"msg": "why", "groups": ["platform"]}', EXCEPTION: '["suffix"]'}
    yield Complaint(
        path=module.path,
        line=rule.line,
        rule="wrong-shape",
        level=Level.ERROR if certain else Level.WARNING,
        message=f"`{name}` {what}: {then}" if fails else f"`{name}` {what}",
        fix=f"make it a set of results: `{name} contains {example.get(name, 'msg')} if {{ ... }}`",
    )


def _not_a_set(rule: Rule, name: str) -> str | None:
    match rule.shape:
        case Shape.SET:
            return None
        case Shape.BOOLEAN:
            return "is `true`, not a set of results"
        case Shape.OBJECT:
            return f"is an object, since `{name}[x] if` makes no set in Rego v1"
        case Shape.FUNCTION:
            return "is a function, which nobody asks"
        case Shape.VALUE:
            pass
    for body in rule.bodies:
        value = constant(body.gives)
        if body.gives is None or fields(body.gives) is not None:
            return "is a single value, not a set of results"
        if value is not UNKNOWN and not isinstance(value, list):
            return "is a single value, not a set of results"
    return None


def _unasked(module: Parsed, rule: Rule, name: str, namespaces: Sequence[str]) -> Complaint:
    package = dotted(module.package)
    return Complaint(
        path=module.path,
        line=rule.line,
        rule="unasked-package",
        level=Level.WARNING,
        message=f"`{name}` is in package {package}, which {', '.join(namespaces)} does not ask",
        fix=f"ask it as well (--namespace {package}), or move the rule to a package that is asked",
    )


def _is_asked(package: tuple[str, ...], namespaces: Iterable[str]) -> bool:
    return any(
        re.fullmatch(".*".join(map(re.escape, one.split("*"))), dotted(package), re.DOTALL)
        for one in namespaces
    )
