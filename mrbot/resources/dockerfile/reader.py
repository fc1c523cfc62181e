"""Dockerfiles: the stages that images are built in.

Kinds: `stage` (address `path/name`, or `path/0` by position where it has no name) and `settings`
(`path`: the parser directives, and the ARGs before the first stage). A stage tells what it is built
from, what its last USER, CMD and ENTRYPOINT say, and all of its ENV, ARG, LABEL and EXPOSE;
`instructions` has every instruction in order, and `secrets` what was taken out of their texts, by
name. `from.stage` is whether the image is an earlier
stage; what a stage has from the stage or image it is built from is not told. `final` is whether it
is what is built where nobody asks for another.

Source: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.dockerfile.stage import Part
from mrbot.resources.dockerfile.text import Dockerfile, parse
from mrbot.resources.dockerfile.words import MalformedError
from mrbot.resources.model import Source

FORMAT = "dockerfile"

_NAMES = ("dockerfile", "containerfile")
_NO_DOCKERFILE = (".dockerignore", ".md")
"""How the names of files end that only belong to a Dockerfile."""


def reads(path: str) -> bool:
    """Whether a file by this path is a Dockerfile, by Docker's or common naming."""
    name = PurePosixPath(path).name.lower()
    return not name.endswith(_NO_DOCKERFILE) and any(
        name == own or name.startswith(f"{own}.") or name.endswith(f".{own}") for own in _NAMES
    )


def declare(files: Sequence[TextFile]) -> Side:
    """The settings and stages of each of `files`."""
    side = Side()
    for file in files:
        try:
            content = parse(file.text, file.path)
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
            continue
        for resource in _resources(file.path, content, side):
            first = side.add(resource)
            if first is not None:
                where = f"{resource.address[:200]} is here again (first: line {first.source.line})"
                side.fault(file.path, resource.source.line, where)
    return side


def _resources(path: str, content: Dockerfile, side: Side) -> Iterator[Declared]:
    settings = _settings(content)
    stages: list[Part] = []
    for instruction in content.instructions:
        if instruction.name == "FROM":
            stages.append(_stage(len(stages), instruction.line, settings))
        try:
            (stages[-1] if stages else settings).take(instruction)
        except MalformedError as error:
            side.fault(path, instruction.line, str(error))
            continue
        if not stages and instruction.name != "ARG":
            side.fault(path, instruction.line, f"{instruction.name} before the first FROM")
    if not stages:
        side.fault(path, 0, "no stage: nothing is built FROM anything")
    if content.directives or any(one.name != "FROM" for one in content.instructions[:1]):
        yield _declared(path, "settings", shown(path), settings)
    for stage in stages:
        stage.value["final"] = stage is stages[-1]
        yield _declared(path, "stage", f"{shown(path)}/{stage.name}", stage)


def _settings(content: Dockerfile) -> Part:
    """What is before the first stage, as yet the directives only."""
    lines = [line for _, line in content.directives.values()]
    lines += [instruction.line for instruction in content.instructions[:1]]
    part = Part(name="", line=min(lines, default=1), escape=content.escape, names=set())
    part.value = {name: text for name, (text, _) in content.directives.items()}
    return part


def _stage(index: int, line: int, settings: Part) -> Part:
    part = Part(name=str(index), line=line, escape=settings.escape, names=settings.names)
    part.value = {"index": index}
    return part


def _declared(path: str, kind: str, address: str, part: Part) -> Declared:
    part.finish()
    return Declared(
        key=(path, kind, address),
        address=address,
        kind=kind,
        value=part.value,
        source=Source(path=path, line=part.line),
        unknown=tuple(part.unknown),
        sensitive=tuple(part.hidden),
    )
