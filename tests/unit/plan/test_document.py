import json
import re

import pytest

from mrbot.errors import BadInput
from mrbot.plan.document import MAX_DEPTH, problem_of, read_plan
from mrbot.plan.plan import Summary
from mrbot.plan.redact import redact
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED, Action, Certainty
from tests.unit.plan.plan_documents import Terraform, keyed_digest, plan, resource


def read(*changes, **sections):
    return read_plan(plan(*changes, **sections), "network", "production")


def only(*changes, **sections):
    _, (found,) = read(*changes, **sections)
    return found


def test_an_empty_plan_changes_nothing():
    assert read() == (Summary(), ())
    assert read_plan({"format_version": "0.1"}, "p", None) == (Summary(), ())


@pytest.mark.parametrize(
    ("actions", "rest", "summary", "action"),
    [
        (["no-op"], {}, Summary(), None),
        (["read"], {}, Summary(), None),
        (["open"], {}, Summary(), None),
        (["create"], {}, Summary(create=1), Action.CREATE),
        (["update"], {}, Summary(update=1), Action.UPDATE),
        (["delete"], {}, Summary(delete=1), Action.DELETE),
        (["delete", "create"], {}, Summary(replace=1), Action.REPLACE),
        (["create", "delete"], {}, Summary(replace=1), Action.REPLACE),
        (["forget"], {}, Summary(forget=1), Action.FORGET),
        (["create", "forget"], {}, Summary(create=1, forget=1), Action.REPLACE),
        (["no-op"], {"previous_address": "aws_x.b"}, Summary(move=1), Action.MOVE),
        (
            ["update"],
            {"previous_address": "aws_x.b"},
            Summary(update=1, move=1),
            Action.UPDATE,
        ),
        (["no-op"], {"importing": {"id": "i"}}, Summary(import_=1), Action.IMPORT),
        (["update"], {"importing": {"id": "i"}}, Summary(update=1, import_=1), Action.UPDATE),
    ],
)
def test_every_action_is_counted_as_terraform_counts_it(actions, rest, summary, action):
    counted, found = read(resource(actions=actions, before={"a": 1}, after={"a": 2}, **rest))

    assert counted == summary
    assert [change.action for change in found] == ([action] if action else [])


def test_a_change_has_all_that_the_model_wants():
    change = only(
        resource(
            "module.m.aws_x.a[0]",
            before={"a": 1, "b": [1]},
            after={"a": 2, "b": [1]},
            after_unknown={"c": True, "b": [False], "d": {"e": True}, "f": False},
        )
    )

    assert (change.format, change.address, change.kind) == (
        "terraform",
        "module.m.aws_x.a[0]",
        "aws_x",
    )
    assert (change.before, change.after) == ({"a": 1, "b": [1]}, {"a": 2, "b": [1]})
    assert change.unknown_paths == ("c", "d.e")
    assert change.sensitive_paths == ()
    assert (change.project, change.environment) == ("network", "production")
    assert change.certainty is Certainty.PLANNED


def test_a_resource_that_is_unknown_as_a_whole_says_so():
    assert only(resource(after_unknown=True)).unknown_paths == ("",)


def test_a_deposed_object_has_an_address_of_its_own():
    gone = resource(actions=["delete"], before={"a": 1}, deposed="ab12")

    _, found = read(resource(before={"a": 1}, after={"a": 2}), gone)

    assert [change.address for change in found] == ["aws_x.a", "aws_x.a (deposed ab12)"]


def test_marks_of_either_side_hide_both():
    change = only(
        resource(
            before={"a": "old", "b": {"c": "same"}, "l": [{"t": "x"}], "n": None},
            after={"a": "new", "b": {"c": "same"}, "l": [{"t": "x"}], "n": "x"},
            before_sensitive={"a": True, "n": True},
            after_sensitive={"b": {"c": True}, "l": [{"t": True}]},
        )
    )

    assert change.before == {
        "a": SENSITIVE_CHANGED,
        "b": {"c": SENSITIVE},
        "l": [{"t": SENSITIVE}],
        "n": None,
    }
    assert change.after == {
        "a": SENSITIVE_CHANGED,
        "b": {"c": SENSITIVE},
        "l": [{"t": SENSITIVE}],
        "n": SENSITIVE,
    }
    assert change.sensitive_paths == ("a", "n", "b.c", "l.0.t")


