"""Everything a judgement reads, as values: what a record keeps and a replay starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mrbot.change.hunks import NO_HUNKS, Hunks
from mrbot.change.notes import FileNote
from mrbot.change.owners import Ownership
from mrbot.change.people import Binding
from mrbot.decision.requirement import Requirement
from mrbot.decision.ruleset import PolicyInput, Project, Require, RuleSet
from mrbot.decision.verdict import Reason
from mrbot.ids import HostKind
from mrbot.plan.plan import Plan, PlanFailed
from mrbot.policy.comparison import Comparison
from mrbot.policy.finding import Evaluated, EvaluationFailed
from mrbot.resources.model import FileVersions, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file that steers the judgement: where it is, and its whole content."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFolder:
    """The files of one `policies:` directory at one commit, or one file of data that an entry names.

    `origin` is shown to people. `data` are files that its policies see beside their own: the
    organisation's at once, a repository's once its rule file is read."""

    directory: str
    origin: str
    files: tuple[TextFile, ...]
    data: tuple[TextFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPolicies:
    """Policies that are not here: a server which the operator runs holds them, and is asked."""

    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The server's own rules and policies: they judge every repository and are never loosened by
    one. `owners` must approve every change to rules, policies, CODEOWNERS and CI files."""

    rules: TextFile
    default: bool
    """Whether `rules` are mrbot's own, because the operator wrote none."""
    policies: PolicyFolder | ServedPolicies
    namespaces: tuple[str, ...]
    input: PolicyInput
    owners: Require


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """`directory` draws on `paths`: changed files that lie elsewhere. `root`: no other directory draws
    on it in turn, so it is where things are planned and deployed."""

    directory: str
    paths: tuple[str, ...]
    root: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What draws on what the change touches, at the head and on the target branch. `discovered` are
    projects by the look of the tree, of those that the change reaches. `unknown`: why it could not
    be worked out."""

    found: tuple[Link, ...] = ()
    discovered: tuple[Project, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KustomizeRoot:
    """A directory that is built, and that the change reaches. `files` are what it is built from, at
    the merge base or at the head; `problem` is why it cannot be built at all."""

    directory: str
    files: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The content side of a change: files, rules, policies and plans, each whole or said to be not.

    `target_*` are read at the tip of the target branch, `head_*` at the head and only where the
    change touches them (else None or empty): both must then pass.
    """

    dialect: HostKind
    versions: tuple[FileVersions, ...]
    unread: tuple[tuple[str, str], ...]
    organisation: Organisation
    target_rules: TextFile | None
    head_rules: TextFile | None
    touches_rules: bool
    target_policies: tuple[PolicyFolder, ...]
    head_policies: tuple[PolicyFolder, ...]
    codeowners: TextFile | None
    plans: tuple[Plan | PlanFailed, ...]
    planning: bool
    """Whether plans are made here at all: without, none is awaited."""
    now: datetime
    links: Links = Links()
    kustomize: tuple[KustomizeRoot, ...] = ()
    unchanged: tuple[TextFile, ...] = ()
    """Files that the change leaves alone and that `kustomize` is built from."""
    notes: tuple[FileNote, ...] = ()
    hunks: Hunks = NO_HUNKS
    """Of files that are read as text: which lines differ, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What the material comes to, before people are asked: pure but for the policy engine."""

    rulesets: tuple[RuleSet, ...]
    projects: tuple[Project, ...]
    reading: Reading
    plans: tuple[Plan | PlanFailed, ...]
    evaluations: tuple[Evaluated | EvaluationFailed, ...]
    requirements: tuple[Requirement, ...]
    ownership: Ownership | None
    reasons: tuple[Reason, ...]
    protected: tuple[str, ...]
    binding: Binding
    notes: tuple[FileNote, ...] = ()
    hunks: Hunks = NO_HUNKS
    edited_policies: Comparison | None = None
    """How the old and the new policies differ over this change, where it edits them."""
