"""A bundle as files that `opa` reads, and OPA's errors back in the words of the bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mrbot.ids import Json
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import EvaluationFault
from mrbot.policy.module_names import ModuleNames
from mrbot.policy.opa.error import opa_error
from mrbot.policy.source import Dialect, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A written bundle."""

    path: Path
    names: ModuleNames


def write(where: Path, sources: tuple[Source, ...], data: Json, extra: Mapping[str, str]) -> Folder:
    """`sources`, `data` and mrbot's own modules (name to text) are an OPA bundle in `where`.

    https://www.openpolicyagent.org/docs/management-bundles#bundle-file-format
    """
    versions: dict[str, Json] = {}
    for number, source in enumerate(sources):
        name = ModuleNames.name(number)
        # OPA takes for a test what is named `test_` in any file, so names need no suffix.
        (where / name).write_text(source.module.text, encoding="utf-8", newline="")
        if source.dialect is Dialect.V0:
            versions[f"/{name}"] = int(Dialect.V0)
    for name, text in extra.items():
        (where / name).write_text(text, encoding="utf-8")
    manifest = {"rego_version": int(Dialect.V1), "file_rego_versions": versions}
    (where / ".manifest").write_text(json.dumps(manifest))
    (where / "data.json").write_text(json.dumps(data))
    return Folder(
        path=where, names=ModuleNames(paths=tuple(source.module.path for source in sources))
    )


def refusal(folder: Folder, answer: Json, otherwise: str) -> Failure:
    """What OPA's error document says of the folder; `otherwise` when it is not one."""
    told = opa_error(answer)
    if told is None:
        return failure(EvaluationFault.ENGINE, otherwise)
    path = folder.names.path_of(told.path or "")
    return failure(told.fault, folder.names.named(told.detail), path=path, line=told.line)
