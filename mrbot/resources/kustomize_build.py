"""Kustomize: the objects that a directory builds to, as far as the repository tells.

Followed and applied: local resources, bases and components; patches; namespace, names and the
references to them; labels, annotations, replicas and images; generated config maps and secrets
(without the hash after their names). Not followed: what lies elsewhere, Helm charts, plugins,
replacements and variables; what they may alter is unknown.

Kind: `apiVersion/Kind`; address: `<root>: [namespace/]Kind/name`.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources import kubernetes
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.kubernetes_stateful import holds_data
from mrbot.resources.kustomization import FORMAT
from mrbot.resources.kustomize_doubts import doubt_sources, doubt_values, doubt_variables
from mrbot.resources.kustomize_file import NAMES, Kustomization, kustomization, mapping, sole, text
from mrbot.resources.kustomize_generators import generate
from mrbot.resources.kustomize_names import follow_names
from mrbot.resources.kustomize_patches import json_patches, merge_patches
from mrbot.resources.kustomize_paths import is_remote, referred, resolved
from mrbot.resources.kustomize_transforms import transform_names, transform_values
from mrbot.resources.kustomize_work import (
    MAX_WORK,
    Id,
    Resource,
    TooMuchWorkError,
    Work,
    id_of,
    weigh,
)
from mrbot.resources.masking import Path
from mrbot.resources.model import NotUnderstood, Source
from mrbot.resources.secret_names import secret_paths

__all__ = ["FORMAT", "Built", "BuiltObject", "build", "declare_builds", "references"]

MAX_DEPTH = 30
"""Most bases on top of one another."""
MAX_FOLDERS = 1_000
"""Most directories that are gone through for one root, each as often as it is referred to."""
MAX_OBJECTS = 5_000
"""Most objects that one root is built to."""
MAX_ALL_WORK = 4 * MAX_WORK
"""Most steps for all the roots of one side."""

_LOCAL = "config.kubernetes.io/local-config"
_COMPONENT = "Component"
_EMPTY = "an empty kustomization, which Kustomize refuses"
_VERSIONS = {
    "Kustomization": "kustomize.config.k8s.io/v1beta1",
    _COMPONENT: "kustomize.config.k8s.io/v1alpha1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltObject:
    """One object that would be applied. `source` is where it is declared, before any change to it;
    what is at `unknown` (the root is all of it) is not known for certain."""

    value: dict[str, Json]
    source: Source
    unknown: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a root builds to. `incomplete`: there may be objects that are not here, or something
    was not applied; `faults` say what."""

    objects: tuple[BuiltObject, ...]
    faults: tuple[NotUnderstood, ...]
    incomplete: bool


def references(path: str, text: bytes) -> tuple[str, ...]:
    """The repository's paths (files and directories) that the kustomization file `path` needs, in
    order, each once. What is elsewhere, or leads out of the repository, is not among them."""
    try:
        document = sole(TextFile(path=path, text=text))
    except BadInput:
        return ()
    if document is None:
        return ()
    read = kustomization(path, document, lambda _path, _reason: None)
    found = (resolved(read.folder, one) for one in referred(read) if one and not is_remote(one))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def build(root: str, files: Mapping[str, TextFile]) -> Built:
    """What the directory `root` builds to; `files` holds whatever it refers to, by path."""
    return _built(root, Work(files=files))


def declare_builds(roots: Sequence[str], files: Mapping[str, TextFile]) -> Side:
    """The objects that each of `roots` builds to.

    Where a root could not be built, all of `files` count as unread: what they hold may be gone
    from here only because of that.
    """
    side = Side()
    left = MAX_ALL_WORK
    for root in roots:
        work = Work(files=files, left=min(MAX_WORK, left))
        left -= work.left
        built = _built(root, work)
        left += max(work.left, 0)
        for one in built.objects:
            resource = _declared(root, one)
            if side.add(resource) is not None:
                reason = f"{resource.address[:300]} is built twice"
                side.fault(one.source.path, one.source.line, reason)
        new = [fault for fault in built.faults if fault not in side.faults]
        side.faults.extend(new)
        if any(fault.relevant for fault in built.faults):
            side.unread.update(files)
    return side


