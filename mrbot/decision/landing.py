"""Where changes land that lie in no project's own directory: in the projects that draw on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from mrbot.decision.material import Links
from mrbot.decision.projects import home
from mrbot.decision.ruleset import Autodiscover, Project, RuleSet


def linked(rules: RuleSet, links: Links) -> tuple[Project, ...]:
    """The projects that `rules` name and those that were found, each with what it draws on: by the
    links of every directory of configuration in it."""
    projects = (*rules.projects, *_discovered(rules, links))
    return tuple(replace(project, uses=_uses(project, links)) for project in projects)


def outside(projects: tuple[Project, ...], links: Links) -> frozenset[str]:
    """The changed paths that a directory draws on which is in no project."""
    return frozenset(
        path
        for link in links.found
        if link.root and home_of(projects, link.directory) is None
        for path in link.paths
    )


def home_of(projects: tuple[Project, ...], directory: str) -> Project | None:
    """The project that `directory` lies in."""
    return home(projects, f"{directory}/file" if directory else "file")


def _discovered(rules: RuleSet, links: Links) -> Iterator[Project]:
    wanted = rules.autodiscover
    if wanted is Autodiscover.DISABLED or (wanted is Autodiscover.AUTO and rules.projects):
        return
    taken = {project.name.lower() for project in rules.projects}
    for project in links.discovered:
        if home_of(rules.projects, project.directory) is None:
            name = unique(project.name, taken)
            taken.add(name.lower())
            yield replace(project, name=name)


def unique(name: str, taken: Collection[str]) -> str:
    """`name`, with a number after it where it is among `taken`, which are in small letters: a project
    that is found is never dropped for its name."""
    found, number = name, 2
    while found.lower() in taken:
        found, number = f"{name}-{number}", number + 1
    return found


def _uses(project: Project, links: Links) -> frozenset[str]:
    prefix = f"{project.directory}/" if project.directory else ""
    return frozenset(
        path
        for link in links.found
        if link.directory == project.directory or link.directory.startswith(prefix)
        for path in link.paths
        if not path.startswith(prefix)
    )
