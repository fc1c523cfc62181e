"""Which directories a change reaches beyond those it is in, and which of them look like projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice

from mrbot.change.directories import above
from mrbot.config.detect import Detected, detect, names_a_stage, strictest
from mrbot.decision.material import Link, Links
from mrbot.decision.ruleset import PlanWhen, Project, ProjectKind
from mrbot.gather.landscape import Landscape

PROJECT_LIMIT = 500
"""Most projects that are found by the look of the tree, of those that one change reaches."""

_ROOTS_OWN = (".terraform.lock.hcl", ".tfvars", ".tfvars.json", "terragrunt.hcl")
"""How the names of files end that only a root has, whatever else names its directory."""


def links_of(landscape: Landscape) -> Links:
    """What each directory of configuration draws on of the change, and the projects that are found
    by the look of the tree."""
    if landscape.unknown is not None:
        return Links(unknown=landscape.unknown)
    projects = (*islice(_discovered(landscape), PROJECT_LIMIT + 1),)
    if len(projects) > PROJECT_LIMIT:
        return Links(unknown=f"it reaches more than {PROJECT_LIMIT} directories like projects")
    found = (
        Link(directory=one, paths=landscape.drawn[one], root=one not in landscape.used)
        for one in sorted(landscape.drawn)
    )
    return Links(found=tuple(found), discovered=projects)


def _discovered(landscape: Landscape) -> Iterator[Project]:
    """What looks like a project, on the target branch or after the change, and is reached by it. One
    that the change puts inside another is guarded as that one is."""
    before = dict(_reached(landscape, landscape.target))
    found = dict(before)
    for directory, one in _reached(landscape, {*landscape.head, *landscape.changed}):
        if directory not in found:
            around = (before[place].environment for place in above(directory) if place in before)
            environment = strictest({one.environment, *islice(around, 1)})
            found[directory] = replace(one, environment=environment)
    for directory, one in sorted(found.items()):
        yield Project(
            name=one.name,
            directory=directory,
            kind=one.kind,
            environment=one.environment,
            plan=PlanWhen.ON_REQUEST if one.kind == ProjectKind.TERRAFORM else PlanWhen.NEVER,
            discovered=True,
        )


def _reached(landscape: Landscape, paths: AbstractSet[str]) -> Iterator[tuple[str, Detected]]:
    """By directory. A mere part of others is none, unless its path names an environment."""
    parts = landscape.named - _roots_anyway(paths)
    for one in detect(paths, written=False):
        directory = "" if one.directory == "." else one.directory
        if (directory not in parts or names_a_stage(directory)) and landscape.touched(directory):
            yield directory, one


def _roots_anyway(paths: Iterable[str]) -> set[str]:
    return {path.rpartition("/")[0] for path in paths if path.endswith(_ROOTS_OWN)}
