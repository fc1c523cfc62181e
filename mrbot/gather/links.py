"""Which directories a change reaches beyond those it is in, and which of them look like projects."""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.config.detect import detect
from mrbot.decision.material import Link, Links
from mrbot.decision.ruleset import PlanWhen, Project, ProjectKind
from mrbot.gather.landscape import Landscape

_TELLING = (".tf", ".tf.json", ".tofu", ".yaml", ".yml", "Kustomization")
"""How the names of files end that tell what a directory is."""


def links_of(landscape: Landscape) -> Links:
    """What each directory of configuration draws on of the change, and the projects that are found
    by the look of the tree."""
    if landscape.unknown is not None:
        return Links(unknown=landscape.unknown)
    found = (
        Link(directory=one, paths=landscape.drawn[one], root=one not in landscape.named)
        for one in sorted(landscape.drawn)
    )
    return Links(found=tuple(found), discovered=tuple(_discovered(landscape)))


def _discovered(landscape: Landscape) -> Iterator[Project]:
    """What looks like a project, is no other's part, and is reached by the change."""
    for one in detect(path for path in landscape.paths if path.endswith(_TELLING)):
        directory = "" if one.directory == "." else one.directory
        if landscape.touched(directory) and directory not in landscape.named:
            terraform = one.kind == ProjectKind.TERRAFORM
            yield Project(
                name=one.name,
                directory=directory,
                kind=one.kind,
                environment=one.environment,
                plan=PlanWhen.ON_REQUEST if terraform else PlanWhen.NEVER,
                discovered=True,
            )
