"""Sensitive values taken out of a pair of documents, before and after, so that what is left still
tells whether they differed.

Marks say which values are sensitive, in the shape of the value itself, as Terraform writes them.
Everything fails closed: a mark that does not fit its value hides the whole value around it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED
from mrbot.resources.paths import Path
from mrbot.resources.secrets.spans import secret_spans, secrets_in, with_spans
from mrbot.resources.syntax.json_text import load_json

Marks = bool | dict[str | int, "Marks"]
"""True: the value is sensitive, all of it. False or {}: nothing in it is. Else: by key or index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A pair without its sensitive values, and the paths at which they were."""

    before: Json
    after: Json
    paths: tuple[str, ...]


INSIDE_JSON = "\0json"
"""A step into a string that is itself JSON text, as policies and container definitions are."""

INSIDE_TEXT = "\0text"
"""A step to the secrets within a string (`secret_spans`), the rest of which is none."""

_INSIDE = frozenset({INSIDE_JSON, INSIDE_TEXT})


def dotted(path: Path) -> str:
    """`path` as the model writes it: `ingress.0.cidr_blocks`; the root is `""`."""
    return ".".join(str(step) for step in path if step not in _INSIDE)


def marks_at(paths: Iterable[Path]) -> Marks:
    """Marks that make exactly the values at `paths` sensitive."""
    root: dict[str | int, Marks] = {}
    for path in paths:
        if not path:
            return True
        place: Marks = root
        for step in path[:-1]:
            if isinstance(place, dict):  # else all around it is sensitive already
                place = place.setdefault(step, {})
        if isinstance(place, dict):
            place[path[-1]] = True
    return root


def marks_from(tree: Json) -> Marks:
    """Marks from Terraform's own (`after_sensitive`): true, false, or an object or array of such.
    Anything else was not written by Terraform, and marks the whole value."""
    match tree:
        case None:
            return False
        case bool():
            return tree
        case dict():
            return {key: marks for key, inner in tree.items() if (marks := marks_from(inner))}
        case list():
            return {i: marks for i, inner in enumerate(tree) if (marks := marks_from(inner))}
        case _:
            return True


def fitted(value: Json, marks: Marks) -> Marks:
    """`marks`, with True wherever one of them has no place in `value`. A key that is absent is no
    misfit: a plan leaves unknown values out while their marks stay."""
    match value:
        case _ if not isinstance(marks, dict) or not marks or value is None:
            return marks
        case dict() if all(isinstance(key, str) for key in marks):
            return {key: fitted(_get(value, key), inner) for key, inner in marks.items()}
        case list() if all(isinstance(key, int) and key < len(value) for key in marks):
            return {key: fitted(_get(value, key), inner) for key, inner in marks.items()}
        case _:
            return True


def either(one: Marks, other: Marks) -> Marks:
    """Marks of what is sensitive by `one` or by `other`."""
    if one is True or other is True:
        return True
    if not one or not other:
        return one or other
    keys = [*one, *(key for key in other if key not in one)]
    return {key: either(one.get(key, False), other.get(key, False)) for key in keys}


def mask(before: Json, after: Json, marks: Marks) -> Masked:
    """The pair with each marked value replaced: by `SENSITIVE_CHANGED` on both sides where both
    have one and they differ, else by `SENSITIVE`. Null hides nothing and stays."""
    paths: list[str] = []
    left, right = _mask(before, after, marks, (), paths)
    return Masked(before=left, after=right, paths=tuple(paths))


def mask_sides(before: Json, after: Json, old: Iterable[Path], new: Iterable[Path]) -> Masked:
    """The pair with what is sensitive on either side masked on both, by `mask`; but only on the side
    that says so what stands in a list, or what is of another shape on the other side. There a place
    is not the same thing on both sides: what was a secret must not hide what stands there now."""
    old, new = dict.fromkeys(old), dict.fromkeys(new)
    only_old = [p for p in old if p not in new and (_in_list(p) or not _alike(before, after, p))]
    only_new = [p for p in new if p not in old and (_in_list(p) or not _alike(before, after, p))]
    alone = {*only_old, *only_new}
    masked = mask(before, after, marks_at(p for p in {**old, **new} if p not in alone))
    was = [hidden for path in only_old for hidden in _hidden(before, path)]
    now = [hidden for path in only_new for hidden in _hidden(after, path)]
    paths = [*masked.paths, *(dotted(path) for path in (*only_old, *only_new))]
    return Masked(
        before=_mask_alone(masked.before, only_old, now),
        after=_mask_alone(masked.after, only_new, was),
        paths=tuple(dict.fromkeys(paths)),
    )


def _in_list(path: Path) -> bool:
    return any(isinstance(step, int) for step in path)


def _alike(before: Json, after: Json, path: Path) -> bool:
    """Whether what is on both sides along `path` is of the same shape; what is on one only, is."""
    for step in path:
        if before is None or after is None:
            return True
        if step == INSIDE_TEXT:
            return all(isinstance(text, str) and parsed(text) is None for text in (before, after))
        if step == INSIDE_JSON:
            before, after = parsed(before), parsed(after)
            if before is None or after is None:
                return False
        else:
            before, after = _get(before, step), _get(after, step)
        if not _same_shape(before, after):
            return False
    return True


def _same_shape(one: Json, other: Json) -> bool:
    if one is None or other is None:
        return True
    return all(isinstance(one, shape) == isinstance(other, shape) for shape in (dict, list))


def _hidden(value: Json, path: Path) -> list[Json]:
    for step in path:
        if step == INSIDE_TEXT:
            return [*secrets_in(value, secret_spans(value))] if isinstance(value, str) else []
        value = parsed(value) if step == INSIDE_JSON else _get(value, step)
    return [value]


def _mask_alone(value: Json, marked: Collection[Path], others: Collection[Json]) -> Json:
    """One side's `value`, masked; as changed what the other side does not hide anywhere."""
    there = {_canonical(other) for other in others}

    def hide(hidden: Json) -> Json:
        known = not there or _canonical(hidden) in there
        return SENSITIVE if known else SENSITIVE_CHANGED

    return replaced(value, marks_at(marked), hide)


