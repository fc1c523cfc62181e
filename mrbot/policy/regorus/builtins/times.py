"""`time.*`, with the time zones of this machine, which OPA reads too."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mrbot.policy.regorus.builtins.layouts import DAYS, NAMED, RFC3339, RFC3339_NANO, read, written
from mrbot.policy.regorus.builtins.values import BadArgument, Value, integer, kind, string

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000
_INT64 = 2**63


class _Moment(NamedTuple):
    """A second, in its zone, and the nanoseconds that have passed of it."""

    second: datetime
    nanoseconds: int


def _moment(value: Value) -> _Moment:
    """Of nanoseconds, or a list of them and the name of a zone."""
    match value:
        case [number, *rest]:
            zone = string(rest[0], 1) if rest else ""
        case list():
            raise BadArgument("argument 1 must be a number, or a number and a time zone")
        case number:
            zone = ""
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadArgument(f"a time must be a whole number of nanoseconds, not {kind(number)}")
    if not -_INT64 <= number < _INT64:
        raise BadArgument("timestamp too big")
    seconds, nanoseconds = divmod(number, _BILLION)
    moment = _EPOCH + timedelta(seconds=seconds)
    return _Moment(moment if zone in {"", "UTC"} else moment.astimezone(_zone(zone)), nanoseconds)


def _zone(name: str) -> ZoneInfo:
    if name == "Local":
        raise BadArgument("the time zone Local is each machine's own: name one")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadArgument(f"this machine has no time zone {name[:60]!r}") from error


def _date(value: Value) -> list[int]:
    moment, _ = _moment(value)
    return [moment.year, moment.month, moment.day]


def _clock(value: Value) -> list[int]:
    moment, _ = _moment(value)
    return [moment.hour, moment.minute, moment.second]


def _weekday(value: Value) -> str:
    return DAYS[_moment(value).second.weekday()]


def _format(value: Value) -> str:
    moment = _moment(value)
    layout = string(value[2], 1) if isinstance(value, list) and len(value) > 2 else ""
    return written(NAMED.get(layout, layout) or RFC3339_NANO, *moment)


def _parse(layout: Value, text: Value) -> int:
    named = string(layout, 1)
    return _nanoseconds(*read(NAMED.get(named, named), string(text, 2)))


def _parse_rfc3339(text: Value) -> int:
    return _nanoseconds(*read(RFC3339, string(text, 1)))


def _nanoseconds(moment: datetime, fraction: int) -> int:
    since = moment - _EPOCH
    found = (since.days * 86_400 + since.seconds) * _BILLION + fraction
    if not -_INT64 <= found < _INT64:
        raise BadArgument("the time is outside the valid range")
    return found


def _add_date(value: Value, years: Value, months: Value, days: Value) -> int:
    """A day that a month does not have is one of the next month."""
    years, months, days = integer(years, 2), integer(months, 3), integer(days, 4)
    moment, fraction = _moment(value)
    if moment.tzinfo is not UTC:
        raise BadArgument("nothing is added to a time with a zone in this engine")
    year, month = divmod((moment.year + years) * 12 + moment.month - 1 + months, 12)
    try:
        first = moment.replace(year=year, month=month + 1, day=1)
        return _nanoseconds(first + timedelta(days=moment.day - 1 + days), fraction)
    except (ValueError, OverflowError) as error:
        raise BadArgument("the time is outside the valid range") from error


def _diff(one: Value, other: Value) -> list[int]:
    """Years, months, days, hours, minutes and seconds, in the zone of the first."""
    first, last = _moment(one), _moment(other)
    last = _Moment(last.second.astimezone(first.second.tzinfo), last.nanoseconds)
    first, last = sorted((first, last), key=lambda moment: _nanoseconds(*moment))
    begin, end = (moment.second.timetuple()[:6] for moment in (first, last))
    found = [after - before for before, after in zip(begin, end, strict=True)]
    _, days = monthrange(first.second.year, first.second.month)
    for place, size in ((5, 60), (4, 60), (3, 24), (2, days), (1, 12)):
        if found[place] < 0:
            found[place] += size
            found[place - 1] -= 1
    return found


FUNCTIONS = {
    "time.add_date": (4, _add_date),
    "time.clock": (1, _clock),
    "time.date": (1, _date),
    "time.diff": (2, _diff),
    "time.format": (1, _format),
    "time.parse_ns": (2, _parse),
    "time.parse_rfc3339_ns": (1, _parse_rfc3339),
    "time.weekday": (1, _weekday),
}
