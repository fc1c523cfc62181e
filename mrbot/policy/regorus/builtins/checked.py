"""Functions of regorus that answer, or are undefined, where OPA answers otherwise or fails: put right in
Rego, so that every value stays what it is."""

from __future__ import annotations

from mrbot.policy.regorus.builtins.deprecated import EXPECT

COUNT = "count"
_TYPES = '["array and array", "array and set", "object and object", "set and set"]'
_RULES = {
    # Of a text, regorus counts what it takes in UTF-16, and OPA its characters.
    COUNT: """
ours_count(a) = r { is_string(a); r := count([1 | split(a, "")[_] != ""]) }
ours_count(a) = r { not is_string(a); r := count(a) }""",
    "array.slice": f"""
ours_array_slice(a, b, c) = r {{
    {EXPECT}("array.slice", number_kind(b), ["whole number"])
    {EXPECT}("array.slice", number_kind(c), ["whole number"])
    r := array.slice(a, b, c)
}}
number_kind(a) = "whole number" {{ is_whole(a) }}
number_kind(a) = "other number" {{ not is_whole(a) }}
is_whole(a) {{ round(a) == a; abs(a) < 9007199254740992 }}""",
    # In an array, OPA counts what is in the set, also what is there twice.
    "object.subset": f"""
ours_object_subset(a, b) = r {{ is_array(a); is_set(b); r := counted(a, b) >= count(b) }}
ours_object_subset(a, b) = true {{ is_array(a); b == [] }}
ours_object_subset(a, b) = r {{
    not is_read_here(a, b)
    {EXPECT}("object.subset", concat(" and ", [type_name(a), type_name(b)]), {_TYPES})
    {EXPECT}("object.subset", nested(a, b), ["sets where sets are"])
    r := object.subset(a, b)
}}
is_read_here(a, b) {{ is_array(a); is_set(b) }}
is_read_here(a, b) {{ is_array(a); b == [] }}
counted([], b) = -1
counted(a, b) = r {{ a != []; r := count([1 | x := a[_]; b[x] == x]) }}
nested(a, b) = "arrays where sets are" {{ array_for_set(a, b) }}
nested(a, b) = "sets where sets are" {{ not array_for_set(a, b) }}
array_for_set(a, b) {{ is_object(b); walk(b, [path, x]); is_set(x); is_array(object.get(a, path, 0)) }}""",
}
NAMES = frozenset(_RULES)
"""The functions."""


def rules() -> tuple[str, ...]:
    """What the functions are in the library, in Rego v0."""
    return tuple(_RULES.values())
