"""`array.*`."""

from __future__ import annotations

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind


def _flatten(items: Value) -> list[Value]:
    if not isinstance(items, list):
        raise BadArgument(f"argument 1 must be an array, not {kind(items)}")
    found = []
    for item in items:
        found.extend(item if isinstance(item, list) else [item])
    return found


FUNCTIONS = {"array.flatten": (1, _flatten)}
