"""The tests that policies bring along: `test_` rules in `*_test.rego`, for `mrbot policy test`.

OPA runs them with `opa test`; without OPA the embedded engine evaluates each rule by itself. A test
passes when its rule is true, as in OPA. `todo_test_` rules are skipped, and counted as that.
"""

from __future__ import annotations

import os
from pathlib import Path

from mrbot.errors import BadPolicy
from mrbot.policy.bundle import bundle, is_data, is_rego
from mrbot.policy.data import MAX_DATA_BYTES
from mrbot.policy.expression import expression
from mrbot.policy.failure import Failure
from mrbot.policy.opa.binary import Binary
from mrbot.policy.question import sources_of
from mrbot.policy.testing.result import Run, Tested, full_name
from mrbot.policy.testing.with_opa import run_with_opa
from mrbot.policy.testing.with_regorus import run_with_regorus

MAX_FILES = 10_000
"""Most files of a folder that are looked at."""


def run_tests(
    directory: Path,
    engine: Binary | None,
    *,
    seconds: float,
    pattern: str = "",
    coverage: bool = False,
) -> Run | Failure:
    """Every test of the folder was run, by OPA's `engine` or, without one, by the embedded engine.

    Each test is given `seconds`. `pattern` is an RE2 expression that is searched for in
    `data.package.test_name`; the tests that it finds are run. `coverage` is measured when asked for
    and all tests pass. A failure when the folder's policies do not load at all.

    Raises: BadPolicy for files that cannot be used, BadInput for a pattern that is none,
    BadSettings when there is no embedded engine.
    """
    tested = _tests(directory, seconds, pattern, coverage)
    if isinstance(tested, Failure):
        return tested
    return run_with_regorus(tested) if engine is None else run_with_opa(engine, tested)


def read_folder(directory: Path) -> dict[str, bytes]:
    """The policies, tests and data of a folder by path relative to it; links are not followed.

    Raises: BadPolicy when it is no folder, cannot be read or holds more than `MAX_FILES`.
    """
    if not directory.is_dir():
        raise BadPolicy(f"{directory} is not a folder")
    found: dict[str, bytes] = {}
    seen = 0
    for folder, _, names in os.walk(directory):
        for name in sorted(names):
            seen += 1
            if seen > MAX_FILES:
                raise BadPolicy(
                    f"{directory} holds more than {MAX_FILES} files: name a folder in it"
                )
            path = Path(folder, name)
            relative = path.relative_to(directory).as_posix()
            if (is_rego(relative, tests=True) or is_data(relative)) and path.is_file():
                found[relative] = _read(path)
    return found


def _tests(directory: Path, seconds: float, pattern: str, coverage: bool) -> Tested | Failure:
    tested = bundle(str(directory), read_folder(directory), (), tests=True)
    sources = sources_of(tested)
    if isinstance(sources, Failure):
        return sources
    wanted = expression("--run", pattern)
    return Tested(
        bundle=tested,
        sources=sources,
        tests=tuple(
            (source, name, line)
            for source in sources
            for name, line in source.tests
            if wanted.search(full_name(source, name))
        ),
        pattern=pattern,
        seconds=seconds,
        coverage=coverage,
    )


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_DATA_BYTES + 1)
    except OSError as error:
        raise BadPolicy(f"{path} cannot be read: {error.strerror}") from error
