"""Which lists in Kubernetes' own kinds are merged item by item, and by which keys.

Source: https://kubernetes.io/docs/reference/generated/kubernetes-api/ (each field's "patch merge
key"), as of the schema that Kustomize carries.
"""

from __future__ import annotations

from collections.abc import Mapping

Keys = tuple[str, ...]
"""The keys that tell the items of a list apart; none where the items are plain values."""

POD_SPECS: Mapping[str, tuple[str, ...]] = {
    "v1/Pod": ("spec",),
    "v1/PodTemplate": ("template", "spec"),
    "v1/ReplicationController": ("spec", "template", "spec"),
    "apps/v1/DaemonSet": ("spec", "template", "spec"),
    "apps/v1/Deployment": ("spec", "template", "spec"),
    "apps/v1/ReplicaSet": ("spec", "template", "spec"),
    "apps/v1/StatefulSet": ("spec", "template", "spec"),
    "batch/v1/Job": ("spec", "template", "spec"),
    "batch/v1/CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "batch/v1beta1/CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where in a kind the specification of pods is."""

_IN_CONTAINERS: Mapping[str, Keys] = {
    "env": ("name",),
    "ports": ("containerPort", "protocol"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
}
_IN_PODS: Mapping[str, Keys] = {
    "containers": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumes": ("name",),
}
_ELSEWHERE: Mapping[tuple[str, ...], Keys] = {
    ("v1/Service", "spec", "ports"): ("port", "protocol"),
    ("v1/ServiceAccount", "secrets"): ("name",),
    **{
        (f"admissionregistration.k8s.io/{version}/{kind}WebhookConfiguration", "webhooks"): (
            "name",
        )
        for version in ("v1", "v1beta1")
        for kind in ("Mutating", "Validating")
    },
}
_METADATA: Mapping[str, Keys] = {"finalizers": (), "ownerReferences": ("uid",)}
_CORE = frozenset(
    {"apps", "autoscaling", "batch", "extensions", "policy"}
    | {
        f"{group}.k8s.io"
        for group in (
            *("admissionregistration", "apiextensions", "apiregistration", "certificates"),
            *("coordination", "discovery", "events", "flowcontrol.apiserver", "networking", "node"),
            *("rbac.authorization", "scheduling", "storage"),
        )
    }
)


def merged_by(api_version: str, kind: str, fields: tuple[str, ...]) -> tuple[Keys | None, bool]:
    """The keys by which the list at `fields` is merged, None where it is replaced; and whether
    that is certain. `[]` in `fields` is any item of a list."""
    group = api_version.rpartition("/")[0]
    if "/" in api_version and group not in _CORE:
        # A custom resource: Kustomize knows nothing of it, unless it comes from Kubernetes.
        return None, not group.endswith(".k8s.io")
    whole = f"{api_version}/{kind}"
    if fields[-2:-1] == ("metadata",) and fields[-1] in _METADATA:
        # Of younger versions, only younger Kustomizes know.
        return _METADATA[fields[-1]], api_version.endswith(("v1", "v1beta1"))
    if fields[0] == "status" or kind in {"CSINode", "Node"}:
        return None, False
    if (whole, *fields) in _ELSEWHERE:
        return _ELSEWHERE[whole, *fields], True
    pods = POD_SPECS.get(whole)
    if pods is None:
        return None, kind not in {name.rpartition("/")[2] for name in POD_SPECS}
    return _in_pods(fields[len(pods) :]) if fields[: len(pods)] == pods else None, True


def _in_pods(fields: tuple[str, ...]) -> Keys | None:
    match fields:
        case (name,):
            return _IN_PODS.get(name)
        case (("containers" | "initContainers"), "[]", name):
            return _IN_CONTAINERS.get(name)
        case ("ephemeralContainers", "[]", name) if name != "ports":
            return _IN_CONTAINERS.get(name)
        case _:
            return None
