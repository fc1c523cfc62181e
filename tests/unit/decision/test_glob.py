"""Anchored globs: what matches, what does not, and what it costs."""

from __future__ import annotations

import os

import pytest

from mrbot.decision.glob import matches_any_path, matches_name, matches_path


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("main.tf", "main.tf", True),
        ("main.tf", "infra/main.tf", False),
        ("main.tf", "main.tf.bak", False),
        ("main.tf", "mainxtf", False),
        ("*.tf", "main.tf", True),
        ("*.tf", "infra/main.tf", False),
        ("*.tf", ".tf", True),
        ("infra/*", "infra/main.tf", True),
        ("infra/*", "infra/a/main.tf", False),
        ("infra/**", "infra/a/b/main.tf", True),
        ("infra/**", "infra", False),
        ("infra/**", "infrastructure/main.tf", False),
        ("infra/", "infra/a/b.tf", True),
        ("infra/", "infra", False),
        ("**/main.tf", "main.tf", True),
        ("**/main.tf", "a/b/main.tf", True),
        ("**/main.tf", "a/xmain.tf", False),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b", "ab", False),
        ("**", "anything/at all", True),
        ("**", "a\nb", True),
        ("?.tf", "a.tf", True),
        ("?.tf", "ab.tf", False),
        ("a?b", "a/b", False),
        ("a?b", "a\nb", True),
        ("a*b", "a/b", False),
        ("(a|b)+.tf", "a.tf", False),
        ("(a|b)+.tf", "(a|b)+.tf", True),
        ("^a$", "a", False),
        ("straße/*", "straße/main.tf", True),
        ("caf\u00e9", "cafe\u0301", False),
        ("A.tf", "a.tf", False),
    ],
)  # fmt: skip
def test_a_glob_matches_the_whole_path_or_nothing(glob: str, path: str, matches: bool) -> None:
    assert matches_path(glob, path) is matches


@pytest.mark.parametrize(
    ("glob", "name", "matches"),
    [
        ("aws_iam_*", "aws_iam_role", True),
        ("aws_iam_*", "data.aws_iam_role", False),
        ("*", "apps/v1/Deployment", True),
        ("apps/*", "apps/v1/Deployment", True),
        ("**", "", True),
        ("aws_?3", "aws_s3", True),
        ("a.b", "axb", False),
        ("*", "half a pair \ud800", True),
        ("*", "line\nline", True),
    ],
)
def test_a_name_has_no_segments(glob: str, name: str, matches: bool) -> None:
    assert matches_name(glob, name) is matches


def test_no_glob_matches_nothing() -> None:
    assert not matches_any_path((), "main.tf")


def test_a_byte_that_is_no_text_is_one_character_that_only_wildcards_match() -> None:
    path = os.fsdecode(b"infra/\xff.tf")
    assert matches_path("infra/?.tf", path)
    assert matches_path("infra/*.tf", path)
    assert not matches_path(r"infra/\xff.tf", path)


@pytest.mark.parametrize(
    ("glob", "path"),
    [
        ("*a" * 300 + "b", "a" * 20_000),
        ("**/" * 200 + "b", "a/" * 10_000),
        ("?*" * 250, "/" * 20_000),
    ],
    ids=["stars", "depths", "marks"],
)
def test_a_hostile_glob_ends_without_a_match(glob: str, path: str) -> None:
    assert not matches_path(glob, path)
