"""A directory of policies, linted in numbered steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrbot.errors import BadPolicy
from mrbot.policy.bundle import bundle
from mrbot.policy.failure import Failure
from mrbot.policy.finding import Bundle
from mrbot.policy.lint.complaint import Complaint, Level
from mrbot.policy.lint.conventional import conventional
from mrbot.policy.lint.engines import checked_by_opa, checked_by_regorus, unformatted
from mrbot.policy.lint.ignore import sort_out
from mrbot.policy.lint.input import unknown_fields
from mrbot.policy.lint.module import Parsed, parsed
from mrbot.policy.lint.results import results
from mrbot.policy.lint.schema import ANYTHING, Schema
from mrbot.policy.lint.tested import tested, twice
from mrbot.policy.lint.usage import usage
from mrbot.policy.opa.binary import Binary
from mrbot.policy.question import sources_of
from mrbot.policy.regorus.engine import settle_confinement
from mrbot.policy.regorus.preflight import MAX_REFUSALS
from mrbot.policy.regorus.process import Confinement
from mrbot.policy.source import Source, read
from mrbot.policy.syntax import Parser
from mrbot.policy.testing.run import read_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How to lint. `opa` is used for compiling and formatting where there is one; `judges_with_opa`
    says whether it would judge. `schema` describes the input document; None when nothing does.
    `namespaces` are the packages that are asked, none when that is not known."""

    opa: Binary | None
    judges_with_opa: bool
    schema: Schema | None
    has_now: bool
    namespaces: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What was found, in order of file and line; what comments switched off; and what was not
    looked at, in words. `files` counts modules."""

    complaints: tuple[Complaint, ...]
    switched_off: tuple[Complaint, ...]
    unchecked: tuple[str, ...]
    files: int

    def count(self, level: Level) -> int:
        """How many complaints of this level there are."""
        return sum(one.level is level for one in self.complaints)


def lint(directory: Path, asked: Asked) -> Linted:
    """The directory was linted.

    Raises: BadPolicy for files that cannot be used, a directory without a module or an expression that
    nests too deeply; BadSettings when there is no embedded engine, whose syntax trees all rules read.
    """
    whole = bundle(str(directory), read_folder(directory), (), tests=True)
    if not whole.modules:
        raise BadPolicy(f"there is no Rego file (*.rego) below {directory}")
    confinement = settle_confinement()
    found: list[Complaint] = []
    unchecked: list[str] = []

    # (1) Every module by itself: does it say what it is?
    sources = _sources(whole, found)
    # (2) Their syntax trees, one by one, as far as the embedded engine has them.
    modules, unparsed = _trees(sources, confinement, asked.seconds)
    # (3) All of them together, by the engine that would judge, and by the embedded one.
    found += _compiled(whole, sources, asked, unchecked) if not found else ()
    found += _embedded(whole, sources, asked, confinement, found, unparsed, unchecked)
    # (4) What the trees show.
    found.extend(_over_trees(modules, sources, asked, unchecked))
    # (5) Layout.
    _layout(sources, asked, found, unchecked)
    sorted_out = sort_out(found, whole.modules)
    return Linted(
        complaints=sorted_out.said,
        switched_off=sorted_out.switched_off,
        unchecked=tuple(dict.fromkeys(unchecked)),
        files=len(whole.modules),
    )


def _sources(whole: Bundle, found: list[Complaint]) -> tuple[Source, ...]:
    sources = []
    for module in whole.modules:
        try:
            sources.append(read(module))
        except BadPolicy as error:
            found += [
                Complaint(
                    path=problem.path or module.path,
                    line=problem.line or 1,
                    rule="parse-error",
                    level=Level.ERROR,
                    message=problem.message,
                    fix="mend it first: nothing else was looked at in this file",
                )
                for problem in error.problems
            ]
    if len(sources) == len(whole.modules):
        refused = sources_of(whole)
        if isinstance(refused, Failure):
            found.append(_compile_error(refused, sources))
    return tuple(sources)


def _trees(
    sources: tuple[Source, ...], confinement: Confinement, seconds: float
) -> tuple[list[Parsed], dict[str, Failure]]:
    """The modules that the embedded engine parses, and by path why it does not parse the others."""
    modules: list[Parsed] = []
    unparsed: dict[str, Failure] = {}
    parser = Parser(confinement, seconds=seconds)
    try:
        for source in sources:
            tree = parser.tree(source)
            if isinstance(tree, Failure):
                unparsed[source.module.path] = tree
            else:
                modules.append(parsed(source, tree))
    finally:
        parser.close()
    return modules, unparsed


def _compiled(
    whole: Bundle,
    sources: tuple[Source, ...],
    asked: Asked,
    unchecked: list[str],
) -> list[Complaint]:
    """What OPA's compiler says, when OPA judges."""
    if asked.opa is None or not asked.judges_with_opa:
        return []
    said = checked_by_opa(asked.opa, sources, whole.data, seconds=asked.seconds)
    if isinstance(said, Failure):
        unchecked.append(f"whether OPA compiles the files: {said.detail}")
        return []
    return list(said)


