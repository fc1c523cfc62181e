"""Tokens as somebody sends them who wants to be believed, and those of honest people."""

from __future__ import annotations

import base64
import hmac
import itertools
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mrbot.ids import Json
from tests.contract import hostile_keys
from tests.contract.tokens import (
    NOW,
    NULL,
    OF_A_SERVICE,
    OF_AN_AUTHORITY,
    SECRET,
    SIZES,
    TIME,
    Asked,
    certificate,
    decoded,
    ec_jwk,
    ec_key,
    ed_jwk,
    ed_key,
    ed_spki,
    encoded,
    keyed,
    padded,
    pem,
    rsa_jwk,
    rsa_key,
    shared,
    spki,
    verified,
    with_ec,
    with_ed,
    with_pss,
    with_rsa,
    with_signature,
    words,
)


def usual() -> Iterator[Asked]:
    """What honest people ask: both engines have an answer."""
    for bits, digest in SIZES.items():
        long = rsa_key(2048)
        key = pem(spki(long))
        rs = with_rsa({"alg": f"RS{bits}"}, bits, long)
        ps = with_pss({"alg": f"PS{bits}"}, bits, digest.digest_size, long)
        hs = keyed({"alg": f"HS{bits}"}, {}, bits=bits)
        yield from verified(f"RS{bits}", f"verify_rs{bits}", rs, key)
        yield from verified(f"PS{bits}", f"verify_ps{bits}", ps, key)
        yield Asked(about="HS", function=f"verify_hs{bits}", token=hs, key=SECRET)
        yield decoded("HS", hs, secret=SECRET)
    for bits, curve in zip(SIZES, (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1), strict=True):
        token = with_ec({"alg": f"ES{bits}"}, bits, ec_key(curve))
        yield from verified(curve.name, f"verify_es{bits}", token, pem(spki(ec_key(curve))))
    yield from verified("EdDSA", "verify_eddsa", with_ed({"alg": "EdDSA"}), pem(spki(ed_key())))
    token = with_rsa({"alg": "RS256", "kid": "b", "typ": "JWT"})
    chain: Json = [base64.b64encode(certificate()).decode()]
    keys: Json = [
        ec_jwk(kid="a", alg="ES256", use="sig"),
        rsa_jwk(kid="b", alg="RS256", key_ops=["verify"], x5c=chain, issuer="us", ext=True),
        ed_jwk(kid="c"),
        rsa_jwk(rsa_key(1025), kid="d", alg="RSA-OAEP", use="enc", x5c=chain),
        ec_jwk(kid="e", alg="ECDH-ES+A256KW", use="enc"),
    ]
    yield from verified("a set", "verify_rs256", token, json.dumps({"keys": keys}))
    yield from verified("one JWK", "verify_rs256", token, json.dumps(rsa_jwk()))
    key = pem(spki(rsa_key()))
    for text in (f"\n{key}", key.replace("\n", "\r\n"), key.rstrip()):
        yield from verified("PEM", "verify_rs256", token, text)
    for extensions in ([], OF_AN_AUTHORITY, OF_A_SERVICE):
        made = pem(certificate(extensions, key=rsa_key()), "CERTIFICATE")
        yield from verified("a certificate", "verify_rs256", token, made)
    claims = {"iss": "me", "aud": ["you", "them"], "exp": NOW + 1.5, "nbf": NOW, "iat": NOW - 0.25}
    yield shared("claims", {"alg": "HS256"}, claims, iss="me", aud="them", alg="HS256")
    inner = keyed({"alg": "HS256"}, {"in": [1, None, True, "é"]})
    yield shared("a token in a token", {"alg": "HS256", "cty": "JWT"}, inner)
    yield Asked(about="decoded", function="decode", token=inner)
    lasting = keyed({"alg": "HS256"}, {"nbf": 0, "exp": 100 * NOW})
    yield Asked(about="now", function="decode_verify", token=lasting, key={"secret": SECRET})


def _salts() -> Iterator[Asked]:
    for bits in SIZES:
        keys, lengths = (rsa_key(), rsa_key(1025)), (0, 1, 20, 32, 48, 61, 64, 94)
        for key, salt in itertools.product(keys, lengths):
            with suppress(ValueError):  # when it is longer than the key has room for
                token = with_pss({"alg": f"PS{bits}"}, bits, salt, key)
                about = f"{key.key_size} bits, {salt} of salt"
                yield from verified(about, f"verify_ps{bits}", token, pem(spki(key)))
        for other in SIZES:
            token = with_rsa({"alg": f"RS{bits}"}, bits)
            yield from verified("digest", f"verify_rs{other}", token, pem(spki(rsa_key())))
            yield from verified("digest", f"verify_ps{other}", token, pem(spki(rsa_key())))


