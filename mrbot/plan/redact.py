"""A plan's JSON without its secrets.

(1) Every value that Terraform marks as sensitive is replaced, in every section. (2) Copies of the
same values that are not marked (in checks' messages, constants of the configuration, JSON texts)
are searched for, and each string that holds one is replaced whole. A document that cannot be read
as a plan is replaced whole.

Replaced strings stand out as `(sensitive)` and are listed as sensitive paths by `read_plan`: a
judge must take them for unknown, never for absent. Otherwise, a sensitive variable with the value
`0.0.0.0/0` would hide an open firewall.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from itertools import chain

from mrbot.ids import Json
from mrbot.plan.document import problem_of
from mrbot.plan.sections import rewritten
from mrbot.resources.masking import Marks, either, mask, replaced
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED

MIN_SECRET_CHARACTERS = 4
"""Unmarked copies of shorter secrets are not looked for: they are in half of all words."""
MIN_NUMBER_CHARACTERS = 6
"""The same for secrets that are numbers."""
MAX_COPIED_SECRETS = 1_000
"""With more different secrets than this among unmarked strings, all of those are replaced."""

Hide = Callable[[Json, Json, Marks], tuple[Json, Json]]
"""Replaces what is marked in a pair of values, before and after."""


def redact(document: Json, keyed_digest: Callable[[str], str]) -> Json:
    """`document` with each sensitive value replaced by `SENSITIVE`, or by `SENSITIVE_CHANGED` on
    both sides of a change in which it differs; an instance key that holds one by a part of its
    `keyed_digest`, so that addresses stay different."""
    if problem_of(document) is not None or not isinstance(document, dict):
        return SENSITIVE
    return hidden(document, _masked, keyed_digest)


def secrets_of(document: Json) -> frozenset[str]:
    """Every sensitive string, and number as text, in a plan that was not redacted; all its strings
    when it cannot be read as a plan."""
    if problem_of(document) is not None or not isinstance(document, dict):
        return frozenset(_texts(document))
    collector = _Collector()
    rewritten(document, collector)
    return frozenset(collector.found - {"", SENSITIVE, SENSITIVE_CHANGED})


def hidden(
    document: dict[str, Json], hide: Hide, keyed_digest: Callable[[str], str]
) -> dict[str, Json]:
    """A readable plan with each sensitive value, marked or copied, replaced by what `hide` does."""
    secrets = secrets_of(document)
    marked = rewritten(document, _ByMarks(hide))
    forms = [form for secret in secrets for form in _spellings(secret)]
    # Only few secrets have copies, so that few are looked for in each string.
    everything = "\n".join(chain(_texts(marked), _keys(marked)))
    copied = sorted({form for form in forms if form in everything})
    if not copied:
        return marked
    return rewritten(marked, _ByContent(copied, hide, keyed_digest))


def _masked(before: Json, after: Json, marks: Marks) -> tuple[Json, Json]:
    masked = mask(before, after, marks)
    return masked.before, masked.after


class _ByMarks:
    """Replaces what is marked."""

    def __init__(self, hide: Hide) -> None:
        self._hide = hide

    def pair(self, before: Json, after: Json, marks: Marks, *, named: bool) -> tuple[Json, Json]:  # noqa: ARG002
        return self._hide(before, after, marks)

    def one(self, value: Json, marks: Marks, *, named: bool = False) -> Json:  # noqa: ARG002
        return self._hide(None, value, marks)[1]

    def address(self, address: str) -> str:
        return address


class _Collector:
    """Changes nothing, and remembers what is marked."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def pair(self, before: Json, after: Json, marks: Marks, *, named: bool) -> tuple[Json, Json]:  # noqa: ARG002
        replaced(before, marks, self._remember)
        replaced(after, marks, self._remember)
        return before, after

    def one(self, value: Json, marks: Marks, *, named: bool = False) -> Json:  # noqa: ARG002
        replaced(value, marks, self._remember)
        return value

    def address(self, address: str) -> str:
        return address

    def _remember(self, value: Json) -> Json:
        self.found.update(_texts(value))
        return value


class _ByContent:
    """Replaces every string that holds one of `copied`, and every object with such a key."""

    def __init__(self, copied: list[str], hide: Hide, keyed_digest: Callable[[str], str]) -> None:
        self._copied = copied
        self._all = len(copied) > MAX_COPIED_SECRETS
        self._hide = hide
        self._keyed_digest = keyed_digest

    def pair(self, before: Json, after: Json, marks: Marks, *, named: bool) -> tuple[Json, Json]:  # noqa: ARG002
        found = either(self._marks(before, named=named), self._marks(after, named=named))
        return self._hide(before, after, found)

    def one(self, value: Json, marks: Marks, *, named: bool = False) -> Json:  # noqa: ARG002
        return self._hide(None, value, self._marks(value, named=named))[1]

    def address(self, address: str) -> str:
        name, bracket, keys = address.partition("[")
        if not self._holds(keys):
            return address
        return f"{name}{bracket}(sensitive {self._keyed_digest(address)[:16]})]"

    def _marks(self, value: Json, *, named: bool = False) -> Marks:
        match value:
            case str():
                return self._holds(value)
            case int() | float() if not isinstance(value, bool):
                return self._all or json.dumps(value) in self._copied
            case dict() if not named and any(self._holds(key) for key in value):
                return True
            case dict():
                return {k: marks for k, v in value.items() if (marks := self._marks(v))}
            case list():
                return {i: marks for i, v in enumerate(value) if (marks := self._marks(v))}
            case _:
                return False

    def _holds(self, text: str) -> bool:
        return bool(text) and (self._all or any(form in text for form in self._copied))


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a copy of `secret` may be written; none when it is too short."""
    shortest = MIN_NUMBER_CHARACTERS if _is_number(secret) else MIN_SECRET_CHARACTERS
    if len(secret) >= shortest:
        yield secret
        yield json.dumps(secret)[1:-1]
        yield json.dumps(secret, ensure_ascii=False)[1:-1]
        yield base64.b64encode(secret.encode()).decode()


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _texts(value: Json) -> Iterator[str]:
    """Every string and number in `value`, as text. Keys are names, and hidden with their object."""
    match value:
        case bool() | None:
            return
        case str():
            yield value
        case int() | float():
            yield json.dumps(value)
        case list():
            for inner in value:
                yield from _texts(inner)
        case dict():
            for inner in value.values():
                yield from _texts(inner)


def _keys(value: Json) -> Iterator[str]:
    """Every key of every object in `value`."""
    match value:
        case list():
            for inner in value:
                yield from _keys(inner)
        case dict():
            for key, inner in value.items():
                yield key
                yield from _keys(inner)
        case _:
            return
