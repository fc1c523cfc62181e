import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrbot.plan import redact as module
from mrbot.plan.document import read_plan
from mrbot.plan.redact import redact, secrets_of
from mrbot.resources.model import SENSITIVE, SENSITIVE_CHANGED
from tests.unit.plan.plan_documents import Terraform, keyed_digest, plan, resource

SECRET = "hunter2-hunter2"


def redacted(document):
    return redact(document, keyed_digest)


def test_a_plan_without_secrets_stays_as_it_is():
    document = plan(
        resource(before={"a": 1}, after={"a": 2, "m": {"k": "v"}}, replace_paths=[["a"]]),
        variables={"v": {"value": "x"}},
        planned_values={"outputs": {"o": {"sensitive": False, "value": 1, "type": "number"}}},
        configuration={"root_module": {"variables": {"v": {"default": "x"}}}},
    )

    assert redacted(document) == document
    assert secrets_of(document) == frozenset()


@pytest.mark.parametrize("document", [None, [], {}, {"format_version": "9"}, "hunter2"])
def test_what_is_no_plan_is_hidden_whole_and_all_its_text_is_secret(document):
    assert redacted(document) == SENSITIVE
    assert secrets_of({"a": [SECRET, 12]}) == {SECRET, "12"}


def everywhere():
    """A plan with the secret in every place that Terraform has for one."""
    values = {"password": SECRET, "name": "n"}
    marks = {"password": True}
    item = {
        "address": "module.m.aws_x.a[0]",
        "mode": "managed",
        "type": "aws_x",
        "name": "a",
        "index": 0,
        "values": values,
        "sensitive_values": marks,
    }
    module = {"resources": [], "child_modules": [{"address": "module.m", "resources": [item]}]}
    state = {
        "outputs": {"o": {"sensitive": True, "type": "string", "value": SECRET}},
        "root_module": module,
    }
    change = resource(
        "module.m.aws_x.a[0]",
        before=values | {"password": SECRET + "!"},
        after=values,
        before_sensitive=marks,
        after_sensitive=marks,
        importing={"id": f"arn:{SECRET}"},
        generated_config=f'password = "{SECRET}"',
        after_identity={"id": SECRET},
    )
    return plan(
        change,
        variables={"secret": {"value": SECRET}},
        planned_values=state,
        prior_state={"format_version": "1.0", "terraform_version": "1.11.4", "values": state},
        resource_drift=[change],
        deferred_changes=[{"reason": "unknown", "resource_change": change}],
        output_changes={
            "o": {
                "actions": ["create"],
                "before": None,
                "after": {"x": SECRET},
                "after_unknown": False,
                "before_sensitive": True,
                "after_sensitive": True,
            }
        },
        configuration={
            "provider_config": {
                "aws": {
                    "name": "aws",
                    "expressions": {
                        "region": {"constant_value": "eu"},
                        "secret_key": {"constant_value": "provider-secret"},
                    },
                }
            },
            "root_module": {
                "variables": {"secret": {"sensitive": True, "default": "default-secret"}},
                "outputs": {
                    "o": {"sensitive": True, "expression": {"constant_value": "output-secret"}}
                },
                "module_calls": {
                    "m": {
                        "source": "./m",
                        "expressions": {"given": {"constant_value": "given-secret"}},
                        "module": {
                            "variables": {"given": {"sensitive": True}},
                            "resources": [
                                {
                                    "address": "aws_x.a",
                                    "mode": "managed",
                                    "type": "aws_x",
                                    "name": "a",
                                    "expressions": {
                                        "password": {"constant_value": "x1"},
                                        "name": {"constant_value": "n"},
                                        "other": {"references": ["var.given"]},
                                    },
                                }
                            ],
                        },
                    }
                },
            },
        },
        checks=[
            {
                "address": {"kind": "resource", "to_display": "aws_x.a", "name": "a"},
                "status": "fail",
                "instances": [
                    {
                        "address": {"to_display": "aws_x.a[0]"},
                        "status": "fail",
                        "problems": [{"message": f"the password {SECRET} is weak"}],
                    }
                ],
            }
        ],
        action_invocations=[
            {
                "address": "action.a.b",
                "type": "a",
                "config_values": {"k": SECRET},
                "config_sensitive": {"k": True},
            }
        ],
        relevant_attributes=[{"resource": "aws_x.a", "attribute": ["name"]}],
    )


def test_no_place_of_a_plan_keeps_a_secret():
    clean = redacted(everywhere())

    text = json.dumps(clean)
    assert "hunter2" not in text
    for planted in ("provider-secret", "default-secret", "output-secret", "given-secret", "x1"):
        assert planted not in text


