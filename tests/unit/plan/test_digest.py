import copy

import pytest

from mrbot.errors import BadInput
from mrbot.plan.digest import artefact_digest, effect_digest
from mrbot.plan.plan import Tool
from tests.unit.plan.plan_documents import Terraform, keyed_digest, plan, resource

TOOL = Tool(name="terraform", version="1.11.4", origin="/usr/bin/terraform")


def digest(document, arguments=(), tool=TOOL, lock=b"lock", key=keyed_digest):
    return effect_digest(document, arguments, tool, lock, key)


def base():
    return plan(
        resource(before={"id": "i", "a": 1, "etag": "x"}, after={"id": "i", "a": 2, "etag": "x"}),
        resource("aws_x.b", actions=["create"], after={"p": "one"}, after_sensitive={"p": True}),
        resource("aws_x.c", actions=["no-op"], before={"a": 1}, after={"a": 1}),
        resource("aws_x.d", actions=["delete"], before={"id": "d", "etag": "x"}),
        output_changes={
            "o": {
                "actions": ["create"],
                "before": None,
                "after": 1,
                "after_unknown": False,
                "before_sensitive": False,
                "after_sensitive": False,
            }
        },
        variables={"region": {"value": "eu"}, "other": {"value": "x"}},
        configuration={
            "provider_config": {
                "aws": {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}}
            },
            "root_module": {"variables": {"region": {}, "other": {}}},
        },
    )


def test_a_digest_is_named_and_the_same_for_the_same():
    assert digest(base()).startswith("sha256:")
    assert len(digest(base())) == 71
    assert digest(base()) == digest(base())
    assert digest(plan()) != digest(base())


def change(document, number):
    return document["resource_changes"][number]["change"]


SAME = {
    "another time": lambda d: d.update(timestamp="2027-01-01T00:00:00Z"),
    "another order": lambda d: d["resource_changes"].reverse(),
    "another order of keys": lambda d: d.update(
        resource_changes=[dict(reversed(e.items())) for e in d["resource_changes"]]
    ),
    "what stays": lambda d: change(d, 2).update(before={"a": 9}, after={"a": 9}),
    "an attribute that stays": lambda d: (
        change(d, 0)["before"].update(etag="y"),
        change(d, 0)["after"].update(etag="y"),
    ),
    "an attribute of what is deleted": lambda d: change(d, 3)["before"].update(etag="y"),
    "drift": lambda d: d.update(resource_drift=[resource()]),
    "prior state": lambda d: d.update(prior_state={"values": {}}),
    "a variable that no provider uses": lambda d: d["variables"].update(other={"value": "y"}),
    "why it changes": lambda d: d["resource_changes"][0].update(action_reason="x"),
}
OTHER = {
    "a value after": lambda d: change(d, 0)["after"].update(a=3),
    "a value before": lambda d: change(d, 0)["before"].update(a=3),
    "another object": lambda d: (
        change(d, 0)["before"].update(id="j"),
        change(d, 0)["after"].update(id="j"),
    ),
    "another object deleted": lambda d: change(d, 3)["before"].update(id="e"),
    "unknown now": lambda d: change(d, 0).update(after_unknown={"a": True}),
    "a new attribute": lambda d: (
        change(d, 0)["after"].update(n=None) or (change(d, 0)["after"].update(n=1))
    ),
    "true for one": lambda d: change(d, 0)["before"].update(a=True),
    "text for a number": lambda d: change(d, 0)["after"].update(a="2"),
    "an action": lambda d: change(d, 0).update(actions=["delete", "create"]),
    "the order of replacing": lambda d: change(d, 0).update(actions=["create", "delete"]),
    "replace paths": lambda d: change(d, 0).update(replace_paths=[["a"]]),
    "an address": lambda d: d["resource_changes"][0].update(address="aws_x.z"),
    "a move": lambda d: d["resource_changes"][2].update(previous_address="aws_x.z"),
    "an import": lambda d: change(d, 2).update(importing={"id": "i"}),
    "a deposed object": lambda d: d["resource_changes"][3].update(deposed="ab12"),
    "a provider": lambda d: d["resource_changes"][0].update(provider_name="evil/aws"),
    "a secret": lambda d: change(d, 1)["after"].update(p="two"),
    "a secret that is shown": lambda d: change(d, 1).update(after_sensitive={}),
    "one resource less": lambda d: d["resource_changes"].pop(0),
    "one resource twice": lambda d: d["resource_changes"].append(d["resource_changes"][0]),
    "an output": lambda d: d["output_changes"]["o"].update(after=2),
    "something deferred": lambda d: d.update(
        deferred_changes=[{"reason": "x", "resource_change": resource()}]
    ),
    "something run": lambda d: d.update(action_invocations=[{"address": "action.a.b"}]),
    "the region": lambda d: d["variables"].update(region={"value": "us"}),
    "a provider's settings": lambda d: d["configuration"]["provider_config"]["aws"].update(
        expressions={"region": {"constant_value": "us"}}
    ),
    "a large number": lambda d: change(d, 0)["after"].update(a=2**60),
}


