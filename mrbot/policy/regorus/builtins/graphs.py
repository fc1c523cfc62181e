"""`graph.reachable_paths`."""

from __future__ import annotations

from mrbot.policy.regorus.builtins.values import BadArgument, Value, kind

MAX_PATHS = 100_000
"""Most paths that are listed."""

_Path = tuple[Value, ...]


def _reachable_paths(graph: Value, initial: Value) -> set[_Path]:
    if not isinstance(graph, dict) or not isinstance(initial, list | set):
        raise BadArgument(
            f"arguments must be an object and nodes, not {kind(graph)}, {kind(initial)}"
        )
    found: set[_Path] = set()
    for node in initial:
        edges = _edges(graph, node)
        if edges == []:
            found.add((node,))
        for neighbour in edges or ():
            _follow(graph, neighbour, (node,), found)
    return found


def _edges(graph: dict[Value, Value], node: Value) -> list[Value] | None:
    """The neighbours; None when the node is not in the graph."""
    if isinstance(node, bool | list | dict | set):
        raise BadArgument("a node must be a string, number or null here")
    if node not in graph:
        return None
    edges = graph[node]
    return list(edges) if isinstance(edges, list | set) else []


def _follow(graph: dict[Value, Value], start: Value, path: _Path, found: set[_Path]) -> None:
    waiting = [(start, path)]
    while waiting:
        node, before = waiting.pop()
        edges = _edges(graph, node)
        if edges is None:
            found.add(before)
            continue
        here = (*before, node)
        if not edges:
            found.add(here)
        for neighbour in edges:
            if neighbour in here:
                found.add(here)
            else:
                waiting.append((neighbour, here))
        if len(found) + len(waiting) > MAX_PATHS:
            raise BadArgument(f"there are more than {MAX_PATHS} paths")


FUNCTIONS = {"graph.reachable_paths": (2, _reachable_paths)}
