"""Values that are secrets by the name they go under: `db_password = "hunter2"`.

A guess that errs on the side of hiding: it finds literals under telling names and in the
`name`/`value` pairs of container environments, private keys and credentials within any string, and
all of these in strings that hold JSON. A reference (`${var.password}`, `$TOKEN`) is no secret and
stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import TypeGuard

from mrbot.ids import Json
from mrbot.resources.masking import INSIDE_JSON, INSIDE_TEXT, parsed
from mrbot.resources.paths import Path
from mrbot.resources.secrets.spans import secret_spans

LONGEST_NAME = 200
"""Characters at a name's end that tell what it is."""

_SECRET_NAME = re.compile(
    r"(^|_)(pass|pwd|secret|token|client_key_data|secret_key|access_key|api_?key|auth_key|account_key|shared_key"
    r"|encryption_key|signing_key|secret_string|connection_string|credentials?)$"
    r"|(passwords?|passwd|passphrase|private_key)(_wo|_pem|_base64|_hash)?$"
)
_SECRETS = re.compile(r"(^|_)(passwords|secrets)$")
"""Names of mappings whose names are whatever the secrets are for. What is in a list by the name of
`secrets` is names of secrets, as a rule."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_REFERENCE = re.compile(
    r"\$\{\{[^{}]*\}\}"  # GitHub
    r"|\$\{[^{}]*\}"  # HCL, shell
    r"|\$\[\[[^\[\]]*\]\]"  # GitLab inputs
    r"|\$[A-Za-z_][A-Za-z0-9_]*"
    r"|op://[\w .-]+(?:/[\w .-]+){2,3}"  # https://developer.1password.com/docs/cli/secret-reference-syntax/
)


def is_secret_name(name: str) -> bool:
    """Whether a value called `name` (`DB_PASSWORD`, `apiToken`, `private-key`) sounds secret."""
    return _sounds_secret(name[-LONGEST_NAME:])


@lru_cache(maxsize=8192)
def _sounds_secret(name: str) -> bool:
    return bool(_SECRET_NAME.search(_words(name)))


def _words(name: str) -> str:
    """`name` in lower case, an underscore between its words."""
    return _NOT_WORD.sub("_", _HUMP.sub("_", name).lower())


def secret_paths(value: Json, *, within: Collection[str] | None = None) -> Iterator[Path]:
    """The paths in `value` of literals that are secrets by their names; with `within`, only those
    inside the mappings that go by one of these names (`env`, `variables`)."""
    return _walk(value, (), within, within is None)


def _walk(value: Json, path: Path, within: Collection[str] | None, looking: bool) -> Iterator[Path]:
    if isinstance(value, str):
        inner = parsed(value)
        if inner is not None:
            yield from _walk(inner, (*path, INSIDE_JSON), within, looking)
        elif secret_spans(value):
            yield (*path, INSIDE_TEXT)
    if isinstance(value, list):
        yield from _after_flags(value, path) if looking else ()
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index), within, looking)
    if not isinstance(value, dict):
        return
    name = value.get("name")
    if looking and isinstance(name, str) and is_secret_name(name):
        yield from _literals(value.get("value"), (*path, "value"))
    for key, inner in value.items():
        if looking and is_secret_name(key):
            yield from _literals(inner, (*path, key))
        if looking and isinstance(inner, dict) and _SECRETS.search(_words(key[-LONGEST_NAME:])):
            for each, secret in inner.items():
                yield from _literals(secret, (*path, key, each))
        now = looking or (within is not None and key in within)
        yield from _walk(inner, (*path, key), within, now)


def _after_flags(words: list[Json], path: Path) -> Iterator[Path]:
    """In the words of a command, what a flag with a secret name is given: `--password=x`, or the word
    after it, unless that is a flag again."""
    for index, word in enumerate(words):
        if not _is_flag(word):
            continue
        name, equals, value = word.partition("=")
        if is_secret_name(name.lstrip("-")):
            if equals:
                yield from _literals(value, (*path, index))
            elif index + 1 < len(words) and not _is_flag(words[index + 1]):
                yield from _literals(words[index + 1], (*path, index + 1))


def _is_flag(word: Json) -> TypeGuard[str]:
    return isinstance(word, str) and word.startswith("-")


def _literals(value: Json, path: Path) -> Iterator[Path]:
    """What is literal in the value of a secret name: itself, its items, or its `value`."""
    match value:
        case str() if value and not _REFERENCE.fullmatch(value):
            yield path
        case int() | float() if not isinstance(value, bool):
            yield path
        case list():
            for index, item in enumerate(value):
                if not isinstance(item, dict | list):
                    yield from _literals(item, (*path, index))
        case {"value": str() as inner}:
            yield from _literals(inner, (*path, "value"))
        case _:
            return
