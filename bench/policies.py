"""The policies that ship over one change: the embedded engine against OPA, both warm."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench.figure import Effort, Row, compared
from bench.judging import NOW, Judge, judge
from bench.sample import infrastructure
from mrbot.errors import BadSettings
from mrbot.policy.bundle import bundle
from mrbot.policy.document import change_document
from mrbot.policy.finding import Bundle


def measure(work: Path, effort: Effort) -> list[Row]:
    """One evaluation, from document to findings, with the engine's process up and loaded."""
    count = effort.policy_resources
    sample = infrastructure(work / "policies", count)
    judges: dict[str, Judge] = {}
    missing: list[Row] = []
    with ExitStack() as stack:
        for choice in ("opa", "regorus"):
            name = f"policies over {count:,} resources: {choice}"
            try:
                judges[name] = judge(choice)
            except BadSettings as error:
                missing.append(Row(name=name, samples=None, note=f"not measured: {error}"))
            else:
                stack.callback(judges[name].engine.close)
        if not judges:
            return missing
        one = next(iter(judges.values()))
        decision = one.decision(sample)
        document = change_document(decision.change, decision.assessment.reading, (), (), (), NOW)
        library = shipped(one)
        # A document of its own each time: it writes its text once, which is part of the figure.
        actions = {
            name: lambda j=judging: j.engine.evaluate(library, (replace(document),))
            for name, judging in judges.items()
        }
        return [*compared(actions, effort), *missing]


def shipped(judging: Judge) -> Bundle:
    """The policies that ship."""
    organisation = judging.organisation
    files = {file.path: file.content for file in organisation.policies.files}
    return bundle("organisation", files, organisation.namespaces)
