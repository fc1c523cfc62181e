"""A folder of Rego and data, as one bundle that is evaluated apart from every other.

* `*.rego` are its modules, except `*_test.rego`, which are for `mrbot policy test`.
* `data.json`, `data.yaml` and `data.yml`, wherever they lie, and every file in `data_files`
  are objects that are merged at the root of `data`; each of `placed` (conftest's `--data`) where
  it says.
* Everything else in the folder is not policy, and is left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from mrbot.change.files import shown
from mrbot.errors import BadPolicy, Problem
from mrbot.ids import Digest, Json
from mrbot.policy.data import DataFile, merged
from mrbot.policy.finding import Bundle, Module

MAX_MODULES = 500
"""Most Rego files in one bundle."""
MAX_MODULE_BYTES = 256 * 1024
"""Largest Rego file, in bytes."""
MAX_REGO_BYTES = 2 * 2**20
"""Most Rego in one bundle, in bytes."""

_DATA_NAMES = frozenset({"data.json", "data.yaml", "data.yml"})
_DIGEST_VERSION = 1


def bundle(
    name: str,
    files: Mapping[str, bytes],
    namespaces: tuple[str, ...],
    data_files: Mapping[str, bytes] | None = None,
    *,
    placed: Iterable[DataFile] = (),
    tests: bool = False,
) -> Bundle:
    """The bundle of these files; paths are as people know them. `tests` keeps `*_test.rego` too.

    Whether the Rego is right and the namespaces exist is for the evaluation to say.

    Raises: BadPolicy with every problem: a limit, an encoding, a data file that cannot be used.
    """
    modules, problems = _modules(files, tests=tests)
    chosen = {p: text for p, text in files.items() if PurePosixPath(p).name in _DATA_NAMES}
    at_root = (chosen | dict(data_files or {})).items()
    data, more = merged(
        (*(DataFile(path=path, content=content) for path, content in at_root), *placed)
    )
    if problems or more:
        raise BadPolicy(*problems, *more)
    return Bundle(
        name=name,
        modules=modules,
        namespaces=namespaces,
        data=data,
        digest=_digest(modules, namespaces, data),
    )


def is_rego(path: str, *, tests: bool = False) -> bool:
    """Whether a file of this name is a module of a bundle."""
    return path.endswith(".rego") and (tests or not path.endswith("_test.rego"))


def is_data(path: str) -> bool:
    """Whether a file of this name belongs to a bundle's data by itself."""
    return PurePosixPath(path).name in _DATA_NAMES


def _modules(
    files: Mapping[str, bytes], *, tests: bool
) -> tuple[tuple[Module, ...], list[Problem]]:
    chosen = sorted((path, text) for path, text in files.items() if is_rego(path, tests=tests))
    problems: list[Problem] = []
    if len(chosen) > MAX_MODULES:
        problems.append(Problem("", 0, f"{len(chosen)} Rego files are more than {MAX_MODULES}"))
    if (total := sum(len(text) for _, text in chosen)) > MAX_REGO_BYTES:
        problems.append(Problem("", 0, f"{total} bytes of Rego are more than {MAX_REGO_BYTES}"))
    if problems:
        return (), problems
    modules = []
    for path, raw in chosen:
        if len(raw) > MAX_MODULE_BYTES:
            message = f"{len(raw)} bytes are more than a Rego file may have ({MAX_MODULE_BYTES})"
            problems.append(Problem(shown(path), 0, message))
            continue
        try:
            modules.append(Module(path=shown(path), text=raw.decode()))
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            problems.append(Problem(shown(path), line, "this is not UTF-8"))
    return tuple(modules), problems


def _digest(modules: tuple[Module, ...], namespaces: tuple[str, ...], data: Json) -> Digest:
    """Floats are written as Python's shortest repr, keys sorted, all else as ASCII: one text."""
    content = {
        "version": _DIGEST_VERSION,
        "modules": [[module.path, module.text] for module in modules],
        "namespaces": list(namespaces),
        "data": data,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return Digest("sha256:" + hashlib.sha256(text.encode()).hexdigest())
