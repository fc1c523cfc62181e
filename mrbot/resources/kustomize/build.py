"""Kustomize: the objects that a directory builds to, as far as the repository tells.

Followed and applied: local resources, bases and components; patches; namespace, names and the
references to them; labels, annotations, replicas and images; generated config maps and secrets
(without the hash after their names). Not followed: what lies elsewhere, Helm charts, plugins,
replacements and variables; what they may alter is unknown.

Kind: `apiVersion/Kind`; address: `<root>: [namespace/]Kind/name`.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.kubernetes import reader as kubernetes
from mrbot.resources.kubernetes.stateful import holds_data
from mrbot.resources.kustomize.file import NAMES, kustomization, mapping, sole, text
from mrbot.resources.kustomize.folders import Builder
from mrbot.resources.kustomize.paths import is_remote, referred, resolved
from mrbot.resources.kustomize.reader import FORMAT
from mrbot.resources.kustomize.work import (
    MAX_WORK,
    TooMuchWorkError,
    Work,
)
from mrbot.resources.model import NotUnderstood, Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import secret_paths

__all__ = ["FORMAT", "Built", "BuiltObject", "build", "declare_builds", "references"]

MAX_ALL_WORK = 4 * MAX_WORK
"""Most steps for all the roots of one side."""


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


def declare_builds(
    roots: Sequence[str], files: Mapping[str, TextFile]
) -> tuple[Side, frozenset[str]]:
    """The objects that each of `roots` builds to, and which of them were built wholly.

    Where a root could not be built, all of `files` count as unread: what they hold may be gone
    from here only because of that.
    """
    side, whole = Side(), set(roots)
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
        side.faults.extend(built.faults)
        if any(fault.relevant for fault in built.faults):
            side.unread.update(files)
        if built.faults or built.incomplete:
            whole.discard(root)
    side.faults = list(dict.fromkeys(side.faults))
    return side, frozenset(whole)


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
        sensitive=(*secret_paths(value), *kubernetes.secret_data(value)),
        stateful=holds_data(f"{api_version}/{kind}", value),
    )


def _built(root: str, work: Work) -> Built:
    builder = Builder(work)
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
