"""`base64.*`, `base64url.*` and `hex.*` read as in Go. What is no text in UTF-8 is an error: OPA goes on
with its bytes."""

from __future__ import annotations

import base64
import re

from mrbot.policy.regorus.builtins.values import BadArgument, Value, string

_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})*", re.ASCII)
_NEW_LINES = str.maketrans("", "", "\r\n")
_URL = str.maketrans("-_+/", "+/--")
_PADDING = {0: "", 2: "==", 3: "="}


def standard(text: str) -> bytes:
    """What it stands for; new lines are passed over, and unused bits of the last letter may be set.

    Raises: BadArgument
    """
    plain = text.translate(_NEW_LINES)
    if not _BASE64.fullmatch(plain):
        raise BadArgument("illegal base64 data")
    return base64.b64decode(plain)


def for_urls(text: str) -> bytes:
    """What it stands for in the alphabet for URLs, where padding may be missing.

    Raises: BadArgument
    """
    if not text.endswith("="):
        text += _PADDING.get(len(text.encode()) % 4, "!")
    return standard(text.translate(_URL))


def utf8(data: bytes) -> str:
    """The text.

    Raises: BadArgument
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadArgument("what is decoded is not UTF-8") from error


def _decode(text: Value) -> str:
    return utf8(standard(string(text, 1)))


def _is_valid(text: Value) -> bool:
    try:
        standard(string(text, 1))
    except BadArgument:
        return False
    return True


def _url_decode(text: Value) -> str:
    return utf8(for_urls(string(text, 1)))


def _hex_decode(text: Value) -> str:
    if not _HEX.fullmatch(string(text, 1)):
        raise BadArgument("illegal hexadecimal data")
    return utf8(bytes.fromhex(text))


FUNCTIONS = {
    "base64.decode": (1, _decode),
    "base64.is_valid": (1, _is_valid),
    "base64url.decode": (1, _url_decode),
    "hex.decode": (1, _hex_decode),
}
