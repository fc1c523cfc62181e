"""What must not be shown of a CloudFormation template.

Beside what `secret_names` finds: what a `NoEcho` parameter holds, the values of `Name`/`Value`
pairs, and literals within functions (`!Join ["", [hunter2, !Ref Suffix]]`), under a telling name.
Only a dynamic reference, an ARN or a function of other values stays readable there: `$word` is a reference
nowhere in CloudFormation.
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.resources.cloudformation.intrinsics import is_function, is_reference, literal_text
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import is_secret_name, secret_paths

_PAIRS = (
    ("Name", "Value"),
    ("Key", "Value"),
    ("OptionName", "Value"),
    ("ParameterKey", "ParameterValue"),
)
_FROM_ELSEWHERE = "AWS::SSM::Parameter::"  # the default is the name of a parameter store's entry


def hidden_in(value: Json) -> Iterator[Path]:
    """The paths of secrets in any part of a template, in long form."""
    for path in secret_paths(value):
        found = _at(value, path)
        if not (isinstance(found, str) and is_reference(found)):
            yield path
    yield from _under_names(value, ())


def hidden_in_parameter(name: str, body: dict[str, Json]) -> Iterator[Path]:
    """The paths of what a parameter may be, where that is a secret."""
    if str(body.get("NoEcho", False)).lower() != "false":
        yield from (("Default",), ("AllowedValues",))
    elif is_secret_name(name) and not str(body.get("Type")).startswith(_FROM_ELSEWHERE):
        for key in ("Default", "AllowedValues"):
            yield from _literals(body.get(key), (key,))


def hidden_in_output(name: str, body: dict[str, Json]) -> Iterator[Path]:
    """The path of an output's value, where that is a literal secret."""
    if is_secret_name(name):
        yield from _literals(body.get("Value"), ("Value",))


def _at(value: Json, path: Path) -> Json:
    for step in path:
        match value, step:
            case dict(), str() if step in value:
                value = value[step]
            case list(), int():
                value = value[step]
            case _:  # within a string that holds JSON
                return None
    return value


def _under_names(value: Json, path: Path) -> Iterator[Path]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _under_names(item, (*path, index))
    if not isinstance(value, dict):
        return
    for name, key in _named(value):
        if is_secret_name(name):
            yield from _literals(value[key], (*path, key))
    for key, inner in value.items():
        yield from _under_names(inner, (*path, key))


def _named(value: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The name of each value in a mapping, and the key it is at."""
    yield from ((key, key) for key in value)
    for name_key, value_key in _PAIRS:
        name = value.get(name_key)
        if isinstance(name, str) and value_key in value:
            yield name, value_key


def _literals(value: Json, path: Path) -> Iterator[Path]:
    """What is literal in the value of a secret name: itself, its items, or a function's arguments.
    What is in other mappings has names of its own."""
    match value:
        case list():
            for index, item in enumerate(value):
                yield from _literals(item, (*path, index))
        case dict() if not is_function(value):
            return
        case _ if not is_reference(literal_text(value)):
            yield path
        case _:
            return
