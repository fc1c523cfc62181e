"""`io.jwt.*` but signing: tokens are decoded and verified as OPA does it.

`io.jwt.decode_verify` takes fewer signatures than `io.jwt.verify_*`, because OPA verifies them with
another library there.

Source: https://www.rfc-editor.org/rfc/rfc7515, https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from mrbot.policy.regorus.builtins import keys
from mrbot.policy.regorus.builtins.encodings import for_urls, utf8
from mrbot.policy.regorus.builtins.json_text import loads
from mrbot.policy.regorus.builtins.keys import ALGORITHMS, Key
from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

MAX_NESTED = 16
"""How deeply a token may hold another."""

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """The three parts as they were sent."""

    header: str
    payload: str
    signature: str

    @property
    def signed(self) -> bytes:
        return f"{self.header}.{self.payload}".encode()


def _token(text: str) -> _Token:
    parts = text.split(".")
    if len(parts) != 3:
        raise BadArgument(f"encoded JWT must have 3 sections, found {len(parts)}")
    header, payload, signature = parts
    return _Token(header=header, payload=payload, signature=signature)


def _text(part: str) -> str:
    return utf8(for_urls(part))


def _fields(text: str) -> dict[str, Any]:
    value = loads(text)
    if not isinstance(value, dict):
        raise BadArgument("decoded JSON type was not an Object")
    return value


def _header(token: _Token) -> dict[str, Any]:
    header = _fields(_text(token.header))
    if "enc" in header:
        raise BadArgument("JWT is a JWE object, which is not supported")
    return header


def _checked(header: dict[str, Any]) -> dict[str, Any]:
    """The header, whose registered fields have the types they should have."""
    for name in ("alg", "kid", "typ", "cty"):
        if name in header and not isinstance(header[name], str):
            raise BadArgument(f"{name}: must be a string")
    if "crit" in header:
        critical = header["crit"]
        if not isinstance(critical, list):
            raise BadArgument("crit: must be a list")
        if not critical or not all(isinstance(one, str) for one in critical):
            raise BadArgument("crit: must be a list of strings that is not empty")
    return header


def _decode(encoded: Value, depth: int = 0) -> list[Any]:
    token = _token(string(encoded, 1))
    header = _header(token)
    payload = _text(token.payload)
    content = header.get("cty", "")
    if not isinstance(content, str):
        raise BadArgument("cty: must be a string")
    if content == "JWT":
        if depth == MAX_NESTED:
            raise BadArgument(f"the JWT nests deeper than {MAX_NESTED}")
        return _decode(payload.strip("\"'"), depth + 1)
    return [header, _fields(payload), for_urls(token.signature).hex()]


def _matches(
    key: Key, algorithm: str, signed: bytes, signature: bytes, *, exactly: bool = False
) -> bool:
    """Whether `key` is of the algorithm's kind and the signature is its. `exactly`: the salt is as
    long as the digest, and the numbers as the curve."""
    digest = _HASHES.get(algorithm[2:], hashes.SHA256)()
    try:
        match key.public:
            case rsa.RSAPublicKey() as public if algorithm.startswith("RS"):
                public.verify(signature, signed, padding.PKCS1v15(), digest)
            case rsa.RSAPublicKey() as public if algorithm.startswith("PS"):
                salt = padding.PSS.DIGEST_LENGTH if exactly else padding.PSS.AUTO
                scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=salt)
                public.verify(signature, signed, scheme, digest)
            case ec.EllipticCurvePublicKey() as public if algorithm.startswith("ES"):
                half = len(signature) // 2
                r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
                public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))
                return not exactly or len(signature) == 2 * ((public.key_size + 7) // 8)
            case ed25519.Ed25519PublicKey() as public if algorithm == "EdDSA":
                public.verify(signature, signed)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _verifies(algorithm: str) -> Callable[[Value, Value], bool]:
    def verify(encoded: Value, known: Value) -> bool:
        token = _token(string(encoded, 1))
        candidates = keys.read(string(known, 2))
        signature = for_urls(token.signature)
        header = _checked(_header(token))
        return any(
            _matches(key, algorithm, token.signed, signature)
            for key in _candidates(candidates, header)
        )

    return verify


def _candidates(known: list[Key], header: dict[str, Any]) -> list[Key]:
    """The key that the token names; else all that could be meant."""
    name = header.get("kid", "")
    named = [key for key in known if key.name == name] if name else []
    if named:
        return named[:1]
    return [key for key in known if key.algorithm in {"", header.get("alg", "")}]


def _verifies_shared(bits: str) -> Callable[[Value, Value], bool]:
    def verify(encoded: Value, secret: Value) -> bool:
        token = _token(string(encoded, 1))
        key = string(secret, 2).encode()
        return _is_keyed(key, bits, token.signed, for_urls(token.signature))

    return verify


def _is_keyed(key: bytes, bits: str, signed: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.new(key, signed, f"sha{bits}").digest(), signature)


_CONSTRAINTS = frozenset({"cert", "secret", "alg", "iss", "aud", "time"})
_UNVERIFIED: list[Any] = [False, {}, {}]


def _decode_verify(encoded: Value, constraints: Value) -> list[Any]:
    asked = _asked(constraints)
    known = keys.read(asked["cert"]) if "cert" in asked else None
    text = string(encoded, 1)
    for _ in range(MAX_NESTED):
        token = _token(text)
        header = _checked(_header(token))
        if not header.get("alg") or _critical(header):
            return _UNVERIFIED
        if asked.get("alg") and asked["alg"] != header["alg"]:
            return _UNVERIFIED
        signature = for_urls(token.signature)
        if not _is_signed(header, token, signature, known, asked.get("secret", "")):
            return _UNVERIFIED
        text = _text(token.payload)
        if header.get("cty", "").upper() != "JWT":
            return [True, header, _fields(text)] if _holds(text, asked) else _UNVERIFIED
    raise BadArgument(f"the JWT nests deeper than {MAX_NESTED}")


def _asked(constraints: Value) -> dict[str, Any]:
    if not isinstance(constraints, dict):
        raise BadArgument(f"argument 2 must be an object, not {kind(constraints)}")
    for name, value in constraints.items():
        if name not in _CONSTRAINTS:
            raise BadArgument(f"unknown token validation constraint: {name}")
        if name == "time":
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise BadArgument("token time constraint: must be a number that is not negative")
        elif not isinstance(value, str):
            raise BadArgument(f"{name} constraint: must be a string")
    if "cert" in constraints and constraints.get("secret"):
        raise BadArgument("duplicate key constraints")
    if "cert" not in constraints and not constraints.get("secret"):
        raise BadArgument("no key constraint")
    return constraints


_KNOWN_FIELDS = frozenset({"alg", "kid", "typ", "cty", "crit"})


def _critical(header: dict[str, Any]) -> bool:
    """Whether a field is critical that is not known here."""
    return not (set(header) - _KNOWN_FIELDS).isdisjoint(header.get("crit", []))


def _is_signed(
    header: dict[str, Any], token: _Token, signature: bytes, known: list[Key] | None, secret: str
) -> bool:
    algorithm = header["alg"]
    if algorithm not in ALGORITHMS:
        if algorithm == "none":
            return False
        raise BadArgument(f"the algorithm {algorithm[:40]!r} is not in this engine")
    if known is None:
        keyed = algorithm.startswith("HS")
        return keyed and _is_keyed(secret.encode(), algorithm[2:], token.signed, signature)
    if algorithm.startswith("HS") and any(key.public is None for key in known):
        raise BadArgument("a JWK with a shared secret is not in this engine: use `secret`")
    return any(
        _matches(key, algorithm, token.signed, signature, exactly=True)
        for key in _candidates(known, header)
    )


def _holds(text: str, asked: dict[str, Any]) -> bool:
    """Whether issuer, audience and times are as they should be."""
    claims = _fields(text)
    now = _exact(float(asked.get("time", time.time_ns())) / 1_000_000_000)
    if asked.get("iss"):
        issuer = claims.get("iss", "")
        if not isinstance(issuer, str):
            raise BadArgument("iss value must be a string")
        if issuer != asked["iss"]:
            return False
    if not _has_audience(claims, asked.get("aud", "")):
        return False
    if "exp" in claims and now >= _instant(claims, "exp"):
        return False
    return "nbf" not in claims or now >= _instant(claims, "nbf")


def _has_audience(claims: dict[str, Any], wanted: str) -> bool:
    match claims:
        case {"aud": str(one)}:
            return one == wanted
        case {"aud": list(several)}:
            return any(isinstance(one, str) and one == wanted for one in several)
        case {"aud": _}:
            return False
        case _:
            return not wanted


def _instant(claims: dict[str, Any], name: str) -> Decimal:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadArgument(f"{name} value must be a number")
    return _exact(value)


def _exact(number: float) -> Decimal:
    """The number as it is written, which is what OPA compares."""
    return Decimal(repr(number))


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "io.jwt.decode": (1, _decode),
    "io.jwt.decode_verify": (2, _decode_verify),
    "io.jwt.verify_eddsa": (2, _verifies("EdDSA")),
    **{f"io.jwt.verify_hs{bits}": (2, _verifies_shared(bits)) for bits in ("256", "384", "512")},
    **{
        f"io.jwt.verify_{family.lower()}{bits}": (2, _verifies(f"{family}{bits}"))
        for family in ("RS", "PS", "ES")
        for bits in ("256", "384", "512")
    },
}
