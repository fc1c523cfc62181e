"""Where Kustomize puts labels, annotations and counts: paths within objects of certain kinds.

Source: https://github.com/kubernetes-sigs/kustomize/tree/master/api/internal/konfig/builtinpluginconsts
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.kustomize.work import Id
from mrbot.resources.paths import Path

Steps = tuple[str, ...]
"""Keys from the root of an object; lists on the way are gone through item by item."""

Change = Callable[[Json, Path], Json]
"""Takes a value and its path, and gives what comes in its place; the same where nothing does."""


@dataclass(frozen=True, slots=True)
class Field:
    """A place in every object of one kind (empty words match any); `create`: where it is missing,
    it is made."""

    steps: Steps
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    def is_in(self, id_: Id) -> bool:
        """Whether objects known by `id_` have this place."""
        return (
            self.kind in {"", id_.kind}
            and self.group in {"", id_.group}
            and self.version in {"", id_.version}
        )


def altered(value: Json, steps: Steps, change: Change, *, create: bool, path: Path = ()) -> Json:
    """`value` with what is at `steps` changed; the same object where nothing was."""
    if not steps:
        return change(value, path)
    if isinstance(value, list):
        items = [
            altered(item, steps, change, create=create, path=(*path, index))
            for index, item in enumerate(value)
        ]
        return (
            items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        )
    if not isinstance(value, dict):
        return value
    name, sequence = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    old = value.get(name)
    if old is None and (sequence or not create):
        return value
    inner = {} if old is None and len(steps) > 1 else old
    new = altered(inner, steps[1:], change, create=create, path=(*path, name))
    return value if new is old else {**value, name: new}


def put(value: dict[str, Json], steps: Steps, new: Json) -> dict[str, Json]:
    """`value` with `new` at `steps`, made where it is missing."""
    made = altered(value, steps, lambda _old, _path: new, create=True)
    return made if isinstance(made, dict) else value


def field_path(text: str) -> Steps:
    """The steps of a path as Kustomize writes it: `a/b\\/c/d[]`."""
    return tuple(step.replace("\0", "/") for step in text.replace("\\/", "\0").split("/"))


def _steps(text: str) -> Steps:
    return tuple(text.split("."))


LABELS = Field(("metadata", "labels"), create=True)
_TEMPLATED = (
    ("", "v1", "ReplicationController", "spec.template"),
    ("", "", "Deployment", "spec.template"),
    ("", "", "ReplicaSet", "spec.template"),
    ("", "", "DaemonSet", "spec.template"),
    ("batch", "", "Job", "spec.template"),
    ("batch", "", "CronJob", "spec.jobTemplate"),
    ("batch", "", "CronJob", "spec.jobTemplate.spec.template"),
)
_SETS_LABELS = ("apps", "", "StatefulSet", "spec.template")
_SETS_ANNOTATIONS = ("", "", "StatefulSet", "spec.template")
TEMPLATE_LABELS = (
    LABELS,
    *(
        Field(_steps(f"{where}.metadata.labels"), kind, group, version, create=True)
        for group, version, kind, where in (*_TEMPLATED, _SETS_LABELS)
    ),
)
CLAIM_LABELS = (
    Field(
        ("spec", "volumeClaimTemplates[]", "metadata", "labels"), "StatefulSet", "apps", create=True
    ),
)
_AFFINITY = (
    "podAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm",
    "podAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm",
    "podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
)
_NEIGHBOURS = (
    *(f"spec.template.spec.affinity.{term}.labelSelector.matchLabels" for term in _AFFINITY),
    "spec.template.spec.topologySpreadConstraints.labelSelector.matchLabels",
)
SELECTOR_LABELS = (
    Field(("spec", "selector"), "Service", "", "v1", create=True),
    Field(("spec", "selector"), "ReplicationController", "", "v1", create=True),
    *(
        Field(("spec", "selector", "matchLabels"), kind, group, create=True)
        for kind, group in (
            *(("Deployment", ""), ("ReplicaSet", ""), ("DaemonSet", "")),
            ("StatefulSet", "apps"),
        )
    ),
    *(
        Field(_steps(where), kind, "apps")
        for kind in ("Deployment", "StatefulSet")
        for where in _NEIGHBOURS
    ),
    Field(("spec", "selector", "matchLabels"), "Job", "batch"),
    Field(("spec", "jobTemplate", "spec", "selector", "matchLabels"), "CronJob", "batch"),
    Field(("spec", "selector", "matchLabels"), "PodDisruptionBudget", "policy"),
    *(
        Field(_steps(f"spec.{where}.matchLabels"), "NetworkPolicy", "networking.k8s.io")
        for where in ("podSelector", "ingress.from.podSelector", "egress.to.podSelector")
    ),
    *TEMPLATE_LABELS,
    *CLAIM_LABELS,
)
ANNOTATIONS = (
    Field(("metadata", "annotations"), create=True),
    *(
        Field(_steps(f"{where}.metadata.annotations"), kind, group, version, create=True)
        for group, version, kind, where in (*_TEMPLATED, _SETS_ANNOTATIONS)
    ),
)
REPLICAS = tuple(
    Field(("spec", "replicas"), kind, create=True)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)
NAMESPACES = (
    Field(("metadata", "name"), "Namespace", "", "v1", create=True),
    Field(("spec", "service", "namespace"), "APIService", "apiregistration.k8s.io", create=True),
    Field(
        ("spec", "conversion", "webhook", "clientConfig", "service", "namespace"),
        *("CustomResourceDefinition", "apiextensions.k8s.io"),
    ),
)
