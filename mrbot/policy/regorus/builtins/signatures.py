"""`io.jwt.*` but signing: tokens are decoded and verified as OPA does it.

Keys are PEM certificates, PEM public keys, or JWKs (alone or in a set). What mrbot's library and
OPA's could read differently (private keys, other curves, odd exponents) is an error.

Source: https://www.rfc-editor.org/rfc/rfc7515, https://www.rfc-editor.org/rfc/rfc7519
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from mrbot.policy.regorus.builtins.json_text import loads
from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

ALGORITHMS = frozenset(
    f"{family}{bits}" for family in ("HS", "RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}
"""What a token may be signed with."""

MAX_NESTED = 16
"""How deeply a token may hold another."""

_HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "256": hashes.SHA256,
    "384": hashes.SHA384,
    "512": hashes.SHA512,
}
_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_GO_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_LARGEST_EXPONENT = 2**31 - 1

_Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    """`key` is None where it is of a kind that verifies nothing: a shared secret."""

    key: _Public | None
    algorithm: str
    name: str


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


_ALPHABET = re.compile(r"[A-Za-z0-9_-]*={0,2}", re.ASCII)


def _decoded(text: str) -> bytes:
    """Base64 for URLs, with or without padding; line ends are nothing."""
    padded = text
    if not text.endswith("="):
        padded += "=" * (-len(text) % 4)
        if len(text) % 4 == 1:
            raise BadArgument("illegal base64url string")
    bare = padded.replace("\r", "").replace("\n", "")
    if not _ALPHABET.fullmatch(bare) or len(bare) % 4:
        raise BadArgument("illegal base64url data")
    try:
        return base64.urlsafe_b64decode(bare)
    except binascii.Error as error:
        raise BadArgument("illegal base64url data") from error


def _text(text: str) -> str:
    try:
        return _decoded(text).decode()
    except UnicodeDecodeError as error:
        raise BadArgument("a part of the JWT is not UTF-8") from error


def _fields(text: str, fraction: Callable[[str], Any] = float) -> dict[str, Any]:
    value = loads(text, fraction)
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
    return [header, _fields(payload), _decoded(token.signature).hex()]


_PEM = re.compile(
    r"-----BEGIN ([A-Z ]+)-----\r?\n[A-Za-z0-9+/=\r\n]+\r?\n-----END \1-----[ \t]*(\r?\n)?"
)


def _keys(text: str) -> list[_Key]:
    """The keys of a certificate, a public key, or a JWK or set of them."""
    match = _PEM.search(text)
    if match is None:
        return _jwks(text)
    if text[: match.start()].strip() or match.end() != len(text):
        raise BadArgument("there is more than one PEM block, or text around it")
    block = match.group().encode()
    try:
        if match.group(1) == "CERTIFICATE":
            public: object = load_pem_x509_certificate(block).public_key()
        elif match.group(1) == "PUBLIC KEY":
            public = load_pem_public_key(block)
        else:
            raise BadArgument("failed to extract a Key from the PEM certificate")
    except BadArgument:
        raise
    except Exception as error:  # the library raises several kinds for what it cannot read
        raise BadArgument(f"the PEM block cannot be read: {error}") from error
    return [_Key(key=_usable(public), algorithm="", name="")]


def _usable(public: object) -> _Public:
    match public:
        case rsa.RSAPublicKey() if public.public_numbers().e <= _LARGEST_EXPONENT:
            return public
        case ec.EllipticCurvePublicKey(curve=curve) if isinstance(curve, _GO_CURVES):
            return public
        case ed25519.Ed25519PublicKey():
            return public
        case _:
            raise BadArgument("a key of this kind is not in this engine")


def _jwks(text: str) -> list[_Key]:
    fields = _fields(text)
    listed = fields.get("keys", [fields])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadArgument("failed to parse a JWK key (set)")
    found = [_jwk(one) for one in listed]
    return [key for key in found if not key.algorithm or key.algorithm in ALGORITHMS]


def _jwk(fields: dict[str, Any]) -> _Key:
    for name in ("kty", "alg", "kid", "use", "crv", "n", "e", "x", "y", "k"):
        if name in fields and not isinstance(fields[name], str):
            raise BadArgument(f"JWK: {name} must be a string")
    if "d" in fields:
        raise BadArgument("a JWK with a private key is not read in this engine")
    algorithm = fields.get("alg", "")
    if algorithm and algorithm not in ALGORITHMS:
        raise BadArgument(f"JWK: the algorithm {algorithm[:40]!r} is not in this engine")
    try:
        key = _public(fields)
    except KeyError as error:
        raise BadArgument(f"JWK: {error} is missing") from error
    except ValueError as error:
        raise BadArgument(f"JWK: {error}") from error
    return _Key(key=key, algorithm=algorithm, name=fields.get("kid", ""))


def _public(fields: dict[str, Any]) -> _Public | None:
    match fields["kty"], fields.get("crv"):
        case "RSA", _:
            numbers = rsa.RSAPublicNumbers(_number(fields["e"]), _number(fields["n"]))
            return _usable(numbers.public_key())
        case "EC", str(curve) if curve in _CURVES:
            point = _number(fields["x"]), _number(fields["y"])
            return ec.EllipticCurvePublicNumbers(*point, _CURVES[curve]()).public_key()
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_decoded(fields["x"]))
        case "oct", _:
            _decoded(fields["k"])
            return None
        case kty, curve:
            raise BadArgument(
                f"a JWK of kind {kty[:20]!r}, curve {curve!r:.20} is not in this engine"
            )


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text))


def _matches(key: _Public | None, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether `key` is of the algorithm's kind and the signature is its."""
    digest = _HASHES.get(algorithm[2:], hashes.SHA256)()
    try:
        match key:
            case rsa.RSAPublicKey() if algorithm.startswith("RS"):
                key.verify(signature, signed, padding.PKCS1v15(), digest)
            case rsa.RSAPublicKey() if algorithm.startswith("PS"):
                scheme = padding.PSS(mgf=padding.MGF1(digest), salt_length=padding.PSS.AUTO)
                key.verify(signature, signed, scheme, digest)
            case ec.EllipticCurvePublicKey() if algorithm.startswith("ES"):
                half = len(signature) // 2
                r, s = int.from_bytes(signature[:half]), int.from_bytes(signature[half:])
                key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))
            case ed25519.Ed25519PublicKey() if algorithm == "EdDSA":
                key.verify(signature, signed)
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def _verifies(algorithm: str) -> Callable[[Value, Value], bool]:
    def verify(encoded: Value, keys: Value) -> bool:
        token = _token(string(encoded, 1))
        known = _keys(string(keys, 2))
        signature = _decoded(token.signature)
        header = _checked(_header(token))
        for key in _candidates(known, header):
            if _matches(key.key, algorithm, token.signed, signature):
                return True
        return False

    return verify


