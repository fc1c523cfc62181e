"""A kustomization file, its fields in one spelling and of the shape that Kustomize takes.

Kustomize knows a field in any case (`Resources`), refuses fields it does not know, and takes no
number for a text: what it would refuse is told, and left out.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.declared import TextFile
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.syntax.yaml_text import YamlDocument

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What Kustomize calls its files; a directory that it builds has exactly one of them."""

Tell = Callable[[Path, str], None]
"""Takes a place in a kustomization and what is wrong there."""

_Shape = (
    type[str] | type[bool] | type[int] | type[object] | tuple["_Shape"] | Mapping[str, "_Shape"]
)
"""`object` is anything; a tuple of one is a list of that; "" in a mapping is any other key."""

_TEXTS: tuple[_Shape] = (str,)
_LABELS: Mapping[str, _Shape] = {"": str}
_KIND: Mapping[str, _Shape] = {"group": str, "version": str, "kind": str}
_SELECTOR: Mapping[str, _Shape] = {
    **_KIND,
    "name": str,
    "namespace": str,
    "annotationSelector": str,
    "labelSelector": str,
}
_PATCH: Mapping[str, _Shape] = {
    "path": str,
    "patch": str,
    "target": _SELECTOR,
    "options": {"allowNameChange": bool, "allowKindChange": bool},
}
_IMAGE: Mapping[str, _Shape] = {
    "name": str,
    "newName": str,
    "tagSuffix": str,
    "newTag": str,
    "digest": str,
}
_LABEL: Mapping[str, _Shape] = {
    "pairs": _LABELS,
    "includeSelectors": bool,
    "includeTemplates": bool,
    "includeVolumeClaimTemplates": bool,
    "fields": ({**_KIND, "path": str, "create": bool},),
}
_OPTIONS: Mapping[str, _Shape] = {
    "labels": _LABELS,
    "annotations": _LABELS,
    "disableNameSuffixHash": bool,
    "immutable": bool,
}
_GENERATOR: Mapping[str, _Shape] = {
    "namespace": str,
    "name": str,
    "behavior": str,
    "options": _OPTIONS,
    "literals": _TEXTS,
    "files": _TEXTS,
    "envs": _TEXTS,
    "env": str,
}
_FIELDS: Mapping[str, _Shape] = {
    "apiVersion": str,
    "kind": str,
    "metadata": object,
    "openapi": _LABELS,
    "namePrefix": str,
    "nameSuffix": str,
    "namespace": str,
    "commonLabels": _LABELS,
    "commonAnnotations": _LABELS,
    "labels": (_LABEL,),
    "patchesStrategicMerge": _TEXTS,
    "patchesJson6902": (_PATCH,),
    "patches": (_PATCH,),
    "images": (_IMAGE,),
    "imageTags": (_IMAGE,),
    "replicas": ({"name": str, "count": int},),
    "resources": _TEXTS,
    "bases": _TEXTS,
    "components": _TEXTS,
    "crds": _TEXTS,
    "configMapGenerator": (_GENERATOR,),
    "secretGenerator": ({**_GENERATOR, "type": str},),
    "generatorOptions": _OPTIONS,
    "configurations": _TEXTS,
    "buildMetadata": _TEXTS,
    "generators": _TEXTS,
    "transformers": _TEXTS,
    "validators": _TEXTS,
    "replacements": (object,),
    "vars": (object,),
    "sortOptions": object,
    "helmGlobals": object,
    "helmCharts": (object,),
    "helmChartInflationGenerator": (object,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kustomization:
    """One kustomization file. In `content` every field has the shape that Kustomize takes."""

    path: str
    content: dict[str, Json]
    document: YamlDocument

    @property
    def folder(self) -> str:
        """The directory it is in; `.` is the repository's root."""
        return str(PurePosixPath(self.path).parent)

    def at(self, *path: str | int) -> Source:
        """Where the value at `path` is written."""
        return Source(path=self.path, line=self.document.line_of(path))

    def texts(self, *names: str) -> Iterator[tuple[str, Source]]:
        """The texts in the lists by these names, in order."""
        for name in names:
            for index, value in enumerate(listed(self.content, name)):
                if isinstance(value, str):
                    yield value, self.at(name, index)

    def mappings(self, *names: str) -> Iterator[tuple[dict[str, Json], Source]]:
        """The mappings in the lists by these names, in order."""
        for name in names:
            for index, value in enumerate(listed(self.content, name)):
                if isinstance(value, dict):
                    yield value, self.at(name, index)


def listed(holder: dict[str, Json], name: str) -> list[Json]:
    """The list by this name; empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, list) else []


def text(holder: dict[str, Json], name: str) -> str:
    """The text by this name; empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def mapping(holder: dict[str, Json], name: str) -> dict[str, Json]:
    """The mapping by this name; empty where there is none."""
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def sole(file: TextFile) -> YamlDocument | None:
    """The document of a kustomization file; None where it is empty.

    Raises: BadInput where Kustomize would not take all of it, or refuse it.
    """
    full = [document for document in file.documents() if document.value is not None]
    reason, line = "", 0
    if len(full) > 1:
        reason, line = "a second document, which Kustomize ignores", full[1].line
    elif full and full[0].tags:
        tag, line = full[0].tags[0]
        reason = f"the tag {tag[:100]}, which Kustomize ignores"
    elif full and not isinstance(full[0].value, dict):
        reason, line = "not a mapping", full[0].line
    if reason:
        raise BadInput(Problem(shown(file.path), line, reason))
    return full[0] if full else None


def kustomization(path: str, document: YamlDocument, tell: Tell) -> Kustomization:
    """The kustomization that `document` is; what Kustomize would refuse in it is told."""
    content = _shaped(document.value, _FIELDS, (), tell)
    return Kustomization(
        path=path, content=content if isinstance(content, dict) else {}, document=document
    )


def _shaped(value: Json, shape: _Shape, path: Path, tell: Tell) -> Json:
    """`value` without what is not of its shape; None where all of it is not."""
    if value is None:
        return None
    if isinstance(shape, tuple) and isinstance(value, list):
        # What is left out stays as null, so that the others keep their places.
        return [_shaped(item, shape[0], (*path, at), tell) for at, item in enumerate(value)]
    if isinstance(shape, Mapping) and isinstance(value, dict):
        return _fields(value, shape, path, tell)
    if isinstance(shape, type) and isinstance(value, shape) and not _is_bool(value, shape):
        return value
    tell(path, f"Kustomize takes {_word(shape)} here")
    return None


def _fields(
    value: dict[str, Json], shape: Mapping[str, _Shape], path: Path, tell: Tell
) -> dict[str, Json]:
    spellings = {name.lower(): name for name in shape}
    found: dict[str, Json] = {}
    for key, inner in value.items():
        name = key if "" in shape else spellings.get(key.lower())
        if name is None:
            tell((*path, key), f'the field "{key[:100]}", which Kustomize does not know')
        elif name in found:
            tell((*path, key), f'the field "{name[:100]}" is here again')
        elif (good := _shaped(inner, shape.get(name, str), (*path, key), tell)) is not None:
            found[name] = good
    return found


def _is_bool(value: Json, shape: type) -> bool:
    """Whether it is true or false where a number is needed; to Python both are numbers."""
    return isinstance(value, bool) and shape is int


def _word(shape: _Shape) -> str:
    if isinstance(shape, type):
        return {str: "a text", bool: "true or false"}.get(shape, "a whole number")
    return "a list" if isinstance(shape, tuple) else "a mapping"
