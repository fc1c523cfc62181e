"""`time.*` where regorus reads or counts otherwise than Go."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from mrbot.policy.regorus.builtins.native import native
from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_PLAIN_LAYOUT = re.compile(
    r"(?:2006|01|02|15|04|05|Jan|\.0{1,9}|Z07:00|-07:00|[-/:., T_])+|RFC3339|RFC3339Nano"
)
"""Layouts that both engines read alike."""
_ZONE_NAMES = re.compile(r"MST|RFC822\b|RFC850|RFC1123\b|UnixDate")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000
_INT64 = 2**63


def _parse_rfc3339(text: Value) -> int:
    match = _RFC3339.fullmatch(string(text, 1))
    if match is None:
        raise BadArgument(f"{string(text, 1)[:60]!r} is not a time of RFC 3339")
    whole, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(whole + zone.replace("Z", "+00:00"))
    except ValueError as error:
        raise BadArgument(f"{string(text, 1)[:60]!r}: {error}") from error
    return _nanoseconds(moment, int((fraction or "").ljust(9, "0")))


def _nanoseconds(moment: datetime, fraction: int) -> int:
    since = moment - _EPOCH
    found = (since.days * 86_400 + since.seconds) * _BILLION + fraction
    if not -_INT64 <= found < _INT64:
        raise BadArgument("the time is outside the valid range")
    return found


def _parse(layout: Value, text: Value) -> Any:  # noqa: ANN401
    if string(layout, 1) in {"RFC3339", "RFC3339Nano"}:
        return _parse_rfc3339(text)
    if not _PLAIN_LAYOUT.fullmatch(layout):
        raise BadArgument(f"the layout {layout[:60]!r} is read otherwise in this engine")
    return native("time.parse_ns", layout, string(text, 2))


def _format(value: Value) -> Any:  # noqa: ANN401
    layout = value[2] if isinstance(value, list) and len(value) == 3 else ""
    if isinstance(layout, str) and _ZONE_NAMES.search(layout):
        raise BadArgument("names of time zones are written otherwise in this engine: use -0700")
    return native("time.format", value)


def _add_date(value: Value, years: Value, months: Value, days: Value) -> int:
    """A day that a month does not have is one of the next month."""
    numbers = (value, years, months, days)
    if any(isinstance(one, bool) or not isinstance(one, int) for one in numbers):
        raise BadArgument(f"arguments must be whole numbers here, not {kind(value)}")
    seconds, fraction = divmod(value, _BILLION)
    moment = _EPOCH + timedelta(seconds=seconds)
    year, month = divmod((moment.year + years) * 12 + moment.month - 1 + months, 12)
    try:
        first = moment.replace(year=year, month=month + 1, day=1)
        return _nanoseconds(first + timedelta(days=moment.day - 1 + days), fraction)
    except (ValueError, OverflowError) as error:
        raise BadArgument("the time is outside the valid range") from error


def _diff(one: Value, other: Value) -> Any:  # noqa: ANN401
    if isinstance(one, list) or isinstance(other, list):
        raise BadArgument("times with a zone are subtracted otherwise in this engine")
    return native("time.diff", one, other)


FUNCTIONS = {
    "time.add_date": (4, _add_date),
    "time.diff": (2, _diff),
    "time.format": (1, _format),
    "time.parse_ns": (2, _parse),
    "time.parse_rfc3339_ns": (1, _parse_rfc3339),
}
