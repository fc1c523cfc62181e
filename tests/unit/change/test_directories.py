"""The directories that paths lie in."""

from __future__ import annotations

import pytest

from mrbot.change.directories import above, holding


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b/c", ["a/b", "a", ""]),
        ("a/b/", ["a/b", "a", ""]),
        ("a", [""]),
        ("", []),
    ],
)
def test_above_is_every_directory_around_a_path(path: str, expected: list[str]) -> None:
    assert list(above(path)) == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], {""}),
        (["x"], {""}),
        (["a/b/x", "a/c/x", "a/b/d/x"], {"", "a", "a/b", "a/c", "a/b/d"}),
        (["a", "a/b/c"], {"", "a", "a/b"}),
    ],
)
def test_holding_is_every_directory_around_any_path(paths: list[str], expected: set[str]) -> None:
    assert holding(paths) == expected
