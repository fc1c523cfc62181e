"""What is asked of an engine: one generated Rego module, the same for both engines.

It asks every rule that may count in every package that was named, and nothing else, so that helper
rules run only when a rule needs them (as with conftest). Names come from a superset
(`Source.names`), and an undefined rule is an empty list in the answer. An engine must give back
every name that was asked: an answer in part is no answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mrbot.errors import BadPolicy
from mrbot.ids import Json
from mrbot.policy.conventions import EXCEPTION
from mrbot.policy.failure import Failure, failure, from_problems
from mrbot.policy.finding import Bundle, EvaluationFault
from mrbot.policy.source import Source, dotted, read

PACKAGE = "mrbot_question"
"""The package of the generated module; no policy may use it."""
RULE = f"data.{PACKAGE}.answer"

MAX_STARS = 3
"""Most `*` in one namespace."""

SETTINGS = ("mrbot", "settings")
"""The package that judges what was set about the library (`data.library`): asked with any of it."""

_RESERVED = frozenset({PACKAGE, "system"})
"""`system` is OPA's own: its policies say who may ask the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One package and the names that are asked of it."""

    namespace: str
    package: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A bundle that may be evaluated, and what is asked of it."""

    bundle: Bundle
    sources: tuple[Source, ...]
    asked: tuple[Asked, ...]

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The packages that are asked."""
        return tuple(one.namespace for one in self.asked)

    @property
    def packages(self) -> frozenset[tuple[str, ...]]:
        """The paths of all packages of the bundle."""
        return frozenset(source.package for source in self.sources)

    def module(self, proof: str) -> str:
        """The generated module. `proof` comes back with every answer: whoever answers has it."""
        packages = ",\n".join(
            f"  {json.dumps(one.namespace)}: {_asking(one)}" for one in self.asked
        )
        answer = f'{{"proof": {json.dumps(proof)}, "packages": {{\n{packages}\n}}}}'
        return f"package {PACKAGE}\n\nimport rego.v1\n\nanswer := {answer}\n"


def _asking(one: Asked) -> str:
    rules = (
        f"{json.dumps(rule)}: [v | v := {dotted(('data', *one.package, rule))}]"
        for rule in one.rules
    )
    return "{" + ", ".join(rules) + "}"


def question(bundle: Bundle) -> Question | Failure:
    """What is to be asked, or why nothing can be.

    Every namespace that was named exists, and at least one rule is asked; a package named without
    a `*` has a rule of its own.
    """
    sources = sources_of(bundle)
    if isinstance(sources, Failure):
        return sources
    packages = {source.package for source in sources}
    chosen = _chosen(bundle, packages)
    if isinstance(chosen, Failure):
        return chosen
    asked = tuple(
        Asked(namespace=dotted(package), package=package, rules=_rules(package, sources))
        for package in sorted(chosen)
    )
    empty = [one.namespace for one in asked if not set(one.rules) - {EXCEPTION}]
    unruly = sorted(set(empty) & set(bundle.namespaces))
    if unruly or len(empty) == len(asked):
        detail = (
            f"no rule of package {', '.join(unruly or empty)} counts: rules are named deny,"
            " violation, warn (each with a suffix if wanted) or require"
        )
        return failure(EvaluationFault.NAMESPACE, detail)
    return Question(bundle=bundle, sources=sources, asked=asked)


def sources_of(bundle: Bundle) -> tuple[Source, ...] | Failure:
    """Every module of `bundle`, read; or the first that cannot be."""
    found = []
    for module in bundle.modules:
        try:
            source = read(module)
        except BadPolicy as error:
            return from_problems(EvaluationFault.PARSE, error)
        if source.package[0] in _RESERVED:
            detail = f"package {source.package[0]} is reserved: give the policy another package"
            return failure(EvaluationFault.PARSE, detail, path=module.path, line=1)
        found.append(source)
    clash = _clash(bundle.data, found)
    return tuple(found) if clash is None else failure(EvaluationFault.PARSE, clash)


def _clash(data: Json, sources: list[Source]) -> str | None:
    """Why data and rules cannot stand side by side: regorus lets data take the place of rules."""
    if not isinstance(data, dict):
        return "the bundle's data is not an object"
    if taken := _RESERVED & set(data):
        return f"the data key {min(taken)!r} is reserved: rename it"
    for source in sources:
        if _reaches(data, source.package):
            name = dotted(source.package)
            return f"{name} is a package and in the data as well: rename the data's key"
    return None


def _reaches(data: Json, package: tuple[str, ...]) -> bool:
    """Whether `data` has anything where the package is, or no object above it."""
    for part in package:
        if not isinstance(data, dict):
            return True
        if part not in data:
            return False
        data = data[part]
    return True


def _chosen(bundle: Bundle, packages: set[tuple[str, ...]]) -> set[tuple[str, ...]] | Failure:
    if not bundle.namespaces:
        detail = "no namespace is named: name at least one package to ask, such as main"
        return failure(EvaluationFault.NAMESPACE, detail)
    chosen: set[tuple[str, ...]] = set()
    for pattern in bundle.namespaces:
        if pattern.count("*") > MAX_STARS:
            detail = f"namespace {pattern!r} has more than {MAX_STARS} stars"
            return failure(EvaluationFault.NAMESPACE, detail)
        regex = re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
        matched = {package for package in packages if regex.fullmatch(dotted(package))}
        if not matched:
            there = ", ".join(sorted(map(dotted, packages))) or "none: it has no Rego file"
            detail = f"there is no package {pattern!r} in {bundle.name}; its packages are {there}"
            return failure(EvaluationFault.NAMESPACE, detail)
        chosen |= matched
    if SETTINGS in packages and any(package[:1] == SETTINGS[:1] for package in chosen):
        chosen.add(SETTINGS)
    return chosen


def _rules(package: tuple[str, ...], sources: tuple[Source, ...]) -> tuple[str, ...]:
    """Names of the package's own modules, and of those that may define rules below their own
    package (`a.deny contains ...` in package `p` is a rule of `p.a`)."""
    own = [source for source in sources if source.package == package]
    above = [source for source in sources if source.package == package[: len(source.package)]]
    functions = frozenset[str]().union(*(source.functions for source in own))
    return tuple(sorted(frozenset[str]().union(*(source.names for source in above)) - functions))


def answered(asked: Question, answer: Json, proof: str) -> dict[str, dict[str, Json]] | Failure:
    """Each package's defined rules with their values, or why this is no answer to the question."""
    match answer:
        case {"proof": given, "packages": dict(packages)} if given == proof:
            pass
        case _:
            detail = "what answered is not the engine that was started, or it left something out"
            return failure(EvaluationFault.ENGINE, detail)
    values: dict[str, dict[str, Json]] = {}
    for one in asked.asked:
        rules = packages.get(one.namespace)
        if not isinstance(rules, dict) or set(rules) != set(one.rules):
            detail = f"the engine left rules of package {one.namespace} out of its answer"
            return failure(EvaluationFault.ENGINE, detail)
        values[one.namespace] = {
            rule: found[0] for rule, found in rules.items() if isinstance(found, list) and found
        }
    return values