def test_what_is_no_secret_stays_readable():
    clean = redacted(everywhere())

    (entry,) = clean["resource_changes"]
    assert entry["address"] == "module.m.aws_x.a[0]"
    assert entry["change"]["before"] == {"password": SENSITIVE_CHANGED, "name": "n"}
    assert entry["change"]["after"] == {"password": SENSITIVE_CHANGED, "name": "n"}
    assert entry["change"]["after_sensitive"] == {"password": True}
    assert clean["variables"] == {"secret": {"value": SENSITIVE}}
    module = clean["planned_values"]["root_module"]["child_modules"][0]
    assert module["resources"][0]["values"] == {"password": SENSITIVE, "name": "n"}
    configuration = clean["configuration"]
    provider = configuration["provider_config"]["aws"]["expressions"]
    assert provider["region"] == {"constant_value": "eu"}
    called = configuration["root_module"]["module_calls"]["m"]["module"]
    assert called["resources"][0]["expressions"] == {
        "password": {"constant_value": SENSITIVE},
        "name": {"constant_value": "n"},
        "other": {"references": ["var.given"]},
    }
    assert clean["checks"][0]["status"] == "fail"
    assert clean["relevant_attributes"] == [{"resource": "aws_x.a", "attribute": ["name"]}]


def test_redacting_twice_changes_nothing_more():
    once = redacted(everywhere())

    assert redacted(once) == once


def test_the_secrets_are_told_so_that_other_text_can_be_searched():
    assert secrets_of(everywhere()) >= {SECRET, SECRET + "!", "provider-secret", "x1"}


def test_what_this_format_may_grow_is_hidden_until_it_is_known():
    document = plan(resource(before={"a": 1}, after={"a": 2}, brand_new={"x": SECRET}))
    document["brand_new"] = [SECRET]
    document["resource_changes"][0]["brand_new"] = SECRET

    assert SECRET not in json.dumps(redacted(document))


@pytest.mark.parametrize(
    "section",
    ["resource_drift", "variables", "planned_values", "prior_state", "configuration", "checks"],
)
@pytest.mark.parametrize("value", ["hunter2", ["hunter2"], {"hunter": {"x": "hunter2"}}, 7, None])
def test_a_section_of_another_shape_is_no_way_out(section, value):
    document = plan(resource(after={"a": "hunter2"}, after_sensitive={"a": True}))
    document[section] = value

    assert "hunter2" not in json.dumps(redacted(document))


@pytest.mark.parametrize(
    "copy",
    [
        SECRET,
        f"postgres://u:{SECRET}@db",
        json.dumps({"password": SECRET}),
        base64.b64encode(SECRET.encode()).decode(),
        [SECRET],
        {"k": [{"l": SECRET}]},
        {SECRET: "as a key"},
        {"k": {f"a-{SECRET}": 1}},
    ],
    ids=["itself", "within", "json", "base64", "list", "deep", "key", "part of a key"],
)
def test_unmarked_copies_of_a_secret_are_hidden_and_listed(copy):
    document = plan(
        resource(after={"p": SECRET}, after_sensitive={"p": True}, actions=["create"]),
        resource("aws_x.b", after={"leak": copy, "name": "n"}, actions=["create"]),
    )
    clean = redacted(document)

    text = json.dumps(clean)
    assert SECRET not in text
    assert base64.b64encode(SECRET.encode()).decode() not in text
    _, (_, leaking) = read_plan(clean, "p", None)
    assert leaking.after["name"] == "n"
    assert leaking.sensitive_paths[0].startswith("leak")


def test_a_secret_with_quotes_and_lines_is_found_in_json_text():
    secret = 'line "one"\nline two é'
    document = plan(
        resource(after={"p": secret}, after_sensitive={"p": True}, actions=["create"]),
        resource("aws_x.b", after={"leak": json.dumps({"x": secret})}, actions=["create"]),
    )

    assert redacted(document)["resource_changes"][1]["change"]["after"] == {"leak": SENSITIVE}


def test_copies_that_differ_are_seen_to_differ():
    document = plan(
        resource(after={"p": SECRET}, after_sensitive={"p": True}, actions=["create"]),
        resource("aws_x.b", before={"u": f"1{SECRET}"}, after={"u": f"2{SECRET}"}),
    )

    change = redacted(document)["resource_changes"][1]["change"]
    assert change["before"] == change["after"] == {"u": SENSITIVE_CHANGED}


def test_a_secret_that_is_an_instance_key_is_hidden_and_addresses_stay_apart():
    document = plan(
        *(
            resource(f'aws_x.a["{key}"]', after={"p": key}, after_sensitive={"p": True}, index=key)
            for key in ("hunter2", "hunter3")
        )
    )

    one, two = redacted(document)["resource_changes"]
    assert "hunter" not in json.dumps([one, two])
    assert one["address"].startswith("aws_x.a[(sensitive ")
    assert one["address"] != two["address"]


