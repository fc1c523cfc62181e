from __future__ import annotations

import pytest

from mrbot.ids import Json
from mrbot.policy.answer import MAX_METRIC, MAX_METRICS, MAX_NAME, answer


def test_metrics_and_decision_id_are_kept_beside_the_value() -> None:
    said: dict[str, Json] = {"decision_id": "d-1", "metrics": {"b": 2, "a": 1}}

    seen = answer([], said).observed("change", "main")

    assert seen is not None
    assert (seen.document, seen.namespace, seen.decision_id) == ("change", "main", "d-1")
    assert seen.metrics == (("a", 1), ("b", 2))


def test_nothing_is_observed_where_nothing_was_said() -> None:
    assert answer({"deny": []}, {}).observed("change") is None


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"decision_id": 7}, id="id-no-text"),
        pytest.param({"decision_id": ""}, id="id-empty"),
        pytest.param({"decision_id": "x" * (MAX_NAME + 1)}, id="id-too-long"),
        pytest.param({"decision_id": "a\nb"}, id="id-of-two-lines"),
        pytest.param({"metrics": [1]}, id="metrics-no-object"),
        pytest.param({"metrics": {"a": "1", "b": None, "c": 1.5, "d": True}}, id="no-numbers"),
        pytest.param({"metrics": {"a": -1, "b": MAX_METRIC + 1}}, id="out-of-bounds"),
        pytest.param({"metrics": {"x" * (MAX_NAME + 1): 1}}, id="name-too-long"),
    ],
)
def test_what_is_no_metric_and_no_id_is_left_out(said: dict[str, Json]) -> None:
    assert answer([], said).observed("change") is None


def test_no_more_metrics_are_kept_than_so_many() -> None:
    metrics: dict[str, Json] = {f"timer_{number:04}_ns": number for number in range(1000)}

    assert len(answer([], {"metrics": metrics}).metrics) == MAX_METRICS
