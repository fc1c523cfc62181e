"""X.509 certificates as Go reads them.

`cryptography` reads some that Go refuses, and then only OPA would have no key. So a certificate
counts here when it is plain: names of common text, and of the extensions that Go looks into only those
that are common and written as they should be. Who signed it and until when it holds is not looked at:
OPA does not either.

Source: https://www.rfc-editor.org/rfc/rfc5280, https://pkg.go.dev/crypto/x509#ParseCertificate
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from cryptography import x509

from mrbot.policy.regorus.builtins.values import BadArgument

_VERSION_TAG, _EXTENSIONS_TAG = 0xA0, 0xA3
_UTF8_STRING, _PRINTABLE_STRING, _IA5_STRING = 0x0C, 0x13, 0x16
_PRINTABLE_TEXT = re.compile(rb"[A-Za-z0-9'()+,\-./ :=?*&]*")
_URI = re.compile(r"[a-z]+://[a-z0-9]+([.-][a-z0-9]+)*(/[A-Za-z0-9._/-]*)?")
_HIGHEST_ARC = 2**31 - 81
_LONGEST_PATH = 2**31

_NEVER_CRITICAL = (
    x509.AuthorityInformationAccess, x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier,
)  # fmt: skip
_PLAIN = (
    *_NEVER_CRITICAL, x509.BasicConstraints, x509.CRLDistributionPoints, x509.CertificatePolicies,
    x509.ExtendedKeyUsage, x509.KeyUsage, x509.SubjectAlternativeName,
)  # fmt: skip


def subject_public_key(der: bytes) -> bytes:
    """What the certificate has for its subject's key, with its algorithm.

    Raises: BadArgument when Go may refuse it, and what `cryptography` raises when it does.
    """
    certificate = x509.load_der_x509_certificate(der)
    signed, outer, _ = _elements(der)
    version, *fields = _elements(signed)
    if version[0] != _VERSION_TAG:  # the first has none
        fields = [version, *fields]
    _, inner, issuer, _, subject, key, *rest = fields
    if certificate.serial_number < 0:
        raise BadArgument("a certificate with a negative number is not read in this engine")
    if inner != outer:
        raise BadArgument("the certificate names two signature algorithms")
    named = [*certificate.subject, *certificate.issuer]
    oids = [certificate.signature_algorithm_oid, *(attribute.oid for attribute in named)]
    if not (_is_plain_name(issuer) and _is_plain_name(subject) and all(map(_is_small, oids))):
        raise BadArgument("a certificate with such names is not read in this engine")
    if any(element[0] != _EXTENSIONS_TAG for element in rest):
        raise BadArgument("a certificate with unique identifiers is not read in this engine")
    if rest and certificate.version is not x509.Version.v3:
        raise BadArgument("a certificate of this version has no extensions")
    written = _elements(_elements(rest[0])[0]) if rest else []
    for extension, element in zip(certificate.extensions, written, strict=True):
        if not _is_plain_extension(extension, _content(_elements(element)[-1])):
            oid = extension.oid.dotted_string
            raise BadArgument(f"a certificate with such an extension ({oid}) is not read here")
    return key


def _is_plain_name(name: bytes) -> bool:
    attributes = (one for relative in _elements(name) for one in _elements(relative))
    return all(_is_text(_elements(attribute)[-1]) for attribute in attributes)


def _is_text(element: bytes) -> bool:
    tag, content = element[0], _content(element)
    if tag == _UTF8_STRING:
        return content.decode(errors="ignore").encode() == content
    if tag == _PRINTABLE_STRING:
        return _PRINTABLE_TEXT.fullmatch(content) is not None
    return tag == _IA5_STRING and content.isascii()


def _is_small(oid: x509.ObjectIdentifier) -> bool:
    """Whether Go holds its numbers."""
    return all(int(arc) < _HIGHEST_ARC for arc in oid.dotted_string.split("."))


def _is_plain_extension(extension: x509.Extension[x509.ExtensionType], written: bytes) -> bool:
    oid, value = extension.oid.dotted_string, extension.value
    if not oid.startswith("2.5.29.") and not isinstance(value, x509.AuthorityInformationAccess):
        return _is_small(extension.oid)  # Go does not look into it
    if not isinstance(value, _PLAIN) or value.public_bytes() != written:
        return False
    if extension.critical and isinstance(value, _NEVER_CRITICAL):
        return False
    match value:
        case x509.AuthorityInformationAccess():
            return all(_is_small(one.access_method) for one in value)
        case x509.BasicConstraints(path_length=int(length)):
            return length < _LONGEST_PATH
        case x509.CRLDistributionPoints():
            return all(point.relative_name is None for point in value)
        case x509.CertificatePolicies():
            return len({policy.policy_identifier for policy in value}) == len(list(value))
        case x509.ExtendedKeyUsage():
            return all(map(_is_small, value))
        case x509.SubjectAlternativeName():
            return all(map(_is_plain_alternative, value))
        case _:
            return True


def _is_plain_alternative(name: x509.GeneralName) -> bool:
    match name:
        case x509.UniformResourceIdentifier(value=text):
            return _URI.fullmatch(text) is not None
        case x509.IPAddress(value=address):
            return isinstance(address, IPv4Address | IPv6Address)
        case _:
            return True


def _elements(der: bytes) -> list[bytes]:
    """What is in an element of DER that the library has read: each with its tag and length."""
    content, found = _content(der), []
    while content:
        end = _length(content)
        found.append(content[:end])
        content = content[end:]
    return found


def _content(der: bytes) -> bytes:
    return der[_start(der) :]


def _length(der: bytes) -> int:
    """How many bytes the first element has."""
    start = _start(der)
    return start + (der[1] if start == 2 else int.from_bytes(der[2:start]))


def _start(der: bytes) -> int:
    """Where the first element's content starts."""
    return 2 if der[1] < 0x80 else 2 + (der[1] & 0x7F)
