"""Tokens and keys as somebody sends them who wants to be believed. All keys are made when they are
needed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from mrbot.ids import Json

NOW = 1_700_000_000
TIME = NOW * 10**9
SECRET = "a shared secret"
SIZES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}

Sign = Callable[[bytes], bytes]
_Certified = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
_Key = _Certified | ed448.Ed448PrivateKey | x25519.X25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A function of `io.jwt`, and what it is given."""

    about: str
    function: str
    token: Json
    key: Json = None


def encoded(part: Json | bytes) -> str:
    """A part of a token: bytes and text as they are, anything else as JSON."""
    if not isinstance(part, bytes | str):
        part = json.dumps(part)
    data = part if isinstance(part, bytes) else part.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header: Json | bytes, payload: Json | bytes, sign: Sign) -> str:
    """The token."""
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{encoded(sign(text.encode()))}"


def keyed(
    header: Json | bytes, payload: Json | bytes, secret: str = SECRET, bits: str = "256"
) -> str:
    """The token, signed with a shared secret."""
    key = secret.encode()
    return signed(header, payload, lambda text: hmac.digest(key, text, f"sha{bits}"))


def with_signature(token: str, signature: bytes) -> str:
    return f"{token.rpartition('.')[0]}.{encoded(signature)}"


def verified(about: str, function: str, token: str, key: str) -> Iterator[Asked]:
    """Both ways in which a token is verified."""
    yield Asked(about=about, function=function, token=token, key=key)
    yield decoded(about, token, cert=key)


def decoded(about: str, token: Json, **constraints: Json) -> Asked:
    """Verified and decoded at once, at a known time."""
    asked = {"time": TIME, **constraints}
    return Asked(about=about, function="decode_verify", token=token, key=asked)


def shared(about: str, header: Json | bytes, payload: Json | bytes, **constraints: Json) -> Asked:
    return decoded(about, keyed(header, payload), **{"secret": SECRET, **constraints})


@cache
def rsa_key(bits: int = 1024) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def ec_key(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def with_rsa(header: Json, bits: str = "256", key: rsa.RSAPrivateKey | None = None) -> str:
    known = key or rsa_key()
    return signed(header, {}, lambda text: known.sign(text, padding.PKCS1v15(), SIZES[bits]))


def with_pss(header: Json, bits: str, salt: int, key: rsa.RSAPrivateKey) -> str:
    scheme = padding.PSS(padding.MGF1(SIZES[bits]), salt)
    return signed(header, {}, lambda text: key.sign(text, scheme, SIZES[bits]))


def with_ec(header: Json, bits: str = "256", key: ec.EllipticCurvePrivateKey | None = None) -> str:
    known = key or ec_key()
    size = (known.key_size + 7) // 8

    def sign(text: bytes) -> bytes:
        r, s = decode_dss_signature(known.sign(text, ec.ECDSA(SIZES[bits])))
        return r.to_bytes(size) + s.to_bytes(size)

    return signed(header, {}, sign)


def with_ed(header: Json) -> str:
    return signed(header, {}, ed_key().sign)


def spki(key: _Key) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem(der: bytes, kind: str = "PUBLIC KEY") -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----", ""])


def number(value: int) -> str:
    return encoded(value.to_bytes((value.bit_length() + 7) // 8 or 1))


def rsa_jwk(key: rsa.RSAPrivateKey | None = None, **fields: Json) -> dict[str, Json]:
    numbers = (key or rsa_key()).public_key().public_numbers()
    return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **fields}


def ec_jwk(**fields: Json) -> dict[str, Json]:
    point = ec_key().public_key().public_numbers()
    x, y = (encoded(one.to_bytes(32)) for one in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y, **fields}


def ed_jwk(x: bytes | None = None, **fields: Json) -> dict[str, Json]:
    point = x or ed_key().public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(point), **fields}


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    length = size.to_bytes(1) if size < 0x80 else b"\x82" + size.to_bytes(2)
    return tag.to_bytes(1) + length + content


def der_number(value: int) -> bytes:
    return der(2, value.to_bytes(value.bit_length() // 8 + 1))


RSA_OID, PSS_OID, _EC = (
    bytes.fromhex(text)
    for text in ("06092a864886f70d010101", "06092a864886f70d01010a", "06072a8648ce3d0201")
)
_P256, _ED = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06032b6570")
NULL = b"\x05\x00"


def rsa_spki(n: int, e: int, algorithm: bytes = RSA_OID, parameters: bytes = NULL) -> bytes:
    key = der(0x30, der_number(n), der_number(e))
    return der(0x30, der(0x30, algorithm, parameters), der(3, b"\0", key))


def ec_spki(point: bytes) -> bytes:
    return der(0x30, der(0x30, _EC, _P256), der(3, b"\0", point))


def ed_spki(point: bytes, parameters: bytes = b"") -> bytes:
    return der(0x30, der(0x30, _ED, parameters), der(3, b"\0", point))


def padded(text: bytes, size: int, prefix: str = "3031300d060960864801650304020105000420") -> int:
    """What is signed of a text, as RFC 8017 has it in 9.2."""
    tail = bytes.fromhex(prefix) + hashlib.sha256(text).digest()
    return int.from_bytes(b"\0\1" + b"\xff" * (size - 3 - len(tail)) + b"\0" + tail)


def words(text: str) -> list[str]:
    return text.split()


Extensions = list[tuple[x509.ExtensionType, bool]]
SOMEBODY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody")])
OF_AN_AUTHORITY: Extensions = [
    (x509.SubjectKeyIdentifier(b"identifier"), False),
    (x509.AuthorityKeyIdentifier(b"identifier", None, None), False),
    (x509.BasicConstraints(ca=True, path_length=None), True),
]
OF_A_SERVICE: Extensions = [
    (x509.BasicConstraints(ca=False, path_length=None), True),
    (x509.KeyUsage(True, False, False, False, False, False, False, False, False), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False),
    (
        x509.SubjectAlternativeName(
            [
                x509.DNSName("a.example"),
                x509.UniformResourceIdentifier("spiffe://a.example/b"),
                x509.IPAddress(ip_address("::1")),
                x509.RFC822Name("a@b.example"),
            ]
        ),
        False,
    ),
    (
        x509.CRLDistributionPoints(
            [
                x509.DistributionPoint(
                    [x509.UniformResourceIdentifier("http://a.example")], None, None, None
                )
            ]
        ),
        False,
    ),
    (
        x509.CertificatePolicies(
            [x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), ["http://a.example"])]
        ),
        False,
    ),
    (
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(
                    AuthorityInformationAccessOID.OCSP,
                    x509.UniformResourceIdentifier("http://a.example"),
                )
            ]
        ),
        False,
    ),
    (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"anything"), False),
]


def certificate(
    extensions: Extensions | None = None,
    *,
    name: x509.Name = SOMEBODY,
    key: _Certified | None = None,
    issued: x509.Name = SOMEBODY,
) -> bytes:
    """One that has signed itself, and has long expired."""
    known = key or ed_key()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issued)
        .serial_number(7)
        .public_key(known.public_key())
        .not_valid_before(datetime(2019, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 1, tzinfo=UTC))
    )
    for extension, critical in extensions or []:
        made = made.add_extension(extension, critical)
    digest = None if isinstance(known, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return made.sign(known, digest).public_bytes(Encoding.DER)
