"""Reading the JSON of a host: a missing field or one of another type is a failure, not a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from mrbot.errors import HostFailure
from mrbot.hosts import failures
from mrbot.hosts.failures import Asked
from mrbot.ids import Sha

T = TypeVar("T")

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHOWN_LIMIT_CHARS = 80


class Answer:
    """One JSON object that a host gave as its answer to `asked`.

    Every method raises `Permanent`, or `AnswerLost` where the request was a write, when the field
    is not what it says.
    """

    __slots__ = ("_asked", "_fields", "_where")

    def __init__(self, asked: Asked, document: object, where: str = "") -> None:
        self._asked = asked
        self._where = where
        if not isinstance(document, dict):
            raise failures.unreadable(asked, f"{where or 'it'} is no JSON object")
        self._fields: Mapping[str, object] = document

    def text(self, name: str) -> str:
        """A text that must be there."""
        found = self._fields.get(name)
        if not isinstance(found, str):
            raise self._wrong(name, "a text")
        return found

    def text_or_none(self, name: str) -> str | None:
        """A text, None where it is absent, null or empty."""
        return self.text(name) if self._fields.get(name) not in (None, "") else None

    def number(self, name: str) -> int:
        """A whole number that must be there."""
        found = self._fields.get(name)
        if not isinstance(found, int) or isinstance(found, bool):
            raise self._wrong(name, "a number")
        return found

    def number_or_none(self, name: str) -> int | None:
        """A whole number, None where it is absent or null."""
        return None if self._fields.get(name) is None else self.number(name)

    def flag(self, name: str) -> bool:
        """True or false, which must be there."""
        found = self._fields.get(name)
        if not isinstance(found, bool):
            raise self._wrong(name, "true or false")
        return found

    def flag_or_none(self, name: str) -> bool | None:
        """True or false, None where it is absent or null."""
        return None if self._fields.get(name) is None else self.flag(name)

    def sha(self, name: str) -> Sha:
        """A full object id that must be there."""
        found = self.text(name)
        if not _SHA.fullmatch(found):
            raise self._wrong(name, "a full commit id")
        return Sha(found)

    def sha_or_none(self, name: str) -> Sha | None:
        """A full object id, None where it is absent, null or empty."""
        return self.sha(name) if self._fields.get(name) not in (None, "") else None

    def time(self, name: str) -> datetime:
        """A moment, with its offset, that must be there."""
        try:
            found = datetime.fromisoformat(self.text(name))
        except ValueError as error:
            raise self._wrong(name, "a time") from error
        if found.tzinfo is None:
            raise self._wrong(name, "a time with an offset")
        return found

    def one_of(self, name: str, known: Mapping[str, T]) -> T:
        """What a word of a closed set stands for; a word that is not in it is a failure."""
        found = self.text(name)
        if found not in known:
            word = failures.shortened(found, _SHOWN_LIMIT_CHARS)
            raise failures.unreadable(self._asked, f"unknown {self._path(name)} {word!r}")
        return known[found]

    def part(self, name: str) -> Answer:
        """An object inside this one, which must be there."""
        return Answer(self._asked, self._fields.get(name), self._path(name))

    def part_or_none(self, name: str) -> Answer | None:
        """An object inside this one, None where it is absent or null."""
        return None if self._fields.get(name) is None else self.part(name)

    def parts(self, name: str) -> tuple[Answer, ...]:
        """The objects of a list inside this one, which must be there."""
        return listed(self._asked, self._fields.get(name), self._path(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list inside this one, which must be there."""
        found = self._fields.get(name)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self._wrong(name, "a list of texts")
        return tuple(found)

    def anything(self, name: str) -> object:
        """Whatever is there, None where nothing is: for documents that are not the host's own."""
        return self._fields.get(name)

    def _path(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _wrong(self, name: str, wanted: str) -> HostFailure:
        return failures.unreadable(self._asked, f"{self._path(name)} is not {wanted}")


def listed(asked: Asked, document: object, where: str = "") -> tuple[Answer, ...]:
    """The objects of a JSON list.

    Raises:
        HostFailure: it is no list, or one of something else.
    """
    if not isinstance(document, list):
        raise failures.unreadable(asked, f"{where or 'it'} is no list")
    return tuple(Answer(asked, one, f"{where}[{at}]") for at, one in enumerate(document))
