"""What signatures are verified with: a PEM certificate, a PEM public key, a JWK or a set of them.

What mrbot's library takes and OPA's does not is an error: compressed points, RSA keys below 1024
bits or for PSS alone, certificates that are not plain. So is what the two could read differently:
private keys, other curves, JSON with a name twice.

Source: https://www.rfc-editor.org/rfc/rfc7517, https://www.rfc-editor.org/rfc/rfc7518
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from mrbot.policy.regorus.builtins.certificates import subject_public_key
from mrbot.policy.regorus.builtins.encodings import for_urls, standard
from mrbot.policy.regorus.builtins.json_text import loads
from mrbot.policy.regorus.builtins.values import BadArgument

ALGORITHMS = frozenset(
    f"{family}{bits}" for family in ("HS", "RS", "PS", "ES") for bits in (256, 384, 512)
) | {"EdDSA"}
"""What a token may be signed with."""

_ENCRYPTING = frozenset(
    {"RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512", "ECDH-ES"}
    | {f"ECDH-ES+A{bits}KW" for bits in (128, 192, 256)}
)
"""What a public key may encrypt with: such a key verifies nothing, and is read and passed over."""

MAX_KEYS = 1000
"""How many keys may be in a set: as in OPA's library."""

Public = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

_CURVES: dict[str, Callable[[], ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1,
    "P-384": ec.SECP384R1,
    "P-521": ec.SECP521R1,
}
_GO_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_UNCOMPRESSED = Encoding.X962, PublicFormat.UncompressedPoint
_LARGEST_EXPONENT = 2**31 - 1
_LEAST_BITS, _MOST_BITS = 1024, 8192
"""Go verifies nothing below, and OpenSSL not everything above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """`public` is None where it is of a kind that verifies nothing: a shared secret."""

    public: Public | None
    algorithm: str
    name: str


_PEM = re.compile(
    r"(?:[ \t\r\n]*\n)?"
    r"-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)\n-----END \1-----[ \t]*(?:\r?\n)?"
)


def read(text: str) -> list[Key]:
    """The keys, in their order.

    Raises: BadArgument
    """
    if match := _PEM.fullmatch(text):
        return [Key(public=_in_pem(*match.groups()), algorithm="", name="")]
    if "-----BEGIN" in text:
        raise BadArgument("there is more than one PEM block, or text in or around it")
    return _jwks(text)


def _in_pem(kind: str, body: str) -> Public:
    der = standard(body)
    try:
        if kind == "CERTIFICATE":
            return _public_key(subject_public_key(der))
        if kind == "PUBLIC KEY":
            return _public_key(der)
    except BadArgument:
        raise
    except Exception as error:  # the library raises several kinds for what it cannot read
        raise BadArgument(f"the PEM block cannot be read: {error}") from error
    raise BadArgument("failed to extract a Key from the PEM certificate")


def _public_key(der: bytes) -> Public:
    """The key of a SubjectPublicKeyInfo that is written in the one way that Go reads."""
    key = load_der_public_key(der)
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != der:
        raise BadArgument("the public key is not written as OPA reads it")
    return _usable(key)


def _usable(key: object) -> Public:
    match key:
        case rsa.RSAPublicKey(key_size=bits) if _LEAST_BITS <= bits <= _MOST_BITS:
            numbers = key.public_numbers()
            if numbers.n % 2 and numbers.e % 2 and 1 < numbers.e <= _LARGEST_EXPONENT:
                return key
        case ec.EllipticCurvePublicKey(curve=curve) if isinstance(curve, _GO_CURVES):
            return key
        case ed25519.Ed25519PublicKey():
            return key
        case _:
            pass
    raise BadArgument("a key of this kind or size is not in this engine")


def _jwks(text: str) -> list[Key]:
    fields = loads(text, _once)
    if not isinstance(fields, dict):
        raise BadArgument("a JWK or a set of them is an object")
    listed: object = [fields]
    if "keys" in fields:
        listed = fields.pop("keys")
        _check_other(fields)
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise BadArgument(f"`keys` of a JWK set is a list of {MAX_KEYS} at most")
    return [key for key in map(_jwk, listed) if key.algorithm not in _ENCRYPTING]


def _once(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields, each of which is there once."""
    found = dict(fields)
    if len(found) != len(fields):
        raise BadArgument("a name is twice in a JWK or a set of them")
    return found


_TEXTS = frozenset(
    {"kty", "alg", "kid", "use", "crv", "n", "e", "x", "y", "k", "x5u", "x5t", "x5t#S256"}
)


def _jwk(fields: object) -> Key:
    if not isinstance(fields, dict):
        raise BadArgument("a JWK is an object")
    texts = {name: value for name, value in fields.items() if name in _TEXTS}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise BadArgument(f"JWK: {name} must be a string")
    _check_key_ops(fields.get("key_ops", []))
    _check_chain(fields.get("x5c", []))
    known = {*texts, "key_ops", "x5c"}
    _check_other({name: value for name, value in fields.items() if name not in known})
    algorithm = texts.get("alg")
    if algorithm is not None and algorithm not in ALGORITHMS | _ENCRYPTING:
        raise BadArgument(f"JWK: the algorithm {algorithm[:40]!r} is not in this engine")
    try:
        public = _public(texts)
    except KeyError as error:
        raise BadArgument(f"JWK: {error} is missing") from error
    except ValueError as error:
        raise BadArgument(f"JWK: {error}") from error
    return Key(public=public, algorithm=algorithm or "", name=texts.get("kid", ""))


_LARGEST = 2**64


def _check_other(fields: dict[str, Any]) -> None:
    """OPA's library finds `kty` and `d` in any case, and does not read every number."""
    for name, value in fields.items():
        plain = isinstance(value, str) or (isinstance(value, int) and abs(value) < _LARGEST)
        if name.casefold() in {"kty", "d"} or not plain:
            raise BadArgument(f"a JWK or a set with such a {name[:40]!r} is not read here")


def _check_key_ops(listed: object) -> None:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise BadArgument("JWK: key_ops must be a list of strings")


_MAX_CHAIN, _MAX_CERTIFICATE = 10, 256 * 1024
_SPACES = re.compile(r"[ \t\r\n\v\f]")


def _check_chain(listed: object) -> None:
    """Nothing is verified with it, but OPA refuses the key when it cannot read it."""
    if not isinstance(listed, list) or len(listed) > _MAX_CHAIN:
        raise BadArgument(f"JWK: x5c must be a list of {_MAX_CHAIN} certificates at most")
    for one in listed:
        if not isinstance(one, str) or len(one) > _MAX_CERTIFICATE:
            raise BadArgument("JWK: x5c must be a list of certificates in base64")
        _in_pem("CERTIFICATE", _SPACES.sub("", one))


def _public(fields: dict[str, str]) -> Public | None:
    match fields["kty"], fields.get("crv"):
        case "RSA", _:
            numbers = rsa.RSAPublicNumbers(_number(fields["e"]), _number(fields["n"]))
            return _usable(numbers.public_key())
        case "EC", str(name) if name in _CURVES:
            return _on_curve(_CURVES[name](), _bytes(fields["x"]), _bytes(fields["y"]))
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(fields["x"]))
        case "oct", _:
            _bytes(fields["k"])
            return None
        case kty, curve:
            raise BadArgument(
                f"a JWK of kind {kty[:20]!r}, curve {curve!r:.20} is not in this engine"
            )


def _on_curve(curve: ec.EllipticCurve, x: bytes, y: bytes) -> Public:
    """The point, whose coordinates are written in full and below the field's size."""
    written = b"\x04" + x + y
    key = ec.EllipticCurvePublicKey.from_encoded_point(curve, written)
    if len(x) != len(y) or key.public_bytes(*_UNCOMPRESSED) != written:
        raise BadArgument("JWK: x and y are not written as OPA reads them")
    return key


_BYTES = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def _bytes(text: str) -> bytes:
    if not _BYTES.fullmatch(text):
        raise BadArgument("JWK: illegal base64url data")
    return for_urls(text)


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text))
