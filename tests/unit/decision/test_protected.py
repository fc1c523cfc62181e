"""The files that steer the gate."""

from __future__ import annotations

import pytest

from mrbot.decision.protected import protected_paths
from tests.build import make_file

GUARDED = [
    ".mrbot.yml",
    ".Mrbot.YML",
    "CODEOWNERS",
    "codeowners",
    "docs/CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".gitlab-ci.yml",
    ".GitLab-CI.yml",
    ".gitlab/ci/build/job.yml",
    ".github/workflows/deploy.yml",
    ".github/actions/x/action.yml",
    ".gitattributes",
    "deep/down/.gitattributes",
    "anywhere/deny.rego",
    "DENY.REGO",
]


@pytest.mark.parametrize("path", GUARDED)
def test_what_steers_the_gate_is_protected_in_any_case(path: str) -> None:
    assert protected_paths([make_file(path)], ()) == (path,)


@pytest.mark.parametrize(
    "path",
    [
        "infra/main.tf",
        "docs/.mrbot.yml",
        "infra/CODEOWNERS.md",
        ".github/dependabot.yml",
        "a.regos",
    ],
)
def test_other_files_are_not_protected(path: str) -> None:
    assert protected_paths([make_file(path)], ()) == ()


def test_a_letter_that_folds_to_another_is_the_other() -> None:
    long_s = "docs/codeowner\u017f"
    assert protected_paths([make_file(long_s)], ()) == (long_s,)


def test_a_rename_out_of_a_protected_path_is_protected_by_its_old_path() -> None:
    moved = make_file("old.yml", old_path=".mrbot.yml")
    assert protected_paths([moved], ()) == (".mrbot.yml",)
    assert protected_paths([make_file("b.yml", old_path="a.yml")], ()) == ()


@pytest.mark.parametrize(
    ("directory", "path", "protected"),
    [
        ("policies", "policies/data.json", True),
        ("policies", "Policies/Data.json", True),
        ("policies", "policies-old/data.json", False),
        ("policies", "infra/policies/data.json", False),
        ("deep/policies", "deep/policies/a/b.yaml", True),
        ("", "data.json", True),
    ],
)
def test_everything_in_a_policy_directory_is_protected(
    directory: str, path: str, protected: bool
) -> None:
    assert bool(protected_paths([make_file(path)], [directory])) is protected


def test_the_paths_are_sorted_and_each_is_there_once() -> None:
    files = [make_file("b.rego"), make_file("a.rego", old_path="b.rego"), make_file("main.tf")]
    assert protected_paths(files, ()) == ("a.rego", "b.rego")
