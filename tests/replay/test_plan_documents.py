"""Plans that others recorded, from Terraform 0.12 to 1.15."""

import json
from collections import Counter

import pytest

from mrbot.plan.digest import effect_digest
from mrbot.plan.document import read_plan
from mrbot.plan.observed import drifted
from mrbot.plan.plan import Summary, Tool
from mrbot.plan.redact import redact, secrets_of
from mrbot.resources.model import Action
from tests import needs
from tests.unit.plan.plan_documents import keyed_digest

TOOL = Tool(name="terraform", version="1.11.4", origin="test")


def plans_in(value):
    """Every plan in a document; policy samples hold several."""
    if isinstance(value, dict):
        if "format_version" in value and "resource_changes" in value:
            yield value
        else:
            for inner in value.values():
                yield from plans_in(inner)


def recorded():
    files = sorted((needs.data() / "plans").glob("*.json"))
    assert files
    for file in files:
        for document in plans_in(json.loads(file.read_text())):
            yield file.name, document


def expected(document):
    """The summary by plain counting of Terraform's own words."""
    words = Counter(tuple(e["change"]["actions"]) for e in document["resource_changes"])
    outputs = document.get("output_changes", {}).values()
    return Summary(
        create=words["create",],
        update=words["update",],
        replace=words["delete", "create"] + words["create", "delete"],
        delete=words["delete",],
        move=sum("previous_address" in e for e in document["resource_changes"]),
        import_=sum("importing" in e["change"] for e in document["resource_changes"]),
        outputs=sum(o["actions"] != ["no-op"] for o in outputs),
    )


def test_every_recorded_plan_is_read_and_counted():
    count = 0
    for name, document in recorded():
        summary, changes = read_plan(document, "p", None)
        count += 1

        assert summary == expected(document), name
        acting = [c for c in changes if c.action not in {Action.MOVE, Action.IMPORT}]
        wanted = summary.create + summary.update + summary.replace + summary.delete
        assert len(acting) == wanted, name
    assert count >= 14


def test_every_recorded_plan_is_the_same_to_its_reader_when_redacted():
    for name, document in recorded():
        clean = redact(document, keyed_digest)
        summary, changes = read_plan(clean, "p", None)
        plain_summary, plain = read_plan(document, "p", None)

        assert summary == plain_summary, name
        assert [(c.address, c.kind, c.action) for c in changes] == [
            (c.address, c.kind, c.action) for c in plain
        ], name
        assert redact(clean, keyed_digest) == clean, name


def test_recorded_plans_with_marks_keep_all_that_is_not_marked():
    for name, document in recorded():
        if document["format_version"] != "0.1" and not secrets_of(document):
            assert redact(document, keyed_digest) == document, name


def test_every_recorded_plan_has_a_digest_of_its_own():
    found = {}
    for name, document in recorded():
        digest = effect_digest(document, (), TOOL, None, keyed_digest)
        assert digest == effect_digest(document, (), TOOL, None, keyed_digest)
        found.setdefault(digest, []).append((name, read_plan(document, "p", None)[0]))
    for same in found.values():
        assert len({summary for _, summary in same}) == 1, [name for name, _ in same]


@pytest.mark.parametrize(
    ("file", "count"),
    [("infracost.resource_drift_aws_instance.json", 2), ("tf-summarize.example.json", None)],
)
def test_recorded_drift_is_counted_and_no_change(file, count):
    document = json.loads((needs.data() / "plans" / file).read_text())

    found = drifted(document)

    assert len(found) == (count or len(document["resource_drift"])) > 0
    assert set(found) == {entry["address"] for entry in document["resource_drift"]}
