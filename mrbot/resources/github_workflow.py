"""GitHub Actions workflows: each workflow and each of its jobs.

Kinds: `workflow` (address `file.yml`; everything but the jobs: `on`, `permissions`, `env`, ...) and
`job` (address `file.yml/jobid`).

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.resources.declared import Declared, Side, TextFile
from mrbot.resources.model import Source
from mrbot.resources.secret_names import secret_paths
from mrbot.resources.syntax.yaml_text import YamlDocument, load_one

FORMAT = "github-workflow"

_WITH_VALUES = ("env", "with", "secrets")


def reads(path: str) -> bool:
    """Whether GitHub would run the file by this path."""
    *folder, name = PurePosixPath(path).parts
    return folder == [".github", "workflows"] and name.endswith((".yml", ".yaml"))


def declare(files: Sequence[TextFile]) -> Side:
    """The workflows and jobs in `files`."""
    side = Side()
    for file in files:
        try:
            document = load_one(file.text, file.path)
        except BadInput as error:
            side.fault(file.path, error.problems[0].line, error.problems[0].message)
            continue
        if document.tags:
            tag, line = document.tags[0]
            side.fault(file.path, line, f"the tag {tag[:100]}, which GitHub does not know")
        elif not isinstance(document.value, dict):
            side.fault(file.path, document.line, "not a mapping")
        else:
            for resource in _file(file.path, document.value, document, side):
                side.add(resource)
    return side


def _file(
    path: str, content: dict[str, Json], document: YamlDocument, side: Side
) -> Iterator[Declared]:
    name = shown(PurePosixPath(path).name)
    rest = {key: value for key, value in content.items() if key != "jobs"}
    yield _declared(path, "workflow", name, rest, document.line)
    jobs = content.get("jobs")
    if not isinstance(jobs, dict):
        side.fault(path, document.line_of(("jobs",)), "no mapping of jobs")
        return
    for job, value in jobs.items():
        line = document.line_of(("jobs", job))
        if isinstance(value, dict):
            yield _declared(path, "job", f"{name}/{job}", value, line)
        else:
            side.fault(path, line, f'the job "{job[:100]}" is not a mapping')


def _declared(path: str, kind: str, address: str, value: dict[str, Json], line: int) -> Declared:
    return Declared(
        key=(path, kind, address),
        address=address,
        kind=kind,
        value=value,
        source=Source(path=path, line=line),
        sensitive=tuple(secret_paths(value, within=_WITH_VALUES)),
    )
