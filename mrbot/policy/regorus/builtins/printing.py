"""`sprintf`, as Go prints what OPA gives it.

OPA gives whole numbers as Go's `int64` (or `big.Int`), other numbers as `float64`, strings as they
are, and everything else as its Rego text. What is rare and unclear is an error: `*`, `[n]`, and
flags on verbs where they change with Go's version.

Source: https://pkg.go.dev/fmt
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from mrbot.policy.regorus.builtins.terms import quoted, term
from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind, string

MAX_WIDTH = 1_000_000
"""Widest column and most digits, as in Go."""

_DIRECTIVE = re.compile(r"%([-+# 0]*)(\d*)(?:\.(\d*))?", re.ASCII)
_INTEGER_BASES = {"b": 2, "o": 8, "O": 8, "d": 10, "v": 10, "x": 16, "X": 16}
_LARGEST_INT64 = 2**63 - 1
_SHORT_EXPONENTS = range(-4, 6)
"""Exponents of ten that are not written."""


def _sprintf(template: Value, arguments: Value) -> str:
    text = string(template, 1)
    if not isinstance(arguments, list):
        raise BadArgument(f"argument 2 must be an array, not {kind(arguments)}")
    given = [_given(argument) for argument in arguments]
    out, at, used = [], 0, 0
    while (sign := text.find("%", at)) >= 0:
        out.append(text[at:sign])
        directive, verb = _directive(text, sign)
        at = sign + directive.length + len(verb)
        if verb == "":
            out.append("%!(NOVERB)")
        elif verb == "%":
            out.append("%")
        elif used >= len(given):
            out.append(f"%!{verb}(MISSING)")
        else:
            out.append(_printed(given[used], verb, directive))
            used += 1
    out.append(text[at:])
    if used < len(given):
        rest = ", ".join(f"{_type(one)}={_plain(one)}" for one in given[used:])
        out.append(f"%!(EXTRA {rest})")
    return "".join(out)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directive:
    """What stands between `%` and the verb."""

    flags: frozenset[str]
    width: int
    precision: int | None
    length: int

    @property
    def is_plain(self) -> bool:
        return not self.flags and not self.width and self.precision is None


def _directive(text: str, sign: int) -> tuple[_Directive, str]:
    match = _DIRECTIVE.match(text, sign)
    assert match is not None  # noqa: S101  it stands on a `%`
    flags, width, precision = match.groups()
    numbers = [len(one or "") for one in (width, precision)]
    if max(numbers) > len(str(MAX_WIDTH)) - 1:
        raise BadArgument(f"sprintf takes no width or precision of {MAX_WIDTH} and more")
    found = _Directive(
        flags=frozenset(flags),
        width=int(width or 0),
        precision=None if precision is None else int(precision or 0),
        length=match.end() - sign,
    )
    verb = text[match.end() : match.end() + 1]
    if verb in {"*", "["}:
        raise BadArgument(f"sprintf with %{verb} is not in this engine: write the number itself")
    return found, verb


_Given = int | float | str


def _given(value: Value) -> _Given:
    match value:
        case bool():
            return term(value)
        case int() | float() | str():
            return value
        case _:
            return term(value)


def _type(value: _Given) -> str:
    match value:
        case str():
            return "string"
        case int():
            return "int64" if value <= _LARGEST_INT64 else "*big.Int"
        case float():
            return "float64"


def _plain(value: _Given) -> str:
    """As `%v`."""
    return _shortest(value) if isinstance(value, float) else str(value)


def _printed(value: _Given, verb: str, directive: _Directive) -> str:
    if verb == "T":
        return _padded(_type(value)[: directive.precision], directive)
    found = _as_asked(value, verb, directive)
    if found is not None:
        return found
    if not directive.is_plain:
        raise BadArgument(f"sprintf: %{verb} with flags does not print {_type(value)}")
    return f"%!{verb}({_type(value)}={_plain(value)})"


def _as_asked(value: _Given, verb: str, directive: _Directive) -> str | None:
    match value:
        case str():
            return _text(value, verb, directive)
        case int():
            return _integer(value, verb, directive)
        case float():
            return _float(value, verb, directive)


def _text(value: str, verb: str, directive: _Directive) -> str | None:
    if verb not in {"v", "s", "x", "X", "q"}:
        return None
    if verb in {"x", "X"}:
        data = value.encode()[: directive.precision]
        digits = data.hex() if verb == "x" else data.hex().upper()
        return _padded(digits, directive)
    cut = value[: directive.precision]
    if verb != "q":
        return _padded(cut, directive, allowed="-+" if verb == "v" else "-")
    return _padded(quoted(cut), directive)


def _padded(text: str, directive: _Directive, allowed: str = "-") -> str:
    if not directive.flags <= frozenset(allowed):
        raise BadArgument(f"sprintf: the flags {''.join(sorted(directive.flags))!r} are not here")
    fill = " " * (directive.width - len(text))
    return text + fill if "-" in directive.flags else fill + text


def _integer(value: int, verb: str, directive: _Directive) -> str | None:
    if verb in {"c", "U", "q"}:
        return _character(value, verb, directive)
    base = _INTEGER_BASES.get(verb)
    if base is None:
        if verb == "s" and value > _LARGEST_INT64:
            return _integer(value, "d", directive)
        return None
    flags = directive.flags - ({"+"} if verb == "v" else set())
    if "#" in flags or {"-", "0"} <= flags or ("0" in flags and directive.precision is not None):
        raise BadArgument("sprintf: these flags are not in this engine")
    if verb == "O" and value > _LARGEST_INT64:
        raise BadArgument("sprintf: %O of a number beyond 64 bits is not in this engine")
    digits = _digits(abs(value), base)
    digits = digits.upper() if verb == "X" else digits
    if directive.precision is not None:
        digits = "" if directive.precision == value == 0 else digits.zfill(directive.precision)
    lead = "-" if value < 0 else "+" if "+" in flags else " " if " " in flags else ""
    lead += "0o" if verb == "O" else ""
    if "0" in flags:
        digits = digits.zfill(directive.width - len(lead.removesuffix("0o")))
        return lead + digits
    text = lead + digits
    fill = " " * (directive.width - len(text))
    return text + fill if "-" in flags else fill + text


def _digits(value: int, base: int) -> str:
    return format(value, {2: "b", 8: "o", 10: "d", 16: "x"}[base])


def _character(value: int, verb: str, directive: _Directive) -> str | None:
    if not directive.is_plain or verb == "q" or value > _LARGEST_INT64:
        raise BadArgument(f"sprintf: %{verb} of a number like this is not in this engine")
    is_character = 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF
    if verb == "c":
        return chr(value) if is_character else "\ufffd"
    if value < 0:
        raise BadArgument("sprintf: %U of a negative number is not in this engine")
    return f"U+{value:04X}"


_FLOATS: dict[str, Callable[[float, int], str]] = {
    "e": lambda value, precision: f"{value:.{precision}e}",
    "E": lambda value, precision: f"{value:.{precision}E}",
    "f": lambda value, precision: f"{value:.{precision}f}",
    "F": lambda value, precision: f"{value:.{precision}f}",
}
_DEFAULT_PRECISION = 6


def _float(value: float, verb: str, directive: _Directive) -> str | None:
    if verb in {"x", "X", "b"}:
        raise BadArgument(f"sprintf: %{verb} of a fraction is not in this engine")
    if verb in {"v", "g", "G"}:
        if directive.precision is not None:
            raise BadArgument(f"sprintf: %.{directive.precision}{verb} is not here: use %f or %e")
        text = _shortest(value).upper() if verb == "G" else _shortest(value)
    elif verb in _FLOATS:
        precision = _DEFAULT_PRECISION if directive.precision is None else directive.precision
        text = _FLOATS[verb](value, precision)
    else:
        return None
    flags = directive.flags - ({"+"} if verb == "v" else set())
    if "#" in flags or {"-", "0"} <= flags:
        raise BadArgument("sprintf: these flags are not in this engine")
    if not text.startswith("-"):
        text = ("+" if "+" in flags else " " if " " in flags else "") + text
    if "0" in flags:
        return (
            text.zfill(directive.width)
            if text[:1] != " "
            else " " + text[1:].zfill(directive.width - 1)
        )
    fill = " " * (directive.width - len(text))
    return text + fill if "-" in flags else fill + text


def _shortest(value: float) -> str:
    """The fewest digits that give the number back, as `%g`."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)  # noqa: S101  it is finite
    text = "".join(map(str, digits)).rstrip("0") or "0"
    point = len(digits) + exponent
    lead = "-" if sign else ""
    if text == "0":
        return lead + "0"
    if (power := point - 1) not in _SHORT_EXPONENTS:
        fraction = f".{text[1:]}" if len(text) > 1 else ""
        return f"{lead}{text[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if point <= 0:
        return f"{lead}0.{'0' * -point}{text}"
    if len(text) <= point:
        return lead + text.ljust(point, "0")
    return f"{lead}{text[:point]}.{text[point:]}"


FUNCTIONS = {"sprintf": (2, _sprintf)}