def _candidates(known: list[_Key], header: dict[str, Any]) -> list[_Key]:
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
        return _is_keyed(key, bits, token.signed, _decoded(token.signature))

    return verify


def _is_keyed(key: bytes, bits: str, signed: bytes, signature: bytes) -> bool:
    return hmac.compare_digest(hmac.new(key, signed, f"sha{bits}").digest(), signature)


_CONSTRAINTS = frozenset({"cert", "secret", "alg", "iss", "aud", "time"})
_UNVERIFIED: list[Any] = [False, {}, {}]


def _decode_verify(encoded: Value, constraints: Value) -> list[Any]:
    asked = _asked(constraints)
    known = _keys(asked["cert"]) if "cert" in asked else None
    text = string(encoded, 1)
    for _ in range(MAX_NESTED):
        token = _token(text)
        header = _checked(_header(token))
        if not header.get("alg") or _critical(header):
            return _UNVERIFIED
        if asked.get("alg") and asked["alg"] != header["alg"]:
            return _UNVERIFIED
        signature = _decoded(token.signature)
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
    header: dict[str, Any], token: _Token, signature: bytes, known: list[_Key] | None, secret: str
) -> bool:
    algorithm = header["alg"]
    if algorithm not in ALGORITHMS:
        if algorithm == "none":
            return False
        raise BadArgument(f"the algorithm {algorithm[:40]!r} is not in this engine")
    if known is None:
        keyed = algorithm.startswith("HS")
        return keyed and _is_keyed(secret.encode(), algorithm[2:], token.signed, signature)
    if algorithm.startswith("HS") and any(key.key is None for key in known):
        raise BadArgument("a JWK with a shared secret is not in this engine: use `secret`")
    return any(
        _has_length(key.key, signature) and _matches(key.key, algorithm, token.signed, signature)
        for key in _candidates(known, header)
    )


def _has_length(key: _Public | None, signature: bytes) -> bool:
    """Here, and not when only the signature is verified, both halves are as long as the curve."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return True
    return len(signature) == 2 * ((key.curve.key_size + 7) // 8)


def _holds(text: str, asked: dict[str, Any]) -> bool:
    """Whether issuer, audience and times are as they should be."""
    claims = _fields(text, Decimal)
    nanoseconds = float(asked["time"]) if "time" in asked else float(time.time_ns())
    now = Decimal(repr(nanoseconds / 1_000_000_000))
    if asked.get("iss"):
        issuer = claims.get("iss", "")
        if not isinstance(issuer, str):
            raise BadArgument("iss value must be a string")
        if issuer != asked["iss"]:
            return False
    if not _has_audience(claims, asked.get("aud", "")):
        return False
    for name in ("exp", "nbf"):
        if name in claims and not _is_number(claims[name]):
            raise BadArgument(f"{name} value must be a number")
    if "exp" in claims and now >= claims["exp"]:
        return False
    return "nbf" not in claims or now >= claims["nbf"]


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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


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
