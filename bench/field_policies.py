"""Policies that others wrote, unchanged, in both engines: what loads and evaluates, and what does not.

    python -m bench.field_policies [--files] NAME=DIRECTORY [[--files] NAME=DIRECTORY ...]

A unit is a folder that has policies right in it, or, behind `--files`, each single file that is not
a test (where a folder collects policies that are used one by one). A unit is evaluated over an
empty object: by conftest's names where it has any, else every package as a whole. Then its own
tests are run.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.bundle import bundle
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure
from mrbot.policy.finding import Bundle, Document, EvaluationFailed, EvaluationFault, PolicyEngine
from mrbot.policy.opa.binary import Binary, examine, find_opa, loads, tool
from mrbot.policy.opa.engine import check, opa_engine
from mrbot.policy.opa.folder import refusal, write
from mrbot.policy.question import question, sources_of
from mrbot.policy.regorus.engine import RegorusEngine, RegorusJudge, settle_confinement
from mrbot.policy.source import Source, dotted
from mrbot.policy.testing.result import Outcome
from mrbot.policy.testing.run import run_tests

SECONDS = 20.0
"""For one evaluation, and for one test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Policies that belong together: their files, and those of their tests, by name."""

    repository: str
    name: str
    policies: dict[str, bytes]
    tests: dict[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a unit went with one engine: None for `problem` when it loads and evaluates."""

    unit: Unit
    engine: str
    problem: str | None
    passed: int
    tests: int
    failed_tests: tuple[str, ...]


def units(repository: str, directory: Path, *, files: bool) -> Iterator[Unit]:
    """The units of a checkout, by path."""
    for folder in sorted({path.parent for path in directory.rglob("*.rego")}):
        found = {path.name: path.read_bytes() for path in folder.iterdir() if _belongs(path)}
        tests = {name: text for name, text in found.items() if _is_test(name)}
        policies = {name: text for name, text in found.items() if name not in tests}
        where = folder.relative_to(directory).as_posix()
        if files:
            for name, text in sorted(policies.items()):
                own = f"{name.removesuffix('.rego')}_test.rego"
                mine = {own: tests[own]} if own in tests else {}
                yield Unit(
                    repository=repository, name=f"{where}/{name}", policies={name: text}, tests=mine
                )
        elif any(name.endswith(".rego") for name in policies):
            yield Unit(repository=repository, name=where, policies=policies, tests=tests)


def _belongs(path: Path) -> bool:
    return path.is_file() and path.suffix in {".rego", ".json"}


def _is_test(name: str) -> bool:
    return name.endswith("_test.rego") or (name.startswith("test_") and name.endswith(".rego"))


class Field:
    """Both engines, or the embedded one alone."""

    def __init__(self, stack: ExitStack) -> None:
        path = find_opa(None)
        self.binary = None if path is None else examine(path)
        self._confinement = settle_confinement()
        self.engines: dict[str, PolicyEngine] = {"regorus": RegorusEngine(seconds=SECONDS)}
        if self.binary is not None:
            self.engines["opa"] = opa_engine(self.binary, seconds=SECONDS)
        for engine in self.engines.values():
            stack.callback(engine.close)

    def run(self, unit: Unit, name: str) -> Ran:
        """The unit with one engine."""
        try:
            problem = self._problem(unit, name)
            passed, total, failed = self._tested(unit, name)
        except BadInput as error:
            problem, passed, total, failed = str(error), 0, 0, ()
        return Ran(
            unit=unit, engine=name, problem=problem, passed=passed, tests=total, failed_tests=failed
        )

    def _problem(self, unit: Unit, name: str) -> str | None:
        made = bundle(unit.name, unit.policies, ("*",))
        asked = question(made)
        if isinstance(asked, Failure) and asked.fault is not EvaluationFault.NAMESPACE:
            return _told(asked)
        if not isinstance(asked, Failure):
            outcome = self.engines[name].evaluate(made, (Document(name="empty", content={}),))
            if not isinstance(outcome, EvaluationFailed):
                return None
            if outcome.fault is not EvaluationFault.SHAPE:  # else `deny` means something else here
                return _told(outcome)
        sources = sources_of(made)
        if isinstance(sources, Failure):
            return _told(sources)
        deadline = Deadline(SECONDS)
        failed = (
            self._with_regorus(made, sources, deadline)
            if name == "regorus" or self.binary is None
            else _with_opa(self.binary, made, sources, deadline)
        )
        return None if failed is None else _told(failed)

    def _with_regorus(
        self, made: Bundle, sources: tuple[Source, ...], deadline: Deadline
    ) -> Failure | None:
        judge = RegorusJudge(self._confinement, sources)
        try:
            packages = frozenset(source.package for source in sources)
            if (refused := judge.load(made.data, packages, deadline)) is not None:
                return refused
            for package in sorted(packages):
                value = judge.value(f"[v | v := {dotted(('data', *package))}]", b"{}", deadline)
                if isinstance(value, Failure):
                    return value
        finally:
            judge.close()
        return None

    def _tested(self, unit: Unit, name: str) -> tuple[int, int, tuple[str, ...]]:
        with tempfile.TemporaryDirectory(prefix="mrbot-field-") as made:
            data: dict[str, Json] = {}
            for file, text in {**unit.policies, **unit.tests}.items():
                if file.endswith(".json"):  # `opa test FOLDER` takes every one of them as data
                    content = loads(text.decode(errors="replace"))
                    data |= content if isinstance(content, dict) else {}
                else:
                    Path(made, file).write_bytes(text)
            Path(made, "data.json").write_text(json.dumps(data))
            ran = run_tests(Path(made), self.binary if name == "opa" else None, seconds=SECONDS)
        if isinstance(ran, Failure):
            return 0, 0, (f"the tests do not load: {_told(ran)}",) if unit.tests else ()
        passed = ran.count(Outcome.PASS)
        failed = tuple(
            f"{one.name}: {one.detail}"
            for one in ran.results
            if one.outcome in {Outcome.FAIL, Outcome.ERROR}
        )
        return passed, passed + len(failed), failed


