"""The examples that policies' authors read are documents of the published schemas."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import referencing

from tests.needs import ROOT

PAGE = (ROOT / "docs/policy-input.md").read_text()
EXAMPLES = dict(re.findall(r"^```json (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
KINDS = ("change", "plan", "document", "combined")
SCHEMAS = {
    kind: json.loads((ROOT / f"config/schema/input-{kind}.v1.json").read_text()) for kind in KINDS
}


def test_there_is_an_example_of_each_document() -> None:
    assert tuple(EXAMPLES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_an_example_is_what_its_schema_says(kind: str) -> None:
    registry = referencing.Registry().with_resources(
        (one["$id"], referencing.Resource.from_contents(one)) for one in SCHEMAS.values()
    )
    validator = jsonschema.Draft202012Validator(SCHEMAS[kind], registry=registry)
    validator.validate(json.loads(EXAMPLES[kind]))
