from __future__ import annotations

import pytest

from mrbot.policy.testing.coverage import Coverage, FileCoverage, coverage_of, merged


def lines(path: str, *numbers: int) -> dict[str, frozenset[int]]:
    return {path: frozenset(numbers)}


def test_nothing_to_reach_is_wholly_reached() -> None:
    assert coverage_of(["a.rego"], {}, {}) == Coverage(
        files=(FileCoverage(path="a.rego", covered=(), not_covered=()),)
    )
    assert coverage_of(["a.rego"], {}, {}).percent == 100


def test_a_line_that_ran_once_ran() -> None:
    one = coverage_of(["a"], lines("a", 1, 2), lines("a", 2, 3)).files[0]

    assert (one.covered, one.not_covered) == ((1, 2), (3,))


def test_files_that_are_not_policies_are_left_out() -> None:
    assert coverage_of(["a"], lines("a_test", 1), {}).lines == 0


def test_lines_of_several_tests_are_put_together() -> None:
    assert merged(lines("a", 1), lines("a", 2), lines("b", 1)) == {
        "a": frozenset({1, 2}),
        "b": frozenset({1}),
    }


@pytest.mark.parametrize(
    ("covered", "idle", "ranges"),
    [
        pytest.param((), (), (), id="nothing"),
        pytest.param((1, 9), (3, 4, 5), ((3, 5),), id="in a row"),
        pytest.param((1,), (3, 5), ((3, 5),), id="nothing that ran lies between"),
        pytest.param((4,), (3, 5), ((3, 3), (5, 5)), id="a line that ran lies between"),
    ],
)
def test_what_did_not_run_is_told_in_ranges(covered, idle, ranges) -> None:
    assert FileCoverage(path="a", covered=covered, not_covered=idle).ranges == ranges


def test_one_line_short_of_all_is_never_a_hundred() -> None:
    short = coverage_of(["a"], lines("a", *range(1, 2620)), lines("a", 2620))

    assert short.percent == 99.9
    assert coverage_of(["a"], lines("a", 1), {}).percent == 100
