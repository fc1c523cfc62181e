"""Config maps and secrets that a kustomization makes of literals and files.

A hash of the content comes after their names, unless that is disabled; it is not reckoned here.

Sources: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/configmapgenerator/,
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/secretgenerator/
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from itertools import chain

from mrbot.ids import Json
from mrbot.resources.kustomize.file import Kustomization, listed, mapping, text
from mrbot.resources.kustomize.paths import file_source, resolved
from mrbot.resources.kustomize.work import Resource, Work
from mrbot.resources.model import Source

_LITERAL_BREAK = "a literal that is not key=value"
_QUOTES = ("'", '"')


def generate(kustomization: Kustomization, resources: list[Resource], work: Work) -> None:
    """What `configMapGenerator` and `secretGenerator` make is among `resources`."""
    for kind, name in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
        for entry, source in kustomization.mappings(name):
            made = _made(kind, entry, source, kustomization, work)
            if made is not None:
                _absorb(made, text(entry, "behavior"), resources, work)


def _made(
    kind: str, entry: dict[str, Json], source: Source, kustomization: Kustomization, work: Work
) -> Resource | None:
    if not text(entry, "name"):
        work.fault(source, "a generator without a name")
        return None
    named: dict[str, Json] = {"name": text(entry, "name")}
    if text(entry, "namespace"):
        named["namespace"] = text(entry, "namespace")
    options = mapping(entry, "options")
    general = mapping(kustomization.content, "generatorOptions")
    for name in ("labels", "annotations"):
        pairs = {**mapping(general, name), **mapping(options, name)}
        if pairs:
            named[name] = pairs
    value: dict[str, Json] = {"apiVersion": "v1", "kind": kind, "metadata": named}
    if kind == "Secret":
        value["type"] = text(entry, "type") or "Opaque"
    for name, data in _data(kind, entry, source, kustomization, work).items():
        if data:
            value[name] = {**data}
    if True in (options.get("immutable"), general.get("immutable")):
        value["immutable"] = True
    plain = True in (options.get("disableNameSuffixHash"), general.get("disableNameSuffixHash"))
    return Resource(value=value, source=source, size=20, hashed=not plain)


def _data(
    kind: str, entry: dict[str, Json], source: Source, kustomization: Kustomization, work: Work
) -> Mapping[str, dict[str, str]]:
    """The content, by the field of the object that it goes into."""
    fields: dict[str, dict[str, str]] = {"data": {}, "binaryData": {}}
    seen: set[str] = set()
    for key, content in chain(
        _from_environments(entry, source, kustomization, work),
        _from_literals(entry, source, work),
        _from_files(entry, source, kustomization, work),
    ):
        work.spend(1 + len(content) // 100)
        if key in seen:
            work.fault(source, f'the key "{key[:100]}" is here again')
        seen.add(key)
        plain = None if kind == "Secret" else _decoded(content)
        if plain is not None:
            fields["data"][key] = plain
        else:
            field = "data" if kind == "Secret" else "binaryData"
            fields[field][key] = base64.b64encode(content).decode("ascii")
    return fields


def _decoded(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _from_literals(
    entry: dict[str, Json], source: Source, work: Work
) -> Iterator[tuple[str, bytes]]:
    for literal in listed(entry, "literals"):
        key, equals, value = str(literal).partition("=")
        if not (key and equals):
            work.fault(source, _LITERAL_BREAK)
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES:
            value = value[1:-1]
        yield key, value.encode("utf-8")


def _from_files(
    entry: dict[str, Json], source: Source, kustomization: Kustomization, work: Work
) -> Iterator[tuple[str, bytes]]:
    for reference in listed(entry, "files"):
        key, path = file_source(str(reference))
        content = _content(path, source, kustomization, work)
        if content is not None:
            yield key, content


def _from_environments(
    entry: dict[str, Json], source: Source, kustomization: Kustomization, work: Work
) -> Iterator[tuple[str, bytes]]:
    for reference in (*listed(entry, "envs"), *filter(None, [text(entry, "env")])):
        content = _content(str(reference), source, kustomization, work)
        for line in (content or b"").removeprefix(b"\xef\xbb\xbf").split(b"\n"):
            key, _, value = line.removesuffix(b"\r").lstrip().partition(b"=")
            decoded = _decoded(key)
            if decoded is None or _decoded(value) is None:
                work.fault(source, f"{str(reference)[:200]} is not UTF-8 text")
            elif decoded and not decoded.startswith("#"):
                yield decoded, value


def _content(path: str, source: Source, kustomization: Kustomization, work: Work) -> bytes | None:
    found = resolved(kustomization.folder, path)
    file = work.files.get(found) if found is not None else None
    if file is None:
        work.fault(source, f"{path[:200]}, of which it is made, is not in the repository")
        return None
    return file.text


def _absorb(made: Resource, behavior: str, resources: list[Resource], work: Work) -> None:
    """`made` is added to `resources`, or takes the place of the one it replaces or adds to."""
    work.spend(len(resources))
    matching = [resource for resource in resources if made.id in resource.ids]
    if behavior not in {"merge", "replace"}:
        if matching:
            work.fault(made.source, f"{made.id.kind}/{made.id.name} is there already")
        else:
            resources.append(made)
    elif len(matching) == 1:
        _take_over(made, matching[0], merge=behavior == "merge")
    elif work.missing:
        work.not_applied(made.source, f"{made.id.name} to {behavior} is not among what was read")
    else:
        work.fault(made.source, f"there is no one {made.id.kind}/{made.id.name} to {behavior}")


def _take_over(made: Resource, old: Resource, *, merge: bool) -> None:
    """`old` holds what was made, and keeps its name, labels and annotations."""
    held, named = mapping(old.value, "metadata"), {**mapping(made.value, "metadata")}
    for name in ("labels", "annotations"):
        pairs = {**mapping(held, name), **mapping(named, name)}
        if pairs:
            named[name] = pairs
    named.pop("namespace", None)
    named.update({name: held[name] for name in ("name", "namespace") if name in held})
    value = {**made.value, "metadata": named}
    for name in ("data", "binaryData") if merge else ():
        data = {**mapping(old.value, name), **mapping(made.value, name)}
        if data:
            value[name] = data
    old.value, old.source, old.hashed = value, made.source, old.hashed and made.hashed
