"""`units.parse` and `units.parse_bytes`: amounts such as `1.5Gi`.

Source: https://www.openpolicyagent.org/docs/policy-reference/builtins/units
"""

from __future__ import annotations

import re
from fractions import Fraction

from mrbot.policy.regorus.builtins.values import BadArgument, Value, string

MAX_LENGTH = 300
"""Longest amount that is read, in characters."""
MAX_EXPONENT = 55
"""Largest power of ten of the last digit: beyond it OPA rounds what it reads."""

_AMOUNT = re.compile(r"((?:[eE][+-]|[eE](?=\d)|[\d.+-])*)(.*)", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?", re.ASCII)
_BINARY = {f"{lead}i": 2 ** (10 * power) for power, lead in enumerate("kmgtpe", 1)}
_DECIMAL = {lead: 1000**power for power, lead in enumerate("kmgtpe", 1)}
_BYTES = {
    "": 1,
    **_BINARY,
    **_DECIMAL,
    **{f"{unit}b": size for unit, size in (_BINARY | _DECIMAL).items()},
}
_UNITS = {
    "": Fraction(1),
    "m": Fraction(0.001),
    **{unit: Fraction(size) for unit, size in (_BINARY | _DECIMAL).items() if unit != "m"},
    **{unit.capitalize(): Fraction(size) for unit, size in (_BINARY | _DECIMAL).items()},
}
"""`m` is a thousandth as it is in binary."""
_DIGITS = 10
"""Digits behind the point that OPA gives."""


def _parse(value: Value) -> int | float:
    text = string(value, 1).replace('"', "")
    amount, unit = _split(text)
    unit = unit[:1] + unit[1:].lower()
    if unit not in _UNITS:
        raise BadArgument(f"unit {unit[:20]!r} not recognized")
    found = _number(amount) * _UNITS[unit]
    if found.denominator == 1:
        return int(found)
    scaled = abs(found) * 10**_DIGITS
    rounded = Fraction(int(scaled + Fraction(1, 2)), 10**_DIGITS) * (1 if found > 0 else -1)
    return _exactly(rounded)


def _exactly(number: Fraction) -> int | float:
    if number.denominator == 1:
        return int(number)
    if Fraction(repr(float(number))) != number:
        raise BadArgument("the amount has more digits than this engine keeps")
    return float(number)


def _parse_bytes(value: Value) -> int:
    amount, unit = _split(string(value, 1).lower().replace('"', ""))
    if unit not in _BYTES:
        raise BadArgument(f"byte unit {unit[:20]!r} not recognized")
    return int(_rounded(_rounded(_number(amount)) * _BYTES[unit]))


def _rounded(number: Fraction) -> Fraction:
    """To 64 binary digits, in which OPA counts bytes."""
    if not number:
        return number
    size = abs(number)
    places = 64 - (size.numerator.bit_length() - size.denominator.bit_length())
    scale = Fraction(2) ** places
    if size * scale >= 2**64:
        scale /= 2
    return Fraction(round(number * scale)) / scale


def _split(text: str) -> tuple[str, str]:
    if " " in text:
        raise BadArgument("spaces are not allowed in an amount")
    match = _AMOUNT.fullmatch(text)
    assert match is not None  # noqa: S101  either part may be empty
    return match[1], match[2]


def _number(amount: str) -> Fraction:
    match = _NUMBER.fullmatch(amount) if len(amount) <= MAX_LENGTH else None
    if match is None:
        raise BadArgument(f"{amount[:60]!r} is no amount")
    if abs(int(match[3] or 0) - len(match[1] or match[2] or "")) > MAX_EXPONENT:
        raise BadArgument(f"no power of ten beyond {MAX_EXPONENT} is read in this engine")
    return Fraction(amount)


FUNCTIONS = {"units.parse": (1, _parse), "units.parse_bytes": (1, _parse_bytes)}
