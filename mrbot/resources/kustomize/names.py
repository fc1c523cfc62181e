"""References from one object to another by its name, which follow when it is renamed.

Source: https://github.com/kubernetes-sigs/kustomize/tree/master/api/internal/konfig/builtinpluginconsts
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.kustomize.fields import Field, altered, field_path
from mrbot.resources.kustomize.file import listed, mapping, text
from mrbot.resources.kustomize.work import NO_NAMESPACE, Id, Resource, Work
from mrbot.resources.paths import Path

_POD_SPECS: Mapping[str, str] = {
    "Pod": "spec",
    "PodTemplate": "template/spec",
    **dict.fromkeys(
        ("DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"),
        "spec/template/spec",
    ),
    "CronJob": "spec/jobTemplate/spec/template/spec",
}
_MOUNTING = "Pod PodTemplate Deployment ReplicaSet DaemonSet StatefulSet Job CronJob"
_RUNNING = "Pod StatefulSet Deployment ReplicationController CronJob Job DaemonSet"
_KEYS = (
    *("containers/env/valueFrom/{0}KeyRef/name", "initContainers/env/valueFrom/{0}KeyRef/name"),
    *("containers/envFrom/{0}Ref/name", "initContainers/envFrom/{0}Ref/name"),
    "volumes/projected/sources/{0}/name",
)
_SCALED = ("spec/scaleTargetRef/name HorizontalPodAutoscaler",)
_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"


@dataclass(frozen=True, slots=True)
class _Reference:
    """A field that names an object of one kind (empty words match any)."""

    field: Field
    kind: str
    group: str = ""
    version: str = ""

    def may_name(self, id_: Id) -> bool:
        return (
            id_.kind == self.kind
            and self.group in {"", id_.group}
            and self.version in {"", id_.version}
        )


def _in_pods(kinds: str, *paths: str) -> Iterator[str]:
    for kind in kinds.split():
        yield from (f"{_POD_SPECS[kind]}/{path} {kind}" for path in paths)


_PLACES: Mapping[tuple[str, str, str], Sequence[str]] = {
    **{(kind, "", ""): _SCALED for kind in ("Deployment", "ReplicationController")},
    **{(kind, "", ""): _SCALED for kind in ("ReplicaSet", "StatefulSet")},
    ("ConfigMap", "", "v1"): (
        *_in_pods(_MOUNTING, "volumes/configMap/name", *(k.format("configMap") for k in _KEYS)),
        *("spec/configSource/configMap Node", "rules/resourceNames Role"),
        "rules/resourceNames ClusterRole",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/fastcgi-params-configmap Ingress",
    ),
    ("Secret", "", "v1"): (
        *_in_pods(_MOUNTING, "volumes/secret/secretName", "imagePullSecrets/name"),
        *_in_pods(_MOUNTING, *(k.format("secret") for k in _KEYS)),
        *("spec/tls/secretName Ingress", "imagePullSecrets/name ServiceAccount"),
        r"metadata/annotations/ingress.kubernetes.io\/auth-secret Ingress",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-secret Ingress",
        r"metadata/annotations/nginx.ingress.kubernetes.io\/auth-tls-secret Ingress",
        *("parameters/secretName StorageClass", "parameters/adminSecretName StorageClass"),
        *("parameters/userSecretName StorageClass", "parameters/secretRef StorageClass"),
        *("rules/resourceNames Role", "rules/resourceNames ClusterRole"),
        "spec/template/spec/containers/env/valueFrom/secretKeyRef/name Service serving.knative.dev",
        "spec/azureFile/secretName PersistentVolume",
    ),
    ("Service", "", "v1"): (
        *("spec/serviceName StatefulSet apps", "spec/backend/serviceName Ingress"),
        "spec/rules/http/paths/backend/serviceName Ingress",
        "spec/rules/http/paths/backend/service/name Ingress",
        "spec/defaultBackend/service/name Ingress",
        "spec/service/name APIService apiregistration.k8s.io",
        f"webhooks/clientConfig/service ValidatingWebhookConfiguration {_ADMISSION}",
        f"webhooks/clientConfig/service MutatingWebhookConfiguration {_ADMISSION}",
    ),
    ("Role", _RBAC, ""): (f"roleRef/name RoleBinding {_RBAC}",),
    ("ClusterRole", _RBAC, ""): (
        *(f"roleRef/name RoleBinding {_RBAC}", f"roleRef/name ClusterRoleBinding {_RBAC}"),
    ),
    ("ServiceAccount", "", "v1"): (
        *(f"subjects RoleBinding {_RBAC}", f"subjects ClusterRoleBinding {_RBAC}"),
        *_in_pods(_RUNNING, "serviceAccountName"),
    ),
    ("PersistentVolumeClaim", "", "v1"): tuple(
        _in_pods(_RUNNING, "volumes/persistentVolumeClaim/claimName")
    ),
    ("PersistentVolume", "", "v1"): (
        *("spec/volumeName PersistentVolumeClaim", "rules/resourceNames ClusterRole"),
    ),
    ("StorageClass", "storage.k8s.io", "v1"): (
        *("spec/storageClassName PersistentVolume", "spec/storageClassName PersistentVolumeClaim"),
        "spec/volumeClaimTemplates/spec/storageClassName StatefulSet",
    ),
    ("PriorityClass", "scheduling.k8s.io", "v1"): tuple(_in_pods(_RUNNING, "priorityClassName")),
    ("IngressClass", "networking.k8s.io", "v1"): ("spec/ingressClassName Ingress",),
    ("ValidatingAdmissionPolicy", _ADMISSION, ""): (
        f"spec/policyName ValidatingAdmissionPolicyBinding {_ADMISSION}",
    ),
}


def _references() -> Iterator[_Reference]:
    for (kind, group, version), places in _PLACES.items():
        for place in places:
            path, in_kind, in_group = f"{place} ".split(" ")[:3]
            field = Field(field_path(path), in_kind, in_group)
            yield _Reference(field, kind, group, version)


_REFERENCES = tuple(_references())


def follow_names(resources: Sequence[Resource], work: Work) -> None:
    """References to objects that were renamed name them as they are called now; what refers to a
    name with a hash is unknown."""
    renamed: dict[str, list[Resource]] = {}
    for resource in resources:
        if resource.hashed:
            resource.remember()
            resource.doubt(("metadata", "name"))
        for name in {id_.name for id_ in resource.earlier}:
            renamed.setdefault(name, []).append(resource)
    if renamed:
        for resource in resources:
            work.spend(len(_REFERENCES))
            for reference in _REFERENCES:
                if reference.field.is_in(resource.first):
                    _follow(resource, reference, renamed, work)


def _follow(
    resource: Resource, reference: _Reference, renamed: Mapping[str, list[Resource]], work: Work
) -> None:
    """What `resource` refers to at one field goes by its name now."""

    def change(old: Json, path: Path) -> Json:
        work.spend(1)
        if isinstance(old, list):
            return [change(item, (*path, index)) for index, item in enumerate(old)]
        name = old.get("name") if isinstance(old, dict) else old
        if not isinstance(name, str) or name not in renamed:
            return old
        found = _referent(resource, reference, name, old, renamed[name], work)
        if found is None:
            return old
        at = (*path, "name") if isinstance(old, dict) else path
        if found.hashed:
            resource.doubt(at)
        if not isinstance(old, dict):
            return found.id.name
        namespace = mapping(found.value, "metadata").get("namespace")
        return {**old, "name": found.id.name, **({"namespace": namespace} if namespace else {})}

    value = altered(resource.value, reference.field.steps, change, create=False)
    if isinstance(value, dict):
        resource.value = value


def _referent(
    resource: Resource,
    reference: _Reference,
    name: str,
    old: Json,
    candidates: Sequence[Resource],
    work: Work,
) -> Resource | None:
    """The one object that is meant by `name`; several are told."""
    work.spend(len(candidates) * (3 + len(listed(resource.value, "subjects"))))
    role = mapping(resource.value, "roleRef") if reference.field.steps == _ROLE else {}
    found = [
        one
        for one in candidates
        if any(reference.may_name(id_) and _is_role(id_, role) for id_ in one.earlier)
        and _within_reach(resource, one)
        and (not isinstance(old, dict) or _in_namespace(one, old.get("namespace")))
    ]
    if len(found) > 1:
        found = [one for one in found if _alike(one, resource, lenient=True)]
    if len(found) > 1:
        found = [one for one in found if _alike(one, resource, lenient=False)]
    if len({(one.id.name, one.id.namespace) for one in found}) > 1:
        where = f"{resource.id.kind}/{resource.id.name} may refer to several objects"
        work.fault(resource.source, f"{where} called {name}")
        return None
    return found[0] if found else None


_ROLE = ("roleRef", "name")


def _is_role(id_: Id, role: Mapping[str, Json]) -> bool:
    if "apiGroup" not in role or "kind" not in role:
        return True
    return (role["apiGroup"] or id_.group) == id_.group and (role["kind"] or id_.kind) == id_.kind


def _within_reach(resource: Resource, other: Resource) -> bool:
    """Whether `resource` can refer to `other` by name, from its namespace."""
    ours, theirs = resource.id, other.id
    return (
        NO_NAMESPACE in {ours.namespace, theirs.namespace}
        or ours.namespace == theirs.namespace
        or (theirs.kind == "ServiceAccount" and theirs.namespace in _bound(resource))
    )


def _bound(resource: Resource) -> set[Json]:
    """The namespaces from which a role binding names service accounts."""
    subjects = listed(resource.value, "subjects") if resource.id.kind == "RoleBinding" else []
    return {
        text(subject, "namespace")
        for subject in subjects
        if isinstance(subject, dict) and subject.get("kind") == "ServiceAccount"
    }


def _in_namespace(other: Resource, namespace: Json) -> bool:
    return namespace is None or namespace in (other.first.namespace, other.id.namespace)


def _alike(one: Resource, other: Resource, *, lenient: bool) -> bool:
    """Whether both were given prefixes and suffixes by the same kustomizations."""
    pairs = ((one.prefixes, other.prefixes), (one.suffixes, other.suffixes))
    return all(_same_end(ours, theirs, lenient=lenient) for ours, theirs in pairs)


def _same_end(ours: Sequence[str], theirs: Sequence[str], *, lenient: bool) -> bool:
    if not ours or not theirs:
        return lenient or not (ours or theirs)
    shorter = min(len(ours), len(theirs))
    return ours[-shorter:] == theirs[-shorter:]
