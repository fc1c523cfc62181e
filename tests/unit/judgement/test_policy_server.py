"""The organisation's policies on a server: asked there, recorded, bound by their revision."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import jsonschema
import pytest

from mrbot.audit.record import read_record, record_bytes, recorded, replay
from mrbot.change.snapshot import Change
from mrbot.decision.decide import Decision, decide
from mrbot.decision.document import decision_document
from mrbot.decision.material import Material, PolicyFolder, ServedPolicies, TextFile
from mrbot.decision.ruleset import PolicyInput
from mrbot.effects.comment import Beside, CommentLimit
from mrbot.effects.render import render
from mrbot.ids import Digest, Json
from mrbot.judgement import assess
from mrbot.policy.finding import (
    Bundle,
    Document,
    Engine,
    Evaluated,
    EvaluationFailed,
    EvaluationFault,
    Finding,
    Observed,
    PolicyEngine,
    PolicyServer,
    Served,
)
from mrbot.policy.served import NO_SERVER, asked_digest
from tests import needs
from tests.build import (
    ENGINE,
    NOW,
    SilentEngine,
    make_change,
    make_directory,
    make_file,
    make_finding,
    make_material,
    make_organisation,
)
from tests.unit.judgement.stories import codes, verdict

SCHEMA = json.loads((needs.ROOT / "config/schema/decision.v1.json").read_text())
LIMIT = CommentLimit(characters=65_536, bytes=262_144)
WHERE = "https://opa.example.org"


@dataclass
class Server:
    """A `PolicyServer` with these findings at this revision; `asked` is what it was asked."""

    findings: tuple[Finding, ...] = ()
    revision: str = "r1"
    fault: EvaluationFault | None = None
    ticks: int = 0
    asked: list[tuple[tuple[str, ...], tuple[Document, ...]]] = field(default_factory=list)

    def evaluate(
        self, namespaces: tuple[str, ...], documents: tuple[Document, ...]
    ) -> Evaluated | EvaluationFailed:
        self.asked.append((namespaces, documents))
        self.ticks += 1
        engine = Engine(name="opa", version="1.22.2")
        asked = asked_digest(namespaces, documents)
        served = Served(where=WHERE, revisions=(("org", self.revision),), asked=asked)
        digest = Digest(f"sha256:{self.revision}")
        if self.fault is not None:
            return EvaluationFailed(
                fault=self.fault, detail="it is so", engine=engine, policy="organisation",
                digest=digest, served=replace(served, revisions=()),
            )  # fmt: skip
        seen = Observed(
            document="change", namespace="main", decision_id=f"id-{self.ticks}",
            metrics=(("timer_rego_query_eval_ns", self.ticks),),
        )  # fmt: skip
        return Evaluated(
            findings=self.findings, demands=(), namespaces=namespaces, engine=engine,
            policy="organisation", digest=digest, served=served, observed=(seen,),
        )  # fmt: skip


class Listening(SilentEngine):
    """The local engine; `bundles` are those that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.bundles: list[Bundle] = []

    def evaluate(self, bundle: Bundle, documents: tuple[Document, ...]) -> Evaluated:
        self.bundles.append(bundle)
        return super().evaluate(bundle, documents)


def served_material(*, judges: PolicyInput = PolicyInput.CHANGE) -> Material:
    organisation = replace(
        make_organisation(rules=b"version: 1\notherwise: approved\n"),
        policies=ServedPolicies(where=WHERE),
        namespaces=("main", "more"),
        input=judges,
    )
    own = PolicyFolder(
        directory="policies", origin="repository",
        files=(TextFile(path="policies/own.rego", content=b"package main\n"),),
    )  # fmt: skip
    rules = b"version: 1\notherwise: approved\npolicies:\n  - directory: policies\n"
    return replace(
        make_material(organisation=organisation, planning=False),
        target_rules=TextFile(path=".mrbot.yml", content=rules),
        target_policies=(own,),
    )


CHANGE = make_change()


def judged(
    server: PolicyServer,
    engine: PolicyEngine | None = None,
    material: Material | None = None,
    change: Change = CHANGE,
) -> Decision:
    material = material or served_material()
    assessment = assess(material, change, engine or SilentEngine(), server)
    return decide(change, assessment, make_directory(), NOW, planning=False)


def test_the_server_is_asked_the_organisation_s_packages_and_the_engine_the_repository_s() -> None:
    server, engine = Server(), Listening()

    decision = judged(server, engine)

    assert verdict(decision) == "approved"
    assert [namespaces for namespaces, _ in server.asked] == [("main", "more")]
    assert [bundle.name for bundle in engine.bundles] == ["repository"]


def test_what_the_server_denies_is_denied() -> None:
    decision = judged(Server((make_finding(),)))

    assert verdict(decision) == "rejected"


@pytest.mark.parametrize("fault", list(EvaluationFault), ids=lambda fault: fault.name.lower())
def test_every_way_in_which_the_server_gives_no_answer_is_undecidable(
    fault: EvaluationFault,
) -> None:
    decision = judged(Server(fault=fault))

    assert (verdict(decision), codes(decision)) == ("undecidable", {"policy-failed"})


