"""CloudFormation's intrinsic functions: one form for all their spellings, and what static reading
cannot know because of them.

`!Sub x`, which our YAML loader gives as `{"!Sub": "x"}`, is `{"Fn::Sub": "x"}`; `!GetAtt a.b` and
`Fn::GetAtt: a.b` are `{"Fn::GetAtt": ["a", "b"]}`.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mrbot.ids import Json
from mrbot.resources.paths import Path

FUNCTION = "Fn::"
"""How the names of functions begin, all but `Ref` and `Condition`."""
FOR_EACH = "Fn::ForEach"
"""A loop; the name of each follows it after `::`."""
TRANSFORM = "Fn::Transform"
"""A macro, which may rewrite all that is beside it."""

_FUNCTIONS = """
    And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap ForEach GetAZs GetAtt If
    ImportValue Join Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll
"""
LONG_FORMS: Mapping[str, str] = {
    "!Ref": "Ref",
    "!Condition": "Condition",
    **{f"!{name}": FUNCTION + name for name in _FUNCTIONS.split()},
}
"""By tag: the function it is short for."""

_TAG = "!"
_GET_ATT = "Fn::GetAtt"
_DYNAMIC = "{{resolve:"
_REFERENCE = re.compile(r"(?:\{\{resolve:[^{}]*\}\})*|arn:[^:\s]*:[^:\s]*:\S*")
_SUBSTITUTED = re.compile(r"\$\{[^!{}][^{}]*\}")  # ${!x} is how ${x} is written literally
_ALL = 1_000
_NAMES: Mapping[str, int] = {
    "Ref": _ALL,
    "Condition": _ALL,
    _GET_ATT: _ALL,
    "Fn::ImportValue": _ALL,
    "Fn::GetAZs": _ALL,
    "Fn::FindInMap": 3,
    "Fn::If": 1,
    "Fn::Select": 1,
}
"""How many of a function's first arguments say which value is meant, and are in none."""


def long_form(value: Json) -> Json:
    """A copy of `value` with every known function in its long form."""
    match value:
        case list():
            return [long_form(item) for item in value]
        case dict() if len(value) == 1:
            ((key, inner),) = value.items()
            name = LONG_FORMS.get(key, key)
            return {name: _attribute(inner) if name == _GET_ATT else long_form(inner)}
        case dict():
            return {key: long_form(inner) for key, inner in value.items()}
        case _:
            return value


def _attribute(argument: Json) -> Json:
    if not isinstance(argument, str) or "." not in argument:
        return long_form(argument)
    resource, _, attribute = argument.partition(".")
    return [resource, attribute]


def tagged(value: Json) -> int:
    """How many values in `value` look as if they had a custom tag, aliases counted once."""
    return len(set(_tagged(value)))


def _tagged(value: Json) -> Iterator[int]:
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith(_TAG):
            yield id(value)
        for inner in value.values():
            yield from _tagged(inner)
    if isinstance(value, list):
        for item in value:
            yield from _tagged(item)


def unknown_paths(value: Json, path: Path = ()) -> Iterator[Path]:
    """The paths in `value`, which is in long form, whose values only CloudFormation knows: those of
    functions, of dynamic references, and of mappings in which a loop or a macro puts keys."""
    match value:
        case str() if _DYNAMIC in value:
            yield path
        case list():
            for index, item in enumerate(value):
                yield from unknown_paths(item, (*path, index))
        case dict() if is_function(value) or any(_generates(*entry) for entry in value.items()):
            yield path
        case dict():
            for key, inner in value.items():
                yield from unknown_paths(inner, (*path, key))
        case _:
            return


def _generates(key: str, inner: Json) -> bool:
    """Whether an entry makes the mapping around it another; `Transform` is a spelling of
    `Fn::Transform`."""
    is_macro = key == "Transform" and isinstance(inner, dict) and "Name" in inner
    return is_macro or key.startswith(FUNCTION)


def is_function(value: dict[str, Json]) -> bool:
    """Whether `value` is a function, rather than a mapping."""
    key = next(iter(value)) if len(value) == 1 else ""
    return key == "Ref" or key.startswith(FUNCTION)


def literal_text(value: Json) -> str:
    """What `value` spells in the template itself: a literal is its text, and nothing stands for what
    a function takes from elsewhere."""
    match value:
        case str():
            return value
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case list():
            return "".join(map(literal_text, value))
        case {"Fn::Join": [delimiter, list() as parts], **others} if not others:
            return literal_text(delimiter).join(map(literal_text, parts))
        case dict():
            return "".join(_argument_text(key, inner) for key, inner in value.items())
        case _:
            return ""


def _argument_text(name: str, argument: Json) -> str:
    names = _NAMES.get(name, 0)
    if names == _ALL:
        return ""
    values: list[Json] = argument[names:] if isinstance(argument, list) else [argument]
    if name == "Fn::Sub":
        return _SUBSTITUTED.sub("", literal_text(values[:1])) + literal_text(values[1:])
    return literal_text(values)


def is_reference(text: str) -> bool:
    """Whether `text` only says where something is: as dynamic references do
    (`{{resolve:secretsmanager:db}}`), as an ARN does, as nothing at all does."""
    return bool(_REFERENCE.fullmatch(text))
