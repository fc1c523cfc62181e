"""Keys as somebody writes them who wants another to be taken for his, or a weak one to be taken."""

from __future__ import annotations

import base64
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_network
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, x25519

from mrbot.ids import Json
from tests.contract.tokens import (
    NULL,
    OF_A_SERVICE,
    OF_AN_AUTHORITY,
    PSS_OID,
    RSA_OID,
    SOMEBODY,
    Asked,
    _Key,
    certificate,
    der,
    der_number,
    ec_jwk,
    ec_key,
    ec_spki,
    ed_jwk,
    encoded,
    number,
    padded,
    pem,
    rsa_jwk,
    rsa_key,
    rsa_spki,
    signed,
    spki,
    verified,
    with_ec,
    with_ed,
    with_rsa,
    words,
)


def _rsa_numbers() -> Iterator[Asked]:
    """Keys of every size and exponent: a modulus may as well be one prime, or twice one."""
    primes = [(rsa_key(bits).private_numbers().p, bits // 2) for bits in (1024, 2040, 2048)]
    numbers = [(p, p - 1, bits) for p, bits in primes]
    numbers += [(2 * p, p - 1, bits + 1) for p, bits in primes]
    for n, order, bits in numbers:
        for e in (1, 3, 5, 65537, 2**31 - 1, 2**31 + 11, 2**33 + 17, 2**64 + 13):
            with suppress(ValueError):  # when there is no such exponent with this prime
                token = _raised(n, pow(e, -1, order), (bits + 7) // 8)
                about = f"{bits} bits, e = {e}"
                yield from verified(about, "verify_rs256", token, pem(rsa_spki(n, e)))
                jwk = json.dumps({"kty": "RSA", "n": number(n), "e": number(e)})
                yield from verified(about, "verify_rs256", token, jwk)


def _raised(n: int, d: int, size: int) -> str:
    def sign(text: bytes) -> bytes:
        return pow(padded(text, size), d, n).to_bytes(size)

    return signed({"alg": "RS256"}, {}, sign)


def _key_infos() -> Iterator[Asked]:
    """A SubjectPublicKeyInfo, written in other ways than the one."""
    numbers = rsa_key().public_key().public_numbers()
    token = with_rsa({"alg": "RS256"})
    for algorithm, parameters in itertools.product(
        (RSA_OID, PSS_OID), (NULL, b"", b"\x30\x00", b"\x04\x00")
    ):
        key = rsa_spki(numbers.n, numbers.e, algorithm, parameters)
        about = f"{algorithm.hex()} {parameters.hex()}"
        yield from verified(about, "verify_rs256", token, pem(key))
    plain = spki(rsa_key())
    pkcs1 = der(0x30, der_number(numbers.n), der_number(numbers.e))
    for kind, one in itertools.product(
        ("PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE", "X509 CERTIFICATE", "PRIVATE KEY"),
        (plain, plain + b"\0", pkcs1),
    ):
        yield from verified(kind, "verify_rs256", token, pem(one, kind))
    point = ec_key().public_key().public_numbers()
    x, y = point.x.to_bytes(32), point.y.to_bytes(32)
    sign = point.y % 2
    forms = (
        b"\4" + x + y,
        bytes([2 + sign]) + x,
        bytes([6 + sign]) + x + y,
        bytes([7 - sign]) + x + y,
        b"\0",
    )
    for form in forms:
        yield from verified(
            f"point {form[0]}", "verify_es256", with_ec({"alg": "ES256"}), pem(ec_spki(form))
        )
    others: Iterable[_Key] = (
        ec_key(ec.SECP224R1),
        ec_key(ec.SECP256K1),
        ed448.Ed448PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
    )
    for key in others:
        for function in ("verify_es256", "verify_eddsa", "verify_rs256"):
            yield from verified(str(type(key)), function, with_ec({"alg": "ES256"}), pem(spki(key)))


def _pem() -> Iterator[Asked]:
    key = pem(spki(rsa_key()))
    first, *lines, last, _ = key.split("\n")
    body = "".join(lines)
    texts = [
        *(
            f"{before}{key}"
            for before in ("x\n", " ", "\t", "\v", "\ufeff", "\0\n", "\v\n", "\u2028", key)
        ),
        *(f"{key}{behind}" for behind in ("x", " ", "\n", "\0", "{}")),
        *(f"{first}\n{body}\n{last}{end}" for end in ("", " ", "\r", "\r\n", " \r\n", "\n ")),
        *(
            f"{first}\n{head}{body}\n{last}"
            for head in ("A: b\n\n", "A:\n", "\n\n", "=", " ", "é\n", f"{first}\n")
        ),
        *(f"{first}\n{body}{foot}\n{last}" for foot in ("=", "====", "AAAA", "\n\n", " ", "-")),
        f"{first}\n{body[:40]}=={body[40:]}\n{last}",
        f"{first}\n{body[:40]}\r{body[40:]}\n{last}",
        f"{first}\n{body[:40]} {body[40:]}\n{last}",
        f"{first}\n{body.rstrip('=')}\n{last}",
        f"{first}{body}{last}",
        f"{first}\n{body}{last}",
        f"{first}\n{last}",
        f"{first}\n\n{last}",
        key.replace("\n", "\r"),
        key.replace("\n", " "),
        key.replace("-----\n", "----- \n"),
        key.lower(),
        key.replace("PUBLIC", "RSA PUBLIC", 1),
        key.replace("PUBLIC KEY", " PUBLIC KEY"),
        key.replace("PUBLIC KEY", ""),
        json.dumps({"keys": [rsa_jwk()], "x": key}),
        f"{json.dumps(rsa_jwk())}\n{key}",
    ]
    token = with_rsa({"alg": "RS256"})
    for text in texts:
        yield from verified(text.replace(body, "..."), "verify_rs256", token, text)


_FIELDS = words("""
"KTY":"EC" "Kty":"RSA" "\u212aty":"EC" "kty":"EC" "kty":null "d":"AQAB" "D":"AQAB" "d":null "p":"AQAB"
"alg":null "alg":1 "alg":"" "alg":"XX" "alg":"RSA-OAEP"
"alg":"ECDH-ES" "alg":"dir" "alg":"A128GCM" "alg":"rsa-oaep" "alg":"none" "alg":"rs256" "alg":"ES256"
"kid":null "kid":1 "kid":"x" "kid":"" "use":null "use":1 "use":"x" "use":"enc"
"key_ops":null "key_ops":"verify" "key_ops":["sign"] "key_ops":["x"] "key_ops":[null] "key_ops":[1]
"x5c":null "x5c":[] "x5c":["x"] "x5c":[""] "x5c":"x" "x5t":null "x5t":1 "x5t#S256":1 "x5u":1 "x5u":"?"
"foo":1 "foo":1e999 "foo":1.5 "foo":null "foo":[1e999] "foo":{} "foo":true "":"x" "crv":1 "x":1 "k":1 "y":null
"n":"AQAB" "n":"" "e":"Aw" "e":"" "e":null "e":"AAEAAQ" "e":"AQABAA" "e":"AQ_AB" "e":"AQAB\\n" "e":"AQ\\nAB"
"e":"AQAB=" "e":"AQAB==" "e":65537 "e":"AQ" "e":"Ag" "e":"AA" "e":"gAAAAQ" "e":"AQAAAAE"
""")


def _jwks() -> Iterator[Asked]:
    jwk = json.dumps(rsa_jwk())
    fields = jwk[1:-1]
    texts = [
        *(
            f"{before}{jwk}{behind}"
            for before, behind in (
                ("", "x"),
                ("", " null"),
                (" ", "\n"),
                ("\ufeff", ""),
                ("[", "]"),
            )
        ),
        *(
            f'{{"keys":{keys}}}'
            for keys in ("null", "[]", "[null]", "[1]", "[[]]", "[{}]", jwk, f"[{jwk}]")
        ),
        f'{{"keys":[],"keys":[{jwk}]}}',
        f'{{"keys":[{jwk}],"keys":[]}}',
        f'{{"Keys":[{jwk}]}}',
        f'{{{fields},"keys":[]}}',
        f'{{"keys":[{jwk}],"x":1e999}}',
        f'{{"keys":[{jwk}],"kty":"EC"}}',
        f'{{"keys":[{",".join([jwk] * 1001)}]}}',
        "",
        "null",
        "{}",
        '{"kty":"RSA"}',
    ]
    for field in _FIELDS:
        for one in (f"{{{fields},{field}}}", f"{{{field},{fields}}}"):
            texts += [one, f'{{"keys":[{one},{jwk}]}}']
    text = rsa_jwk()["n"]
    assert isinstance(text, str)
    data = base64.urlsafe_b64decode(text + "==")
    written = (
        base64.b64encode(data).decode(),
        f"{text}=",
        f"{text}==",
        f"{text}A",
        f"{text}\n",
        f"\n{text}",
        f"{text[:9]} {text[9:]}",
        encoded(b"\0" + data),
        f"{text}====",
    )
    texts += [json.dumps(rsa_jwk(n=one)) for one in written]
    secrets: Json = [
        {"kty": "oct"},
        {"kty": "oct", "k": ""},
        {"kty": "oct", "k": "+/"},
        {"kty": "oct", "k": "AA"},
    ]
    texts += [json.dumps({"keys": [one, rsa_jwk()]}) for one in secrets]
    for text in texts:
        about = text.replace(fields, "...")[:200]
        yield from verified(about, "verify_rs256", with_rsa({"alg": "RS256"}), text)
        yield from verified(about, "verify_rs256", with_rsa({"alg": "RS256", "kid": "x"}), text)


_FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
_Y_OF_5 = 0x459243B9AA581806FE913BCE99817ADE11CA503C64D9A3C533415C083248FBCC


def _points() -> Iterator[Asked]:
    token, key = with_ec({"alg": "ES256"}), ec_jwk()
    x, y = str(key["x"]), str(key["y"])
    altered: list[dict[str, Json]] = [
        {"x": f"AA{x}"},
        {"x": f"{x}A"},
        {"x": x[:-2]},
        {"x": y, "y": x},
        {"y": "AA"},
        {"x": "", "y": ""},
        {"x": encoded(bytes(32)), "y": encoded(bytes(32))},
        {"x": encoded(bytes(31)), "y": encoded(bytes(33))},
        {"crv": "P-384"},
        {"crv": "p-256"},
        {"crv": "secp256k1"},
        {"crv": ""},
        {"kty": "ec"},
        {"kty": "OKP"},
        {"x": number(5), "y": number(_Y_OF_5)},
        {"x": number(5 + _FIELD), "y": number(_Y_OF_5)},
        {"x": encoded((5).to_bytes(32)), "y": number(_Y_OF_5)},
    ]
    for fields in altered:
        jwk = json.dumps({**key, **fields})
        yield from verified(str(fields), "verify_es256", token, jwk)
    for x_of in (5, 5 + _FIELD):
        point = b"\4" + x_of.to_bytes(32) + _Y_OF_5.to_bytes(32)
        yield from verified("x beyond the field", "verify_es256", token, pem(ec_spki(point)))
    fields = {"crv": "X25519"}, {"crv": "ed25519"}, {"x": ""}, {"x": "AA"}, {"kty": "EC"}
    for one in fields:
        jwk = json.dumps({**ed_jwk(), **one})
        yield from verified(str(one), "verify_eddsa", with_ed({"alg": "EdDSA"}), jwk)


def _oid(text: str) -> x509.ObjectIdentifier:
    return x509.ObjectIdentifier(text)


def _uri(text: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(text)


_LONG = ("1.2.3.2147483647", "1.2.3.2147483648", "2.25.329800735698586629295641978511506172918")
_URIS = (
    "https://a b/",
    "https://-a/",
    "http://[::1",
    "urn:x",
    "https://a.b:80/",
    "https://a..b/",
    "%zz",
    "https://a/%zz",
    "https://a_b/",
    "a:b:c",
    "",
    ":",
    f"https://{'a' * 64}.b/",
    f"https://{'a.' * 130}b/",
)


def _extensions() -> Iterator[x509.ExtensionType]:
    yield from (extension for extension, _ in (*OF_AN_AUTHORITY, *OF_A_SERVICE))
    yield from (x509.BasicConstraints(ca=True, path_length=length) for length in (0, 2**31))
    yield x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(SOMEBODY)], 7)
    yield from (x509.ExtendedKeyUsage([_oid(one)]) for one in _LONG)
    names = [*map(_uri, _URIS), x509.DNSName("*.a b"), x509.DNSName(""), x509.RFC822Name("x")]
    others = [
        x509.IPAddress(ip_network("10.0.0.0/8")),
        x509.RegisteredID(_oid("1.2.3")),
        x509.DirectoryName(SOMEBODY),
    ]
    yield from (x509.SubjectAlternativeName([one]) for one in (*names, *others))
    yield x509.IssuerAlternativeName([x509.DNSName("a")])
    yield from (
        x509.NameConstraints([one], None) for one in (x509.DNSName("a"), _uri("::1"), *others)
    )
    relative = x509.RelativeDistinguishedName([*SOMEBODY])
    yield x509.CRLDistributionPoints([x509.DistributionPoint(None, relative, None, None)])
    yield x509.CRLDistributionPoints(
        [x509.DistributionPoint(None, None, None, [x509.DirectoryName(SOMEBODY)])]
    )
    policies = [x509.PolicyInformation(_oid(one), None) for one in ("1.2.3", "1.2.3", _LONG[-1])]
    yield from (x509.CertificatePolicies(policies[start:]) for start in range(3))
    yield from (x509.PolicyConstraints(1, None), x509.InhibitAnyPolicy(1), x509.OCSPNoCheck())
    yield x509.AuthorityInformationAccess(
        [x509.AccessDescription(_oid(_LONG[-1]), _uri("http://a"))]
    )
    arcs = (9, 14, 15, 16, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54, 99)
    values = (
        b"",
        NULL,
        b"\x30\x00",
        b"\xff\xff",
        b"\x03\x01\x00",
        b"\x03\x02\x07\xff",
        b"\x04\x00\x00",
        b"\x30\x00\x00",
    )
    for text, value in itertools.product(
        (*(f"2.5.29.{arc}" for arc in arcs), "1.3.6.1.5.5.7.1.1", *_LONG), values
    ):
        yield x509.UnrecognizedExtension(_oid(text), value)


def _named(tag: int, content: bytes) -> bytes:
    """A certificate whose names are of one text, however it is written."""
    written = next(iter(SOMEBODY.rdns)).rfc4514_string().partition("=")[2].encode()
    plain = certificate()
    kept, put = der(0x0C, written), der(tag, content + b" " * (len(written) - len(content)))
    return plain.replace(kept, put)


def _certificates() -> Iterator[Asked]:
    token = with_ed({"alg": "EdDSA"})
    made = [certificate([(one, critical)]) for one in _extensions() for critical in (False, True)]
    tags = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1C, 0x1E, 0x03, 0x04)
    texts = (b"a", b"a@b", b"a_b", b"*", b"&", b"\xff", b"\xc3\xa9", b"\0", b"12345678")
    made += [_named(tag, text) for tag, text in itertools.product(tags, texts)]
    oids = [x509.Name([x509.NameAttribute(_oid(one), "x")]) for one in _LONG]
    made += [certificate(name=one) for one in (*oids, x509.Name([]))]
    made += [certificate(issued=one) for one in (*oids, x509.Name([]))]
    made += _mutants(certificate([*OF_AN_AUTHORITY, *OF_A_SERVICE[1:]]))
    plain = certificate()
    made += [
        plain + b"\0",
        plain[:-1],
        plain + plain,
        _with_serial(plain, 0xFF),
        _with_serial(plain, 0),
    ]
    for one in made:
        yield from verified(one.hex(), "verify_eddsa", token, pem(one, "CERTIFICATE"))
    jwk = ed_jwk()
    for one in made[::9]:
        text = base64.b64encode(one).decode()
        for chain in ([text], [f"{text[:8]}\n {text[8:]}"], [f"{text}="], [text] * 11):
            jwk = json.dumps(ed_jwk(x5c=list[Any](chain)))
            yield from verified(one.hex(), "verify_eddsa", token, jwk)


def _with_serial(plain: bytes, serial: int) -> bytes:
    at = plain.index(b"\x02\x01\x07")
    return plain[: at + 2] + bytes([serial]) + plain[at + 3 :]


def _mutants(plain: bytes) -> Iterator[bytes]:
    """Each with one other byte: the same places in every run."""
    chance = random.Random(11)
    for _ in range(500):
        at = chance.randrange(len(plain))
        yield (
            plain[:at]
            + bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF, plain[at] ^ 0x20))])
            + plain[at + 1 :]
        )


FAMILIES: dict[str, Callable[[], Iterator[Asked]]] = {
    "numbers of RSA keys": _rsa_numbers,
    "public keys": _key_infos,
    "PEM": _pem,
    "JWKs": _jwks,
    "points of JWKs": _points,
    "certificates": _certificates,
}