def test_policies_on_a_server_that_is_not_set_up_are_undecidable() -> None:
    assert verdict(judged(NO_SERVER)) == "undecidable"


def test_approvals_bind_to_the_revision_that_the_server_named() -> None:
    def digest(server: PolicyServer) -> Digest:
        return judged(server).assessment.binding.policy_digest

    first = digest(Server())

    assert digest(Server((make_finding(),))) == first
    assert digest(Server(revision="r2")) != first


def test_a_file_that_does_not_parse_is_told_beside_the_server_s_answer() -> None:
    material = replace(
        served_material(judges=PolicyInput.DOCUMENT),
        unread=(("infra/main.json", "it is too large"),),
    )
    server = Server()

    decision = judged(
        server, material=material, change=make_change(files=[make_file("infra/main.json")])
    )

    assert verdict(decision) == "undecidable"
    assert "does not parse: it is too large" in str(decision.verdict)


# The document, the record and the comment.


def test_the_decision_s_document_names_the_server_and_each_revision() -> None:
    document = decision_document(judged(Server()))

    jsonschema.validate(document, SCHEMA)
    policies = document["policies"]
    assert isinstance(policies, list)
    served, own = policies
    assert isinstance(served, dict)
    assert isinstance(own, dict)
    assert served["engine"] == "opa 1.22.2"
    assert served["server"] == {
        "where": WHERE,
        "revisions": [{"bundle": "org", "revision": "r1"}],
        "replayable": False,
    }
    assert "server" not in own


def test_what_is_observed_changes_nothing_in_the_decision_s_document() -> None:
    server = Server()

    assert decision_document(judged(server)) == decision_document(judged(server))
    assert server.ticks == 2


def made_record(server: PolicyServer) -> bytes:
    material = served_material()
    decision = judged(server, material=material)
    return record_bytes(recorded(CHANGE, material, make_directory(), ENGINE, decision))


def test_a_replay_takes_the_server_s_answer_from_the_record_and_asks_nobody() -> None:
    server = Server((make_finding(),))
    record = read_record(made_record(server))

    replayed = replay(record, SilentEngine())

    assert replayed.differences == ()
    assert isinstance(replayed.outcome, dict)
    assert replayed.outcome["verdict"] == "rejected"
    assert server.ticks == 1
    assert [one.served is not None for one in record.served] == [True]
    assert [one.decision_id for one in record.observed] == ["id-1"]
    assert record_bytes(record) == made_record(Server((make_finding(),)))


def test_a_failure_of_the_server_is_replayed_as_that_failure() -> None:
    record = read_record(made_record(Server(fault=EvaluationFault.TRUST)))

    assert replay(record, SilentEngine()).differences == ()


def test_an_answer_is_never_taken_for_one_to_another_question() -> None:
    record = read_record(made_record(Server()))
    host = replace(record.change.host, title="another")

    replayed = replay(replace(record, change=replace(record.change, host=host)), SilentEngine())

    assert isinstance(replayed.outcome, dict)
    assert replayed.outcome["verdict"] == "undecidable"
    assert "verdict" in replayed.differences


def test_a_record_without_its_answer_is_undecidable_and_not_approved() -> None:
    document = json.loads(made_record(Server()))
    document["served"] = []

    replayed = replay(read_record(json.dumps(document).encode()), SilentEngine())

    assert isinstance(replayed.outcome, dict)
    assert replayed.outcome["verdict"] == "undecidable"


def test_metrics_and_decision_ids_are_no_part_of_what_is_compared() -> None:
    document = json.loads(made_record(Server()))
    document["observed"] = []

    assert replay(read_record(json.dumps(document).encode()), SilentEngine()).differences == ()


def test_a_record_from_before_there_were_servers_is_read() -> None:
    material = make_material(planning=False)
    decision = judged(NO_SERVER, material=material)
    document: dict[str, Json] = json.loads(
        record_bytes(recorded(CHANGE, material, make_directory(), ENGINE, decision))
    )
    del document["served"], document["observed"]

    assert replay(read_record(json.dumps(document).encode()), SilentEngine()).differences == ()


def test_the_comment_names_version_and_revision_and_says_what_cannot_be_replayed() -> None:
    comment = render(judged(Server()), Beside(record="7"), LIMIT)

    assert "The policies of the organisation lie on a policy server (`org` at `r1`)" in comment
    assert "**cannot be replayed**" in comment
    assert "opa 1.22.2 (policy server)" in comment
    assert "but for what the policy server said" in comment
    assert WHERE not in comment


def test_the_comment_escapes_what_a_server_calls_its_revision() -> None:
    comment = render(judged(Server(revision="`</details>@all")), Beside(), LIMIT)

    assert "at `` `<\u200b/details>@all ``" in comment


def test_a_decision_without_a_server_says_nothing_of_one() -> None:
    comment = render(
        judged(NO_SERVER, material=make_material(planning=False)), Beside(record="7"), LIMIT
    )

    assert "policy server" not in comment
    assert "cannot be replayed" not in comment
