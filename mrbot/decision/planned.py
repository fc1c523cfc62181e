"""Which resources of the configuration a plan speaks of, so that its word replaces the static one.

A plan is silent about what its configuration makes depend on something that is not known yet or is
another thing later (`count = plantimestamp() ...`), and about modules that it does not call. Where
it is silent, what the files say stands.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

import re2

from mrbot.ids import Json
from mrbot.plan.plan import Plan
from mrbot.resources.model import Action, ResourceChange

MODULE_DEPTH = 32
"""Modules within modules that are followed; what lies deeper counts as not planned."""

_STEP = re2.compile(r'module\.([\w-]+)(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """The resources of which a plan says anything, each by its directory and its address within it
    (`aws_s3_bucket.logs`), and the directories of the modules that it calls, its own among them."""

    resources: frozenset[tuple[str, str]]
    directories: frozenset[str]


def spoken_of(plan: Plan, directory: str) -> Spoken:
    """What the plan of the project in `directory` says anything of, if only that nothing changes."""
    document = plan.document if isinstance(plan.document, dict) else {}
    configuration = document.get("configuration")
    root = configuration.get("root_module") if isinstance(configuration, dict) else None
    directories = dict(_directories(root, (), directory, MODULE_DEPTH))
    entries = document.get("resource_changes")
    found: set[tuple[str, str]] = set()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("mode") == "managed":
            where = directories.get(_path(entry.get("module_address")))
            if where is not None:
                found.add((where, f"{entry.get('type')}.{entry.get('name')}"))
    return Spoken(resources=frozenset(found), directories=frozenset(directories.values()))


def replaced(resource: ResourceChange, spoken: Spoken) -> bool:
    """Whether the plan knows better than the files. That something is gone from the files of a module
    that it calls says nothing of what is gone from the state: there the plan alone knows."""
    place = "" if resource.source is None else posixpath.dirname(resource.source.path)
    if resource.action == Action.DELETE:
        return place in spoken.directories
    return (place, resource.address) in spoken.resources


def _directories(
    module: Json, path: tuple[str, ...], directory: str, depth: int
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each module that is called, and where its files are; those from elsewhere are left out."""
    yield path, directory
    calls = module.get("module_calls") if isinstance(module, dict) else None
    for name, call in calls.items() if isinstance(calls, dict) and depth else ():
        source = call.get("source") if isinstance(call, dict) else None
        if isinstance(call, dict) and isinstance(source, str) and source.startswith("."):
            inner = posixpath.normpath(posixpath.join(directory, source))
            inner = "" if inner == "." else inner
            yield from _directories(call.get("module"), (*path, name), inner, depth - 1)


def _path(address: Json) -> tuple[str, ...]:
    """`module.a["x"].module.b` as `("a", "b")`. What has another form matches no module."""
    if not isinstance(address, str):
        return ()
    names: list[str] = []
    at = 0
    while at < len(address):
        step = _STEP.match(address, at)
        if step is None:
            return (address,)
        names.append(step.group(1))
        at = step.end()
    return tuple(names)
