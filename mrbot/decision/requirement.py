"""An approval that is asked for: by whom, for what, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mrbot.change.people import Bound
from mrbot.decision.condition import path_applies
from mrbot.decision.ruleset import Require, When


class Origin(StrEnum):
    """Who asks."""

    RULE = "rule"
    OTHERWISE = "otherwise"
    CODEOWNERS = "codeowners"
    POLICY = "policy"
    OWNERS = "policy owners"


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeChange:
    """The approver answers for everything in the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPaths:
    """The approver answers for the files whose paths the rule names."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class TheseFiles:
    """The approver answers for exactly these paths."""

    paths: frozenset[str]


Scope = WholeChange | MatchingPaths | TheseFiles


def covers(scope: Scope, bound: Bound) -> bool:
    """Whether an approver with this scope answers for the file."""
    match scope:
        case WholeChange():
            return True
        case MatchingPaths(when=when):
            return path_applies(when, bound.path) or path_applies(when, bound.old_path)
        case TheseFiles(paths=paths):
            return bound.path in paths or bound.old_path in paths


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`require` approvals for `scope`. `name` and `source` (`organisation`, `.mrbot.yml at main`,
    `CODEOWNERS`, a policy's name) are shown to people."""

    name: str
    origin: Origin
    source: str
    require: Require
    scope: Scope


def scope_of(when: When) -> Scope:
    """What an approver of this rule answers for. A rule that asks for more than paths (a kind of
    resource, an environment) is answered for with the whole change, for what it saw may lie
    anywhere in it."""
    only_paths = when.paths and not (
        when.resource_types or when.actions or when.environments or when.projects or when.not_read
    )
    return MatchingPaths(when=when) if only_paths else WholeChange()
