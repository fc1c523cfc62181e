"""GitLab CI configuration: its jobs, includes, and the settings that hold for all of them.

Kinds: `job` (hidden ones too), `include`, `settings`. In the repository's own `.gitlab-ci.yml` the
address is the job's name; in other files it follows the file's path and a slash.

Source: https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.paths import Path
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.syntax.yaml_text import YamlDocument

FORMAT = "gitlab-ci"

_ROOT = ".gitlab-ci.yml"
_SUFFIXES = (".gitlab-ci.yml", ".gitlab-ci.yaml")
_SETTINGS = frozenset(
    {"default", "stages", "types", "variables", "workflow", "image", "services", "cache"}
    | {"before_script", "after_script", "spec"}
)
_TOLERATED_TAG = "!reference"
_INPUT = "$[["  # https://docs.gitlab.com/ci/inputs/: replaced before the YAML is parsed


def reads(path: str) -> bool:
    """Whether a file by this path is GitLab CI configuration, by GitLab's or common naming."""
    inside = PurePosixPath(path).parts[:2] == (".gitlab", "ci")
    return path.endswith(_SUFFIXES) or (inside and path.endswith((".yml", ".yaml")))


def declare(files: Sequence[TextFile]) -> Side:
    """What each of `files` declares, by itself: includes are listed, not followed."""
    side = Side()
    for file in files:
        try:
            documents = file.documents()
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
            continue
        for resource in _file(file.path, documents, side):
            side.add(resource)
    return side


def _file(path: str, documents: tuple[YamlDocument, ...], side: Side) -> Iterator[Declared]:
    tags = [(tag, line) for d in documents for tag, line in d.tags if tag != _TOLERATED_TAG]
    if tags:
        side.fault(path, tags[0][1], f"the tag {tags[0][0][:100]}, which GitLab does not know")
        return
    header: YamlDocument | None = None
    bodies = [document for document in documents if document.value is not None]
    if len(bodies) == 2 and isinstance(bodies[0].value, dict) and [*bodies[0].value] == ["spec"]:
        header = bodies.pop(0)
    if len(bodies) > 1:
        side.fault(path, bodies[1].line, "a second document, which GitLab ignores")
        return
    document = bodies[0] if bodies else None
    content = document.value if document else {}
    if not isinstance(content, dict):
        side.fault(path, 1, "not a mapping of jobs")
        return
    settings = {name: value for name, value in content.items() if name in _SETTINGS}
    if header is not None and isinstance(header.value, dict):
        yield _declared(path, "settings", "settings", {**header.value, **settings}, header.line)
    elif settings:
        line = _line(document, next(iter(settings)))
        yield _declared(path, "settings", "settings", settings, line)
    yield from _includes_and_jobs(path, content, document, side)


def _includes_and_jobs(
    path: str, content: dict[str, Json], document: YamlDocument | None, side: Side
) -> Iterator[Declared]:
    for index, include in enumerate(_listed(content.get("include"))):
        where, source = _include(include)
        address = f"include[{index}] {source}"
        yield _declared(path, "include", address, where, _line(document, "include", index))
    for name, value in content.items():
        if name in _SETTINGS or name == "include":
            continue
        if isinstance(value, dict):
            yield _declared(path, "job", name, value, _line(document, name))
        elif name.startswith("."):
            yield _declared(path, "job", name, {"value": value}, _line(document, name))
        else:
            side.fault(path, _line(document, name), f'the job "{name[:100]}" is not a mapping')


def _declared(path: str, kind: str, name: str, value: dict[str, Json], line: int) -> Declared:
    return Declared(
        key=(path, kind, name),
        address=name if path == _ROOT else f"{shown(path)}/{name}",
        kind=kind,
        value=value,
        source=Source(path=path, line=line),
        unknown=tuple(_inputs(value, ())),
        sensitive=tuple(secret_paths(value, within=("variables",))),
    )


def _line(document: YamlDocument | None, *path: str | int) -> int:
    return document.line_of(path) if document else 1


def _listed(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _include(include: Json) -> tuple[dict[str, Json], str]:
    """An include in its long form, and what it names."""
    if isinstance(include, str):
        remote = include.startswith(("http://", "https://"))
        include = {"remote" if remote else "local": include}
    if not isinstance(include, dict):
        include = {"value": include}
    words = (f"{key}:{value}" for key, value in include.items() if isinstance(value, str))
    return include, " ".join(words)[:500]


def _inputs(value: Json, path: Path) -> Iterator[Path]:
    """The paths of strings that hold an input, known only where the file is included."""
    match value:
        case str() if _INPUT in value:
            yield path
        case list():
            for index, item in enumerate(value):
                yield from _inputs(item, (*path, index))
        case dict():
            for key, inner in value.items():
                yield from _inputs(inner, (*path, key))
        case _:
            return