def replaced(value: Json, marks: Marks, by: Callable[[Json], Json]) -> Json:
    """`value` with each marked value replaced by what `by` makes of it; a value that its marks do
    not fit is replaced whole. Null stays."""
    if not marks or value is None:
        return value
    if marks is True or not _opens(value, marks):
        return by(value)
    if INSIDE_JSON in marks:
        held = parsed(value)
        return by(value) if held is None else _written(replaced(held, marks[INSIDE_JSON], by))
    if INSIDE_TEXT in marks:
        return _replaced_within(value, by)
    copy = _copy(value)
    for key, inner in marks.items():
        _set(copy, key, replaced(_get(copy, key), inner, by))
    return copy


def _replaced_within(text: Json, by: Callable[[Json], Json]) -> Json:
    """`text` with each secret in it replaced."""
    if not isinstance(text, str):
        return text
    spans = secret_spans(text)
    return with_spans(text, spans, [str(by(secret)) for secret in secrets_in(text, spans)])


def strings(value: Json, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string in `value` with its path; keys are not among them."""
    match value:
        case str():
            yield path, value
        case dict():
            for key, inner in value.items():
                yield from strings(inner, (*path, key))
        case list():
            for index, inner in enumerate(value):
                yield from strings(inner, (*path, index))
        case _:
            return


def _mask(
    before: Json, after: Json, marks: Marks, path: Path, paths: list[str]
) -> tuple[Json, Json]:
    if not marks or (before is None and after is None):
        return before, after
    if marks is True or not (_opens(before, marks) and _opens(after, marks)):
        paths.append(dotted(path))
        return _replaced(before, after)
    if INSIDE_JSON in marks:
        return _mask_inside(before, after, marks[INSIDE_JSON], path, paths)
    if INSIDE_TEXT in marks:
        paths.append(dotted(path))
        return _mask_within(before, after)
    left, right = _copy(before), _copy(after)
    for key, inner in marks.items():
        old, new = _get(left, key), _get(right, key)
        old, new = _mask(old, new, inner, (*path, key), paths)
        _set(left, key, old)
        _set(right, key, new)
    return left, right


def _mask_inside(
    before: Json, after: Json, marks: Marks, path: Path, paths: list[str]
) -> tuple[Json, Json]:
    """As `_mask`, of the values that two JSON texts hold."""
    old, new = parsed(before), parsed(after)
    if (old is None and before is not None) or (new is None and after is not None):
        paths.append(dotted(path))
        return _replaced(before, after)
    old, new = _mask(old, new, marks, path, paths)
    return None if old is None else _written(old), None if new is None else _written(new)


def _mask_within(before: Json, after: Json) -> tuple[Json, Json]:
    """Two texts without the secrets in them; null stays."""
    old, new = (
        secrets_in(text, secret_spans(text)) if isinstance(text, str) else []
        for text in (before, after)
    )
    marker = SENSITIVE_CHANGED if old and new and old != new else SENSITIVE
    return _replaced_within(before, lambda _: marker), _replaced_within(after, lambda _: marker)


def parsed(text: Json) -> Json:
    """The object or array that `text` is the JSON text of; None when it is none. Blanks around it,
    of whatever kind, are none of its business: what is hidden in it must not depend on them."""
    if not isinstance(text, str) or not (text := text.strip()).startswith(("{", "[")):
        return None
    try:
        return load_json(text.encode("utf-8"), "")
    except (BadInput, UnicodeEncodeError):
        return None


def _written(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _opens(value: Json, marks: dict[str | int, Marks]) -> bool:
    """Whether `value` is of the shape that `marks` speaks of, so that they can be followed."""
    match value:
        case None:
            return True
        case dict():
            return all(isinstance(key, str) and key not in _INSIDE for key in marks)
        case list():
            return all(isinstance(key, int) for key in marks)
        case str():
            return len(marks) == 1 and not _INSIDE.isdisjoint(marks)
        case _:
            return False


def _replaced(before: Json, after: Json) -> tuple[Json, Json]:
    if before is None or after is None:
        return None if before is None else SENSITIVE, None if after is None else SENSITIVE
    # What was masked before stays as it was told then.
    changed = before == SENSITIVE_CHANGED or not same(before, after)
    marker = SENSITIVE_CHANGED if changed else SENSITIVE
    return marker, marker


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are written the same; unlike with Python's ==, true is not 1, and 1 is
    not 1.0, which are two versions."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def _canonical(value: Json) -> str:
    """A text that two values have in common when they are the `same`."""
    return json.dumps(value, sort_keys=True)


def _copy(value: Json) -> Json:
    return value.copy() if isinstance(value, dict | list) else value


def _get(value: Json, key: str | int) -> Json:
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _set(value: Json, key: str | int, inner: Json) -> None:
    """`inner` is at `key` where `value` has that place at all."""
    match value, key:
        case dict(), str() if key in value:
            value[key] = inner
        case list(), int() if key < len(value):
            value[key] = inner
        case _:
            return
