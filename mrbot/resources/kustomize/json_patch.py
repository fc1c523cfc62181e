"""JSON Patch (RFC 6902) on one JSON value, as Kustomize takes it: what is to be replaced in a mapping
need not be there.

Sources: https://www.rfc-editor.org/rfc/rfc6902, https://github.com/evanphx/json-patch/tree/v4.12.0
"""

from __future__ import annotations

from collections.abc import Callable

from mrbot.ids import Json
from mrbot.resources.masking import same
from mrbot.resources.paths import Path

MAX_STEPS = 100
"""Most steps in one path: deeper values are not read."""

_Edit = Callable[[Json, str], Json]
"""Takes a mapping or list and the last step into it; gives what comes in its place."""


class PatchError(ValueError):
    """A patch that cannot be applied; whoever builds with it fails too."""


class PatchDoubtError(ValueError):
    """A patch of which implementations make different things."""


def applied(value: Json, operation: Json) -> Json:
    """`value` after one operation; `value` itself is not altered.

    Raises: PatchError or PatchDoubtError.
    """
    if not isinstance(operation, dict):
        raise PatchError("an operation that is not a mapping")
    path = _steps(operation, "path")
    match operation.get("op"):
        case "add":
            return _edited(value, path, _adding(operation.get("value")))
        case "remove":
            return _edited(value, path, _removed)
        case "replace":
            return _edited(value, path, _replacing(operation.get("value")))
        case "test":
            return _tested(value, path, operation.get("value"))
        case "copy":
            *way, last = _steps(operation, "from")
            holder = _found(value, way)
            if isinstance(holder, dict) and last not in holder:
                raise PatchDoubtError("a copy of what is not there")
            return _edited(value, path, _adding(_inside(holder, last)))
        case "move":
            source = _steps(operation, "from")
            found = _found(value, source)
            return _edited(_edited(value, source, _removed), path, _adding(found))
        case other:
            raise PatchError(f'the operation "{str(other)[:100]}", which JSON Patch does not know')


def touched(operation: Json) -> list[Path]:
    """The paths that an operation may alter, as far as they lead through mappings for certain."""
    if not isinstance(operation, dict) or operation.get("op") == "test":
        return []
    found: list[Path] = []
    for name in ("path", "from"):
        try:
            steps = _steps(operation, name) if name in operation else None
        except (PatchError, PatchDoubtError):
            return [()]
        if steps is not None:
            ends = [
                i for i, step in enumerate(steps) if step == "-" or step.lstrip("+-").isdecimal()
            ]
            found.append(tuple(steps[: ends[0]] if ends else steps))
    return found


def _steps(operation: dict[str, Json], name: str) -> list[str]:
    text = operation.get(name)
    if not isinstance(text, str):
        raise PatchError(f'an operation without "{name}"')
    if not text.startswith("/"):
        raise PatchDoubtError("a path that does not start with /")
    steps = text[1:].split("/")
    if len(steps) > MAX_STEPS:
        raise PatchDoubtError(f"a path of more than {MAX_STEPS} steps")
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def _edited(value: Json, steps: list[str], edit: _Edit) -> Json:
    """`value` with the holder of the last step edited."""
    if len(steps) == 1:
        return edit(value, steps[0])
    inner = _edited(_inside(value, steps[0]), steps[1:], edit)
    if isinstance(value, dict):
        return {**value, steps[0]: inner}
    if isinstance(value, list):
        at = int(steps[0])
        return [*value[:at], inner, *value[at + 1 :]]
    return value


def _found(value: Json, steps: list[str]) -> Json:
    for step in steps:
        value = _inside(value, step)
    return value


def _inside(value: Json, step: str) -> Json:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list):
        return value[_index(step, len(value) - 1)]
    raise PatchError(f'there is no "{step[:100]}" to go through')


def _index(step: str, last: int) -> int:
    """`step` as an index up to `last`."""
    if not (step.isascii() and step.isdigit()) or (step != "0" and step.startswith("0")):
        if step.lstrip("+-").isdecimal():
            raise PatchDoubtError(f'"{step[:100]}" as an index')
        raise PatchError(f'"{step[:100]}" is not an index')
    if len(step) > len(str(last)) or int(step) > last:
        raise PatchError(f"there is no item {step[:20]}")
    return int(step)


def _adding(new: Json) -> _Edit:
    def add(holder: Json, step: str) -> Json:
        if isinstance(holder, dict):
            return {**holder, step: new}
        if isinstance(holder, list):
            at = len(holder) if step == "-" else _index(step, len(holder))
            return [*holder[:at], new, *holder[at:]]
        raise PatchError(f'there is nothing to add "{step[:100]}" to')

    return add


def _replacing(new: Json) -> _Edit:
    def replace(holder: Json, step: str) -> Json:
        if isinstance(holder, list):
            at = _index(step, len(holder) - 1)
            return [*holder[:at], new, *holder[at + 1 :]]
        return _adding(new)(holder, step)

    return replace


def _removed(holder: Json, step: str) -> Json:
    _inside(holder, step)
    if isinstance(holder, list):
        at = int(step)
        return [*holder[:at], *holder[at + 1 :]]
    assert isinstance(holder, dict)  # noqa: S101  for mypy: else there was nothing inside
    return {key: inner for key, inner in holder.items() if key != step}


def _tested(value: Json, steps: list[str], expected: Json) -> Json:
    try:
        found = _found(value, steps)
    except PatchError:
        if expected is not None:
            raise
        found = None  # what is absent counts as null
    if not same(found, expected):
        raise PatchError("what it tests for is not so")
    return value
