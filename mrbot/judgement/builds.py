"""What the Kustomize roots that a change reaches build to, before and after it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mrbot.decision.landing import home_of
from mrbot.decision.material import KustomizeRoot, Material
from mrbot.decision.projects import Built
from mrbot.decision.ruleset import Project
from mrbot.ids import Json
from mrbot.resources.declared import Side, TextFile, compare
from mrbot.resources.kubernetes import reader as kubernetes
from mrbot.resources.kustomize.build import declare_builds
from mrbot.resources.kustomize.file import NAMES
from mrbot.resources.model import NotUnderstood, ResourceChange, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """The objects that would differ, in the project of their root; what could not be built; and where
    what is built stands in the files, of the roots about which nothing is left open."""

    resources: tuple[ResourceChange, ...] = ()
    lost: tuple[NotUnderstood, ...] = ()
    covered: Built = field(default_factory=Built)


def builds(material: Material, projects: tuple[Project, ...]) -> Builds:
    """What differs in what is built."""
    sound = [root for root in material.kustomize if root.problem is None]
    if not material.kustomize:
        return Builds()
    before, whole_before = _side(material, sound, after=False)
    after, whole_after = _side(material, sound, after=True)
    whole = [root for root in sound if root.directory in whole_before & whole_after]
    differing: list[ResourceChange] = []
    for root in sound:
        home = home_of(projects, root.directory)
        # Objects like any other: what judges manifests judges them.
        changes = compare(kubernetes.FORMAT, _of(before, root), _of(after, root))
        name, environment = (home.name, home.environment) if home else (None, None)
        differing += (replace(change, project=name, environment=environment) for change in changes)
    return Builds(
        resources=tuple(differing),
        lost=(*after.faults, *_unbuilt(material.kustomize)),
        covered=Built(
            before=_standing(before, whole, projects), after=_standing(after, whole, projects)
        ),
    )


def _standing(
    side: Side, roots: Iterable[KustomizeRoot], projects: tuple[Project, ...]
) -> frozenset[tuple[str, Source]]:
    """The project of each object of these roots, with where the object stands in the files."""
    homes = {root.directory: home_of(projects, root.directory) for root in roots}
    return frozenset(
        (home.name, one.source)
        for (directory, *_), one in side.declared.items()
        if (home := homes.get(directory)) is not None
    )


def twins(resources: Iterable[ResourceChange], built: Builds) -> Iterator[ResourceChange]:
    """`resources` without the manifests that a root of the same project builds to as they are, but for
    a namespace that they do not name: what judges the one judges the other."""
    known = {
        substance
        for one in built.resources
        for substance in (_substance(one), _substance(_unplaced(one)))
    }
    for one in resources:
        if one.format != kubernetes.FORMAT or _substance(one) not in known:
            yield one


def _substance(one: ResourceChange) -> tuple[object, ...]:
    sides = (json.dumps(side, sort_keys=True) for side in (one.before, one.after))
    return one.project, one.kind, one.action, one.source, one.unknown_paths, *sides


def _unplaced(one: ResourceChange) -> ResourceChange:
    """`one` as it is where it names no namespace."""
    return replace(one, before=_without_namespace(one.before), after=_without_namespace(one.after))


def _without_namespace(value: Json) -> Json:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(metadata, dict):
        return value
    return {**value, "metadata": {k: v for k, v in metadata.items() if k != "namespace"}}


def _side(
    material: Material, roots: Iterable[KustomizeRoot], *, after: bool
) -> tuple[Side, frozenset[str]]:
    files = {one.path: TextFile(path=one.path, text=one.content) for one in material.unchanged}
    for version in material.versions:
        path = version.path if after else version.old_path
        text = version.after if after else version.before
        if text is not None:
            files[path] = TextFile(path=path, text=text)
    there = [root.directory for root in roots if _is_there(root, files)]
    side, whole = declare_builds(there, files)
    # A root that is not there has nothing in it, and that is known.
    absent = frozenset(root.directory for root in roots) - frozenset(there)
    return side, whole | absent


def _is_there(root: KustomizeRoot, files: Mapping[str, TextFile]) -> bool:
    prefix = f"{root.directory}/" if root.directory else ""
    return any(f"{prefix}{name}" in files for name in NAMES)


def _of(side: Side, root: KustomizeRoot) -> Side:
    """The part of a side that is one root's."""
    own = {key: one for key, one in side.declared.items() if key[0] == root.directory}
    return Side(declared=own, unread=side.unread)


def _unbuilt(roots: Iterable[KustomizeRoot]) -> Iterator[NotUnderstood]:
    for root in roots:
        if root.problem is not None:
            yield NotUnderstood(path=root.directory, line=0, reason=root.problem, relevant=True)
