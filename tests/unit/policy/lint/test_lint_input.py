"""Fields of the input: what is certainly not there is told, and nothing else ever."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mrbot.policy.lint.complaint import Level
from mrbot.policy.lint.schema import Schema
from tests.unit.policy.lint.conftest import batch, linting

UNKNOWN = {"unknown-input-field", "unknown-input-value"}


def of(linted):
    return [one for one in linted.complaints if one.rule in UNKNOWN]


TOLD = [
        ("a if input.resource", "`input` has no `resource`"),
        ('a if input["change"].labls', '`input["change"]` has no `labls`'),
        ("a if input.resources.address", "`input.resources` is a list, which has no `address`"),
        ("a if input.change.title.text", "`input.change.title` has no fields"),
        ("a if input.resources[_].adress", "`input.resources[_]` has no `adress`"),
        ("a if input.resources[0].adress", "`input.resources[0]` has no `adress`"),
        ("a if {\n\tsome i\n\tinput.resources[i].adress\n}", "has no `adress`"),
        ("a if {\n\tsome r in input.resources\n\tr.adress\n}", "`r` has no `adress`"),
        ("a if {\n\tsome _, r in input.resources\n\tr.adress\n}", "`r` has no `adress`"),
        ("a if {\n\tr := input.resources[_]\n\tr.adress\n}", "`r` has no `adress`"),
        ("a if {\n\tr = input.resources[_]\n\tr.adress\n}", "`r` has no `adress`"),
        ("a if {\n\tr.adress\n\tsome r in input.resources\n}", "`r` has no `adress`"),
        ("a if every f in input.files { f.pth }", "`f` has no `pth`"),
        ("a if not input.chnge", "`input` has no `chnge`"),
        ("a := [r.adress | some r in input.resources]", "`r` has no `adress`"),
        ("a := {r.kind: r.adress | some r in input.resources}", "`r` has no `adress`"),
        ("a := input.nw", "`input` has no `nw`"),
        ("a := 1 if {\n\tfalse\n} else := input.nw", "`input` has no `nw`"),
        ("f(x) := input.nw if x", "`input` has no `nw`"),
        ("a if count([1 | input.nw]) > 0", "`input` has no `nw`"),
        ("a if data.x[input.nw]", "`input` has no `nw`"),
        ("rs := input.resources\n\na if rs[_].adress", "`rs[_]` has no `adress`"),
        (
            "made contains r if some r in input.resources\n\na if {\n\tsome r in made\n\tr.adress\n}",
            "`r` has no `adress`",
        ),
        (
            "made := [r | some r in input.resources]\n\na if data.main.made[_].adress",
            "`data.main.made[_]` has no `adress`",
        ),
        ("import input.resorces\n\na if resorces[_].adress", "`input` has no `resorces`"),
    ("import input.change.nobody as n\n\na if n.x", "`input.change` has no `nobody`"),
    ("import input.resources as rs\n\na if rs[_].adress", "`rs[_]` has no `adress`"),
        ("import input.resources\n\na if {\n\tsome r in resources\n\tr.adress\n}", "`adress`"),
        ("f(r) if r.adress\n\na if f(input.resources[0])\n\nb if f(input.resources[_])", "`adress`"),
    ("f(r) := r.source\n\na if f(input.resources[0]).pth", "`f(input.resources[0])` has no `pth`"),
    (
        "g(x) := f(x)\n\nf(r) := r.source\n\na if {\n\ts := g(input.resources[0])\n\ts.pth\n}",
        "`s` has no `pth`",
    ),
    (
        "a if {\n\tsome r in array.concat(input.resources, input.resources)\n\tr.adress\n}",
        "`r` has no `adress`",
    ),
    ('a if input.resources[_].action == "destroy"', "is never 'destroy'"),
        ('a if "destroy" == input.resources[_].action', "is never 'destroy'"),
        ('a if input.resources[_].action != "destroy"', "is never 'destroy'"),
        ('a if input.resources[_].action in {"delete", "destroy"}', "is never 'destroy'"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    texts = [text for text, _ in TOLD]
    return linting(tmp_path_factory.mktemp("told"))(files=batch(texts), namespaces=("*",))


@pytest.mark.parametrize(("text", "message"), TOLD)
def test_what_the_input_does_not_have_is_told_once(told, text, message) -> None:
    number = TOLD.index((text, message))
    [error] = [one for one in of(told) if one.path == f"{number}.rego"]

    assert message.replace("data.main.", f"data.p{number}.") in error.message


UNCERTAIN = [
        "a if input.resources[_].after.anything[_].below",
        "a if input[data.name].x",
        'a if object.get(input, ["resorces", 0], null)',
        "a if {\n\twalk(input, [path, value])\n\tvalue.adress\n\tpath.x\n}",
        'a if input.nothing with input as {"nothing": 1}',
        'a if {\n\tx := b with input as {"resources": []}\n\tx.y\n}\n\nb := input.resources',
        "a if {\n\tr := [1, {}][_]\n\tr.adress\n}",
        "f(input_like) if input_like.adress",
        "f(r) if r.adress\n\na if f(input.resources[0])\n\nb if f(data.other)",
    "f(r) if r.adress\n\na if {\n\tsome r in data.rs\n\tf(r)\n}",
    "f(r) if r.adress\n\na if f(input.resources[0]) with input as {}",
    "f(r) := r if r.after\n\nf(r) := {} if not r.after\n\na if f(input.resources[0]).adress",
    "f(r) := r.x if r.y\n\na if f(data.r)\n\nb if f(3).z",
    "f([r, _]) if r.adress\n\na if f(input.resources)",
        "a if {\n\tsome r in data.rs\n\tr.adress\n}",
        "a if {\n\tr := merged(input.resources[0])\n\tr.adress\n}\n\nmerged(r) := object.union(r, {})",
        # a variable of an inner query hides the one outside
        "a if {\n\tr := input.resources[0]\n\tb := [r.x | some r in data.rs]\n\tr.address\n\tb\n}",
        # unified in two places
        "a if {\n\tr = input.resources[_]\n\tr = data.rs[_]\n\tr.kind\n\tr.adress\n}",
        # bodies of different kinds
        "r := input.change if input.now\n\nr := data.r if not input.now\n\na if r.nothing",
        'r := input.change if {\n\tinput.now\n} else := {"nothing": 1}\n\na if r.nothing',
        # members of a set are its keys
        "envs contains e if some e in input.environments\n\na if envs.production",
        'a if {\n\tenvs := {e | some e in input.environments}\n\tenvs["production"]\n}',
        "a := {k: v | some k, v in input.change}.nothing",
        "a if {\n\tsome key, value in input.change\n\tvalue.x\n\tkey\n}",
        "a if input.resources[_].source.line == 3",
        'a if input.resources[_].format == "anything"',
        "a if input.resources[_].action == data.action",
        "import input as i\n\na if i.resources",
    "import input.resources as rs\n\na if rs[_].after.x",
    "r := r2\n\nr2 := r if input.now\n\na if r.x",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def uncertain(tmp_path_factory):
    made = linting(tmp_path_factory.mktemp("uncertain"))
    return made(files=batch(UNCERTAIN), namespaces=("*",))


@pytest.mark.parametrize("text", UNCERTAIN)
def test_what_is_not_certain_is_never_told(uncertain, text) -> None:
    path = f"{UNCERTAIN.index(text)}.rego"

    assert path not in "".join(uncertain.unchecked)
    assert [one for one in of(uncertain) if one.path == path] == []


def test_rules_of_other_packages_are_followed_through_imports(linted) -> None:
    files = {
        "lib.rego": "package lib.rs\nimport rego.v1\nmade contains r if some r in input.resources\n",
        "a.rego": "package a\nimport rego.v1\nimport data.lib.rs\na if {\n\tsome r in rs.made\n\tr.x\n}\n",
        "b.rego": "package b\nimport rego.v1\nimport data.lib\na if lib.rs.made[_].y\n",
        "c.rego": "package c\nimport rego.v1\nimport data.lib.rs.made as m\na if m[_].z\n",
    }

    assert [(one.path, one.line) for one in of(linted(files=files))] == [
        ("a.rego", 6),
        ("b.rego", 4),
        ("c.rego", 4),
    ]


def test_tests_make_inputs_of_their_own(linted) -> None:
    files = {"a_test.rego": "package t\nimport rego.v1\ntest_a if input.nothing\n"}

    assert of(linted("a if true", files)) == []


def test_without_a_schema_it_is_told_that_nothing_was_checked(linted) -> None:
    result = linted("a if input.nothing", schema=None)

    assert of(result) == []
    assert any("--schema" in one for one in result.unchecked)


PLAN = Schema(
    {
        "type": "object",
        "properties": {"resource_changes": {"type": "array", "items": {"type": "object"}}},
    },
    "plan document",
)


@pytest.mark.parametrize(
    ("field", "level"),
    [("resource_chnges", Level.WARNING), ("resource_changes", None), ("new_in_terraform", None)],
    ids=["a slip", "known", "unknown and unlike"],
)
def test_where_other_fields_may_be_only_a_likely_slip_is_told(linted, field, level) -> None:
    found = of(linted(f"a if input.{field}", schema=PLAN))

    assert [one.level for one in found] == ([] if level is None else [level])


@pytest.mark.parametrize(
    ("schema", "known"),
    [
        pytest.param({}, True, id="says nothing"),
        pytest.param({"type": "object"}, True, id="an object of any kind"),
        pytest.param({"properties": {"b": {}}}, True, id="open"),
        pytest.param({"properties": {"b": {}}, "additionalProperties": False}, False, id="closed"),
        pytest.param({"properties": {"a": {}}, "additionalProperties": False}, True, id="has it"),
        pytest.param({"anyOf": [{"type": "string"}, {"type": "object"}]}, True, id="may be"),
        pytest.param({"anyOf": [{"type": "string"}, {"type": "null"}]}, False, id="none may be"),
        pytest.param({"allOf": [{"type": "string"}]}, True, id="not worked out"),
        pytest.param({"$ref": "#/$defs/s", "$defs": {"s": {"type": "string"}}}, False, id="ref"),
        pytest.param({"$ref": "#/$defs/none"}, True, id="a reference to nothing"),
        pytest.param({"$ref": "https://example.org/s.json"}, True, id="a reference elsewhere"),
        pytest.param({"$ref": "#/$defs/r", "$defs": {"r": {"$ref": "#/$defs/r"}}}, True, id="loop"),
        pytest.param({"enum": [1, "a"]}, False, id="scalars"),
        pytest.param({"type": ["object", "null"], "additionalProperties": False}, False, id="null"),
        pytest.param(
            {"type": "object", "patternProperties": {".": {}}, "additionalProperties": False},
            True,
            id="patterns",
        ),
    ],
)
def test_any_json_schema_is_read_as_far_as_it_is_certain(linted, schema, known) -> None:
    result = linted("x if input.a", schema=Schema(schema, "input"))

    assert (of(result) == []) is known


def test_the_published_schemas_are_read(request) -> None:
    folder: Path = request.config.rootpath / "config" / "schema"
    change = Schema(json.loads((folder / "input-change.v1.json").read_text()), "change")
    plan = Schema(json.loads((folder / "input-plan.v1.json").read_text()), "plan")

    assert change.field(change.root, "resorces") is None
    changes = plan.field(plan.root, "resource_changes")
    assert changes is not None
    assert plan.is_list(changes)


def test_an_unknown_root_suggests_to_say_what_is_judged(linted) -> None:
    [error] = of(linted("a if input.resource_changes"))

    assert "--input plan" in error.fix
