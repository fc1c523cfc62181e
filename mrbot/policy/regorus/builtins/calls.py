"""Calls that regorus would not make as OPA does, made to a function in Rego instead.

regorus gives a function written in Python no place for its result: `split(x, "/", parts)` works for
its own functions and for those of a module, not for ours. Such a call, and one of a function that is
written in Rego here, is turned to a function of the package `PACKAGE`: the name is replaced where it
stands, so that lines stay what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mrbot.policy.regorus.builtins import SHIMMED, Function, checked, deprecated

PACKAGE = "mrbot_builtins"
"""The package of the functions; no policy may use it."""
MODULE = "builtins.rego"
"""The name of its module."""
IN_REGO = deprecated.NAMES | checked.NAMES
"""Functions that are written in Rego here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function that no module declares is called: in which module, at which bytes its name
    stands, and with how many parameters. `parameters` is -1 where a `with` replaces it. `collection`:
    the first is written as a list, set or object."""

    module: str
    start: int
    end: int
    name: str
    parameters: int
    collection: bool = False


def replaced(calls: Iterable[Call]) -> frozenset[str]:
    """The functions that a `with` replaces somewhere."""
    return frozenset(call.name for call in calls if call.parameters < 0)


def turned(
    text: str,
    calls: Iterable[Call],
    functions: Mapping[str, Function],
    mocked: frozenset[str],
) -> str:
    """The text of one module with its `calls` turned to `PACKAGE` where they have to be: all calls of a
    function that is `mocked`, and what replaces it."""
    data = text.encode()
    for call in sorted(calls, key=lambda call: call.start, reverse=True):
        if _is_turned(call, functions, mocked):
            name = f"data.{PACKAGE}.{_local(call.name)}".encode()
            data = data[: call.start] + name + data[call.end :]
    return data.decode()


def _is_turned(call: Call, functions: Mapping[str, Function], mocked: frozenset[str]) -> bool:
    if call.name in IN_REGO:
        return call.name in mocked or not (call.name == checked.COUNT and call.collection)
    return call.name in SHIMMED and call.parameters == functions[call.name][0] + 1


def library(functions: Mapping[str, Function]) -> str:
    """The module (of Rego v0) that the calls are turned to."""
    handing = []
    for name, (number, _) in functions.items():
        parameters = ", ".join(f"a{index}" for index in range(number))
        handing.append(f"{_local(name)}({parameters}) = r {{ r := {name}({parameters}) }}")
    return "\n".join((f"package {PACKAGE}", *deprecated.rules(), *checked.rules(), *handing, ""))


def _local(name: str) -> str:
    """`sprintf` in the library would be a function of its own: no name there is one outside."""
    return name if name in deprecated.NAMES else "ours_" + name.replace(".", "_")
