"""What policies say, and the port of the engine that asks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from mrbot.ids import Digest, Json
from mrbot.policy.wire import dump_json


class Severity(StrEnum):
    """Conftest's three kinds of rule. `deny` and `violation` block, `warn` informs."""

    DENY = "deny"
    VIOLATION = "violation"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of one rule.

    `rule` is the rule's own name (`deny_public_bucket`), `policy` the set it belongs to
    (`organisation`, `repository`), `document` what it looked at. `metadata` is what the rule
    returned beside `msg`. `path` and `line` come from `_loc` or the resource, when given; `file` is the
    document's own. `excepted` says what took it back, if anything did: the name of an exception, or what
    the policy says of it. It then blocks nothing and is shown.
    """

    rule: str
    severity: Severity
    msg: str
    namespace: str
    policy: str
    document: str
    path: str | None = None
    line: int | None = None
    file: str | None = None
    metadata: Json = None
    excepted: str | None = None

    @property
    def about(self) -> str | None:
        """The file it is about: the one it names, else the one that was judged, whole or in part."""
        return self.path or self.file


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A policy's `require`: approvals it asks for beyond the rule file's."""

    msg: str
    count: int
    users: tuple[str, ...]
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    rule: str
    namespace: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One Rego file of a bundle: its path as people know it, and its text."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A set of policies that is evaluated together, apart from every other set.

    `namespaces` are Rego packages to ask (`main`, `a.b`, globs like `mrbot.*`); `digest` covers
    modules, data and namespaces. `data` is the bundle's data document, a JSON object.
    """

    name: str
    modules: tuple[Module, ...]
    namespaces: tuple[str, ...]
    digest: Digest
    data: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Document:
    """One input to judge. `name` is shown to people (`change`, `plan of network-prod`, a path).
    `path` is the file that it is, or is a part of; None where it is none.

    `content` does not change any more: several bundles judge it, and it is written as text once.
    """

    name: str
    content: Json
    path: str | None = None

    @cached_property
    def text(self) -> bytes:
        """The content as engines are given it.

        Raises: BadInput when engines would not all read it alike.
        """
        return dump_json(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Which engine judges: `opa` or `regorus`, and its exact version."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """That a server which the operator runs has answered, from policies that are not here: it can be
    recorded what it said, and not be made again.

    `where` is its address; `revisions` are the bundles it said it holds, by name, each with its
    revision (none where it could not be asked); `asked` covers the packages and documents.
    """

    where: str
    revisions: tuple[tuple[str, str], ...]
    asked: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What an engine said of one question beside its answer, for whoever runs it.

    No two judgements have the same, so it is no part of a decision. `namespace` is None where all
    packages were asked at once. `metrics` are OPA's own: names that end in `_ns` are nanoseconds.
    """

    document: str
    namespace: str | None = None
    decision_id: str | None = None
    metrics: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Every document was judged by every namespace. `namespaces` lists those that were asked.

    `served` is None where the engine that mrbot runs has judged, which can be replayed.
    """

    findings: tuple[Finding, ...]
    demands: tuple[Demand, ...]
    namespaces: tuple[str, ...]
    engine: Engine
    policy: str
    digest: Digest
    served: Served | None = None
    observed: tuple[Observed, ...] = field(default=(), compare=False)


class EvaluationFault(StrEnum):
    """Why there is no answer."""

    PARSE = "a policy does not parse"
    UNSUPPORTED = "a policy needs what this engine does not have"
    NAMESPACE = "a namespace that was named does not exist"
    SHAPE = "a rule returned something that is not a finding"
    RUNTIME = "a policy failed while running"
    TIME = "a policy ran out of time"
    MEMORY = "a policy ran out of memory"
    ENGINE = "the engine is not there or did not answer"
    UNDEFINED = "the engine said that the question has no answer"
    ANSWER = "what answered is not the engine, or cannot be read"
    ACCESS = "the policy server does not let mrbot in"
    TRUST = "the policy server did not prove who it is"
    REVISION = "the policy server does not hold the revision that is wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationFailed:
    """There is no answer, hence no green. `path` and `line` where the engine named them."""

    fault: EvaluationFault
    detail: str
    engine: Engine
    policy: str
    digest: Digest
    path: str | None = None
    line: int | None = None
    served: Served | None = None


class PolicyEngine(Protocol):
    """Evaluates bundles. Never raises for what a policy does, and always answers within its
    configured deadline plus a second."""

    @property
    def engine(self) -> Engine:
        """Settled when this object was made; never changes afterwards."""
        ...

    def evaluate(
        self, bundle: Bundle, documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        """The findings of every rule of `bundle` over every document."""
        ...

    def close(self) -> None:
        """Every process it started has ended."""
        ...


class PolicyServer(Protocol):
    """Asks policies that lie on a server which the operator runs. Never raises for what the server
    does, and always answers within its configured deadline plus a second."""

    def evaluate(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        """The findings of every rule of the packages over every document, all of one revision."""
        ...
