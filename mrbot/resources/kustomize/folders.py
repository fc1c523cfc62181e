"""The directories that one root is built from, gone through in Kustomize's order.

Source: https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Side, TextFile
from mrbot.resources.kubernetes import reader as kubernetes
from mrbot.resources.kustomize.doubts import doubt_sources, doubt_values, doubt_variables
from mrbot.resources.kustomize.file import NAMES, Kustomization, kustomization, mapping, sole, text
from mrbot.resources.kustomize.generators import generate
from mrbot.resources.kustomize.names import follow_names
from mrbot.resources.kustomize.patches import json_patches, merge_patches
from mrbot.resources.kustomize.paths import is_remote, resolved
from mrbot.resources.kustomize.transforms import transform_names, transform_values
from mrbot.resources.kustomize.work import Id, Resource, TooMuchWorkError, Work, id_of, weigh
from mrbot.resources.model import Source
from mrbot.resources.paths import Path

MAX_DEPTH = 30
"""Most bases on top of one another."""
MAX_FOLDERS = 1_000
"""Most directories that are gone through for one root, each as often as it is referred to."""
MAX_OBJECTS = 5_000
"""Most objects that one root is built to."""

_LOCAL = "config.kubernetes.io/local-config"
_COMPONENT = "Component"
_EMPTY = "an empty kustomization, which Kustomize refuses"
_VERSIONS = {
    "Kustomization": "kustomize.config.k8s.io/v1beta1",
    _COMPONENT: "kustomize.config.k8s.io/v1alpha1",
}


@dataclass(slots=True)
class _Pile:
    """The objects so far, and what they are known by."""

    resources: list[Resource] = field(default_factory=list)
    ids: set[Id] = field(default_factory=set)


@dataclass(slots=True)
class Builder:
    """Goes through the directories of one root."""

    work: Work
    folders: int = 0
    variables: bool = False
    doubtful: bool = False
    above: list[str] = field(default_factory=list)

    def root(self, folder: str) -> list[Resource]:
        """The objects that `folder` builds to, their references to names followed.

        Raises: TooMuchWorkError.
        """
        start = Source(path=f"{folder}/{NAMES[0]}".removeprefix("./"), line=0)
        pile = _Pile()
        self._folder(folder, pile, start, component=None)
        resources = [one for one in pile.resources if not _is_local(one)]
        follow_names(resources, self.work)
        if self.variables:
            doubt_variables(resources, self.work)
        for one in resources:
            one.doubt(*(() for _ in range(self.doubtful)), *_written(one.value))
        return resources

    def _folder(self, folder: str, pile: _Pile, source: Source, *, component: bool | None) -> None:
        """What `folder` builds to is added to the pile; a component alters what is there."""
        self.folders += 1
        if folder in self.above or len(self.above) >= MAX_DEPTH or self.folders > MAX_FOLDERS:
            reason = "refers to itself" if folder in self.above else "is one base too many"
            self.work.fault(source, f"{shown(folder)[:200]} {reason}")
            return
        read = self._read(folder, source)
        if read is None:
            return
        if component is not None and component != (text(read.content, "kind") == _COMPONENT):
            what = "is no component" if component else "is a component, and referred to as a base"
            self.work.fault(source, f"{shown(folder)[:200]} {what}")
            return
        self.above.append(folder)
        if component:
            self._accumulate(read, pile.resources)
        else:
            own: list[Resource] = []
            self._accumulate(read, own)
            self._append(own, pile, source)
        self.above.pop()

    def _accumulate(self, read: Kustomization, resources: list[Resource]) -> None:
        """In the order in which Kustomize goes about it."""
        pile = _Pile(resources, {one.id for one in resources})
        for reference, source in read.texts("resources", "bases"):
            self._resource(reference, read, pile, source)
        generate(read, resources, self.work)
        self.doubtful |= doubt_sources(read, resources, self.work)
        for reference, source in read.texts("components"):
            folder = self._local_folder(reference, read, source)
            if folder is not None:
                self._folder(folder, pile, source, component=True)
        resources[:] = merge_patches(read, resources, self.work)
        transform_names(read, resources, self.work)
        resources[:] = json_patches(read, resources, self.work)
        transform_values(read, resources, self.work)
        doubt_values(read, resources, self.work)
        if read.content.get("vars"):
            self.variables = True
            self.work.not_applied(read.at("vars"), "variables are not replaced")

    def _resource(self, reference: str, read: Kustomization, pile: _Pile, source: Source) -> None:
        path = resolved(read.folder, reference)
        file = self.work.files.get(path) if path is not None else None
        if file is not None:
            self._append(self._objects(file, source), pile, source)
            return
        folder = self._local_folder(reference, read, source)
        if folder is not None:
            self._folder(folder, pile, source, component=False)

    def _local_folder(self, reference: str, read: Kustomization, source: Source) -> str | None:
        """The directory in the repository that `reference` names; else what it is, is told."""
        if is_remote(reference):
            # A password may stand in the address.
            where = reference.partition("?")[0].rpartition("@")[2][:200]
            reason = f"the remote base {where} is not followed: what it holds is not known"
            self.work.not_there(source, reason)
            return None
        path = resolved(read.folder, reference)
        if path is None:
            self.work.fault(source, f"{reference[:200]} is not within the repository")
        return path

    def _read(self, folder: str, source: Source) -> Kustomization | None:
        """The kustomization in `folder`; None where there is none that can be read."""
        files = self.work.files
        paths = [f"{folder}/{name}".removeprefix("./") for name in NAMES]
        found = [path for path in paths if path in files]
        if len(found) != 1:
            what = "several kustomizations" if found else "neither a file nor a kustomization"
            self.work.fault(source, f"{what} by the path {shown(folder)[:200]}")
            return None
        path = found[0]
        try:
            document = sole(files[path])
        except BadInput as error:
            problem = error.problems[0]
            self.work.fault(Source(path=path, line=problem.line), problem.message)
            return None
        if document is None:
            self.work.fault(Source(path=path, line=0), _EMPTY)
            return None

        def tell(at: Path, reason: str) -> None:
            self.work.fault(Source(path=path, line=document.line_of(at)), reason)

        read = kustomization(path, document, tell)
        kind = text(read.content, "kind") or "Kustomization"
        version = text(read.content, "apiVersion")
        if kind not in _VERSIONS or version not in {"", _VERSIONS[kind]}:
            tell(("kind",), f"Kustomize does not take {version[:100]}/{kind[:100]}")
        if not read.content.keys() - {"apiVersion", "kind"}:
            tell((), _EMPTY)
        return read

    def _objects(self, file: TextFile, source: Source) -> Iterator[Resource]:
        """The objects in one file; a file without any is told."""
        side = Side()
        count = 0
        for value, line in kubernetes.objects(file, side):
            count += 1
            at = Source(path=file.path, line=line)
            if id_of(value).name:
                yield Resource(value=value, source=at, size=weigh(value, self.work))
            else:
                self.work.fault(at, "an object without a name, which Kustomize refuses")
        for fault in side.faults:
            at = Source(path=fault.path, line=fault.line)
            self.work.fault(at, fault.reason)
        if not count and not side.faults and _holds_others(file):
            reason = f"there is no Kubernetes object in {shown(file.path)[:200]}"
            self.work.fault(source, reason)

    def _append(self, found: Iterable[Resource], pile: _Pile, source: Source) -> None:
        """`found` is on the pile, but for what is there already, which is told."""
        for one in found:
            id_ = one.id
            if id_ in pile.ids:
                reason = f"{id_.namespace}/{id_.kind}/{id_.name} is there already"
                self.work.fault(source, reason)
            elif len(pile.resources) >= MAX_OBJECTS:
                raise TooMuchWorkError
            else:
                pile.ids.add(id_)
                pile.resources.append(one)


def _written(value: dict[str, Json]) -> Iterator[Path]:
    """Labels and annotations that are no text: Kustomize makes them one, as they were written."""
    for name in ("labels", "annotations"):
        for key, inner in mapping(mapping(value, "metadata"), name).items():
            if not isinstance(inner, str | None):
                yield ("metadata", name, key)


def _holds_others(file: TextFile) -> bool:
    """Whether there are documents in a file without objects that are not lists of none."""
    values = [document.value for document in file.documents()]
    return any(value is not None and not _is_list(value) for value in values)


def _is_list(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("items"), list)


def _is_local(resource: Resource) -> bool:
    """Whether an object is for tools that read the repository, and is not applied."""
    annotations = mapping(mapping(resource.value, "metadata"), "annotations")
    return annotations.get(_LOCAL) not in {None, "false"}
