"""A kustomization's patches: for which objects they are, and what becomes of these.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.kustomize import json_patch, strategic_merge
from mrbot.resources.kustomize.fields import put
from mrbot.resources.kustomize.file import Kustomization, mapping, text
from mrbot.resources.kustomize.json_patch import PatchDoubtError, PatchError
from mrbot.resources.kustomize.paths import is_inline, resolved
from mrbot.resources.kustomize.select import selected
from mrbot.resources.kustomize.strategic_merge import Merge
from mrbot.resources.kustomize.work import Resource, Work, id_of, weigh
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import Scalars, YamlDocument, load_documents

_TRYING = 10  # steps that trying one object counts as


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patch:
    """One patch: a mapping to merge, or a list of operations."""

    content: dict[str, Json] | list[Json]
    target: dict[str, Json] | None
    source: Source
    rename: bool = False
    retype: bool = False
    remembers: bool = False

    def touched(self) -> list[Path]:
        """The paths that it may alter."""
        if isinstance(self.content, dict):
            return strategic_merge.touched(self.content)
        return [path for operation in self.content for path in json_patch.touched(operation)]


def merge_patches(
    kustomization: Kustomization, resources: list[Resource], work: Work
) -> list[Resource]:
    """What is left of `resources` after `patchesStrategicMerge`, then `patches`."""
    for reference, source in kustomization.texts("patchesStrategicMerge"):
        inline = is_inline(reference)
        where: dict[str, Json] = {"patch": reference} if inline else {"path": reference}
        for content in _contents(where, kustomization, source, work):
            patch = _Patch(content=content, target=None, source=source)
            resources = _applied(patch, resources, work)
    for entry, source in kustomization.mappings("patches"):
        contents = list(_contents(entry, kustomization, source, work))
        target = mapping(entry, "target") if "target" in entry else None
        if target is not None and len(contents) > 1:
            work.fault(source, "several patches with one target, which Kustomize refuses")
            continue
        options = mapping(entry, "options")
        for content in contents:
            patch = _Patch(
                content=content,
                target=target,
                source=source,
                rename=options.get("allowNameChange") is True,
                retype=options.get("allowKindChange") is True,
                remembers=True,
            )
            resources = _applied(patch, resources, work)
    return resources


def json_patches(
    kustomization: Kustomization, resources: list[Resource], work: Work
) -> list[Resource]:
    """What is left of `resources` after `patchesJson6902`."""
    for entry, source in kustomization.mappings("patchesJson6902"):
        for content in _contents(entry, kustomization, source, work):
            target = mapping(entry, "target")
            if isinstance(content, list) and text(target, "name"):
                patch = _Patch(content=content, target=target, source=source)
                resources = _applied(patch, resources, work)
            else:
                work.fault(source, "no list of operations for a target with a name")
    return resources


def _contents(
    entry: dict[str, Json], kustomization: Kustomization, source: Source, work: Work
) -> Iterator[dict[str, Json] | list[Json]]:
    """What is in a patch, told where it cannot be read."""
    path, inline = text(entry, "path"), text(entry, "patch").strip()
    if bool(path) == bool(inline):
        work.fault(source, "a patch is one of patch and path")
        return
    try:
        documents = (
            load_documents(inline, kustomization.path, scalars=Scalars.LEGACY)
            if inline
            else _documents(path, kustomization, source, work)
        )
    except BadInput as error:
        problem = error.problems[0]
        work.fault(source, f"the patch cannot be read: {problem.message} (line {problem.line})")
        return
    for document in documents:
        if document.tags or not isinstance(document.value, dict | list | None):
            work.fault(source, "a patch that is neither an object nor a list of operations")
        elif document.value is not None:
            weigh(document.value, work)
            yield document.value


def _documents(
    path: str, kustomization: Kustomization, source: Source, work: Work
) -> tuple[YamlDocument, ...]:
    """Raises: BadInput."""
    found = resolved(kustomization.folder, path)
    file = work.files.get(found) if found is not None else None
    if file is None:
        work.fault(source, f"the patch {path[:200]} is not in the repository")
        return ()
    return file.documents()


def _applied(patch: _Patch, resources: list[Resource], work: Work) -> list[Resource]:
    """What is left of `resources` after one patch."""
    chosen = _chosen(patch, resources, work)
    left: list[Resource] = []
    for resource in resources:
        match chosen.get(id(resource), False):
            case True:
                left.extend(_patched(patch, resource, work))
            case None:
                resource.doubt(*patch.touched())
                left.append(resource)
            case _:
                left.append(resource)
    return left


def _chosen(patch: _Patch, resources: Sequence[Resource], work: Work) -> dict[int, bool | None]:
    """Which of `resources` the patch is for (by identity of the object), None where unknown."""
    work.spend(len(resources) * _TRYING)
    if patch.target is not None:
        found = {
            id(resource): selected(patch.target, resource, (resource.first, resource.id))
            for resource in resources
        }
        if None in found.values():
            work.not_applied(patch.source, "a target that is not read: it may select more")
        return found
    if not isinstance(patch.content, dict):
        work.fault(patch.source, "a list of operations without a target")
        return {}
    wanted = id_of(patch.content)
    matching = [resource for resource in resources if wanted in resource.ids]
    if len(matching) == 1:
        return {id(matching[0]): True}
    how_many = "several objects are" if matching else "no object is"
    reason = (
        f"{how_many} {wanted.kind}/{wanted.name} in {wanted.group}/{wanted.version}, patched here"
    )
    if work.missing and not matching:
        work.not_applied(patch.source, f"{reason}; it may be among those that were not read")
    else:
        work.fault(patch.source, reason)
    return {id(resource): None for resource in matching}


def _patched(patch: _Patch, resource: Resource, work: Work) -> Iterator[Resource]:
    """The object after the patch, unless that deletes it."""
    try:
        if isinstance(patch.content, dict):
            left = _merged(patch, patch.content, resource)
        else:
            left = _operated(patch, patch.content, resource, work)
    except PatchError as error:
        work.fault(patch.source, f"the patch cannot be applied to {_named(resource)}: {error}")
        left = True
    except PatchDoubtError as error:
        work.not_applied(patch.source, f"not applied to {_named(resource)}: {error}")
        resource.doubt(*patch.touched())
        left = True
    if left:
        yield resource


def _merged(patch: _Patch, content: dict[str, Json], resource: Resource) -> bool:
    """Whether the object is there after a strategic merge; its name, namespace and kind stay."""
    before, now = resource.value, resource.id
    merge = Merge(str(before.get("apiVersion")), now.kind)
    value = merge.merged(before, content)
    if value is None:
        return False
    if patch.rename or patch.retype:
        resource.remember()
    value = {**value, "apiVersion": before["apiVersion"]}
    if not patch.retype:
        value["kind"] = before["kind"]
    metadata = {**mapping(value, "metadata")}
    held = mapping(before, "metadata")
    for name in ("namespace",) if patch.rename else ("name", "namespace"):
        metadata.pop(name, None)
        if name in held:
            metadata[name] = held[name]
    resource.value = put(value, ("metadata",), metadata)
    resource.size += 1
    resource.doubt(*merge.doubts, *_nulls(content))
    return True


def _nulls(content: dict[str, Json]) -> Iterator[Path]:
    """Labels and annotations that a patch deletes: of some patches, Kustomize makes them "null"."""
    for name in ("labels", "annotations"):
        pairs = mapping(mapping(content, "metadata"), name)
        yield from (("metadata", name, key) for key, value in pairs.items() if value is None)


def _operated(patch: _Patch, content: list[Json], resource: Resource, work: Work) -> bool:
    """Whether an object is there after all the operations.

    Raises: PatchError or PatchDoubtError, and then the object is as it was.
    """
    value: Json = _annotated(resource.value)
    for operation in content:
        if _reads_notes(operation):
            raise PatchDoubtError("Kustomize's own annotations are among what is tested or moved")
        value = json_patch.applied(value, operation)
        resource.size = weigh(value, work)
    if isinstance(value, dict) and mapping(value, "metadata").get("annotations") == {}:
        value = put(value, ("metadata", "annotations"), None)
    if not isinstance(value, dict) or not all(
        isinstance(value.get(name), str) for name in ("apiVersion", "kind")
    ):
        raise PatchError("no Kubernetes object is left")
    if patch.remembers:
        resource.remember()
    resource.value = value
    return True


def _reads_notes(operation: Json) -> bool:
    """Whether an operation looks at all annotations, among which are Kustomize's own."""
    if not isinstance(operation, dict) or operation.get("op") in ("add", "replace", "remove"):
        return False
    places = (text(operation, "path"), text(operation, "from"))
    return any(place in {"/metadata", "/metadata/annotations"} for place in places)


def _annotated(value: dict[str, Json]) -> dict[str, Json]:
    """`value` with annotations: Kustomize keeps notes of its own there, so that there always are."""
    if mapping(value, "metadata").get("annotations") is not None:
        return value
    return put(value, ("metadata", "annotations"), {})


def _named(resource: Resource) -> str:
    return f"{resource.id.kind}/{resource.id.name}"[:200]