def _rsa_signatures() -> Iterator[Asked]:
    numbers = rsa_key().private_numbers()
    n, key = numbers.public_numbers.n, pem(spki(rsa_key()))

    def power(value: int) -> bytes:
        return pow(value, numbers.d, n).to_bytes(128)

    token = with_rsa({"alg": "RS256"})
    text = token.rpartition(".")[0].encode()
    plain = power(padded(text, 128))
    short = (padded(text, 64) << 512) + 7
    altered = {
        "as it should be": plain,
        "empty": b"",
        "zero": bytes(128),
        "one": (1).to_bytes(128),
        "with a zero before": b"\0" + plain,
        "with a zero behind": plain + b"\0",
        "cut": plain[:-1],
        "plus the modulus": (int.from_bytes(plain) + n).to_bytes(129),
        "garbage behind": power(short),
        "no NULL": power(padded(text, 128, "302f300b06096086480165030402010420")),
        "no digest's name": power(padded(text, 128, "")),
        "long length": power(padded(text, 128, "308131300d060960864801650304020105000420")),
        "SHA-1 said": power(padded(text, 128, "3021300906052b0e03021a05000414")),
        "type 2": power(padded(text, 128) + (1 << 1008)),
    }
    for about, signature in altered.items():
        yield from verified(about, "verify_rs256", with_signature(token, signature), key)


_ORDERS = {
    ec.SECP256R1: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    ec.SECP384R1: 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
}


def _curves() -> Iterator[Asked]:
    for curve, order in _ORDERS.items():
        known = ec_key(curve)
        size, key = (known.key_size + 7) // 8, pem(spki(known))
        for bits in SIZES:
            token = with_ec({"alg": f"ES{bits}"}, bits, known)
            signature = base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")
            r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
            pairs = ((r, s), (r, order - s), (0, 0), (0, s), (r, 0), (r + order, s), (r, s + order))
            for (one, other), width in itertools.product(pairs, (size, size + 1)):
                if max(one, other) < 256**width:
                    altered = one.to_bytes(width) + other.to_bytes(width)
                    token = with_signature(token, altered)
                    about = f"{curve.name}: {width - size} longer, {(one - r, other - s)}"
                    yield from verified(about, f"verify_es{bits}", token, key)
            for end in (0, 1, 2, size, len(signature) - 1):
                token = with_signature(token, signature[:end])
                yield from verified(f"{end} bytes", f"verify_es{bits}", token, key)


_SMALL = words("""
0100000000000000000000000000000000000000000000000000000000000000
ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0000000000000000000000000000000000000000000000000000000000000080
26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05
c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa
eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
0100000000000000000000000000000000000000000000000000000000000080
""")
"""Points of a small order, some written as they should not be."""
_ED_ORDER = 2**252 + 27742317777372353535851937790883648493


def _edwards() -> Iterator[Asked]:
    token, point = with_ed({"alg": "EdDSA"}), ed_key().public_key().public_bytes_raw()
    signature = base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    altered = [r + (s + times * _ED_ORDER).to_bytes(32, "little") for times in (0, 1, 2, 8)]
    altered += [r + (s | 1 << 255).to_bytes(32, "little"), signature + b"\0", signature[:-1], b""]
    for one in altered:
        yield from verified("S", "verify_eddsa", with_signature(token, one), pem(ed_spki(point)))
    keys = [ed_spki(point, NULL), ed_spki(point + b"\0"), ed_spki(point[:-1]), ed_spki(b"")]
    for one in keys:
        yield from verified("key", "verify_eddsa", token, pem(one))
    for one, other in itertools.product(_SMALL, repeat=2):
        key = json.dumps(ed_jwk(bytes.fromhex(one)))
        for payload in range(3):
            text = f"{encoded({'alg': 'EdDSA'})}.{encoded({'a': payload})}."
            token = with_signature(text, bytes.fromhex(other) + bytes(32))
            yield from verified(f"{one} {other}", "verify_eddsa", token, key)


