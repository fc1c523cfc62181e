"""An OPA server that the operator runs, asked about the operator's own policies.

What it holds is not here, so every answer has to say what it came from, and all answers of one
evaluation have to say the same:

1. each package is asked as a whole, so that one that does not exist is told from one that is silent;
2. every answer names the revision of each bundle (`provenance`): one without is no answer;
3. the revisions are those that the settings name, and the same from the first answer to the last.

https://www.openpolicyagent.org/docs/rest-api#provenance
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.errors import BadInput
from mrbot.ids import Json
from mrbot.policy.answer import MAX_OBSERVED
from mrbot.policy.conventions import EXCEPTION, Judged, Origin, counts, judge
from mrbot.policy.deadline import Deadline
from mrbot.policy.failure import Failure, failure
from mrbot.policy.finding import (
    Document,
    Engine,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Observed,
    Served,
)
from mrbot.policy.opa.connection import Address, Connection, Provenance
from mrbot.policy.served import POLICY, asked_digest, policies_digest

_UNKNOWN = Provenance(version="unknown", revisions=())


class RemoteOpa:
    """A `PolicyServer`. May be used by several threads.

    Every evaluation is given `seconds`. `expected` are bundles that must be of exactly this
    revision; of any other bundle any revision will do, as long as it has one.
    """

    def __init__(
        self, address: Address, *, seconds: float, expected: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._address, self._seconds, self._expected = address, seconds, expected

    def evaluate(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        """The findings of every rule of the packages over every document, all of one revision.

        Without documents the packages are asked about an empty one, to see that they are there.
        """
        with Connection(self._address, Deadline(self._seconds)) as connection:
            sitting = _Sitting(connection, self._expected)
            outcome = sitting.judged(namespaces, documents)
        provenance = sitting.provenance or _UNKNOWN
        engine = Engine(name="opa", version=provenance.version)
        asked = asked_digest(namespaces, documents)
        served = Served(where=self._address.where, revisions=provenance.revisions, asked=asked)
        digest = policies_digest(namespaces, served)
        if isinstance(outcome, Failure):
            return EvaluationFailed(
                fault=outcome.fault,
                detail=outcome.detail,
                engine=engine,
                policy=POLICY,
                digest=digest,
                path=outcome.path,
                line=outcome.line,
                served=served,
            )
        return Evaluated(
            findings=tuple(finding for one in outcome for finding in one.findings),
            demands=tuple(dict.fromkeys(demand for one in outcome for demand in one.demands)),
            namespaces=tuple(dict.fromkeys(namespaces)),
            engine=engine,
            policy=POLICY,
            digest=digest,
            served=served,
            observed=tuple(sitting.observed[:MAX_OBSERVED]),
        )


@dataclass
class _Sitting:
    """One evaluation: what the server has said so far."""

    connection: Connection
    expected: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        self.provenance: Provenance | None = None
        self.observed: list[Observed] = []

    def judged(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> list[Judged] | Failure:
        """What every package said of every document, or why one did not."""
        if not namespaces:
            detail = "no namespace is named: name at least one package to ask, such as main"
            return failure(EvaluationFault.NAMESPACE, detail)
        if not documents:
            return self._there(namespaces)
        found: list[Judged] = []
        for document in documents:
            try:
                document.text  # noqa: B018  reading it checks it
            except BadInput as error:
                detail = f"{document.name} cannot be given to a policy: {error}"
                return failure(EvaluationFault.UNSUPPORTED, detail)
            for namespace in dict.fromkeys(namespaces):
                rules = self._rules(namespace, document)
                if isinstance(rules, Failure):
                    return rules
                origin = Origin(policy=POLICY, namespace=namespace, document=document)
                said = judge(rules, origin)
                if isinstance(said, Failure):
                    return said
                found.append(said)
        return found

    def _there(self, namespaces: tuple[str, ...]) -> list[Judged] | Failure:
        for namespace in dict.fromkeys(namespaces):
            rules = self._rules(namespace, None)
            if isinstance(rules, Failure):
                return rules
        return []

    def _rules(self, namespace: str, document: Document | None) -> dict[str, Json] | Failure:
        """The rules of the package that count and are defined, with their values."""
        package = self._package(namespace, document)
        if isinstance(package, Failure):
            return package
        rules = {name: value for name, value in package.items() if counts(name)}
        if set(rules) - {EXCEPTION}:
            return rules
        # A set is always defined, and another rule may not be now: then the list tells of it.
        listed = self.connection.rules(namespace)
        if isinstance(listed, Failure):
            return listed
        if not any(counts(name) and name != EXCEPTION for name in listed):
            detail = (
                f"no rule of package {namespace} counts: rules are named deny, violation, warn"
                " (each with a suffix if wanted) or require"
            )
            return failure(EvaluationFault.NAMESPACE, detail)
        again = self._package(namespace, document)  # so that the list is of the same revision
        return again if isinstance(again, Failure) else rules

    def _package(self, namespace: str, document: Document | None) -> dict[str, Json] | Failure:
        if document is None:
            told = self.connection.package(namespace, {}, strict=False)
        else:
            told = self.connection.package(namespace, document.content)
        if isinstance(told, Failure):
            return told
        wrong = self._wrong_revision(told.provenance)
        if wrong is not None:
            return failure(EvaluationFault.REVISION, wrong)
        self.provenance = told.provenance
        seen = None if document is None else told.answer.observed(document.name, namespace)
        self.observed += [] if seen is None else [seen]
        members = told.answer.value
        if not told.defined or not isinstance(members, dict):
            what = "is a rule or data, and not a package" if told.defined else "is not there"
            detail = f"package {namespace} {what}, on the server that holds the policies"
            return failure(EvaluationFault.NAMESPACE, detail)
        return members

    def _wrong_revision(self, now: Provenance) -> str | None:
        """Why the answer is not one of the policies that are wanted."""
        held = dict(now.revisions)
        for name, revision in self.expected:
            if held.get(name) != revision:
                holds = f"holds {held[name]!r}" if name in held else "does not hold it"
                return f"bundle {name} should be of revision {revision!r}, and the server {holds}"
        if not held:
            return (
                "the server holds no bundle yet, or policies that came without one: let it load a"
                " bundle, whose revision a decision can name"
            )
        bare = next((name for name, revision in now.revisions if not revision), None)
        if bare is not None:
            return f"bundle {bare} has no revision: build it with `opa build --revision`"
        if self.provenance is not None and self.provenance != now:
            return "the server's version or revisions changed while it was asked"
        return None
