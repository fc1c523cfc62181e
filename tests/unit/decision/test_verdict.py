"""Which verdict reasons make together: the table of all combinations."""

from __future__ import annotations

from itertools import permutations

import pytest

from mrbot.decision.verdict import Weight, name_of, reasons_of, verdict_of
from tests.build import make_reason

P, R, U = Weight.PENDING, Weight.REJECTED, Weight.UNDECIDABLE


@pytest.mark.parametrize(
    ("weights", "verdict"),
    [
        ((), "approved"),
        ((P,), "pending"),
        ((R,), "rejected"),
        ((U,), "undecidable"),
        ((P, R), "rejected"),
        ((P, U), "undecidable"),
        ((R, U), "undecidable"),
        ((P, R, U), "undecidable"),
    ],
    ids=lambda value: (
        value if isinstance(value, str) else "+".join(w.name for w in value) or "none"
    ),
)
def test_the_strongest_reason_decides(weights: tuple[Weight, ...], verdict: str) -> None:
    for order in permutations(weights):
        found = verdict_of(make_reason(weight) for weight in order)
        assert name_of(found) == verdict
        assert [r.weight for r in reasons_of(found)] == sorted(weights, reverse=True)


def test_reasons_of_one_weight_keep_their_order() -> None:
    found = verdict_of(make_reason(R, text=str(number)) for number in range(5))
    assert [reason.text for reason in reasons_of(found)] == list("01234")


def test_every_weight_makes_a_verdict_of_its_own() -> None:
    assert len({name_of(verdict_of([make_reason(weight)])) for weight in Weight}) == len(Weight)
