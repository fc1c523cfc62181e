"""The shapes that plan JSON is made of, and what is done with the values in them.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from mrbot.ids import Json
from mrbot.resources.masking import Marks


class Hand(Protocol):
    """What is done with the values of a plan.

    `named` says that a value's own keys are names from a provider's schema, not data.
    """

    def pair(self, before: Json, after: Json, marks: Marks, *, named: bool) -> tuple[Json, Json]:
        """What stands for a value before and after."""
        ...

    def one(self, value: Json, marks: Marks, *, named: bool = False) -> Json:
        """What stands for `value`."""
        ...

    def address(self, address: str) -> str:
        """What stands for the address of a resource, whose instance keys may be values."""
        ...


Object = dict[str, Json]
Fields = Mapping[str, Callable[[Json], Json]]

_WORDS = frozenset(
    {"format_version", "terraform_version", "timestamp", "applyable", "complete", "errored"}
    | {"mode", "type", "name", "alias", "full_name", "provider_name", "provider_config_key"}
    | {"action_reason", "deposed", "deposed_key", "schema_version", "identity_schema_version"}
    | {"sensitive", "ephemeral", "reason", "status", "kind", "tainted", "references", "depends_on"}
    | {"source", "version_constraint", "actions"}
)
"""Fields that hold words of the configuration or of Terraform, never a value."""
_ADDRESSES = frozenset(
    {"address", "previous_address", "module_address", "module", "to_display", "resource"}
)


class Shapes:
    """Rewrites parts of a plan by their shape; a part of another shape is sensitive, whole."""

    def __init__(self, hand: Hand) -> None:
        self.hand = hand

    def hidden(self, value: Json) -> Json:
        """A sensitive value."""
        return self.hand.one(value, marks=True)

    def shown(self, value: Json) -> Json:
        """A value that is not marked."""
        return self.hand.one(value, marks=False)

    def schema(self, value: Json) -> Json:
        """A value that is not marked, by attribute names: marks, identities."""
        return self.hand.one(value, marks=False, named=True)

    def each(self, inner: Callable[[Json], Json], items: Json) -> Json:
        """An array of parts."""
        return [inner(item) for item in items] if isinstance(items, list) else self.hidden(items)

    def named(self, inner: Callable[[str, Json], Json], items: Json) -> Json:
        """An object whose keys are names of the configuration."""
        if isinstance(items, dict):
            return {name: inner(name, item) for name, item in items.items()}
        return self.hidden(items)

    def fields(self, known: Fields, value: Json) -> Json:
        """An object of `known` fields, of words and of addresses; any other field is sensitive."""
        if not isinstance(value, dict):
            return self.hidden(value)
        return {name: self._field(known, name, inner) for name, inner in value.items()}

    def told(self, value: Json) -> Json:
        """What is made of addresses, words and messages at any depth."""
        match value:
            case dict():
                return {name: self._told(name, inner) for name, inner in value.items()}
            case list():
                return [self.told(item) for item in value]
            case _:
                return self.shown(value)

    def _field(self, known: Fields, name: str, inner: Json) -> Json:
        if name in known:
            return known[name](inner)
        if name in _ADDRESSES and isinstance(inner, str):
            return self.hand.address(inner)
        return inner if name in _WORDS and not isinstance(inner, dict) else self.hidden(inner)

    def _told(self, name: str, inner: Json) -> Json:
        if isinstance(inner, dict | list) or name not in _WORDS | _ADDRESSES:
            return self.told(inner)
        return self._field({}, name, inner)


def as_object(value: Json) -> Object:
    """`value`, or the empty object where it is none."""
    return value if isinstance(value, dict) else {}
