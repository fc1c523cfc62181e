"""What a plan saw beside what it would do: drift, and checks that fail.

Source: https://developer.hashicorp.com/terraform/internals/json-format#checks-representation
"""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.ids import Json

_FAILING = ("fail", "error")  # no set: what is looked for in it may be anything


def drifted(document: Json) -> tuple[str, ...]:
    """The address of everything that was found changed outside the tool."""
    return tuple(str(entry.get("address") or "?") for entry in _objects(document, "resource_drift"))


def failed_checks(document: Json) -> tuple[str, ...]:
    """Each check, condition or validation that fails: its address, and what it says."""
    return tuple(_failed(document))


def _failed(document: Json) -> Iterator[str]:
    for check in _objects(document, "checks"):
        if check.get("status") not in _FAILING:
            continue
        failing = [one for one in _objects(check, "instances") if one.get("status") in _FAILING]
        for instance in failing or [check]:
            name = _address(instance) or _address(check) or "?"
            said = [str(one.get("message")) for one in _objects(instance, "problems")]
            yield f"{name}: {'; '.join(said)}" if said else name


def _address(entry: dict[str, Json]) -> str:
    address = entry.get("address")
    return str(address.get("to_display") or "") if isinstance(address, dict) else ""


def _objects(holder: Json, name: str) -> Iterator[dict[str, Json]]:
    found = holder.get(name) if isinstance(holder, dict) else None
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict):
            yield entry
