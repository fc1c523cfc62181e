"""`urlquery.*`, as Go's net/url."""

from __future__ import annotations

import re
from urllib.parse import quote_plus, unquote_to_bytes

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _encode(text: Value) -> str:
    return quote_plus(string(text, 1))


def _decode(text: Value) -> str:
    whole = string(text, 1)
    if _BAD_ESCAPE.search(whole):
        raise BadArgument(f"invalid URL escape in {whole[:100]!r}")
    try:
        return unquote_to_bytes(whole.replace("+", " ")).decode()
    except UnicodeDecodeError as error:
        raise BadArgument("the decoded text is not UTF-8") from error


def _encode_object(fields: Value) -> str:
    if not isinstance(fields, dict):
        raise BadArgument(f"argument 1 must be an object, not {kind(fields)}")
    pairs = []
    for key in sorted(fields, key=lambda key: string(key, 1).encode()):
        value = fields[key]
        several = sorted(value, key=_bytes) if isinstance(value, set) else value
        several = several if isinstance(several, list) else [several]
        pairs += [f"{_encode(key)}={_encode(one)}" for one in several]
    return "&".join(pairs)


def _bytes(value: Value) -> bytes:
    return string(value, 1).encode()


def _decode_object(text: Value) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in string(text, 1).split("&"):
        if ";" in part:
            raise BadArgument("invalid semicolon separator in query")
        if part:
            key, _, value = part.partition("=")
            found.setdefault(_decode(key), []).append(_decode(value))
    return found


FUNCTIONS = {
    "urlquery.decode": (1, _decode),
    "urlquery.decode_object": (1, _decode_object),
    "urlquery.encode": (1, _encode),
    "urlquery.encode_object": (1, _encode_object),
}