def _algorithms() -> Iterator[Asked]:
    """Every algorithm that a header may name, with every key and signature."""
    other = rsa.generate_private_key(65537, 1024)
    secret = encoded(SECRET)
    sets: list[Json] = [
        rsa_jwk(),
        ec_jwk(),
        ed_jwk(),
        {"kty": "oct", "k": secret},
        rsa_jwk(alg="HS256"),
        {"keys": [rsa_jwk(other, kid="a"), rsa_jwk(kid="a")]},
        {"keys": [rsa_jwk(kid="a"), rsa_jwk(other, kid="a")]},
        {"keys": [rsa_jwk(other, kid="a"), rsa_jwk()]},
        {"keys": [rsa_jwk(other), rsa_jwk(alg="RS256")]},
        {"keys": [rsa_jwk(alg="RS384", kid="a")]},
        {"keys": [rsa_jwk(alg="RSA-OAEP", kid="a")]},
        {"keys": [rsa_jwk(alg="RSA-OAEP", kid="a"), rsa_jwk(other, kid="a")]},
        {"keys": [rsa_jwk(other, alg="RSA-OAEP", kid="a"), rsa_jwk(kid="b")]},
        {"keys": [rsa_jwk(alg="ES256")]},
        {"keys": []},
        {"keys": [{"kty": "oct", "k": secret, "kid": "a"}, ec_jwk(), ed_jwk(), rsa_jwk()]},
        {"keys": [ec_jwk(alg="ES256"), ed_jwk(alg="EdDSA"), rsa_jwk(alg="RS256")]},
        {"keys": [ec_jwk(kid="a"), rsa_jwk(kid="b")]},
        {"keys": [rsa_jwk(other, kid=""), rsa_jwk(kid="")]},
    ]
    keys = [
        *(json.dumps(one) for one in sets),
        *(pem(spki(one)) for one in (rsa_key(), ec_key(), ed_key())),
    ]
    names = ("RS256", "PS256", "ES256", "EdDSA", "HS256", "none", "rs256", "RS384", "", "Ed25519")
    headers: list[Json] = [{"alg": name} for name in names]
    headers += [{"alg": name, "kid": kid} for name in ("RS256", "HS256") for kid in ("a", "b", "")]
    for header in headers:
        tokens = {
            "verify_rs256": with_rsa(header),
            "verify_es256": with_ec(header),
            "verify_eddsa": with_ed(header),
            "verify_hs256": keyed(header, {}, pem(spki(rsa_key()))),
            "verify_ps256": keyed(header, {}),
        }
        for key, (function, token) in itertools.product(keys, tokens.items()):
            yield from verified(f"{header} {key[:300]}", function, token, key)


_JSON = r"""
{"alg":"HS256"}null|{"alg":"HS256"}{}|{"alg":"HS256"}]|{"alg":"none","alg":"HS256"}|{"alg":"HS256","alg":"none"}|
{"ALG":"HS256"}|{"alg":"hs256"}|{"alg":"none"}|{"alg":""}|{}|{"alg":null}|{"alg":["HS256"]}|{"alg":"HS384"}|
{"alg":"HS256","kid":1}|{"alg":"HS256","typ":null}|{"alg":"HS256","cty":1}|{"alg":"HS256","cty":"JWT "}|
{"alg":"HS256","crit":[]}|{"alg":"HS256","crit":["x"]}|{"alg":"HS256","crit":["x"],"x":1}|{"alg":"HS256","crit":["alg"]}|
{"alg":"HS256","crit":["b64"],"b64":false}|{"alg":"HS256","crit":"x"}|{"alg":"HS256","crit":["y",1],"x":1}|
{"alg":"HS256","crit":["x",1],"x":1}|{"alg":"HS256","crit":[1,"x"],"x":1}|{"alg":"HS256","enc":null}|
{"alg":"HS256","x":NaN}|{"alg":"HS256","x":-Infinity}|{"alg":"HS256","x":1e999}|{"alg":"HS256","x":1e-400000}|
{"alg":"HS256","x":12345678901234567890123}|{"alg":"HS256","x":18446744073709551615}|{"alg":"HS256","x":-9223372036854775809}|
{"alg":"HS256","x":9007199254740993.0}|{"alg":"HS256","x":0.10000000000000000001}|{"alg":"HS256","x":01}|
{"alg":"HS256","x":"\ud800"}|{"alg":"HS256","\ud800":1,"\ud801":2}|{"alg":"HS256","x":"\udc00\ud800"}|
{"alg":"HS256","x":"\u0000"}|{"alg":"HS256","x":"\x"}|{"\u0061lg":"HS256"}|{"alg":"HS256",}|[]|null||{"alg":"HS256"}/**/|
{"x":{"a":1},"alg":"HS256","x":{"b":1}}|{"alg":"HS256","x":{"a":1,"a":2}}|{'alg':'HS256'}
""".replace("\n", "").split("|")


