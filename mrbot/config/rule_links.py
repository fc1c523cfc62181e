"""What the entries of a rule file say of each other: names that exist, and exist once.

It reads the document as it was written and skips what has another shape (`rule_model` tells that),
so that both kinds of problem are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from mrbot.config.complaint import meant, quoted
from mrbot.config.rule_model import MAX_RULES
from mrbot.config.strict import MAX_EXPLAINED, At
from mrbot.decision.ruleset import Deploy
from mrbot.ids import Json

_EXECUTORS = frozenset({Deploy.PIPELINE.value, Deploy.APPLY_BEFORE_MERGE.value})


@dataclass(frozen=True, slots=True)
class _Entry:
    """One mapping of a list, and where it is."""

    at: tuple[str | int, ...]
    value: dict[str, Json]

    def text(self, key: str) -> str | None:
        value = self.value.get(key)
        return value if isinstance(value, str) else None


def broken_links(value: Json, *, names_elsewhere: bool) -> tuple[At, ...]:
    """Everything that does not fit together, with its place, as far as `MAX_EXPLAINED` goes.

    `names_elsewhere`: projects and environments may be those of files that are not known here.
    """
    document = value if isinstance(value, dict) else {}
    projects = list(_entries(document, "projects"))
    found = chain(
        _twice(projects, "name", "project"),
        _twice(projects, "directory", "directory"),
        _twice(list(_entries(document, "approvals")), "name", "rule"),
        _executors(projects),
        _without_target(projects, document),
        () if names_elsewhere else _unknown(projects, document),
    )
    return tuple(islice(found, MAX_EXPLAINED))


def _entries(document: dict[str, Json], section: str) -> Iterator[_Entry]:
    listed = document.get(section)
    for index, value in enumerate(listed if isinstance(listed, list) else []):
        if isinstance(value, dict):
            yield _Entry((section, index), value)


def _twice(entries: list[_Entry], key: str, what: str) -> Iterator[At]:
    first: dict[str, int] = {}
    for number, entry in enumerate(entries):
        name = entry.text(key)
        if name is None:
            continue
        same = _plain(name) if key == "directory" else name.lower()
        if same in first:
            other = entries[first[same]]
            message = f"{quoted(name)} is the {what} of {_called(other)} already"
            yield (*entry.at, key), message
        first.setdefault(same, number)


def _plain(directory: str) -> str:
    """The same for every spelling of a directory that `relative_directory` takes."""
    return directory.removesuffix("/")


def _called(entry: _Entry) -> str:
    section, index = entry.at
    return f"{section}[{index}]"


def _executors(projects: list[_Entry]) -> Iterator[At]:
    first: dict[str, _Entry] = {}
    for project in projects:
        environment, deploy = project.text("environment"), project.text("deploy")
        if environment is None or deploy not in _EXECUTORS:
            continue
        other = first.setdefault(environment, project)
        if other.text("deploy") != deploy:
            message = (
                f"one executor per environment: {_called(other)} deploys {quoted(environment)} "
                f"with {other.text('deploy')}"
            )
            yield (*project.at, "deploy"), message


def _without_target(projects: list[_Entry], document: dict[str, Json]) -> Iterator[At]:
    targets = document.get("deployments", {})
    if not isinstance(targets, dict):
        return
    for project in projects:
        environment = project.text("environment")
        if project.text("deploy") != Deploy.PIPELINE or environment is None:
            continue
        if environment not in targets:
            message = f"deployments says nothing of {quoted(environment)}: add what is started"
            yield (*project.at, "deploy"), message


def _unknown(projects: list[_Entry], document: dict[str, Json]) -> Iterator[At]:
    names = _known(projects, document, "name")
    environments = _known(projects, document, "environment")
    for entry in _entries(document, "approvals"):
        when = entry.value.get("when")
        if isinstance(when, dict):
            at = (*entry.at, "when")
            yield from _not_among(when.get("projects"), names, (*at, "projects"), "project")
            yield from _not_among(
                when.get("environments"), environments, (*at, "environments"), "environment"
            )
    targets = document.get("deployments")
    for name in targets if isinstance(targets, dict) else ():
        if environments is not None and name not in environments:
            message = f"no project has the environment {quoted(name)}"
            yield ("deployments", name), message + meant(name, environments)


def _known(projects: list[_Entry], document: dict[str, Json], key: str) -> frozenset[str] | None:
    """The names that projects give; None when they cannot all be read: a name may be any then."""
    listed = document.get("projects", [])
    found = [project.text(key) for project in projects]
    if not isinstance(listed, list) or not len(projects) == len(listed) <= MAX_RULES:
        return None
    if None in found:
        return None
    return frozenset(name for name in found if name is not None)


def _not_among(
    named: Json, known: frozenset[str] | None, at: tuple[str | int, ...], what: str
) -> Iterator[At]:
    for index, name in enumerate(named if isinstance(named, list) else []):
        if isinstance(name, str) and known is not None and name not in known:
            yield (*at, index), f"there is no {what} {quoted(name)}{meant(name, sorted(known))}"
