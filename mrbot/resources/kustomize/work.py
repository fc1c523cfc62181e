"""What one build is given, may spend, and has found wrong; and the objects it works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mrbot.ids import Json
from mrbot.resources.declared import TextFile
from mrbot.resources.model import NotUnderstood, Source
from mrbot.resources.paths import Path

MAX_WORK = 5_000_000
"""Most steps of one build: each a value looked at, or an object tried."""
MAX_DEPTH = 100
"""Deepest nesting of a value that patches have made."""
MAX_FAULTS = 200
"""Most things told of one build."""

DEFAULT_NAMESPACE = "default"
NO_NAMESPACE = ""
"""In an `Id`: of an object that lives in none."""


class TooMuchWorkError(Exception):
    """A build that is larger than what is built."""


class Id(NamedTuple):
    """What Kustomize knows an object by. Objects that name no namespace are in `default`."""

    group: str
    version: str
    kind: str
    name: str
    namespace: str


@dataclass(slots=True)
class Resource:
    """An object on its way. `value` is never altered: a changed one takes its place.

    Paths in `unknown` lead through mappings only until the build is done, so that no patch of a
    list moves what they lead to. `earlier` is what it was known by, first to last; `hashed` is
    whether a hash of its content comes after its name.
    """

    value: dict[str, Json]
    source: Source
    size: int
    unknown: list[Path] = field(default_factory=list)
    earlier: list[Id] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    suffixes: list[str] = field(default_factory=list)
    hashed: bool = False

    @property
    def id(self) -> Id:
        """What it is known by now."""
        return id_of(self.value)

    @property
    def first(self) -> Id:
        """What it was known by where it was declared."""
        return self.earlier[0] if self.earlier else self.id

    @property
    def ids(self) -> list[Id]:
        """Everything it was ever known by."""
        return [*self.earlier, self.id]

    def remember(self) -> None:
        """What it is known by now will still find it under another name."""
        self.earlier.append(self.id)

    def doubt(self, *paths: Path) -> None:
        """What is at `paths` is not known."""
        self.unknown.extend(path for path in paths if path not in self.unknown[-20:])


@dataclass(slots=True)
class Work:
    """The files that a build has, and what it may still spend."""

    files: Mapping[str, TextFile]
    faults: list[NotUnderstood] = field(default_factory=list)
    incomplete: bool = False
    missing: bool = False
    left: int = MAX_WORK

    def spend(self, steps: int) -> None:
        """Raises: TooMuchWorkError when that is more than is left."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWorkError

    def fault(self, source: Source, reason: str, *, relevant: bool = True) -> None:
        """What is at `source` could not be built, because of `reason`."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(
                NotUnderstood(
                    path=source.path, line=source.line, reason=reason[:500], relevant=relevant
                )
            )
        elif self.faults[-1].reason != _MORE:
            self.faults.append(NotUnderstood(path=source.path, line=0, reason=_MORE, relevant=True))

    def not_applied(self, source: Source, reason: str) -> None:
        """What is at `source` was left undone: what is built is not all, or not the last word."""
        self.incomplete = True
        self.fault(source, reason, relevant=False)

    def not_there(self, source: Source, reason: str) -> None:
        """As `not_applied`, where objects are missing that others may be meant for."""
        self.missing = True
        self.not_applied(source, reason)


_MORE = f"more than {MAX_FAULTS} problems in one build; the rest are not told"


def id_of(value: dict[str, Json]) -> Id:
    """What Kustomize knows the object `value` by."""
    api_version, kind = str(value.get("apiVersion")), str(value.get("kind"))
    group, _, version = api_version.rpartition("/")
    metadata = value.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    name, namespace = named.get("name"), named.get("namespace")
    where = namespace if isinstance(namespace, str) and namespace else DEFAULT_NAMESPACE
    if f"{api_version}/{kind}" in _CLUSTER_SCOPED:
        where = NO_NAMESPACE
    return Id(group, version, kind, name if isinstance(name, str) else "", where)


def weigh(value: Json, work: Work) -> int:
    """How many values are in `value`, spent as steps.

    Raises: TooMuchWorkError, for what is nested too deep as well.
    """
    level, total = [value], 0
    for _ in range(MAX_DEPTH + 1):
        total += len(level)
        work.spend(len(level))
        inner: list[Json] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        if not inner:
            return total
        level = inner
    raise TooMuchWorkError


_CLUSTER_SCOPED = frozenset(
    f"{group}/{version}/{kind}".lstrip("/")
    for group, versions, kinds in (
        ("", "v1", "ComponentStatus Namespace Node NodeProxyOptions PersistentVolume"),
        ("admissionregistration.k8s.io", "v1 v1beta1", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "v1 v1beta1", "ValidatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding"),
        ("apiextensions.k8s.io", "v1 v1beta1", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "v1 v1beta1", "APIService"),
        ("certificates.k8s.io", "v1 v1beta1", "CertificateSigningRequest"),
        ("flowcontrol.apiserver.k8s.io", "v1beta1", "FlowSchema PriorityLevelConfiguration"),
        ("networking.k8s.io", "v1 v1beta1", "IngressClass"),
        ("node.k8s.io", "v1 v1beta1", "RuntimeClass"),
        ("policy", "v1beta1", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "v1 v1beta1", "ClusterRole ClusterRoleBinding"),
        ("scheduling.k8s.io", "v1 v1beta1", "PriorityClass"),
        ("storage.k8s.io", "v1 v1beta1", "CSIDriver CSINode StorageClass VolumeAttachment"),
    )
    for version in versions.split()
    for kind in kinds.split()
)
"""The kinds that Kustomize knows to live in no namespace; it gives all others one."""
