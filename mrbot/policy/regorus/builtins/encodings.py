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


def _decode(text: Value) -> str:
    data = _data(string(text, 1))
    if data is None:
        raise BadArgument("illegal base64 data")
    return _text(data)


def _data(text: str) -> bytes | None:
    """What it stands for; new lines are passed over. None when it is not base64."""
    plain = text.translate(_NEW_LINES)
    return base64.b64decode(plain) if _BASE64.fullmatch(plain) else None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadArgument("what is decoded is not UTF-8") from error


def _is_valid(text: Value) -> bool:
    return isinstance(text, str) and _data(text) is not None


def _url_decode(text: Value) -> str:
    whole = string(text, 1)
    if not whole.endswith("="):
        whole += _PADDING.get(len(whole.encode()) % 4, "!")
    data = _data(whole.translate(_URL))
    if data is None:
        raise BadArgument("illegal base64url data")
    return _text(data)


def _hex_decode(text: Value) -> str:
    if not _HEX.fullmatch(string(text, 1)):
        raise BadArgument("illegal hexadecimal data")
    return _text(bytes.fromhex(text))


FUNCTIONS = {
    "base64.decode": (1, _decode),
    "base64.is_valid": (1, _is_valid),
    "base64url.decode": (1, _url_decode),
    "hex.decode": (1, _hex_decode),
}
