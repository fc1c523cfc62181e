import json

import pytest

from mrbot.plan import supplied as module
from mrbot.plan.plan import Plan, PlanFailed, PlanFault
from mrbot.plan.supplied import supplied_plan
from mrbot.resources.model import SENSITIVE_CHANGED
from tests.build import HEAD
from tests.unit.plan.plan_documents import keyed_digest, plan, resource


def given(text):
    return supplied_plan(text, "network", "production", HEAD, keyed_digest)


def test_a_plan_that_is_handed_over_is_read_and_redacted():
    change = resource(before={"p": "hunter2"}, after={"p": "hunter3"}, after_sensitive={"p": True})
    found = given(json.dumps(plan(change)).encode())

    assert isinstance(found, Plan)
    assert (found.project, found.environment, found.head) == ("network", "production", HEAD)
    assert found.resources[0].after == {"p": SENSITIVE_CHANGED}
    assert "hunter" not in repr(found)
    assert found.tool.origin == "handed over"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "terraform show -json"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "format version 'None' is unknown"),
        (json.dumps({**plan(), "format_version": "2.0"}).encode(), "'2.0' is unknown"),
        (json.dumps({**plan(), "errored": True}).encode(), "not whole"),
    ],
    ids=["empty", "no text", "deep", "a list", "no plan", "another version", "errored"],
)
def test_what_is_no_plan_says_why(text, said):
    found = given(text)

    assert isinstance(found, PlanFailed)
    assert found.fault == PlanFault.SHOW
    assert said in found.detail


def test_a_plan_that_is_too_large_is_not_read(monkeypatch):
    monkeypatch.setattr(module, "SUPPLIED_LIMIT_BYTES", 10)

    found = given(json.dumps(plan()).encode())

    assert isinstance(found, PlanFailed)
    assert found.fault == PlanFault.TOO_LARGE
