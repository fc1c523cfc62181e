from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from mrbot.config.schemas import schemas
from mrbot.config.shipped import shipped
from tests.needs import ROOT


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_what_the_models_say(name):
    published = (shipped("config") / "schema" / name).read_text()
    assert published == schemas()[name], "run: python -m mrbot.config.schemas"


@pytest.mark.parametrize("name", schemas())
def test_the_published_schema_is_one(name):
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas()[name]))


@pytest.mark.parametrize("name", schemas())
def test_every_key_has_a_description_for_editors(name):
    schema = json.loads(schemas()[name])
    for model in (schema, *schema["$defs"].values()):
        for key, one in model.get("properties", {}).items():
            inner = schema["$defs"].get(one.get("$ref", "").rpartition("/")[2], {})
            assert one.get("description") or inner.get("description"), f"{model['title']}.{key}"


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("rules.v1.json", "rules.example.yml"),
        ("rules.v1.json", "default-rules.yml"),
        ("settings.v1.json", "mrbot.example.yml"),
    ],
)
def test_the_schema_takes_the_examples(schema, file):
    document = yaml.safe_load((ROOT / "config" / file).read_text())
    jsonschema.validate(document, json.loads(schemas()[schema]))


@pytest.mark.parametrize(
    "document",
    [
        {"version": 2, "otherwise": "approved"},
        {"version": 1},
        {"version": 1, "otherwise": "approved", "x": 1},
        {"version": 1, "otherwise": "approved", "approvals": []},
        {"version": 1, "otherwise": "approved", "policies": None},
    ],
    ids=["version", "otherwise", "unknown", "empty", "null"],
)
def test_the_schema_refuses_what_the_parser_refuses(document):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(schemas()["rules.v1.json"]))
