"""Values that are secrets by the name they go under: `db_password = "hunter2"`.

A guess that errs on the side of hiding: it finds literals under telling names and in the
`name`/`value` pairs of container environments, private keys and credentials within any string, and
all of these in strings that hold JSON. A reference (`${var.password}`, `$TOKEN`) is no secret and
stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from mrbot.ids import Json
from mrbot.resources.masking import INSIDE_JSON, INSIDE_TEXT, Path, parsed
from mrbot.resources.secret_spans import secret_spans

_SECRET_NAME = re.compile(
    r"(^|_)(pass|secret|token|secret_key|access_key|api_?key|auth_key|account_key|shared_key"
    r"|encryption_key|signing_key|secret_string|connection_string|credentials?)$"
    r"|(password|passwd|passphrase|private_key)(_wo|_pem|_base64|_hash)?$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_REFERENCE = re.compile(
    r"\$\{\{[^{}]*\}\}"  # GitHub
    r"|\$\{[^{}]*\}"  # HCL, shell
    r"|\$\[\[[^\[\]]*\]\]"  # GitLab inputs
    r"|\$[A-Za-z_][A-Za-z0-9_]*"
)


def is_secret_name(name: str) -> bool:
    """Whether a value called `name` (`DB_PASSWORD`, `apiToken`, `private-key`) sounds secret."""
    words = _NOT_WORD.sub("_", _HUMP.sub("_", name).lower())
    return bool(_SECRET_NAME.search(words))


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
        now = looking or (within is not None and key in within)
        yield from _walk(inner, (*path, key), within, now)


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
