"""Data files as the one `data` document that policies see, merged as OPA merges them.

Objects of several files are one object; anything else that two files give is a conflict.

Source: https://www.openpolicyagent.org/docs/cli, `opa eval --data`
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mrbot.change.files import shown
from mrbot.errors import BadInput, BadPolicy, Problem
from mrbot.ids import Json
from mrbot.policy.wire import unfit
from mrbot.resources.syntax.json_text import load_json
from mrbot.resources.syntax.yaml_text import Scalars, load_one

MAX_DATA_BYTES = 4 * 2**20
"""Most data in one bundle, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One file. Its content lies in `data` below the path `under`."""

    path: str
    content: bytes
    under: tuple[str, ...] = ()


def merged(files: Iterable[DataFile]) -> tuple[dict[str, Json], tuple[Problem, ...]]:
    """The data of all files, and every problem: a file that cannot be used, a conflict, a limit."""
    ordered = sorted(files, key=lambda one: (one.path, one.under))
    if (total := sum(len(one.content) for one in ordered)) > MAX_DATA_BYTES:
        return {}, (Problem("", 0, f"{total} bytes of data are more than {MAX_DATA_BYTES}"),)
    tree = _Tree()
    for one in ordered:
        try:
            tree.add(_object(one), shown(one.path), one.under)
        except BadInput as error:
            tree.problems.extend(error.problems)
    return tree.value, tuple(tree.problems)


class _Tree:
    """What is merged so far. `_owners` are the files that the paths in it are from."""

    def __init__(self) -> None:
        self.value: dict[str, Json] = {}
        self.problems: list[Problem] = []
        self._owners: dict[tuple[str, ...], str] = {}

    def add(self, content: dict[str, Json], path: str, under: tuple[str, ...]) -> None:
        for part in reversed(under):
            content = {part: content}
        self._put(content, self.value, path, ())

    def _put(
        self, content: dict[str, Json], into: dict[str, Json], path: str, at: tuple[str, ...]
    ) -> None:
        for key, value in content.items():
            here = (*at, key)
            if key not in into:
                # An object is made anew, so that no file's own is ever added to.
                into[key] = {} if isinstance(value, dict) else value
                self._owners[here] = path
            there = into[key]
            if isinstance(value, dict) and isinstance(there, dict):
                self._put(value, there, path, here)
            elif self._owners[here] != path:
                name = ".".join(("data", *here))
                message = f"{name} is in {self._owners[here]} as well: say it in one place"
                self.problems.append(Problem(path, 0, message))


def _object(one: DataFile) -> dict[str, Json]:
    """Raises: BadInput."""
    content: Json
    if one.path.endswith(".json"):
        content = load_json(one.content, one.path)
    else:  # OPA reads YAML 1.1: `yes` is true
        content = load_one(one.content, one.path, scalars=Scalars.LEGACY_KEYS).value
    if not isinstance(content, dict):
        what = "a data file holds an object (names and values)"
        raise BadPolicy(Problem(shown(one.path), 1, what))
    if (problem := unfit(content)) is not None:
        raise BadPolicy(Problem(shown(one.path), 0, problem))
    return content
