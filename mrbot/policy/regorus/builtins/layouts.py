"""Layouts of times, as Go's package time reads them: `2006-01-02` is a year, a month and a day.

What follows from the machine's own time zone, and what is rare, is an error: abbreviations of zones
in what is read (but UTC and GMT), days of the year, and one part that stands twice.

Source: https://pkg.go.dev/time#pkg-constants
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from mrbot.policy.regorus.builtins.values import BadArgument

RFC3339 = "2006-01-02T15:04:05Z07:00"
RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
NAMED = {
    "ANSIC": "Mon Jan _2 15:04:05 2006",
    "UnixDate": "Mon Jan _2 15:04:05 MST 2006",
    "RubyDate": "Mon Jan 02 15:04:05 -0700 2006",
    "RFC822": "02 Jan 06 15:04 MST",
    "RFC822Z": "02 Jan 06 15:04 -0700",
    "RFC850": "Monday, 02-Jan-06 15:04:05 MST",
    "RFC1123": "Mon, 02 Jan 2006 15:04:05 MST",
    "RFC1123Z": "Mon, 02 Jan 2006 15:04:05 -0700",
    "RFC3339": RFC3339,
    "RFC3339Nano": RFC3339_NANO,
}
"""Those that OPA knows by name."""
MAX_KNOWN = 128
"""How many layouts are kept compiled."""

_LAST_CENTURY = 69
"""Years of two digits from here on are those of the last century."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
"""In the order of `datetime.weekday`."""
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_PART = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|__2|_2(?!006)|[345]"
    r"|PM|pm|[-Z]07(?:0000|:00:00|00|:00)?|[.,](?:0+|9+)(?!\d)",
    re.ASCII,
)


def written(layout: str, moment: datetime, nanoseconds: int) -> str:
    """The moment, which has a zone, in this layout; `nanoseconds` are those of its second."""
    return _PART.sub(lambda part: _written(part[0], moment, nanoseconds), layout)


def _written(part: str, moment: datetime, nanoseconds: int) -> str:
    hour = moment.hour % 12 or 12
    match part:
        case "2006":
            return f"{moment.year:04}"
        case "06":
            return f"{moment.year % 100:02}"
        case "01" | "1":
            return f"{moment.month:0{len(part)}}"
        case "January" | "Jan":
            return _MONTHS[moment.month - 1][: 3 if part == "Jan" else None]
        case "Monday" | "Mon":
            return DAYS[moment.weekday()][: 3 if part == "Mon" else None]
        case "02" | "2":
            return f"{moment.day:0{len(part)}}"
        case "_2":
            return f"{moment.day:2}"
        case "002" | "__2":
            return f"{moment.timetuple().tm_yday:{'0' if part == '002' else ' '}>3}"
        case "15":
            return f"{moment.hour:02}"
        case "03" | "3":
            return f"{hour:0{len(part)}}"
        case "04" | "4":
            return f"{moment.minute:0{len(part)}}"
        case "05" | "5":
            return f"{moment.second:0{len(part)}}"
        case "PM" | "pm":
            half = "PM" if moment.hour >= 12 else "AM"
            return half if part == "PM" else half.lower()
        case "MST":
            return moment.tzname() or ""
        case _ if part[0] in "Z-":
            return _offset(part, moment)
        case _:
            digits = f"{nanoseconds:09}"[: len(part) - 1]
            kept = digits.rstrip("0") if part[1] == "9" else digits
            return part[0] + kept if kept else ""


def _offset(part: str, moment: datetime) -> str:
    found = moment.utcoffset() or timedelta()
    if part[0] == "Z" and not found:
        return "Z"
    minutes, seconds = divmod(abs(int(found.total_seconds())), 60)
    colon = ":" if ":" in part else ""
    text = f"{'-' if found < timedelta() else '+'}{minutes // 60:02}"
    text += f"{colon}{minutes % 60:02}" if len(part) > len("-07") else ""
    return text + (f"{colon}{seconds:02}" if len(part) > len("-07:00") else "")


def read(layout: str, text: str) -> tuple[datetime, int]:
    """The moment that `text` is, and the nanoseconds of its second.

    Raises: BadArgument when it is none in this layout, or the layout is not read here.
    """
    match = _reading(layout).fullmatch(text)
    if match is None:
        raise BadArgument(f"{text[:60]!r} is not a time of the layout {layout[:60]!r}")
    found = {name: value for name, value in match.groupdict().items() if value is not None}
    try:
        moment = datetime(
            _year(found.get("year", "0000")),
            _month(found.get("month", "1")),
            int(found.get("day", 1)),
            _hour(int(found.get("hour", 0)), found.get("half", "")),
            int(found.get("minute", 0)),
            int(found.get("second", 0)),
            tzinfo=_zone(found),
        )
    except ValueError as error:
        raise BadArgument(f"{text[:60]!r}: {error}") from error
    return moment, int(found.get("fraction", "")[:9].ljust(9, "0"))


