"""The files that steer the gate itself: a change to them is a class of its own."""

from __future__ import annotations

from collections.abc import Iterable

from mrbot.change.files import FileChange
from mrbot.decision.glob import matches_any_path

RULE_FILE = ".mrbot.yml"

CODEOWNERS_PLACES = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
"""Where each host looks, in its order. Source: both hosts' CODEOWNERS documentation."""

_ALWAYS = (
    RULE_FILE,
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    ".gitlab-ci.yml",
    ".gitlab-ci.yaml",
    ".gitlab/ci/**",
    ".github/workflows/**",
    ".github/actions/**",
    "**/.gitattributes",
    "**/*.rego",
)


def protected_paths(files: Iterable[FileChange], policy_paths: Iterable[str]) -> tuple[str, ...]:
    """The changed paths that steer the gate: rules, policies, CODEOWNERS, CI files.

    Compared without regard to case, for a file system that folds case would take one for another.
    """
    paths = [path.strip("/") for path in policy_paths]
    below = [glob for path in paths for glob in ((path, f"{path}/**") if path else ("**",))]
    globs = [glob.casefold() for glob in (*_ALWAYS, *below)]
    found = {
        path for file in files for path in file.paths if matches_any_path(globs, path.casefold())
    }
    return tuple(sorted(found))