@pytest.mark.parametrize(
    "marks",
    [True, "?", {"a": {"b": True}}, {"a": [True]}, {"a": [False, False, True]}, 1],
    ids=["whole", "nonsense", "object on text", "array on text", "out of range", "number"],
)
def test_a_mark_that_does_not_fit_hides_more_and_never_less(marks):
    change = only(resource(after={"a": "hunter2"}, actions=["create"], after_sensitive=marks))

    assert "hunter2" not in repr(change)
    assert change.sensitive_paths in {("",), ("a",)}


def test_without_any_marks_nothing_is_shown():
    bare = resource(after={"a": "hunter2", "b": None}, actions=["create"])
    del bare["change"]["after_sensitive"]

    change = only(bare)
    assert change.after == {"a": SENSITIVE, "b": None}
    assert change.sensitive_paths == ("a",)


def test_reading_a_redacted_plan_keeps_what_was_said_of_its_secrets():
    document = plan(
        resource(before={"a": "old"}, after={"a": "new"}, after_sensitive={"a": True}),
        resource("aws_x.b", before={"x": "a new b"}, after={"x": "a new c"}),
    )
    document["resource_changes"][1]["change"]["after"]["x"] = "the-new-thing"
    document["resource_changes"][0]["change"]["after"]["a"] = "the-new-thing"

    _, (first, second) = read_plan(redact(document, keyed_digest), "p", None)

    assert (first.before, first.sensitive_paths) == ({"a": SENSITIVE_CHANGED}, ("a",))
    assert (second.after, second.sensitive_paths) == ({"x": SENSITIVE_CHANGED}, ("x",))


def test_outputs_that_change_are_counted():
    outputs = {"a": {"actions": ["update"]}, "b": {"actions": ["no-op"]}}

    assert read(output_changes=outputs)[0] == Summary(outputs=1)


def test_what_is_deferred_is_not_forgotten():
    item = {"reason": "provider_config_unknown", "resource_change": resource(actions=["create"])}

    change = only(deferred_changes=[item])
    assert (change.address, change.action, change.certainty) == (
        "aws_x.a",
        Action.UNKNOWN,
        Certainty.UNKNOWN,
    )


def test_what_a_provider_would_run_is_not_forgotten():
    item = {
        "address": "action.aws_lambda_invoke.x",
        "type": "aws_lambda_invoke",
        "name": "x",
        "config_values": {"function": "f", "key": "hunter2"},
        "config_sensitive": {"key": True},
        "config_unknown": {"payload": True},
    }

    change = only(action_invocations=[item])
    assert (change.address, change.kind) == (
        "action.aws_lambda_invoke.x",
        "action.aws_lambda_invoke",
    )
    assert change.after == {"function": "f", "key": SENSITIVE}
    assert change.unknown_paths == ("payload",)


def test_drift_is_no_change():
    document = plan(resource_drift=[resource(), resource("aws_x.b")])

    assert read_plan(document, "p", None) == (Summary(), ())


def test_a_change_says_why_and_where_it_was():
    change = only(
        resource(
            "aws_db_instance.new",
            actions=["delete", "create"],
            before={"encrypted": False, "disk": [{"size": 1}]},
            after={"encrypted": True, "disk": [{"size": 2}]},
            replace_paths=[["encrypted"], ["disk", 0, "size"]],
            action_reason="replace_because_cannot_update",
            previous_address="aws_db_instance.old",
        )
    )

    assert change.stateful
    assert change.replace_paths == ("encrypted", "disk.0.size")
    assert change.why == "replace_because_cannot_update"
    assert change.previous_address == "aws_db_instance.old"


@pytest.mark.parametrize("odd", [None, 3, [], {}, [3], [[None]]], ids=repr)
def test_reasons_and_paths_of_another_form_are_no_crash(odd):
    change = only(resource(action_reason=odd, previous_address=odd, replace_paths=odd))

    assert change.why is change.previous_address is None
    assert not change.stateful