def _year(digits: str) -> int:
    number = int(digits)
    if len(digits) > len("06"):
        return number
    return number + (1900 if number >= _LAST_CENTURY else 2000)


def _month(name: str) -> int:
    if name.isdecimal():
        return int(name)
    return next(at for at, full in enumerate(_MONTHS, 1) if full.startswith(name[:3].title()))


def _hour(hour: int, half: str) -> int:
    match half.upper():
        case "PM" if hour < 12:
            return hour + 12
        case "AM" if hour == 12:
            return 0
        case _:
            return hour


def _zone(found: dict[str, str]) -> timezone:
    if "sign" not in found:
        return UTC
    hours, minutes, seconds = (int(found.get(name, 0)) for name in ("zh", "zm", "zs"))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError("the offset is too large")
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return timezone(-offset if found["sign"] == "-" else offset)


@lru_cache(maxsize=MAX_KNOWN)
def _reading(layout: str) -> re.Pattern[str]:
    try:
        return re.compile("".join(_read_parts(layout)), re.ASCII)
    except re.error as error:
        raise BadArgument(f"the layout {layout[:60]!r} has one part twice") from error


def _read_parts(layout: str) -> Iterator[str]:
    """Quantifiers do not give back: Go takes two digits where it can."""
    parts = list(_PART.finditer(layout))
    end = 0
    for number, part in enumerate(parts):
        yield _literal(layout[end : part.start()])
        end = part.end()
        following = parts[number + 1][0] if number + 1 < len(parts) else ""
        yield _read_part(part[0])
        if part[0] in {"05", "5"} and following[:1] not in {".", ","}:
            yield _ANY_FRACTION
    yield _literal(layout[end:])


def _literal(text: str) -> str:
    """Spaces stand for one or more of them, or for the end."""
    pieces = re.split("( +)", text)
    return "".join(r"(?: ++|\Z)" if piece[:1] == " " else re.escape(piece) for piece in pieces)


_ANY_FRACTION = r"(?:[.,](?P<fraction>\d++))?+"
_ONE_OR_TWO = r"\d{1,2}+"
_NUMBERS = {
    "06": r"(?P<year>\d\d)", "2006": r"(?P<year>\d{4})",
    "01": r"(?P<month>\d\d)", "1": rf"(?P<month>{_ONE_OR_TWO})",
    "02": r"(?P<day>\d\d)", "2": rf"(?P<day>{_ONE_OR_TWO})", "_2": rf" ?+(?P<day>{_ONE_OR_TWO})",
    "15": rf"(?P<hour>{_ONE_OR_TWO})",
    "03": r"(?P<hour>0\d|1[0-2])", "3": r"(?P<hour>0\d|1[0-2]|\d(?!\d))",
    "04": r"(?P<minute>\d\d)", "4": rf"(?P<minute>{_ONE_OR_TWO})",
    "05": r"(?P<second>\d\d)", "5": rf"(?P<second>{_ONE_OR_TWO})",
    "PM": "(?P<half>AM|PM)", "pm": "(?P<half>am|pm)",
    "MST": r"(?:UTC|GMT(?![-+A-Z]))",
}  # fmt: skip


def _read_part(part: str) -> str:
    if part in _NUMBERS:
        return _NUMBERS[part]
    match part:
        case "January" | "Jan":
            names = "|".join(name[: 3 if part == "Jan" else None] for name in _MONTHS)
            return f"(?P<month>(?i:{names}))"
        case "Monday" | "Mon":
            return f"(?i:{'|'.join(name[: 3 if part == 'Mon' else None] for name in DAYS)})"
        case "002" | "__2":
            raise BadArgument("days of the year are not read in this engine")
        case _ if part[0] in "Z-":
            colon = ":" if ":" in part else ""
            minutes = rf"{colon}(?P<zm>\d\d)" if len(part) > len("-07") else ""
            seconds = rf"{colon}(?P<zs>\d\d)" if len(part) > len("-07:00") else ""
            offset = rf"(?P<sign>[-+])(?P<zh>\d\d){minutes}{seconds}"
            return f"(?:Z|{offset})" if part[0] == "Z" else offset
        case _ if part[1] == "9":
            return _ANY_FRACTION
        case _:
            return rf"[.,](?P<fraction>\d{{{len(part) - 1}}})"
