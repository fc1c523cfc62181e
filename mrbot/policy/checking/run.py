"""Policies asked about files, and their answers counted as conftest counts them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mrbot.policy.bundle import bundle
from mrbot.policy.checking.clauses import clauses
from mrbot.policy.checking.material import Input
from mrbot.policy.checking.namespaces import chosen
from mrbot.policy.checking.result import Checked, Exempted, FileResult
from mrbot.policy.conventions import EXCEPTION
from mrbot.policy.data import DataFile
from mrbot.policy.failure import Failure
from mrbot.policy.file_documents import combined_document, documents_of
from mrbot.policy.finding import (
    Bundle,
    Demand,
    Document,
    EvaluationFailed,
    Finding,
    PolicyEngine,
    Severity,
)
from mrbot.policy.question import sources_of
from mrbot.policy.source import Source, dotted
from mrbot.policy.supervised import failed
from mrbot.policy.tokens import tokens

COMBINED = "Combined"
"""What all files together are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be judged by what. `policies` and `data` are files that were read."""

    policies: Mapping[str, bytes]
    data: tuple[DataFile, ...]
    namespaces: tuple[str, ...]
    inputs: tuple[Input, ...]
    combine: bool


def check(asked: Asked, engine: PolicyEngine) -> Checked | EvaluationFailed:
    """What every package that was named says of every input; or why one of them said nothing.

    Raises: BadPolicy for policies, data or namespaces that cannot be used.
    """
    whole = bundle("the policies", asked.policies, (), placed=asked.data)
    sources = sources_of(whole)
    if isinstance(sources, Failure):
        return failed(sources, engine.engine, whole)
    counted = _counted(sources)
    packages = {dotted(source.package) for source in sources}
    namespaces = chosen(asked.namespaces, packages, _ruled(sources))
    results: list[FileResult] = []
    demands: dict[Demand, None] = {}
    for name, documents, made in _questions(asked, sources, namespaces):
        outcome = engine.evaluate(made, documents)
        if isinstance(outcome, EvaluationFailed):
            return outcome
        demands.update(dict.fromkeys(outcome.demands))
        results += _results(name, documents, outcome.namespaces, outcome.findings, counted)
    order = {namespace: number for number, namespace in enumerate(namespaces)}
    results.sort(key=lambda one: order.get(one.namespace, len(order)))
    version = f"{engine.engine.name} {engine.engine.version}"
    told = tuple(sorted({f"{one.namespace}: {one.msg}" for one in demands}))
    return Checked(results=tuple(results), engine=version, demands=told)


def _counted(sources: Iterable[Source]) -> dict[str, int]:
    """The rules of each package."""
    counted: Counter[str] = Counter()
    for source in sources:
        counted[dotted(source.package)] += sum(clauses(source).values())
    return dict(counted)


def _ruled(sources: Iterable[Source]) -> set[str]:
    """The packages that have a rule to ask."""
    return {
        dotted(source.package)
        for source in sources
        if source.names - source.functions - {EXCEPTION}
    }


def _questions(
    asked: Asked, sources: Iterable[Source], namespaces: tuple[str, ...]
) -> Iterable[tuple[str | None, tuple[Document, ...], Bundle]]:
    """The documents with the policies that judge them, and what they are called together (None: each
    by its file). Policies that look at the file's name have it in their data, as with conftest, and
    are loaded anew for each file."""
    parts = [(one.path, documents_of(one.path, one.content)) for one in asked.inputs]
    if asked.combine:
        every = combined_document([document for _, documents in parts for document in documents])
        parts = [(COMBINED, (replace(every, name=COMBINED, path=COMBINED),))]
    together = COMBINED if asked.combine else None
    if not any(map(_names_the_file, sources)):
        made = bundle("the policies", asked.policies, namespaces, placed=asked.data)
        yield together, tuple(one for _, documents in parts for one in documents), made
        return
    for path, documents in parts:
        placed = (*asked.data, _file_data(path))
        yield together, documents, bundle("the policies", asked.policies, namespaces, placed=placed)


def _names_the_file(source: Source) -> bool:
    text, path = source.module.text, source.module.path
    return "conftest" in text and any(
        token.text in {"conftest", '"conftest"'} for token in tokens(text, path)
    )


def _file_data(path: str) -> DataFile:
    """`data.conftest.file`: the name of the file, and its folder."""
    whole = Path(path).absolute()
    content = json.dumps({"conftest": {"file": {"name": whole.name, "dir": str(whole.parent)}}})
    return DataFile(path="data.conftest.file.json", content=content.encode())


def _results(
    together: str | None,
    documents: Sequence[Document],
    namespaces: Sequence[str],
    findings: Sequence[Finding],
    counted: Mapping[str, int],
) -> Iterable[FileResult]:
    """The findings by package and file."""
    by_document: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        by_document[finding.namespace, finding.document].append(finding)
    files: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        files[together or document.path or document.name].append(document)
    for namespace in namespaces:
        for filename, parts in files.items():
            result = FileResult(filename=filename, namespace=namespace)
            for part in parts:
                told = by_document[namespace, part.name]
                result = _added(result, told, counted.get(namespace, 0))
            yield result


def _added(result: FileResult, findings: Sequence[Finding], rules: int) -> FileResult:
    """`result` with what was said of one more document. Rules without a result are successes."""
    kept = [one for one in findings if one.excepted is None]
    warnings = tuple(one for one in kept if one.severity is Severity.WARN)
    failures = tuple(one for one in kept if one.severity is not Severity.WARN)
    taken_back: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.excepted is not None:
            taken_back[finding.rule].append(finding)
    exceptions = tuple(
        Exempted(query=_query(found[0]), findings=tuple(found))
        for _, found in sorted(taken_back.items())
    )
    said = len(warnings) + len(failures) + len(exceptions)
    return replace(
        result,
        successes=result.successes + max(0, rules - said),
        warnings=(*result.warnings, *warnings),
        failures=(*result.failures, *failures),
        exceptions=(*result.exceptions, *exceptions),
    )


def _query(finding: Finding) -> str:
    """The exception, as conftest names it; a policy's own words where it made it by itself."""
    suffix = finding.rule.removeprefix(finding.severity).removeprefix("_")
    own = f"{finding.namespace}.{EXCEPTION}[{json.dumps(suffix)}]"
    if finding.excepted != own:
        return finding.excepted or ""
    return f"data.{finding.namespace}.{EXCEPTION}[_][_] == {json.dumps(suffix)}"
