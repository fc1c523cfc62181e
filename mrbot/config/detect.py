"""Guesses a repository's projects from the names of its files, for a first rule file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from mrbot.config.spelling import relative_directory
from mrbot.decision.landing import unique
from mrbot.decision.ruleset import ProjectKind

MAX_DETECTED = 50
"""Most projects that are written into a first rule file."""

_TERRAFORM = (".tf", ".tf.json", ".tofu", ".tofu.json")
_TERRAGRUNT = "terragrunt.hcl"
_NOT_ROOTS = frozenset({"modules", "module", "examples", "example", "tests", ".terraform"})
_KUSTOMIZATION = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_CHART = "Chart.yaml"
_INSIDE_CHARTS = ("templates", "charts", "crds")
_MANIFESTS = frozenset({"k8s", "kubernetes", "manifests"})
_STAGES = {
    "production": frozenset({"prod", "production"}),
    "staging": frozenset({"stage", "staging", "preprod"}),
    "development": frozenset({"dev", "development", "test", "sandbox"}),
}
_DEFAULT = "default"
_STRICTEST_FIRST = ("production", "staging", _DEFAULT, "development")
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A directory that looks like a project. `environment` is a guess from its path."""

    name: str
    directory: str
    kind: ProjectKind
    environment: str


def detect(paths: Iterable[str], *, written: bool = True) -> tuple[Detected, ...]:
    """What looks like a project among a repository's files, by directory.

    Terraform: directories with configuration that are no module or example. Kubernetes:
    directories with a kustomization, and `k8s`, `kubernetes` or `manifests` with YAML in them.
    Helm: charts that are no part of another. Files: directories with Terragrunt's file alone. With
    `written`, directories whose names a rule file cannot hold are left out.
    """
    files = [path.removeprefix("./").rpartition("/")[::2] for path in paths]
    charts = {directory for directory, name in files if name == _CHART}
    kinds: dict[str, ProjectKind] = {}
    for directory, name in files:
        for root, kind in _roots(directory, name, charts):
            if kind != ProjectKind.FILES or root not in kinds:
                known = kinds.get(root, ProjectKind.FILES)
                kinds[root] = kind if known == ProjectKind.FILES else known
    taken: set[str] = set()
    return tuple(
        _detected(directory or ".", kind, taken)
        for directory, kind in sorted(kinds.items())
        if not written or _can_be_written(directory or ".")
    )


def _roots(directory: str, name: str, charts: Collection[str]) -> Iterator[tuple[str, ProjectKind]]:
    """What a file says of its directory, or of one around it. What a chart is made of is no project
    of its own; what else lies below it is."""
    if name == _CHART and not _inside(directory, charts):
        yield directory, ProjectKind.HELM
    elif name.endswith(_TERRAFORM) and not _NOT_ROOTS & set(directory.split("/")):
        yield directory, ProjectKind.TERRAFORM
    elif name == _TERRAGRUNT:
        yield directory, ProjectKind.FILES
    elif name in _KUSTOMIZATION and not _inside(directory, charts):
        yield directory, ProjectKind.KUBERNETES
    elif name.endswith((".yaml", ".yml")):
        parts = directory.split("/")
        named = (n for n, part in enumerate(parts, start=1) if part in _MANIFESTS)
        around = "/".join(parts[: next(named, 0)])
        if around and not _inside(directory, charts) and around not in charts:
            yield around, ProjectKind.KUBERNETES


def _inside(directory: str, charts: Collection[str]) -> bool:
    """Whether `directory` is where a chart keeps its parts, or below that."""
    parts = directory.split("/")
    return any(
        part in _INSIDE_CHARTS and "/".join(parts[:at]) in charts for at, part in enumerate(parts)
    )


def _can_be_written(directory: str) -> bool:
    try:
        relative_directory(directory)
    except ValueError:
        return False
    return directory.isascii()


def _detected(directory: str, kind: ProjectKind, taken: set[str]) -> Detected:
    plain = _NAME.sub("-", directory.replace("/", "-"))[:80].strip("-._") or "root"
    name = unique(plain, taken)
    taken.add(name.lower())
    stages = _stages(directory)
    environment = strictest(stages) if stages else _DEFAULT
    return Detected(name=name, directory=directory, kind=kind, environment=environment)


def names_a_stage(directory: str) -> bool:
    """Whether the path says of which environment it is."""
    return bool(_stages(directory))


def _stages(directory: str) -> list[str]:
    words = {*directory.lower().split("/")}
    return [stage for stage, said in _STAGES.items() if said & words]


def strictest(environments: Collection[str]) -> str:
    """Of several guesses the one that is most guarded: `live/prod/test` is production."""
    return min(environments, key=_STRICTEST_FIRST.index)