def deep(levels):
    value = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ([], "no JSON object"),
        (None, "no JSON object"),
        (SENSITIVE, "no JSON object"),
        ({}, "format version 'None'"),
        ({"format_version": "2.0"}, "format version '2.0' is unknown"),
        ({"format_version": 1.0}, "unknown"),
        (plan(deep(MAX_DEPTH)), "nested deeper than 200"),
        (plan(timestamp="\ud800"), "Unicode"),
        (plan(errored=True), "ended in an error"),
        (plan(resource_changes={}) | {"resource_changes": {"a": 1}}, "not an array"),
        (plan(output_changes=[1]), "not an object"),
        (plan(1), "without a change"),
        (plan({"address": "a", "type": "b"}), "without a change"),
        (plan(resource(actions=["obliterate"])), "obliterate"),
        (plan(resource(actions=[])), "are unknown"),
        (plan(resource() | {"address": None}), "without an address"),
        (plan(output_changes={"o": {"actions": ["x"]}}), "the output o is unknown"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_reason(document, part):
    assert part in problem_of(document)
    with pytest.raises(BadInput, match="the plan of network cannot be read"):
        read_plan(document, "network", None)


MAIN = """
variable "secret" {
  type      = string
  sensitive = true
}
variable "size" {
  type    = number
  default = 1
}
resource "terraform_data" "kept" {
  input = "same"
}
resource "terraform_data" "changed" {
  input = { size = var.size, password = var.secret }
}
resource "terraform_data" "replaced" {
  triggers_replace = var.size
}
resource "terraform_data" "gone" {
  count = var.size > 1 ? 0 : 1
}
resource "terraform_data" "many" {
  count = var.size
}
output "size" {
  value = var.size
}
output "secret" {
  value     = var.secret
  sensitive = true
}
"""
LINE = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")


def test_the_counts_are_terraforms_own_and_the_secret_stays_inside(tmp_path):
    terraform = Terraform(tmp_path)
    terraform.write(MAIN)
    document, said = terraform.plan("-var=secret=hunter2-hunter2")
    summary, _ = read_plan(document, "p", None)
    assert (summary.create, summary.update, summary.delete) == (5, 0, 0)
    assert [int(n) for n in LINE.search(said).groups()] == [5, 0, 0]
    terraform.apply()

    terraform.write(MAIN.replace('"terraform_data" "kept"', '"terraform_data" "moved"'))
    terraform.write(
        "moved {\n from = terraform_data.kept\n to = terraform_data.moved\n}\n", "moved.tf"
    )
    document, said = terraform.plan("-var=secret=hunter3-hunter3", "-var=size=2")
    summary, changes = read_plan(document, "p", None)

    added, changed, destroyed = (int(number) for number in LINE.search(said).groups())
    assert (summary.create + summary.replace, summary.update) == (added, changed)
    assert summary.delete + summary.replace == destroyed
    assert summary == Summary(create=1, update=1, replace=1, delete=1, move=1, outputs=2)
    found = {change.address: change for change in changes}
    changed = found["terraform_data.changed"]
    assert changed.before["input"] == {"size": 1, "password": SENSITIVE_CHANGED}
    assert changed.after["input"] == {"size": 2, "password": SENSITIVE_CHANGED}
    assert "input.password" in changed.sensitive_paths
    assert changed.unknown_paths == ("output",)
    assert found["terraform_data.moved"].action is Action.MOVE
    # Terraform itself does not mark the copy of the old secret in `output`; `redact` finds it.
    assert "hunter" in repr(changes)
    clean = redact(document, keyed_digest)
    assert "hunter" not in json.dumps(clean)
    assert read_plan(clean, "p", None)[0] == summary


@pytest.mark.parametrize(
    "section",
    [
        {"output_changes": 0}, {"output_changes": ""}, {"output_changes": []},
        {"resource_changes": {}}, {"deferred_changes": ""}, {"configuration": False},
        {"deferred_changes": [3]}, {"deferred_changes": [{"resource_change": {"type": []}}]},
        {"deferred_changes": [{"resource_change": {"type": [], "change": {"actions": ["create"]}}}]},
    ],
    ids=repr,
)  # fmt: skip
def test_a_section_of_another_form_is_no_plan(section):
    document = {**plan(), **section}

    assert problem_of(document) is not None
    with pytest.raises(BadInput):
        read_plan(document, "p", None)
