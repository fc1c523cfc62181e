"""A kustomization's `images`: new names, tags and digests for container images.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mrbot.ids import Json
from mrbot.resources.kustomize.fields import Change, altered
from mrbot.resources.kustomize.file import Kustomization, text
from mrbot.resources.kustomize.select import MAX_PATTERN, Pattern, compiled
from mrbot.resources.kustomize.work import Resource, Work
from mrbot.resources.paths import Path

_CONTAINERS = frozenset({"containers", "initContainers"})
_VOLUMES = (
    ("spec", "volumes[]", "image", "reference"),
    ("spec", "template", "spec", "volumes[]", "image", "reference"),
)
_PODS: frozenset[Path] = frozenset({("spec",), ("spec", "template", "spec")})
"""Where Kustomize looks for containers twice, so that a suffix comes after a tag twice."""
_AFTER_NAME = r"(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?$"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """One entry of `images`. Its name is a pattern to Kustomize: None where it is not read."""

    new_name: str
    new_tag: str
    suffix: str
    digest: str
    pattern: Pattern | None

    def applied(self, image: str) -> str | None:
        """What becomes of `image`; None where that is not known."""
        if self.pattern is None:
            return None
        if not self.pattern.search(image):
            return image
        name, tag, digest = _split(image)
        if self.new_tag or self.digest:
            tag, digest = self.new_tag, self.digest
        elif self.suffix:
            tag, digest = tag + self.suffix, ""
        written = self.new_name or name
        return written + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def set_images(kustomization: Kustomization, resources: Sequence[Resource], work: Work) -> None:
    """The images of the objects are those that `images` gives."""
    images: list[_Image] = []
    for entry, source in kustomization.mappings("images", "imageTags"):
        work.spend(_COMPILING)
        name = text(entry, "name")
        pattern = compiled(f"^{name}{_AFTER_NAME}") if len(name) <= MAX_PATTERN else None
        if pattern is None:
            work.not_applied(source, "an image name that is not read as a pattern")
        images.append(_image(entry, pattern))
    for resource in resources if images else ():
        work.spend(resource.size)
        if resource.id.kind != "CustomResourceDefinition":
            _set_in(resource, images, work)


_COMPILING = 200  # steps that one pattern counts as


def _image(entry: dict[str, Json], pattern: Pattern | None) -> _Image:
    return _Image(
        new_name=text(entry, "newName"),
        new_tag=text(entry, "newTag"),
        suffix=text(entry, "tagSuffix"),
        digest=text(entry, "digest"),
        pattern=pattern,
    )


def _set_in(resource: Resource, images: Sequence[_Image], work: Work) -> None:
    def change(old: Json, path: Path) -> Json:
        if not isinstance(old, str):
            return old
        work.spend(len(images))
        now = old
        twice = 2 if path[:-3] in _PODS and isinstance(path[-2], int) else 1
        for image in (image for image in images for _ in range(twice)):
            new = image.applied(now)
            if new is None:
                ends = [at for at, step in enumerate(path) if isinstance(step, int)]
                resource.doubt(path[: ends[0]] if ends else path)
                return old
            now = new
        return now

    value = _in_containers(resource.value, (), change)
    for steps in _VOLUMES:
        value = altered(value, steps, change, create=False)
    if isinstance(value, dict):
        resource.value = value


def _in_containers(value: Json, path: Path, change: Change) -> Json:
    """`value` with the image of every container in it changed, wherever containers are."""
    if isinstance(value, list):
        return [_in_containers(item, (*path, at), change) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    result = {key: _in_containers(inner, (*path, key), change) for key, inner in value.items()}
    for key in _CONTAINERS & result.keys():
        if isinstance(result[key], list):
            result[key] = altered(result[key], ("image",), change, create=False, path=(*path, key))
    return result


def _split(image: str) -> tuple[str, str, str]:
    """The name, the tag and the digest of an image; a colon before the first slash is a port's."""
    start = max(image.find("/"), 0)
    colon, at = image.find(":", start), image.find("@", start)
    digest = image[at + 1 :] if at >= 0 else ""
    end = at if at >= 0 else len(image)
    if colon < 0 or colon > end:
        return image[:end], "", digest
    return image[:colon], image[colon + 1 : end], digest
