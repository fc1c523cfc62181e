"""What a kustomization sets on every object: namespace, names, labels, annotations, counts, images.

Sources: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/,
https://github.com/kubernetes-sigs/kustomize/tree/master/api/filters
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mrbot.ids import Json
from mrbot.resources.kustomize.fields import (
    ANNOTATIONS,
    CLAIM_LABELS,
    LABELS,
    NAMESPACES,
    REPLICAS,
    SELECTOR_LABELS,
    TEMPLATE_LABELS,
    Change,
    Field,
    altered,
    field_path,
    put,
)
from mrbot.resources.kustomize.file import Kustomization, listed, mapping, text
from mrbot.resources.kustomize.images import set_images
from mrbot.resources.kustomize.work import NO_NAMESPACE, Id, Resource, Work
from mrbot.resources.model import Source
from mrbot.resources.paths import Path

_CLAIMS = "volumeClaimTemplates"
_KEEP_NAME = frozenset({"CustomResourceDefinition", "Namespace"})
_ROLE_BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})


def transform_names(
    kustomization: Kustomization, resources: Sequence[Resource], work: Work
) -> None:
    """The objects are in the kustomization's namespace, and their names between its prefix and
    suffix, the labels and annotations on them that it gives to all."""
    content = kustomization.content
    if namespace := text(content, "namespace"):
        work.spend(len(resources))
        for resource in resources:
            _set_namespace(resource, namespace)
        many = Counter(resource.id for resource in resources).most_common(1)
        if many and many[0][1] > 1:
            id_ = many[0][0]
            reason = f"two objects become {id_.namespace}/{id_.kind}/{id_.name}"
            work.fault(kustomization.at("namespace"), reason)
    prefix, suffix = text(content, "namePrefix"), text(content, "nameSuffix")
    for resource in resources:
        if prefix and not _keeps_name(resource.first):
            resource.prefixes.append(prefix)
            _rename(resource, f"{prefix}{resource.id.name}")
        if suffix and not _keeps_name(resource.first):
            resource.suffixes.append(suffix)
            _rename(resource, f"{resource.id.name}{suffix}")
    _set_labels(kustomization, resources, work)
    annotations = mapping(content, "commonAnnotations")
    source = kustomization.at("commonAnnotations")
    _set_pairs(resources, ANNOTATIONS, annotations, work, source)


def transform_values(
    kustomization: Kustomization, resources: Sequence[Resource], work: Work
) -> None:
    """The counts and images that it gives are set."""
    for entry, source in kustomization.mappings("replicas"):
        name, count = text(entry, "name"), entry.get("count", 0)
        work.spend(len(resources))
        found = [
            (resource, field)
            for resource in resources
            for field in REPLICAS
            if any(id_.name == name and field.is_in(id_) for id_ in resource.ids)
        ]
        for resource, field in found:
            if field.is_in(resource.id):
                resource.value = put(resource.value, field.steps, count)
        if not found:
            reason = f"no object with replicas is called {name[:200]}"
            (work.not_applied if work.missing else work.fault)(source, reason)
    set_images(kustomization, resources, work)


def _set_namespace(resource: Resource, namespace: str) -> None:
    resource.remember()
    value, id_ = resource.value, resource.id
    if id_.namespace != NO_NAMESPACE:
        value = put(value, ("metadata", "namespace"), namespace)
    subjects = value.get("subjects")
    if id_.kind in _ROLE_BINDINGS and isinstance(subjects, list):
        moved: list[Json] = [
            {**subject, "namespace": namespace}
            if isinstance(subject, dict) and subject.get("name") == "default"
            else subject
            for subject in subjects
        ]
        value = {**value, "subjects": moved}
    for field in NAMESPACES:
        if field.is_in(id_) and (field.kind != "Namespace" or not id_.group):
            value = _changed(value, field, lambda _old, _path: namespace)
    resource.value = value


def _keeps_name(id_: Id) -> bool:
    return id_.kind in _KEEP_NAME or (id_.group, id_.kind) == (
        "apiregistration.k8s.io",
        "APIService",
    )


def _rename(resource: Resource, name: str) -> None:
    resource.remember()
    resource.value = put(resource.value, ("metadata", "name"), name)


def _set_labels(kustomization: Kustomization, resources: Sequence[Resource], work: Work) -> None:
    for entry, source in kustomization.mappings("labels"):
        fields = [_custom(field) for field in listed(entry, "fields") if isinstance(field, dict)]
        if entry.get("includeSelectors") is True:
            fields += SELECTOR_LABELS
        elif entry.get("includeTemplates") is True:
            fields += TEMPLATE_LABELS
        if entry.get("includeVolumeClaimTemplates") is True:
            fields += CLAIM_LABELS
        _set_pairs(resources, [*fields, LABELS], mapping(entry, "pairs"), work, source)
        if entry.get("includeTemplates") is True and entry.get("includeSelectors") is not True:
            _doubt_claims(resources)
    pairs, source = mapping(kustomization.content, "commonLabels"), kustomization.at("commonLabels")
    _set_pairs(resources, SELECTOR_LABELS, pairs, work, source)


def _doubt_claims(resources: Sequence[Resource]) -> None:
    """Whether templates of claims are templates as well differs from version to version."""
    for resource in resources:
        if CLAIM_LABELS[0].is_in(resource.id) and mapping(resource.value, "spec").get(_CLAIMS):
            resource.doubt(("spec", _CLAIMS))


def _custom(field: dict[str, Json]) -> Field:
    return Field(
        steps=field_path(text(field, "path")),
        kind=text(field, "kind"),
        group=text(field, "group"),
        version=text(field, "version"),
        create=field.get("create") is True,
    )


def _set_pairs(
    resources: Sequence[Resource],
    fields: Sequence[Field],
    pairs: dict[str, Json],
    work: Work,
    source: Source,
) -> None:
    """Every one of `fields` that an object has holds `pairs`."""
    if not pairs:
        return

    def set_all(old: Json, _path: Path) -> Json:
        if old is None or isinstance(old, dict):
            return {**(old or {}), **pairs}
        work.fault(source, "an object in which this is no mapping, which Kustomize refuses")
        return old

    for resource in resources:
        work.spend(len(fields) + len(pairs))
        for field in fields:
            if field.is_in(resource.id):
                resource.value = _changed(resource.value, field, set_all)


def _changed(value: dict[str, Json], field: Field, change: Change) -> dict[str, Json]:
    new = altered(value, field.steps, change, create=field.create)
    return new if isinstance(new, dict) else value
