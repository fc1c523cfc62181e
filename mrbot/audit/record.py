"""A decision with everything it was made from: what a replay needs, and nothing else. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from mrbot.audit.codec import decode, encode
from mrbot.change.people import Directory
from mrbot.change.snapshot import Change
from mrbot.decision.decide import Decision, decide
from mrbot.decision.document import decision_document
from mrbot.decision.material import Material
from mrbot.errors import BadReference
from mrbot.ids import Digest, Json
from mrbot.judgement import assess
from mrbot.policy.finding import (
    Document,
    Engine,
    Evaluated,
    EvaluationFailed,
    Observed,
    PolicyEngine,
)
from mrbot.policy.served import asked_digest, unanswered

FORMAT = "mrbot-record/1"
_LATER = {"served", "observed"}
"""Keys that the first records did not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision and its inputs. `outcome` is the decision as JSON, as it was published."""

    change: Change
    material: Material
    directory: Directory
    engine: Engine
    outcome: Json
    served: tuple[Evaluated | EvaluationFailed, ...] = ()
    """What a server said that the operator runs: it cannot be asked the same again."""
    observed: tuple[Observed, ...] = ()
    """What engines said beside their answers. Nothing follows from it."""


def recorded(
    change: Change,
    material: Material,
    directory: Directory,
    engine: Engine,
    decision: Decision,
) -> Record:
    """The record of a decision that was just made."""
    return Record(
        change=change,
        material=material,
        directory=directory,
        engine=engine,
        outcome=_plain(decision_document(decision)),
        served=tuple(one for one in decision.assessment.evaluations if one.served is not None),
        observed=tuple(
            seen
            for one in decision.assessment.evaluations
            if isinstance(one, Evaluated)
            for seen in one.observed
        ),
    )


def _plain(document: Json) -> Json:
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]  # what JSON keeps of it


def record_bytes(record: Record) -> bytes:
    """The record as canonical JSON: the same bytes for the same record."""
    document = {
        "format": FORMAT,
        "engine": {"name": record.engine.name, "version": record.engine.version},
        "change": encode(record.change),
        "material": encode(record.material),
        "directory": encode(record.directory),
        "outcome": record.outcome,
        "served": encode(record.served),
        "observed": encode(record.observed),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def read_record(content: bytes) -> Record:
    """The record that `record_bytes` wrote.

    Raises: BadReference when it is no such record.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadReference(f"not a record: {error}") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise BadReference(f"not a record of the format {FORMAT}")
    if _LATER & set(document) not in (set(), _LATER):
        raise BadReference("the record lacks what was observed, or what a server said")
    change = decode(document.get("change"))
    material = decode(document.get("material"))
    directory = decode(document.get("directory"))
    engine = document.get("engine")
    served, observed = decode(document.get("served", [])), decode(document.get("observed", []))
    if not (
        isinstance(change, Change)
        and isinstance(material, Material)
        and isinstance(directory, Directory)
        and isinstance(engine, dict)
        and isinstance(served, tuple)
        and isinstance(observed, tuple)
        and all(isinstance(one, Evaluated | EvaluationFailed) for one in served)
        and all(isinstance(one, Observed) for one in observed)
    ):
        raise BadReference("the record lacks its change, material, directory or engine")
    return Record(
        change=change,
        material=material,
        directory=directory,
        engine=Engine(name=str(engine.get("name")), version=str(engine.get("version"))),
        outcome=document.get("outcome"),
        served=served,
        observed=observed,
    )


def content_digest(content: bytes, salt: bytes) -> Digest:
    """What the ledger holds of a record: nothing can be learned from it without the salt."""
    return Digest("sha256:" + hashlib.sha256(salt + content).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to. `differences` names each part of the outcome that is not the same;
    `other_engine` is set when another engine, or another version of it, judged this time."""

    outcome: Json
    differences: tuple[str, ...]
    other_engine: Engine | None


class RecordedServer:
    """A `PolicyServer` that says what a record holds, and to no other question than was asked then."""

    def __init__(self, record: Record) -> None:
        self._said = {one.served.asked: one for one in record.served if one.served is not None}

    def evaluate(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        """What the server said then; a failure when it was asked something else."""
        said = self._said.get(asked_digest(namespaces, documents))
        if said is not None:
            return said
        detail = "the record holds no answer of the policy server to this question"
        return unanswered(namespaces, documents, "the record", detail)


def decided_again(record: Record, engine: PolicyEngine) -> Decision:
    """The record's decision, from its material; what a server said is taken from the record."""
    assessment = assess(record.material, record.change, engine, RecordedServer(record))
    return decide(
        record.change,
        assessment,
        record.directory,
        record.material.now,
        planning=record.material.planning,
    )


def replay(record: Record, engine: PolicyEngine) -> Replayed:
    """The decision made again, from the record alone."""
    decision = decided_again(record, engine)
    outcome = _plain(decision_document(decision))
    then = record.outcome if isinstance(record.outcome, dict) else {}
    now = outcome if isinstance(outcome, dict) else {}
    same_engine = engine.engine == record.engine
    if not same_engine:
        then, now = _without_engine(then), _without_engine(now)
    return Replayed(
        outcome=outcome,
        differences=tuple(k for k in sorted({*then, *now}) if then.get(k) != now.get(k)),
        other_engine=None if same_engine else engine.engine,
    )


def _without_engine(outcome: dict[str, Json]) -> dict[str, Json]:
    policies = outcome.get("policies")
    if not isinstance(policies, list):
        return outcome
    kept: list[Json] = [
        {key: value for key, value in one.items() if key != "engine"}
        for one in policies
        if isinstance(one, dict)
    ]
    return {**outcome, "policies": kept}
