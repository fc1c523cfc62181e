"""Versions and identifiers in text: `semver.*`, `uuid.parse`."""

from __future__ import annotations

import re
from typing import Any

from mrbot.policy.regorus.builtins.native import native
from mrbot.policy.regorus.builtins.values import BadArgument, Value, string

_NUMERIC = r"(?:0|[1-9]\d{0,17})"
_VERSION = re.compile(
    rf"v?({_NUMERIC})\.({_NUMERIC})\.({_NUMERIC})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    re.ASCII,
)
_ZERO_LEADS = re.compile(r"0\d+", re.ASCII)


def _version(text: Value, position: int) -> tuple[str, ...] | None:
    match = _VERSION.fullmatch(string(text, position))
    if match is None or any(map(_ZERO_LEADS.fullmatch, (match[4] or "").split("."))):
        return None
    return match[1], match[2], match[3], match[4] or ""


def _is_version(text: Value) -> bool:
    return isinstance(text, str) and _version(text, 1) is not None


def _compare_versions(one: Value, other: Value) -> Any:  # noqa: ANN401
    if _version(one, 1) is None or _version(other, 2) is None:
        raise BadArgument("not a valid SemVer")
    return native("semver.compare", one.removeprefix("v"), other.removeprefix("v"))


_UUID = re.compile(
    r"(?:urn:uuid:|(\{))?"
    r"([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})(?(1)\})",
    re.ASCII | re.IGNORECASE,
)
_BARE_UUID = re.compile(r"[0-9a-f]{32}", re.ASCII | re.IGNORECASE)
_GREGORIAN = 122_192_928_000_000_000
"""From 15 October 1582 to 1970, in 100 ns."""


def _parse_uuid(text: Value) -> dict[str, Any]:
    data = _uuid_bytes(string(text, 1))
    version, lead = data[6] >> 4, data[8]
    found: dict[str, Any] = {"version": version, "variant": _variant(lead)}
    if version not in {1, 2}:
        return found
    if version == 2:
        raise BadArgument("a UUID of version 2 is not read in this engine")
    stamp = (
        int.from_bytes(data[:4])
        | int.from_bytes(data[4:6]) << 32
        | (int.from_bytes(data[6:8]) & 0x0FFF) << 48
    )
    since = stamp - _GREGORIAN
    nanoseconds = (since * 100 + 2**63) % 2**64 - 2**63
    return found | {
        "time": nanoseconds,
        "nodeid": data[10:].hex("-"),
        "macvariables": _MAC[data[10] & 3],
        "clocksequence": int.from_bytes(data[8:10]) & 0x3FFF,
    }


_MAC = ("global:unicast", "global:multicast", "local:unicast", "local:multicast")


def _uuid_bytes(text: str) -> bytes:
    if match := _UUID.fullmatch(text):
        return bytes.fromhex("".join(match.groups()[1:]))
    if _BARE_UUID.fullmatch(text):
        return bytes.fromhex(text)
    raise BadArgument(f"invalid UUID: {text[:60]!r}")


def _variant(lead: int) -> str:
    match lead >> 5:
        case 4 | 5:
            return "RFC4122"
        case 6:
            return "Microsoft"
        case 7:
            return "Future"
        case _:
            return "Reserved"


FUNCTIONS = {
    "semver.compare": (2, _compare_versions),
    "semver.is_valid": (1, _is_version),
    "uuid.parse": (1, _parse_uuid),
}
