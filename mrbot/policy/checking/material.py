"""What `mrbot policy check` is given on the command line, read: policies, data and inputs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrbot.change.files import shown
from mrbot.errors import BadInput, BadPolicy, Problem
from mrbot.ids import Json
from mrbot.policy.bundle import is_data, is_rego
from mrbot.policy.checking.walk import Walk, read
from mrbot.policy.data import MAX_DATA_BYTES, DataFile
from mrbot.policy.expression import expression
from mrbot.policy.parsers import STDIN, parse, parser_for

MAX_INPUT_BYTES = 32 * 2**20
"""Largest input, in bytes; most formats are read up to less than that."""

_DATA = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file and what a parser made of it. `path` is as it was given, and printable."""

    path: str
    content: Json


def policies(paths: Sequence[str]) -> dict[str, bytes]:
    """The Rego files, and the data files beside them, by path: of folders, all that lie below them.

    Raises: BadInput for what cannot be read, BadPolicy when there is no Rego file.
    """
    walk = Walk(lambda path: is_rego(path, tests=True) or is_data(path))
    found: dict[str, bytes] = {}
    known: set[str] = set()
    for given in paths:
        if not Path(given).is_dir() and not is_rego(given) and Path(given).exists():
            raise BadPolicy(Problem(shown(given), 0, "a policy is a folder or a .rego file"))
        files = walk.files(given) if Path(given).is_dir() else [(given, ())]
        for path, _ in files:
            real = os.path.realpath(path)
            if real not in known:  # mounted ConfigMaps hold every file thrice, through links
                known.add(real)
                found[path] = read(path, MAX_DATA_BYTES)
    if not any(map(is_rego, found)):
        where = ", ".join(map(shown, paths))
        raise BadPolicy(f"there is no policy in {where}: a policy is a file that ends in .rego")
    return found


def data(paths: Sequence[str]) -> tuple[DataFile, ...]:
    """The data files. A folder's lie in `data` below the names of the folders between; `a.b:path`
    puts all of `path` below `data.a.b`.

    Raises: BadInput for what cannot be read.
    """
    found: dict[tuple[str, tuple[str, ...]], DataFile] = {}
    for given in paths:
        prefix, path = _prefixed(given)
        walk = Walk(lambda one: one.endswith(_DATA))
        files = walk.files(path) if Path(path).is_dir() else [(path, ())]
        for one, between in files:
            if not one.endswith(_DATA):
                raise BadInput(Problem(shown(one), 0, "data is a folder, a .json or a .yaml file"))
            under = (*prefix, *between)
            key = (os.path.realpath(one), under)
            content = read(one, MAX_DATA_BYTES)
            found.setdefault(key, DataFile(path=one, content=content, under=under))
    return tuple(found.values())


def _prefixed(given: str) -> tuple[tuple[str, ...], str]:
    prefix, colon, path = given.partition(":")
    if not (colon and prefix) or Path(given).exists():
        return (), given
    return tuple(prefix.split(".")), path


def inputs(
    paths: Iterable[str], *, parser: str | None, ignore: str | None, stdin_name: str | None
) -> tuple[Input, ...]:
    """Every input, parsed, in order: of a folder, the files below it that have a parser by their
    names, without those whose path `ignore` (an RE2 expression) is found in.

    Raises: BadInput with every file that cannot be read or parsed, or when there is none at all.
    """
    ignored = expression("--ignore", ignore or r"\z.")
    walk = Walk(lambda one: not ignored.search(one) and parser_for(one) is not None)
    names: dict[str, None] = {}
    for given in paths:
        if given and given != STDIN and Path(given).is_dir():
            names.update((path, None) for path, _ in walk.files(given))
        elif given:
            names[given] = None
    if not names:
        raise BadInput("there is no file to judge: name files, or folders with such files")
    found: list[Input] = []
    problems: list[Problem] = []
    for name in names:
        try:
            found.append(_input(name, parser, stdin_name))
        except BadInput as error:
            problems.extend(error.problems)
    if problems:
        raise BadInput(*problems)
    return tuple(found)


def _input(name: str, parser: str | None, stdin_name: str | None) -> Input:
    """Raises: BadInput."""
    path = (stdin_name or STDIN) if name == STDIN else name
    chosen = parser or parser_for(path if stdin_name is None else name)
    if chosen is None:
        what = "its name does not say what it is: say --parser (yaml, json, hcl2, ...)"
        raise BadInput(Problem(shown(path), 0, what))
    given = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1) if name == STDIN else None
    content = read(name, MAX_INPUT_BYTES) if given is None else given
    return Input(path=shown(path), content=parse(chosen, content, path))