@pytest.mark.parametrize("edit", SAME.values(), ids=SAME.keys())
def test_what_has_no_effect_leaves_the_digest(edit):
    document = copy.deepcopy(base())
    edit(document)

    assert digest(document) == digest(base())


def test_what_has_an_effect_changes_the_digest_each_in_its_own_way():
    seen = {digest(base()): "the base"}
    for name, edit in OTHER.items():
        document = copy.deepcopy(base())
        edit(document)
        found = digest(document)
        assert found not in seen, f"{name} is like {seen[found]}"
        seen[found] = name


def test_what_it_was_planned_with_is_part_of_the_effect():
    newer = Tool(name="terraform", version="1.12.0", origin=TOOL.origin)
    tofu = Tool(name="tofu", version="1.11.4", origin=TOOL.origin)
    elsewhere = Tool(name="terraform", version="1.11.4", origin="library")
    document = base()

    found = {
        digest(document),
        digest(document, arguments=("-target=a",)),
        digest(document, arguments=("-target=b", "-refresh=false")),
        digest(document, arguments=("-refresh=false", "-target=b")),
        digest(document, lock=None),
        digest(document, lock=b""),
        digest(document, tool=newer),
        digest(document, tool=tofu),
        digest(document, key=lambda _: "another key"),
    }
    assert len(found) == 9
    assert digest(document, tool=elsewhere) == digest(document)


@pytest.mark.parametrize(
    ("one", "other"),
    [(2**53, 2**53 + 1), (2**64, 2**64 + 1), (-(2**60), 2**60), (1e300, 2e300), (0.1, 0.2)],
)
def test_numbers_that_differ_are_different_however_large(one, other):
    of = [digest(plan(resource(before={"a": None}, after={"a": n}))) for n in (one, other)]

    assert of[0] != of[1]


def test_a_plan_cannot_imitate_what_this_adds():
    real = plan(resource(before={"a": None}, after={"a": 2**60}))
    forged = plan(resource(before={"a": None}, after={"a": {"$integer": str(2**60)}}))

    assert digest(real) != digest(forged)


@pytest.mark.parametrize("document", [None, {}, {"format_version": "7"}, "(sensitive)"])
def test_what_is_no_plan_has_no_digest(document):
    with pytest.raises(BadInput, match="without a digest"):
        digest(document)


def test_every_part_of_an_artefact_counts():
    found = {
        artefact_digest(b"plan", "a" * 40, "line", 1),
        artefact_digest(b"PLAN", "a" * 40, "line", 1),
        artefact_digest(b"plan", "b" * 40, "line", 1),
        artefact_digest(b"plan", "a" * 40, "LINE", 1),
        artefact_digest(b"plan", "a" * 40, None, 1),
        artefact_digest(b"plan", "a" * 40, "line", 2),
        artefact_digest(b"plan", "a" * 40, "line", None),
    }

    assert len(found) == 7
    assert artefact_digest(b"plan", "a" * 40, "line", 1) in found


def test_two_real_plans_of_the_same_have_the_same_digest(tmp_path):
    terraform = Terraform(tmp_path)
    terraform.write(
        'variable "s" {\n  sensitive = true\n}\n'
        'resource "terraform_data" "x" {\n  input = { s = var.s, n = 1 }\n}\n'
    )
    first, second = (terraform.plan("-var=s=hunter2")[0] for _ in range(2))
    other, _ = terraform.plan("-var=s=hunter3")

    assert first["timestamp"]
    assert digest(first) == digest(second)
    assert digest(first) != digest(other)
