"""Functions that OPA has for Rego v0 only, written in Rego, so that every value stays what it is."""

from __future__ import annotations

from mrbot.policy.regorus.builtins.values import BadArgument, Value

EXPECT = "mrbot_expect"
"""A function of theirs alone: raises unless a type is one of those that are allowed."""

_PARAMETERS = {"re_match": "a, b", "set_diff": "a, b"}
_BODIES = {
    "all": 'mrbot_expect("all", type_name(a), ["array", "set"]); r := count([1 | a[_] != true]) == 0',
    "any": 'mrbot_expect("any", type_name(a), ["array", "set"]); r := count([1 | a[_] == true]) > 0',
    "cast_array": 'mrbot_expect("cast_array", type_name(a), ["array", "set"]); r := [x | x := a[_]]',
    "cast_boolean": 'mrbot_expect("cast_boolean", type_name(a), ["boolean"]); r := a',
    "cast_null": 'mrbot_expect("cast_null", type_name(a), ["null"]); r := a',
    "cast_object": 'mrbot_expect("cast_object", type_name(a), ["object"]); r := a',
    "cast_set": 'mrbot_expect("cast_set", type_name(a), ["array", "set"]); r := {x | x := a[_]}',
    "cast_string": 'mrbot_expect("cast_string", type_name(a), ["string"]); r := a',
    "re_match": "r := regex.match(a, b)",
    "set_diff": 'mrbot_expect("set_diff", type_name(a), ["set"]);'
    ' mrbot_expect("set_diff", type_name(b), ["set"]); r := a - b',
}

NAMES = frozenset(_BODIES)
"""The functions."""
CALLED = {"re_match": "regex.match"}
"""Which of them call a function that is written here."""
ONLY_V0 = NAMES | {"net.cidr_overlap"}
"""What OPA refuses in a module of version 1."""


def rules() -> tuple[str, ...]:
    """Each function, in Rego v0."""
    return tuple(
        f"{name}({_PARAMETERS.get(name, 'a')}) = r {{ {body} }}" for name, body in _BODIES.items()
    )


def expect(function: Value, given: Value, allowed: Value) -> bool:
    """True; raises when a type is not one of those that are allowed."""
    if given not in allowed:
        raise BadArgument(
            f"{function}: the argument must be of type {' or '.join(allowed)}, not {given}"
        )
    return True
