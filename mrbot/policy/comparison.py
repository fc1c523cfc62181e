"""What two sets of policies say of the same documents, side by side: pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from mrbot.policy.finding import Demand, Evaluated, EvaluationFailed, Finding

Outcome = Evaluated | EvaluationFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What only one side said. `failed` are its policies that gave no answer: what they would have
    said is not known, so that nothing follows from its absence."""

    findings: tuple[Finding, ...] = ()
    demands: tuple[Demand, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether this side said nothing that the other did not, and answered."""
        return not (self.findings or self.demands or self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`before` and `after` are what only the one or the other said, `both` how many findings and
    demands they have in common."""

    before: Said
    after: Said
    both: int

    @property
    def same(self) -> bool:
        """Whether both answered, and alike."""
        return self.before.nothing and self.after.nothing


def compared(before: Iterable[Outcome], after: Iterable[Outcome]) -> Comparison:
    """What differs. Two findings are the same when a reader could not tell them apart: severity, rule,
    package, text, document, place and exception; which directory they come from does not count."""
    old, new = _Answers(before), _Answers(after)
    common = len(old.findings.keys() & new.findings.keys())
    common += len(old.demands.keys() & new.demands.keys())
    return Comparison(before=old.without(new), after=new.without(old), both=common)


class _Answers:
    """One side's findings and demands, by what makes them the same."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self.findings: dict[tuple[str, ...], Finding] = {}
        self.demands: dict[tuple[str, ...], Demand] = {}
        self.failed: list[str] = []
        for one in outcomes:
            match one:
                case Evaluated():
                    self.findings |= {finding_key(finding): finding for finding in one.findings}
                    self.demands |= {_demand_key(demand): demand for demand in one.demands}
                case EvaluationFailed():
                    self.failed.append(f"{one.policy}: {one.fault}: {one.detail}")

    def without(self, other: _Answers) -> Said:
        """What `other` did not say."""
        return Said(
            findings=tuple(one for key, one in self.findings.items() if key not in other.findings),
            demands=tuple(one for key, one in self.demands.items() if key not in other.demands),
            failed=tuple(dict.fromkeys(self.failed)),
        )


def finding_key(one: Finding) -> tuple[str, ...]:
    """What a reader tells it apart by."""
    metadata = json.dumps(one.metadata, sort_keys=True)
    place = (one.path or "", str(one.line or ""))
    named = (one.severity, one.namespace, one.rule, one.msg, one.document)
    return (*named, *place, one.excepted or "", metadata)


def _demand_key(one: Demand) -> tuple[str, ...]:
    return (one.namespace, one.msg, str(one.count), repr((one.users, one.groups, one.roles)))