def _texts() -> Iterator[Asked]:
    """Headers and payloads that are hardly JSON."""
    plain = '{"alg":"HS256"}'
    around = ("\ufeff", "\v", "\u00a0", "\0", "\n")
    deep = ["[" * depth + "]" * depth for depth in (100, 600, 20_000)]
    texts: list[str | bytes] = [
        *_JSON,
        *(one + plain for one in around),
        *(plain + one for one in around),
        plain[:-1] + ',"x":"\x1f"}',
        *(f'{plain[:-1]},"x":{one}}}' for one in deep),
        plain.encode("utf-16"),
        plain.encode() + b"\xff",
        b'{"alg":"HS256","x":"\xff"}',
        b'{"alg":"HS256","x":"\xed\xa0\x80"}',
    ]
    for text in texts:
        about = str(text)[:100]
        for header, payload in ((text, "{}"), (plain, text)):
            yield Asked(about=about, function="decode", token=keyed(header, payload))
            yield shared(about, header, payload)
        yield Asked(about=about, function="verify_hs256", token=keyed(text, "{}"), key=SECRET)
        key = pem(spki(rsa_key()))
        yield Asked(about=about, function="verify_rs256", token=keyed(text, "{}"), key=key)


def _claims() -> Iterator[Asked]:
    header = {"alg": "HS256"}
    written = words("""
    1700000000 1700000001 1699999999 1700000000.0 1700000000.1 1699999999.9 "1700000001" null true []
    17e8 1.7e+9 17000000000e-1 1700000000.0000000001 1700000000.10000000000000000001
    1699999999.99999999999999999999 1e400 1e400000 1e-400 1e-400000 1e-5000000000 -1 0 -0 0.0
    99999999999999999999999 18446744073709551615 18446744073709551616 18446744073709551600 1e19
    1700000000.1234567 1700000000.123456789
    """)
    times: tuple[Json, ...] = (
        TIME,
        TIME + 1,
        TIME - 1,
        TIME + 10**8,
        TIME + 123456789,
        0,
        -1,
        1.5,
        2**63,
        1.8446744073709552e28,
        1e308,
        5e-324,
        "1",
        None,
        True,
        [],
    )
    for text, time in itertools.product(written, times):
        for name in ("exp", "nbf"):
            yield shared(f"{name} {text} at {time}", header, f'{{"{name}":{text}}}', time=time)
    for text in written:
        yield shared(text, header, f'{{"exp":{text},"nbf":"x"}}')
    audiences = words(
        """ "a" "" [] ["a"] ["b","a"] [""] [1,"a"] [["a"]] null 1 {"a":"a"} "A" true """
    )
    wanted: tuple[dict[str, Json], ...] = ({}, {"aud": "a"}, {"aud": ""}, {"iss": "a"}, {"iss": ""})
    for text, one in itertools.product(audiences, wanted):
        yield shared(f"{text} {one}", header, f'{{"aud":{text}}}', **one)
        yield shared(f"{text} {one}", header, f'{{"iss":{text}}}', **one)
        yield shared(f"{one}", header, "{}", **one)


