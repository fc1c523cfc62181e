"""Reads a webhook's JSON: every field has a form and a limit. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Never

from mrbot.errors import Malformed
from mrbot.ids import Digest, Json, Sha
from mrbot.webhook.signature import VerifiedBody

NAME_LIMIT = 1024
"""Characters of a path, branch or login."""
KEY_LIMIT = 200
"""Characters of a delivery's key."""
ID_LIMIT = 2**63
"""Ids are below this: what a database column holds."""

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REPO = re.compile(r"[\w.-]+(?:/[\w.-]+)+")
_KEY = re.compile(r"[\x21-\x7e]+")


class Part:
    """An object inside a body. Every reader raises Malformed, naming the field, when the field is
    missing or of another form; those that say so return None instead when it is absent or null."""

    __slots__ = ("_fields", "_where")

    def __init__(self, value: Json, where: str = "") -> None:
        if not isinstance(value, dict):
            raise Malformed(f"{where or 'the body'} is not an object")
        self._fields = value
        self._where = where

    def part(self, name: str) -> Part:
        """The object in field `name`."""
        return Part(self._fields.get(name), self._name(name))

    def maybe(self, name: str) -> Part | None:
        """The object in field `name`, or None."""
        return None if self._fields.get(name) is None else self.part(name)

    def id(self, name: str) -> int:
        """A positive number."""
        value = self._fields.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < ID_LIMIT:
            raise Malformed(f"{self._name(name)} is not an id")
        return value

    def maybe_id(self, name: str) -> int | None:
        """A positive number, or None."""
        return None if self._fields.get(name) is None else self.id(name)

    def name(self, name: str) -> str:
        """A short printable text: a login, a branch, an action."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= NAME_LIMIT:
            raise Malformed(f"{self._name(name)} is not a text of 1 to {NAME_LIMIT} characters")
        if not value.isprintable():  # false for control characters and lone surrogates
            raise Malformed(f"{self._name(name)} holds characters that cannot be printed")
        return value

    def maybe_name(self, name: str) -> str | None:
        """A short printable text, or None where it is absent, null or empty."""
        return None if self._fields.get(name) in (None, "") else self.name(name)

    def text(self, name: str) -> str:
        """A text of any length."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise Malformed(f"{self._name(name)} is not a text")
        return value

    def flag(self, name: str) -> bool:
        """A truth value; absent or null is false."""
        value = self._fields.get(name)
        if value is not None and not isinstance(value, bool):
            raise Malformed(f"{self._name(name)} is not true or false")
        return bool(value)

    def sha(self, name: str) -> Sha:
        """A full commit id."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not _SHA.fullmatch(value):
            raise Malformed(f"{self._name(name)} is not a full commit id")
        return Sha(value)

    def maybe_sha(self, name: str) -> Sha | None:
        """A full commit id, or None where it is absent, null or empty."""
        return None if self._fields.get(name) in (None, "") else self.sha(name)

    def repo(self, name: str) -> str:
        """A repository's path."""
        value = self.name(name)
        if not _REPO.fullmatch(value) or {".", ".."} & set(value.split("/")):
            raise Malformed(f"{self._name(name)} is not the path of a repository")
        return value

    def _name(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name


def read(body: VerifiedBody) -> Part:
    """The body's object.

    Raises: Malformed when it is not JSON (RFC 8259) or no object.
    """
    try:
        return Part(json.loads(body.decode(), parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON ({type(error).__name__})") from error


def digest(body: VerifiedBody) -> Digest:
    """The digest of the bytes."""
    return Digest(f"sha256:{hashlib.sha256(body).hexdigest()}")


def usable_key(*given: str | None) -> str | None:
    """The first of the headers that can serve as a delivery's key."""
    for one in given:
        if one and len(one) <= KEY_LIMIT and _KEY.fullmatch(one):
            return one
    return None


def gone(sha: Sha) -> bool:
    """Whether `sha` stands for no commit: all zeros."""
    return not sha.strip("0")


def _no_constant(name: str) -> Never:
    raise ValueError(name)
