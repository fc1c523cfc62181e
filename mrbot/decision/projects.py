"""Which projects and environments a change belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mrbot.change.files import FileChange
from mrbot.decision.glob import matches_any_path
from mrbot.decision.planned import replaced, spoken_of
from mrbot.decision.ruleset import Project
from mrbot.plan.plan import Plan
from mrbot.resources.model import Action, Reading, ResourceChange, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """Names of projects, each with where an object stands in the files that is in what is built in
    that project, before the change and after it. What a build merely reads (a patch, a generator's
    file, what is built and taken away again) is not among them."""

    before: frozenset[tuple[str, Source]] = frozenset()
    after: frozenset[tuple[str, Source]] = frozenset()


def holds(project: Project, path: str) -> bool:
    """Whether `path` is in the project's directory, stands in its place or around it (as a link or a
    submodule does), or is one that it draws on elsewhere."""
    inside = project.directory == "" or path.startswith(project.directory + "/")
    return inside or f"{project.directory}/".startswith(f"{path}/") or draws_on(project, path)


def draws_on(project: Project, path: str) -> bool:
    """Whether `path` is among its `also` or its `uses`."""
    return path in project.uses or matches_any_path(project.also, path)


def concerned(projects: Iterable[Project], files: Iterable[FileChange]) -> tuple[Project, ...]:
    """Every project that a changed file belongs to, by its new path or its old one."""
    paths = [path for file in files for path in file.paths]
    return tuple(p for p in projects if any(holds(p, path) for path in paths))


def home(projects: Iterable[Project], path: str) -> Project | None:
    """The project whose directory holds `path`: the deepest, where directories nest."""
    inside = [
        project
        for project in projects
        if project.directory == "" or path.startswith(project.directory + "/")
    ]
    return max(inside, key=lambda project: len(project.directory), default=None)


def places(projects: Iterable[Project], path: str) -> tuple[Project, ...]:
    """The projects that a change of `path` acts on: its home, those that draw on it, and those whose
    directory it stands in the place of or around."""
    every = tuple(projects)
    own = home(every, path)
    around = f"{path}/"
    return tuple(
        p for p in every if p is own or draws_on(p, path) or f"{p.directory}/".startswith(around)
    )


def placed(
    reading: Reading,
    projects: tuple[Project, ...],
    elsewhere: frozenset[str] = frozenset(),
    covered: Built | None = None,
) -> Reading:
    """The same reading with each resource's project and environment filled in from its file: of a
    file that several projects draw on, once for each; of one that is drawn on outside all projects
    too (`elsewhere`), once more without. A manifest that a project only draws on is left out there
    where what is built from it is known (`covered`)."""

    def place(resource: ResourceChange) -> Iterator[ResourceChange]:
        known = resource.source is None or resource.project is not None
        found = () if known or resource.source is None else places(projects, resource.source.path)
        for project in found:
            if covered is not None and _is_covered(resource, project, covered):
                continue
            yield replace(resource, project=project.name, environment=project.environment)
        if not found or (resource.source is not None and resource.source.path in elsewhere):
            yield resource

    return replace(reading, resources=tuple(one for r in reading.resources for one in place(r)))


def _is_covered(resource: ResourceChange, project: Project, covered: Built) -> bool:
    """What lies in a project's own directory, or is named in its `also`, may be applied as it is,
    whatever else is built from it: that is never left out."""
    source = resource.source
    built = covered.before if resource.action is Action.DELETE else covered.after
    return (
        source is not None
        and resource.format == "kubernetes"
        and (project.name, source) in built
        and source.path in project.uses
        and not matches_any_path(project.also, source.path)
    )


def planned_over_static(
    reading: Reading, plans: Iterable[Plan], projects: Iterable[Project]
) -> Reading:
    """Static Terraform resources give way to what a plan of their project says of them.

    What no plan speaks of (settings, providers, the lock file, variables, resources that the plan
    leaves out) stays. Of a block that the change touches, a plan's resource keeps the place.
    """
    directories = {project.name: project.directory for project in projects}
    made = tuple(plans)
    spoken = {
        plan.project: spoken_of(plan, directories[plan.project])
        for plan in made
        if plan.project in directories
    }
    kept = tuple(
        resource
        for resource in reading.resources
        if not (
            resource.format == "terraform"
            and resource.project in spoken
            and _is_managed(resource.kind)
            and replaced(resource, spoken[resource.project])
        )
    )
    places = {
        (one.project, one.address): one.source
        for one in reading.resources
        if one.format == "terraform" and one.source is not None
    }
    planned = tuple(
        replace(one, source=one.source or places.get((one.project, _INSTANCE.sub("", one.address))))
        for plan in made
        for one in plan.resources
    )
    return replace(reading, resources=(*kept, *planned))


_INSTANCE = re.compile(r"""\[(?:\d+|"[^"]*")\]$""")
"""What tells the instances of one block apart."""

_NOT_MANAGED = frozenset(
    {"module", "provider", "terraform", "variable", "variables", "output", "moved", "import"}
    | {"removed", "lock", "locals", "check", "local"}
)


def _is_managed(kind: str) -> bool:
    return kind not in _NOT_MANAGED and not kind.startswith("data.")
