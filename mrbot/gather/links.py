"""Which directories a change reaches beyond those it is in, and which of them look like projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mrbot.config.detect import Detected, detect
from mrbot.decision.material import Link, Links
from mrbot.decision.ruleset import PlanWhen, Project, ProjectKind
from mrbot.gather.landscape import Landscape

_ROOTS_OWN = (".terraform.lock.hcl", ".tfvars", ".tfvars.json", "terragrunt.hcl")
"""How the names of files end that only a root has, whatever else names its directory."""


def links_of(landscape: Landscape) -> Links:
    """What each directory of configuration draws on of the change, and the projects that are found
    by the look of the tree."""
    if landscape.unknown is not None:
        return Links(unknown=landscape.unknown)
    found = (
        Link(directory=one, paths=landscape.drawn[one], root=one not in landscape.used)
        for one in sorted(landscape.drawn)
    )
    return Links(found=tuple(found), discovered=tuple(_discovered(landscape)))


def _discovered(landscape: Landscape) -> Iterator[Project]:
    """What looks like a project, on the target branch or after the change, and is reached by it."""
    found: dict[str, Detected] = {}
    for paths in (landscape.target, {*landscape.head, *landscape.changed}):
        parts = landscape.named - _roots_anyway(paths)
        for one in detect(paths, written=False):
            directory = "" if one.directory == "." else one.directory
            if directory not in parts and landscape.touched(directory):
                found.setdefault(directory, one)
    for directory, one in sorted(found.items()):
        yield Project(
            name=one.name,
            directory=directory,
            kind=one.kind,
            environment=one.environment,
            plan=PlanWhen.ON_REQUEST if one.kind == ProjectKind.TERRAFORM else PlanWhen.NEVER,
            discovered=True,
        )


def _roots_anyway(paths: Iterable[str]) -> set[str]:
    return {path.rpartition("/")[0] for path in paths if path.endswith(_ROOTS_OWN)}
