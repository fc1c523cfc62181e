"""When an approver rule applies, and to which files."""

from __future__ import annotations

from mrbot.change.files import FileChange
from mrbot.decision.glob import matches_any_path, matches_name
from mrbot.decision.projects import places
from mrbot.decision.ruleset import Project, When
from mrbot.resources.model import Action, Certainty, ResourceChange


def path_applies(when: When, path: str) -> bool:
    """Whether the path keys of `when` hold of `path`; they hold of every path where not given."""
    wanted = not when.paths or matches_any_path(when.paths, path)
    return wanted and not matches_any_path(when.not_paths, path)


def applies(
    when: When,
    files: tuple[FileChange, ...],
    resources: tuple[ResourceChange, ...],
    projects: tuple[Project, ...],
    not_read: frozenset[str],
) -> bool:
    """Whether every key of `when` that is given holds of the change. `not_read` are the paths of it
    that are not read as resources, or not wholly.

    An action that is not known counts as every action: what might be a deletion is treated as one.
    """
    if when.always:
        return True
    if when.not_read and not any(_lies_in(when, path, projects) for path in not_read):
        return False
    paths = [path for file in files for path in file.paths if path_applies(when, path)]
    if (when.paths or when.not_paths) and not paths:
        return False
    if when.resource_types or when.actions:
        return any(_resource_applies(when, resource, projects) for resource in resources)
    if when.environments or when.projects:
        return any(
            _place_applies(when, project.name, project.environment)
            for path in paths
            for project in places(projects, path)
        ) or any(_place_applies(when, r.project, r.environment) for r in resources)
    return bool(paths)


def _lies_in(when: When, path: str, projects: tuple[Project, ...]) -> bool:
    """Whether `path` is where the keys of `when` say."""
    if not path_applies(when, path):
        return False
    found = places(projects, path)
    anywhere = not (when.environments or when.projects)
    return anywhere or any(_place_applies(when, p.name, p.environment) for p in found)


def _place_applies(when: When, project: str | None, environment: str | None) -> bool:
    named = not when.projects or project in when.projects
    return named and (not when.environments or environment in when.environments)


def _resource_applies(when: When, resource: ResourceChange, projects: tuple[Project, ...]) -> bool:
    of_type = not when.resource_types or any(
        matches_name(glob, resource.kind) for glob in when.resource_types
    )
    of_action = (
        not when.actions or resource.action == Action.UNKNOWN or resource.action in when.actions
    )
    # What a plan would change may follow from any file, wherever the resource's block is.
    source = None if resource.certainty is Certainty.PLANNED else resource.source
    at = source.path if source is not None else None
    lay = (path for path in (at, resource.old_path) if path is not None)
    in_path = at is None or any(path_applies(when, path) for path in lay)
    if not (of_type and of_action and in_path):
        return False
    if _place_applies(when, resource.project, resource.environment):
        return True
    # A file that several projects share has one home, or none, and acts on all of them.
    shared = () if source is None else places(projects, source.path)
    return any(_place_applies(when, project.name, project.environment) for project in shared)
