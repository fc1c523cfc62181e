"""A YAML document held against a pydantic model: the model, or everything wrong with its lines.

The same models give the published JSON Schemas (`published`), so that what an editor accepts and
what mrbot accepts cannot drift apart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from mrbot.change.files import shown
from mrbot.config.complaint import Schema, complaint, quoted, where
from mrbot.errors import BadInput, Problem
from mrbot.ids import Json
from mrbot.resources.syntax.yaml_text import YamlDocument, load_one

MAX_BYTES = 256 * 1024
"""Largest file that is read, in bytes."""
MAX_EXPANDED = 4 * MAX_BYTES
"""Most that a file may say once its YAML aliases are written out, in characters of JSON."""
MAX_PROBLEMS = 100
"""Most problems told of one file; further ones are counted."""
MAX_EXPLAINED = 500
"""Most problems of one kind that are looked into, since looking for what was meant takes time."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Strict(BaseModel):
    """Base of every model here: no unknown key, no conversion between types, and a key that is
    written has a value (`paths:` with nothing behind it is not the same as no `paths`)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("null", "no value")
        return value


Model = TypeVar("Model", bound=Strict)

At = tuple[Sequence[str | int], str]
"""Where in a document (keys and indices), and what is wrong there."""


def load(text: bytes, path: str) -> YamlDocument:
    """The one YAML document of a file that is not too large and says nothing but plain YAML.

    Raises: BadInput with every problem.
    """
    if len(text) > MAX_BYTES:
        message = f"{len(text)} bytes are more than this file may have ({MAX_BYTES})"
        raise BadInput(Problem(shown(path), 0, message))
    document = load_one(text, path)
    if document.tags:
        message = "the tag {} means nothing here: write the value alone"
        tags = document.tags[:MAX_PROBLEMS]
        raise BadInput(
            *(Problem(shown(path), line, message.format(quoted(tag))) for tag, line in tags)
        )
    if len(json.dumps(document.value, ensure_ascii=False)) > MAX_EXPANDED:
        message = f"with its aliases written out this is more than {MAX_EXPANDED} characters"
        raise BadInput(Problem(shown(path), 0, message))
    return document


def hold(model: type[Model], value: Json) -> tuple[Model | None, tuple[At, ...]]:
    """`value` as a `model`, None when it is none; and what is wrong with it, in no order, as far
    as `MAX_EXPLAINED` goes."""
    try:
        # As JSON, since only there a list may become a tuple and a word an enum without loosening.
        return model.model_validate_json(json.dumps(value)), ()
    except ValidationError as error:
        schema = Schema(published(model))
        errors = error.errors(include_url=False)[:MAX_EXPLAINED]
        told = (complaint(one, schema) for one in errors)
        return None, tuple(one for one in told if one is not None)


def problems(document: YamlDocument, path: str, found: Sequence[At]) -> tuple[Problem, ...]:
    """What was found, with lines, in the order of the file; past `MAX_PROBLEMS` only its number."""
    lines = [
        Problem(shown(path), document.line_of(at), f"{where(at)}: {said}" if at else said)
        for at, said in found
    ]
    unique = sorted(dict.fromkeys(lines), key=lambda problem: problem.line)
    if len(unique) <= MAX_PROBLEMS:
        return tuple(unique)
    rest = f"and at least {len(unique) - MAX_PROBLEMS} more problems"
    return (*unique[:MAX_PROBLEMS], Problem(shown(path), 0, rest))


class _Published(GenerateJsonSchema):
    """Without titles that repeat names, and without null: `Strict` takes none."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never: a title would repeat the key."""
        del schema
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """What may be left out is not thereby null."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default that only stands for "not written" is not shown."""
        made = super().default_schema(schema)
        if made.get("default", ...) in (None, []):
            del made["default"]
        return made


def published(model: type[Strict]) -> dict[str, Json]:
    """The JSON Schema of `model`, as published."""
    made = model.model_json_schema(schema_generator=_Published)
    return {"$schema": DIALECT, **made}
