"""What a kustomization refers to: paths in the repository, and what lies elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from mrbot.ids import Json
from mrbot.resources.kustomize.file import Kustomization, listed, mapping, text

_SCHEMES = ("git@", "git::", "gh:", "hg::", "s3::", "gcs::", "http::", "file::")
_HOSTS = ("github.com", "gitlab.com", "bitbucket.org", "dev.azure.com", "ssh.dev.azure.com")
_QUERIES = ("?ref=", "&ref=", "?version=", "?timeout=", "?submodules=")


def resolved(folder: str, reference: str) -> str | None:
    """The repository's path that `reference` names from within `folder`; `.` is the root. None
    where it is absolute or leads out of the repository."""
    if reference.startswith("/"):
        return None
    parts = [] if folder in {"", "."} else folder.split("/")
    for part in reference.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts) or "."


def is_remote(reference: str) -> bool:
    """Whether `reference`, where no local file goes by it, names something on another machine."""
    host = reference.partition("/")[0].partition(":")[0]
    return (
        "://" in reference
        or reference.startswith(_SCHEMES)
        or host in _HOSTS
        or any(query in reference for query in _QUERIES)
    )


def is_inline(reference: str) -> bool:
    """Whether what may be a path or YAML itself is YAML."""
    return "\n" in reference or ": " in reference or reference.lstrip()[:1] in {"{", "["}


def file_source(source: str) -> tuple[str, str]:
    """The key and the path of a generator's `files` entry: `path`, or `key=path`."""
    key, equals, path = source.partition("=")
    return (key, path) if equals else (source.rstrip("/").rpartition("/")[2], source)


def referred(kustomization: Kustomization) -> Iterator[str]:
    """Every path that the kustomization names, as it is written; remote ones among them."""
    content = kustomization.content
    for name in ("resources", "bases", "components", "crds", "configurations"):
        yield from (reference for reference, _ in kustomization.texts(name))
    for name in ("patchesStrategicMerge", "generators", "transformers", "validators"):
        yield from (found for found, _ in kustomization.texts(name) if not is_inline(found))
    for patch, _ in kustomization.mappings("patches", "patchesJson6902", "replacements"):
        yield text(patch, "path")
    for generator, _ in kustomization.mappings("configMapGenerator", "secretGenerator"):
        yield from (file_source(found)[1] for found in _texts(listed(generator, "files")))
        yield from _texts(listed(generator, "envs"))
        yield text(generator, "env")
    for chart, _ in kustomization.mappings("helmCharts"):
        yield text(chart, "valuesFile")
        yield from _texts(listed(chart, "additionalValuesFiles"))
    for chart, _ in kustomization.mappings("helmChartInflationGenerator"):
        yield text(chart, "values")
    yield text(mapping(content, "openapi"), "path")


def _texts(values: list[Json]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))