def _declared(root: str, built: BuiltObject) -> Declared:
    value = built.value
    kind, api_version = str(value["kind"]), str(value["apiVersion"])
    metadata = mapping(value, "metadata")
    name, namespace = text(metadata, "name"), text(metadata, "namespace")
    words = "/".join([namespace, kind, name] if namespace else [kind, name])
    return Declared(
        key=(root, api_version.rpartition("/")[0], namespace, kind, name),
        address=f"{shown(root)}: {words}",
        kind=f"{api_version}/{kind}",
        value=value,
        source=built.source,
        unknown=built.unknown,
        sensitive=(*secret_paths(value), *kubernetes.secret_data(kind, value)),
        stateful=holds_data(f"{api_version}/{kind}", value),
    )


def _built(root: str, work: Work) -> Built:
    builder = _Builder(work)
    folder = resolved(".", root) or root
    try:
        resources = builder.root(folder)
    except TooMuchWorkError:
        at = Source(path=f"{folder}/{NAMES[0]}".removeprefix("./"), line=0)
        work.fault(at, "the build is larger than what is built")
        resources, work.incomplete = [], True
    return Built(
        objects=tuple(
            BuiltObject(
                value=one.value, source=one.source, unknown=tuple(dict.fromkeys(one.unknown))
            )
            for one in resources
        ),
        faults=tuple(dict.fromkeys(work.faults)),
        incomplete=work.incomplete,
    )


@dataclass(slots=True)
class _Builder:
    """One root on its way."""

    work: Work
    folders: int = 0
    variables: bool = False
    doubtful: bool = False
    above: list[str] = field(default_factory=list)

    def root(self, folder: str) -> list[Resource]:
        """Raises: TooMuchWorkError."""
        start = Source(path=f"{folder}/{NAMES[0]}".removeprefix("./"), line=0)
        resources: list[Resource] = []
        self._folder(folder, resources, start, component=None)
        resources = [one for one in resources if not _is_local(one)]
        follow_names(resources, self.work)
        if self.variables:
            doubt_variables(resources, self.work)
        for one in resources:
            one.doubt(*(() for _ in range(self.doubtful)), *_written(one.value))
        return resources

    def _folder(
        self, folder: str, resources: list[Resource], source: Source, *, component: bool | None
    ) -> None:
        """What `folder` builds to is added to `resources`; a component alters what is there."""
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
            self._accumulate(read, resources)
        else:
            own: list[Resource] = []
            self._accumulate(read, own)
            self._append(own, resources, source)
        self.above.pop()

    def _accumulate(self, read: Kustomization, resources: list[Resource]) -> None:
        """In the order in which Kustomize goes about it."""
        for reference, source in read.texts("resources", "bases"):
            self._resource(reference, read, resources, source)
        generate(read, resources, self.work)
        self.doubtful |= doubt_sources(read, resources, self.work)
        for reference, source in read.texts("components"):
            folder = self._local_folder(reference, read, source)
            if folder is not None:
                self._folder(folder, resources, source, component=True)
        resources[:] = merge_patches(read, resources, self.work)
        transform_names(read, resources, self.work)
        resources[:] = json_patches(read, resources, self.work)
        transform_values(read, resources, self.work)
        doubt_values(read, resources, self.work)
        if read.content.get("vars"):
            self.variables = True
            self.work.not_applied(read.at("vars"), "variables are not replaced")

    def _resource(
        self, reference: str, read: Kustomization, resources: list[Resource], source: Source
    ) -> None:
        path = resolved(read.folder, reference)
        file = self.work.files.get(path) if path is not None else None
        if file is not None:
            self._append(list(self._objects(file, source)), resources, source)
            return
        folder = self._local_folder(reference, read, source)
        if folder is not None:
            self._folder(folder, resources, source, component=False)

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

    def _append(self, found: list[Resource], resources: list[Resource], source: Source) -> None:
        """`found` is among `resources`, but for what is there already, which is told."""
        ids: set[Id] = {one.id for one in resources}
        self.work.spend(len(resources) // 10 + len(found))
        for one in found:
            if one.id in ids:
                reason = f"{one.id.namespace}/{one.id.kind}/{one.id.name} is there already"
                self.work.fault(source, reason)
            elif len(resources) >= MAX_OBJECTS:
                raise TooMuchWorkError
            else:
                ids.add(one.id)
                resources.append(one)


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
