"""Guesses a repository's projects from the names of its files, for a first rule file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from mrbot.config.spelling import relative_directory
from mrbot.decision.ruleset import ProjectKind

MAX_DETECTED = 50
"""Most projects that are written into a first rule file."""

_TERRAFORM = (".tf", ".tf.json", ".tofu")
_NOT_ROOTS = frozenset({"modules", "module", "examples", "example", "tests", "test", ".terraform"})
_KUSTOMIZATION = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_MANIFESTS = frozenset({"k8s", "kubernetes", "manifests"})
_STAGES = {
    "production": frozenset({"prod", "production", "live"}),
    "staging": frozenset({"stage", "staging", "preprod"}),
    "development": frozenset({"dev", "development", "test", "sandbox"}),
}
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A directory that looks like a project. `environment` is a guess from its path."""

    name: str
    directory: str
    kind: ProjectKind
    environment: str


def detect(paths: Iterable[str]) -> tuple[Detected, ...]:
    """What looks like a project among a repository's files, by directory.

    Terraform: directories with configuration that are no module or example. Kubernetes:
    directories with a kustomization, and `k8s`, `kubernetes` or `manifests` with YAML in them.
    Helm: charts that are no part of another. Directories whose names a rule file cannot hold are
    left out.
    """
    files = [PurePosixPath(path) for path in paths]
    charts = {file.parent for file in files if file.name == "Chart.yaml"}
    kinds: dict[str, ProjectKind] = {}
    for chart in charts:
        if not charts & {*chart.parents}:
            kinds[str(chart)] = ProjectKind.HELM
    for file in files:
        if charts & {file.parent, *file.parents}:
            continue
        for root, kind in _roots(file):
            kinds.setdefault(str(root), kind)
    names: dict[str, Detected] = {}
    for directory, kind in sorted(kinds.items()):
        if _can_be_written(directory):
            one = _detected(directory, kind, names)
            names[one.name] = one
    return tuple(names.values())


def _roots(file: PurePosixPath) -> Iterable[tuple[PurePosixPath, ProjectKind]]:
    if file.name.endswith(_TERRAFORM) and not _NOT_ROOTS & set(file.parts[:-1]):
        yield file.parent, ProjectKind.TERRAFORM
    elif file.name in _KUSTOMIZATION:
        yield file.parent, ProjectKind.KUBERNETES
    elif file.suffix in {".yaml", ".yml"}:
        for directory in reversed(file.parents):
            if directory.name in _MANIFESTS:
                yield directory, ProjectKind.KUBERNETES
                break


def _can_be_written(directory: str) -> bool:
    try:
        relative_directory(directory)
    except ValueError:
        return False
    return directory.isascii()


def _detected(directory: str, kind: ProjectKind, taken: dict[str, Detected]) -> Detected:
    words = directory.lower().split("/")
    stages = [stage for word in reversed(words) for stage, said in _STAGES.items() if word in said]
    plain = _NAME.sub("-", directory.replace("/", "-"))[:80].strip("-._") or "root"
    name, number = plain, 2
    while any(name.lower() == other.lower() for other in taken):
        name, number = f"{plain}-{number}", number + 1
    return Detected(
        name=name, directory=directory, kind=kind, environment=stages[0] if stages else "default"
    )