def _embedded(
    whole: Bundle,
    sources: tuple[Source, ...],
    asked: Asked,
    confinement: Confinement,
    found: Sequence[Complaint],
    unparsed: Mapping[str, Failure],
    unchecked: list[str],
) -> list[Complaint]:
    """What the embedded engine says that is not said already."""
    judges = not asked.judges_with_opa
    said = {one.path for one in found}
    refused = [
        _unparsed(source, unparsed[source.module.path], judges=judges)
        for source in sources
        if source.module.path in unparsed and source.module.path not in said
    ]
    unchecked += [f"{path}, beyond what is said of it: it has no syntax tree" for path in unparsed]
    if unparsed or len(sources) < len(whole.modules) or (judges and found):
        unchecked.append("what the embedded engine would refuse: not every file can be read")
        return refused
    if found:
        unchecked.append("what the embedded engine would refuse: mend what OPA says first")
        return refused
    embedded = checked_by_regorus(
        confinement, sources, whole.data, seconds=asked.seconds, judges=judges
    )
    if len(embedded) == MAX_REFUSALS:
        unchecked.append(f"what the embedded engine would refuse beyond {MAX_REFUSALS} places")
    return list(embedded)


def _over_trees(
    modules: Sequence[Parsed],
    sources: Sequence[Source],
    asked: Asked,
    unchecked: list[str],
) -> Iterable[Complaint]:
    try:
        made = [*conventional(modules, asked.namespaces), *results(modules)]
        made += usage(modules, has_now=asked.has_now)
        made += [*tested(modules), *twice(sources)]
        if asked.schema is not None:
            made += unknown_fields(modules, asked.schema)
    except RecursionError as error:
        message = "an expression nests too deeply to be followed: give its parts names"
        raise BadPolicy(message) from error
    if asked.schema is None:
        unchecked.append("fields of the input: no schema describes it (--schema FILE)")
    elif asked.schema.root == ANYTHING:
        unchecked.append(f"fields of the input: the {asked.schema.name} may hold anything")
    if not asked.namespaces:
        unchecked.append("which packages are asked: name them with --namespace")
    if not any(source.tests for source in sources):
        unchecked.append("whether the rules do what they should: there is no test")
    return made


def _layout(
    sources: tuple[Source, ...], asked: Asked, found: list[Complaint], unchecked: list[str]
) -> None:
    broken = {one.path for one in found if one.rule == "parse-error"}
    whole = tuple(one for one in sources if one.module.path not in broken)
    if asked.opa is None:
        unchecked.append("formatting: there is no opa on PATH")
        return
    said = unformatted(asked.opa, whole, seconds=asked.seconds)
    if isinstance(said, Failure):
        unchecked.append(f"formatting: {said.detail}")
    else:
        found.extend(said)


def _unparsed(source: Source, refused: Failure, *, judges: bool) -> Complaint:
    line = source.template_line
    if judges and not line:
        return Complaint(
            path=source.module.path,
            line=refused.line or 1,
            rule="parse-error",
            level=Level.ERROR,
            message=refused.detail,
            fix="mend it: no rule of the directory judges anything before",
        )
    why = "template strings are not in it" if line else refused.detail
    return Complaint(
        path=source.module.path,
        line=line or refused.line or 1,
        rule="needs-opa",
        level=Level.ERROR if judges else Level.WARNING,
        message=f"the embedded engine does not parse this: {why}",
        fix="judge with OPA (`engine: opa`), or write it without"
        if judges
        else "nothing is needed while OPA judges; without OPA, every change is undecidable",
    )


def _compile_error(refused: Failure, sources: Sequence[Source]) -> Complaint:
    return Complaint(
        path=refused.path or sources[0].module.path,
        line=refused.line or 1,
        rule="compile-error",
        level=Level.ERROR,
        message=refused.detail,
        fix="mend it: no rule of the directory judges anything before",
    )
