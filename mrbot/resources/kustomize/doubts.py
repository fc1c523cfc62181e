"""What a kustomization asks for that is not reckoned here, and which values it may alter.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.kustomize.file import Kustomization, listed, mapping, text
from mrbot.resources.kustomize.paths import resolved
from mrbot.resources.kustomize.select import selected
from mrbot.resources.kustomize.work import Resource, Work
from mrbot.resources.masking import strings
from mrbot.resources.paths import Path

_UNREAD = {
    "configurations": "where names, labels and images are is configured; that is not read",
    "crds": "definitions of custom resources, whose references to names are not followed",
    "openapi": "another schema to merge by, which is not read",
    "buildMetadata": "annotations or labels of the build, which are not set",
}
_PLUGINS = {
    "generators": "generators are not run: what they make is not known",
    "helmCharts": "Helm charts are not rendered: what they hold is not known",
    "helmChartInflationGenerator": "Helm charts are not rendered: what they hold is not known",
}
_PLACES = frozenset({"select", "reject", "fieldPaths", "options"})


def doubt_sources(kustomization: Kustomization, resources: Sequence[Resource], work: Work) -> bool:
    """Whether nothing that is built can be relied upon; what is not read or run is told. Generators
    may replace what is there, or add to it."""
    content = kustomization.content
    if content.get("generators"):
        for resource in resources:
            resource.doubt(())
    for name, reason in _PLUGINS.items():
        if content.get(name):
            work.not_there(kustomization.at(name), reason)
    for name, reason in _UNREAD.items():
        if content.get(name):
            work.not_applied(kustomization.at(name), reason)
    return any(content.get(name) for name in _UNREAD)


def doubt_values(kustomization: Kustomization, resources: Sequence[Resource], work: Work) -> None:
    """What replacements and transformers may alter is unknown."""
    content = kustomization.content
    if content.get("replacements"):
        work.not_applied(kustomization.at("replacements"), "replacements are not made")
        for entry, _ in kustomization.mappings("replacements"):
            for replacement in _replacements(entry, kustomization, work):
                _doubt_targets(replacement, resources, work)
    if content.get("transformers"):
        work.not_applied(kustomization.at("transformers"), "transformers are not run")
        for resource in resources:
            resource.doubt(())
    if content.get("validators"):
        work.not_applied(kustomization.at("validators"), "validators are not run")


def doubt_variables(resources: Sequence[Resource], work: Work) -> None:
    """Every text in which a variable may stand is unknown."""
    for resource in resources:
        work.spend(resource.size)
        resource.doubt(*(path for path, found in strings(resource.value) if "$(" in found))


def _replacements(
    entry: dict[str, Json], kustomization: Kustomization, work: Work
) -> Iterator[Json]:
    """The replacements in one entry: itself, or those in the file that it names."""
    if "path" not in entry:
        yield entry
        return
    found = resolved(kustomization.folder, text(entry, "path"))
    file = work.files.get(found) if found is not None else None
    try:
        documents = file.documents() if file else ()
    except BadInput:
        documents = ()
    if not documents:
        yield None
    for document in documents:
        yield from document.value if isinstance(document.value, list) else [document.value]


def _doubt_targets(replacement: Json, resources: Sequence[Resource], work: Work) -> None:
    targets = listed(replacement, "targets") if isinstance(replacement, dict) else []
    for entry in targets or [None]:
        target = entry if isinstance(entry, dict) and entry.keys() <= _PLACES else {}
        paths = [_certain(path) for path in listed(target, "fieldPaths")] or [()]
        for resource in resources:
            work.spend(10)
            if selected(mapping(target, "select"), resource, resource.ids) is not False:
                resource.doubt(*paths)


def _certain(field_path: Json) -> Path:
    """The steps of a path (`spec.containers.[name=x].image`) that lead through mappings."""
    steps: list[str] = []
    words = str(field_path).replace("\\.", "\0").split(".")
    for word in words:
        if not word or word[0] == "[" or word in {"*", "-"} or word.isdecimal():
            break
        steps.append(word.replace("\0", "."))
    return tuple(steps)
