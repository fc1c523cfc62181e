"""Reads the JSON documents that the tables hold. They are ours: anything odd in them is damage."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TypeVar

from mrbot.errors import StoreFailure
from mrbot.ids import Json

E = TypeVar("E", bound=StrEnum)


def write(document: Json) -> str:
    """The same document is always the same text. Only ASCII: any string of ours can be stored."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)


class Document:
    """An object in a stored document. Every reader raises StoreFailure when it does not find what
    was written."""

    __slots__ = ("_fields", "_what")

    def __init__(self, value: Json, what: str) -> None:
        if not isinstance(value, dict):
            raise StoreFailure(f"a stored {what} is damaged: it is not an object")
        self._fields = value
        self._what = what

    @staticmethod
    def read(text: str, what: str) -> Document:
        """The object in `text`; `what` names it in errors."""
        try:
            return Document(json.loads(text), what)
        except (ValueError, RecursionError) as error:
            raise StoreFailure(f"a stored {what} is damaged: it is not JSON") from error

    @property
    def whole(self) -> dict[str, Json]:
        """All of it."""
        return self._fields

    def any(self, name: str) -> Json:
        """Whatever field `name` holds."""
        if name not in self._fields:
            raise self.damaged(name)
        return self._fields[name]

    def text(self, name: str) -> str:
        """A text."""
        value = self.any(name)
        if not isinstance(value, str):
            raise self.damaged(name)
        return value

    def maybe_text(self, name: str) -> str | None:
        """A text or null."""
        return None if self.any(name) is None else self.text(name)

    def number(self, name: str) -> int:
        """A whole number."""
        value = self.any(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.damaged(name)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.any(name)
        if not isinstance(value, bool):
            raise self.damaged(name)
        return value

    def one_of(self, name: str, kind: type[E]) -> E:
        """A member of an enumeration."""
        try:
            return kind(self.text(name))
        except ValueError as error:
            raise self.damaged(name) from error

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = tuple(one for one in self.items(name) if isinstance(one, str))
        if len(found) != len(self.items(name)):
            raise self.damaged(name)
        return found

    def pairs(self, name: str) -> tuple[tuple[str, str], ...]:
        """A list of pairs of texts."""
        found: list[tuple[str, str]] = []
        for one in self.items(name):
            match one:
                case [str(key), str(value)]:
                    found.append((key, value))
                case _:
                    raise self.damaged(name)
        return tuple(found)

    def items(self, name: str) -> list[Json]:
        """A list."""
        value = self.any(name)
        if not isinstance(value, list):
            raise self.damaged(name)
        return value

    def part(self, name: str) -> Document:
        """An object."""
        return Document(self.any(name), f"{self._what}.{name}")

    def maybe(self, name: str) -> Document | None:
        """An object or null."""
        return None if self.any(name) is None else self.part(name)

    def parts(self, name: str) -> tuple[Document, ...]:
        """A list of objects."""
        return tuple(Document(one, f"{self._what}.{name}") for one in self.items(name))

    def damaged(self, name: str) -> StoreFailure:
        """The error to raise for field `name`."""
        return StoreFailure(f"a stored {self._what} is damaged: {name} is not what was written")
