"""`crypto.*`: hashes and keyed hashes of text, in hexadecimal."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from mrbot.policy.regorus.builtins.values import Value, string


def _hash(name: str) -> Callable[[Value], str]:
    def digest(text: Value) -> str:
        return hashlib.new(name, string(text, 1).encode(), usedforsecurity=False).hexdigest()

    return digest


def _keyed(name: str) -> Callable[[Value, Value], str]:
    def digest(text: Value, key: Value) -> str:
        message = string(text, 1).encode()
        return hmac.new(string(key, 2).encode(), message, name).hexdigest()

    return digest


def _equal(one: Value, other: Value) -> bool:
    return hmac.compare_digest(string(one, 1).encode(), string(other, 2).encode())


FUNCTIONS = {
    "crypto.md5": (1, _hash("md5")),
    "crypto.sha1": (1, _hash("sha1")),
    "crypto.sha256": (1, _hash("sha256")),
    "crypto.hmac.md5": (2, _keyed("md5")),
    "crypto.hmac.sha1": (2, _keyed("sha1")),
    "crypto.hmac.sha256": (2, _keyed("sha256")),
    "crypto.hmac.sha512": (2, _keyed("sha512")),
    "crypto.hmac.equal": (2, _equal),
}