def _constraints() -> Iterator[Asked]:
    token = keyed({"alg": "HS256"}, {})
    constraints: tuple[Json, ...] = (
        {"secret": SECRET, "aud": 1},
        {"secret": SECRET, "iss": None},
        {"secret": SECRET, "alg": ""},
        {},
        {"secret": SECRET, "alg": "none"},
        {"secret": SECRET, "alg": "hs256"},
        {"secret": SECRET, "alg": ["HS256"]},
        {"secret": SECRET, "x": 1},
        {"Secret": SECRET},
        {"secret": ""},
        {"secret": 1},
        {"secret": f"{SECRET} "},
        {"secret": f"{SECRET}\0"},
        {"secret": SECRET, "cert": ""},
        {"secret": SECRET, "cert": '{"keys":[]}'},
        {"secret": "", "cert": '{"keys":[]}'},
        {"cert": 1},
        [],
        None,
        "x",
        1,
    )
    for one in constraints:
        asked = {"time": TIME, **one} if isinstance(one, dict) else one
        yield Asked(about=str(one), function="decode_verify", token=token, key=asked)
    empty = keyed({"alg": "HS256"}, {}, "")
    yield Asked(about="no secret", function="verify_hs256", token=empty, key="")
    yield decoded("no secret", empty, secret="")
    for key in ("a\0", "a", "é", "a" * 64, "a" * 65, "\0"):
        token = keyed({"alg": "HS256"}, {}, key)
        for given in (key, f"{key}\0", key.rstrip("\0"), key.upper()):
            yield Asked(about=repr(key), function="verify_hs256", token=token, key=given)


def _parts() -> Iterator[Asked]:
    token = keyed({"alg": "HS256"}, {})
    header, payload, signature = token.split(".")
    tokens: list[Json] = [
        f"{header}.{payload}",
        f"{token}.",
        f"{token}.x.y",
        "",
        ".",
        "..",
        "...",
        "....",
        f" {token}",
        f"{token} ",
        f"{token}\n",
        f"\n{token}",
        f"{token}=",
        f"{token}==",
        f"{header}.{payload}.",
        f".{payload}.{signature}",
        f"{header}..{signature}",
        f"Bearer {token}",
        f"{token}\0",
        token.replace(".", "\u3002"),
        1,
        None,
        [token],
    ]
    chance = random.Random(5)
    letters = "Aa0-_+/= \n\r\0é"
    for size in range(1, 9):
        for _ in range(12):
            tokens.append(f"{token}{''.join(chance.choices(letters, k=size))}")
    for part in (
        "e30=",
        "e31",
        "e32",
        "e30\n",
        "e3\n0",
        "e30\n\n\n",
        "e30=\n",
        "e30==",
        "e3A",
        "e30 ",
        "\ne30",
    ):
        made = f"{part}.{payload}", f"{header}.{part}"
        for text in made:
            mac = hmac.digest(SECRET.encode(), text.encode(), "sha256")
            tokens.append(f"{text}.{encoded(mac)}")
    for one in tokens:
        yield Asked(about=str(one), function="decode", token=one)
        yield Asked(about=str(one), function="verify_hs256", token=one, key=SECRET)
        yield decoded(str(one), one, secret=SECRET)


def _nested() -> Iterator[Asked]:
    inner = keyed({"alg": "HS256"}, {"a": 1})
    bodies = (
        inner,
        json.dumps(inner),
        f"'{inner}'",
        f'"{inner}',
        f" {inner}",
        f"{inner}\n",
        '"',
        "",
        "{}",
        "a.b.c",
        keyed({"alg": "none"}, {}),
        keyed({"alg": "HS256"}, {"exp": 1}),
        keyed({"alg": "HS256"}, {}, "another"),
        keyed({"alg": "HS256", "crit": ["x"], "x": 1}, {}),
        keyed({"alg": "HS384"}, {}),
        with_signature(inner, b""),
    )
    for content, body in itertools.product(("JWT", "jwt", "jWt"), bodies):
        header: Json = {"alg": "HS256", "cty": content}
        yield shared(f"{content} {body[:20]}", header, body)
        yield shared(f"{content} {body[:20]}", header, body, alg="HS256")
        yield Asked(about=body[:20], function="decode", token=keyed(header, body))
    for depth in range(20):
        inner = keyed({"alg": "HS256", "cty": "JWT"}, inner)
        yield decoded(f"{depth} deep", inner, secret=SECRET)
        yield Asked(about=f"{depth} deep", function="decode", token=inner)


FAMILIES: dict[str, Callable[[], Iterator[Asked]]] = {
    **hostile_keys.FAMILIES,
    "salts and digests": _salts,
    "signatures of RSA keys": _rsa_signatures,
    "signatures on curves": _curves,
    "signatures on Edwards's curve": _edwards,
    "algorithms and names of keys": _algorithms,
    "JSON": _texts,
    "claims": _claims,
    "constraints": _constraints,
    "parts": _parts,
    "tokens in tokens": _nested,
}