def _with_opa(
    binary: Binary, made: Bundle, sources: tuple[Source, ...], deadline: Deadline
) -> Failure | None:
    with tempfile.TemporaryDirectory(prefix="mrbot-field-") as root:
        where = Path(root, "bundle")
        where.mkdir()
        folder = write(where, sources, made.data, {})
        if (refused := check(binary, folder, deadline)) is not None:
            return refused
        given = Path(root, "input.json")
        given.write_text("{}")
        options = ("--format=json", "--strict-builtin-errors", f"--input={given}")
        for package in sorted({source.package for source in sources}):
            query = dotted(("data", *package))
            told = tool(binary, ("eval", *options, f"--bundle={where}", query), deadline)
            if isinstance(told, Failure):
                return told
            answer = loads(told.stdout.data.decode(errors="replace"))
            if told.code != 0:
                return refusal(folder, answer, "opa eval failed")
    return None


def _told(failed: Failure | EvaluationFailed) -> str:
    where = f"{failed.path}:{failed.line or 1}: " if failed.path else ""
    return f"{where}{failed.detail.splitlines()[0]}"


def main(arguments: Sequence[str]) -> int:
    """Prints a table and every failure."""
    found: list[Ran] = []
    files = False
    with ExitStack() as stack:
        field = Field(stack)
        for argument in arguments:
            if argument == "--files":
                files = True
                continue
            name, _, directory = argument.partition("=")
            for unit in units(name, Path(directory), files=files):
                found += [field.run(unit, engine) for engine in field.engines]
            files = False
    print(report(found))
    return 0


def report(found: Sequence[Ran]) -> str:
    """The table and the lists of `docs/field-policies.md`."""
    engines = sorted({one.engine for one in found})
    lines = ["| From | Units |" + "".join(f" {e}: evaluates | {e}: own tests |" for e in engines)]
    lines.append("|---|--:|" + "--:|--:|" * len(engines))
    repositories = [*dict.fromkeys(one.unit.repository for one in found), "all"]
    for repository in repositories:
        mine = [one for one in found if repository in {one.unit.repository, "all"}]
        cells = [repository, str(len({(o.unit.repository, o.unit.name) for o in mine}))]
        for engine in engines:
            ran = [one for one in mine if one.engine == engine]
            cells.append(str(sum(one.problem is None for one in ran)))
            cells.append(f"{sum(one.passed for one in ran)} of {sum(one.tests for one in ran)}")
        lines.append(f"| {' | '.join(cells)} |")
    for engine in engines:
        ran = [one for one in found if one.engine == engine]
        lines += ["", f"## What does not evaluate with {engine}", ""]
        lines += [_item(one, one.problem) for one in ran if one.problem is not None] or ["Nothing."]
        lines += ["", f"## Own tests that do not pass with {engine}", ""]
        failed = [_item(one, text) for one in ran for text in one.failed_tests]
        lines += failed or ["None."]
    return "\n".join(lines)


def _item(one: Ran, text: Json) -> str:
    clean = str(text).replace("`", "'").replace("\n", " ")
    return f"- {one.unit.repository}, {one.unit.name}: `{clean[:300]}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
