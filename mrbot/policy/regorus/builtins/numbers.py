"""Functions on numbers. OPA computes with decimal text and wide floats, regorus with 64 bits: what
could come out otherwise is an error."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from mrbot.policy.regorus.builtins.values import BadArgument, Value, fraction, kind

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"-?(?:0|[1-9]\d*)", re.ASCII)
_MAX_DIGITS = 300
_MAX_PLACES = 128
_BASES: dict[int | float, str] = {2: "b", 8: "o", 10: "d", 16: "x"}


def _number(value: Value, position: int = 1) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadArgument(f"argument {position} must be a number, not {kind(value)}")
    return value


def _ceil(value: Value) -> int:
    number = _number(value)
    if -1 < number < 0:
        raise BadArgument("OPA's ceil of a number between -1 and 0 is not dependable")
    return math.ceil(number)


def _floor(value: Value) -> int:
    number = _number(value)
    if -1 < number < 0:
        raise BadArgument("OPA's floor of a number between -1 and 0 is not dependable")
    return math.floor(number)


def _members(value: Value) -> list[int | float]:
    if not isinstance(value, list | set):
        raise BadArgument(f"argument 1 must be an array or a set, not {kind(value)}")
    return [_number(item) for item in value]


def _sum(value: Value) -> Any:  # noqa: ANN401
    return _exactly(sum(map(Fraction, _members(value)), Fraction(0)), _members(value))


def _product(value: Value) -> Any:  # noqa: ANN401
    return _exactly(math.prod(map(Fraction, _members(value)), start=Fraction(1)), _members(value))


def _exactly(result: Fraction, members: list[int | float]) -> int | float:
    """The result, when every fraction and the result are exact in binary: 0.5 is, 0.1 is not."""
    for number in (*(one for one in members if isinstance(one, float)), float(result)):
        if Fraction(repr(number)) != Fraction(number):
            raise BadArgument("fractions like 0.1 come out otherwise here: use whole numbers")
    if result.denominator == 1:
        return int(result)
    if Fraction(float(result)) != result:
        raise BadArgument("the result has more digits than this engine keeps")
    return float(result)


def _to_number(value: Value) -> int | float:
    match value:
        case None:
            return 0
        case bool():
            return int(value)
        case int() | float():
            return value
        case str() if len(value) <= _MAX_DIGITS and _WHOLE.fullmatch(value):
            return int(value)
        case str() if len(value) <= _MAX_DIGITS and _NUMBER.fullmatch(value):
            number = fraction(value)
            return int(number) if number.is_integer() else number
        case _:
            raise BadArgument("argument 1 must be a number, or a string that is one")


def _format(value: Value, base: Value) -> str:
    number = int(_number(value))
    written = _BASES.get(_number(base, 2))
    if written is None:
        raise BadArgument("a number is written to the base of 2, 8, 10 or 16")
    return format(number, written)


def _bits(operation: Callable[..., int]) -> Callable[..., int]:
    def on_integers(*operands: Value) -> int:
        if any(isinstance(one, bool) or not isinstance(one, int) for one in operands):
            raise BadArgument("operands must be integers")
        return operation(*operands)

    return on_integers


def _shifted(operation: Callable[[int, int], int]) -> Callable[[int, int], int]:
    def by_places(value: int, places: int) -> int:
        if not 0 <= places <= _MAX_PLACES:
            raise BadArgument(f"a number is shifted by 0 to {_MAX_PLACES} places")
        return operation(value, places)

    return by_places


FUNCTIONS: dict[str, Any] = {
    "bits.and": (2, _bits(operator.and_)),
    "bits.lsh": (2, _bits(_shifted(operator.lshift))),
    "bits.negate": (1, _bits(operator.invert)),
    "bits.or": (2, _bits(operator.or_)),
    "bits.rsh": (2, _bits(_shifted(operator.rshift))),
    "bits.xor": (2, _bits(operator.xor)),
    "ceil": (1, _ceil),
    "floor": (1, _floor),
    "format_int": (2, _format),
    "product": (1, _product),
    "sum": (1, _sum),
    "to_number": (1, _to_number),
}
