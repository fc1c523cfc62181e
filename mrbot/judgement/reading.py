"""What the files say, with what the plans know better in its place."""

from __future__ import annotations

from dataclasses import replace

from mrbot.change.files import MODE_SUBMODULE, MODE_SYMLINK
from mrbot.change.snapshot import Change
from mrbot.decision.landing import outside
from mrbot.decision.material import Material
from mrbot.decision.projects import placed, places, planned_over_static
from mrbot.decision.ruleset import (
    Project,
    ProjectKind,
)
from mrbot.judgement.builds import builds, twins
from mrbot.plan.plan import Plan
from mrbot.resources.kubernetes.reader import HELM
from mrbot.resources.model import NotUnderstood, Reading
from mrbot.resources.read import MAX_RESOURCES, beyond, each_once, read


def reading_of(material: Material, change: Change, projects: tuple[Project, ...]) -> Reading:
    """Every resource that changes, in its project, as certain as it can be known."""
    reading = read(material.versions, dict(material.unread))
    built = builds(material, projects)
    reading = placed(reading, projects, outside(projects, material.links), built.covered)
    resources = (*twins(reading.resources, built), *built.resources)
    reading = replace(
        reading,
        resources=resources[:MAX_RESOURCES],
        not_understood=each_once((*reading.not_understood, *built.lost, *beyond(resources))),
    )
    reading = planned_over_static(reading, finished_plans(material), projects)
    elsewhere = _elsewhere(material, change, projects)
    lost = tuple(
        replace(
            one,
            relevant=one.relevant
            or one.path in elsewhere
            or _template_that_is_applied(one, projects),
        )
        for one in reading.not_understood
    )
    return replace(reading, not_understood=lost)


def _template_that_is_applied(one: NotUnderstood, projects: tuple[Project, ...]) -> bool:
    """Whether it looks like a chart's, and lies where manifests are applied as they are: of those,
    kubectl applies every document that it can read."""
    return one.reason.startswith(HELM) and any(
        project.kind == ProjectKind.KUBERNETES for project in places(projects, one.path)
    )


def finished_plans(material: Material) -> tuple[Plan, ...]:
    """The plans that were made; those that failed are reasons of their own."""
    return tuple(plan for plan in material.plans if isinstance(plan, Plan))


def _elsewhere(material: Material, change: Change, projects: tuple[Project, ...]) -> frozenset[str]:
    """Links and submodules that a project takes part of its content from, where no plan sees what
    they lead to."""
    planned = {plan.project for plan in finished_plans(material)}
    return frozenset(
        file.path
        for file in change.files
        if {file.old_mode, file.new_mode} & {MODE_SYMLINK, MODE_SUBMODULE}
        and any(
            project.kind != ProjectKind.FILES and project.name not in planned
            for path in file.paths
            for project in places(projects, path)
        )
    )