@pytest.mark.parametrize("word", ["aws_x", "update", "managed", "password", "address"])
def test_a_secret_cannot_be_chosen_to_erase_what_a_plan_is_made_of(word):
    document = plan(
        resource(before={"password": word, "b": 1}, after={"password": word, "b": 2}),
        configuration={"root_module": {"variables": {"v": {"sensitive": True}}}},
        variables={"v": {"value": word}},
    )

    _, (change,) = read_plan(redacted(document), "p", None)
    assert (change.address, change.kind, change.action) == ("aws_x.a", "aws_x", "update")
    assert change.after == {"password": SENSITIVE, "b": 2}
    assert change.sensitive_paths == ("password",)


def test_a_secret_chosen_to_hide_an_open_firewall_is_listed_where_it_hides_it():
    document = plan(
        resource(after={"cidrs": ["0.0.0.0/0"]}, actions=["create"]),
        configuration={"root_module": {"variables": {"v": {"sensitive": True}}}},
        variables={"v": {"value": "0.0.0.0/0"}},
    )

    _, (change,) = read_plan(redacted(document), "p", None)
    assert change.sensitive_paths == ("cidrs.0",)


def test_short_secrets_are_hidden_where_marked_and_not_searched_for():
    document = plan(
        resource(after={"p": "abc", "q": "xabcx"}, after_sensitive={"p": True}, actions=["create"])
    )

    after = redacted(document)["resource_changes"][0]["change"]["after"]
    assert after == {"p": SENSITIVE, "q": "xabcx"}


def test_long_numbers_are_searched_for_and_short_ones_are_not():
    document = plan(
        resource(
            after={"p": 8675309, "q": 4711, "text": "call 8675309", "n": 8675309, "m": "4711"},
            after_sensitive={"p": True, "q": True},
            actions=["create"],
        )
    )

    after = redacted(document)["resource_changes"][0]["change"]["after"]
    assert after == {
        "p": SENSITIVE,
        "q": SENSITIVE,
        "text": SENSITIVE,
        "n": SENSITIVE,
        "m": "4711",
    }


def test_with_too_many_copied_secrets_all_text_is_hidden(monkeypatch):
    monkeypatch.setattr(module, "MAX_COPIED_SECRETS", 1)
    document = plan(
        resource(
            after={"p": ["secret-one", "secret-two"], "a": "secret-one", "b": "secret-two"},
            after_sensitive={"p": True},
            actions=["create"],
        ),
        resource("aws_x.b", after={"harmless": "text", "n": 1}, actions=["create"]),
    )

    assert redacted(document)["resource_changes"][1]["change"]["after"]["harmless"] == SENSITIVE


def test_an_undeclared_variable_is_not_known_to_be_harmless():
    document = plan(variables={"v": {"value": SECRET}}, configuration={"root_module": {}})

    assert SECRET not in json.dumps(redacted(document))


names = st.sampled_from(["a", "b", "c"])
leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just(SECRET)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
marks = st.recursive(
    st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(names, values), st.dictionaries(names, values), marks, marks)
def test_whatever_is_marked_a_planted_secret_is_gone(before, after, left, right):
    document = plan(
        resource("aws_x.s", after={"p": SECRET}, after_sensitive={"p": True}, actions=["create"]),
        resource(before=before, after=after, before_sensitive=left, after_sensitive=right),
    )
    clean = redacted(document)

    assert SECRET not in json.dumps(clean)
    assert redacted(clean) == clean
    assert read_plan(clean, "p", None)[0] == read_plan(document, "p", None)[0]


REAL = """
variable "secret" {
  sensitive = true
  default   = "hunter2-hunter2"
}
locals {
  open = nonsensitive(var.secret)
}
resource "terraform_data" "marked" {
  input = { password = var.secret, url = "https://u:${var.secret}@host" }
}
resource "terraform_data" "leaking" {
  input            = "the secret is ${local.open}"
  triggers_replace = jsonencode({ (local.open) = base64encode(local.open) })
}
resource "terraform_data" "each" {
  for_each = toset([local.open])
}
output "secret" {
  value     = { deep = [var.secret] }
  sensitive = true
}
check "told" {
  assert {
    condition     = length(local.open) > 100
    error_message = "${local.open} is short"
  }
}
"""


def test_a_real_plan_that_leaks_on_purpose_keeps_nothing(tmp_path):
    terraform = Terraform(tmp_path)
    terraform.write(REAL)
    document, _ = terraform.plan()
    assert "hunter2-hunter2" in json.dumps(document)

    clean = redacted(document)

    text = json.dumps(clean)
    assert "hunter2" not in text
    assert base64.b64encode(b"hunter2-hunter2").decode() not in text
    assert "hunter2-hunter2" in secrets_of(document)
    summary, changes = read_plan(clean, "p", None)
    assert summary.create == len(changes) == 3


def test_a_real_plan_without_secrets_stays_as_it_is(tmp_path):
    terraform = Terraform(tmp_path)
    terraform.write('resource "terraform_data" "x" {\n  input = { a = [1, "b"] }\n}\n')
    document, _ = terraform.plan()

    assert redacted(document) == document
