"""An engine's answer, with what it said beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

from mrbot.ids import Json
from mrbot.policy.finding import Observed

MAX_OBSERVED = 100
"""Questions of one evaluation about which this is kept: the first."""
MAX_METRICS = 32
"""Most metrics of one question that are kept."""
MAX_NAME = 100
"""Longest decision id, and longest name of a metric, in characters."""
MAX_METRIC = 2**63 - 1
"""Largest metric: nanoseconds of three hundred years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The value of what was asked. `metrics` and `decision_id` are OPA's, where it gives them."""

    value: Json
    decision_id: str | None = None
    metrics: tuple[tuple[str, int], ...] = ()

    def observed(self, document: str, namespace: str | None = None) -> Observed | None:
        """What is to be kept beside the decision; None when there is nothing."""
        if self.decision_id is None and not self.metrics:
            return None
        return Observed(
            document=document,
            namespace=namespace,
            decision_id=self.decision_id,
            metrics=self.metrics,
        )


def answer(value: Json, said: dict[str, Json]) -> Answer:
    """`value`, with the decision id and the metrics of OPA's response `said`; others are left out.

    https://www.openpolicyagent.org/docs/rest-api#performance-metrics
    """
    decision_id, metrics = said.get("decision_id"), said.get("metrics")
    kept = sorted(metrics.items()) if isinstance(metrics, dict) else []
    return Answer(
        value=value,
        decision_id=decision_id if _is_name(decision_id) else None,
        metrics=tuple(
            (name, figure)
            for name, figure in kept
            if _is_name(name) and type(figure) is int and 0 <= figure <= MAX_METRIC
        )[:MAX_METRICS],
    )


def _is_name(text: Json) -> TypeGuard[str]:
    return isinstance(text, str) and 0 < len(text) <= MAX_NAME and text.isprintable()
