"""The hosts' OpenAPI documents: read, corrected where wrong, closed to unknown fields."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tests import needs

Host = Literal["gitlab", "github"]
Json = dict[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete")

MISSING_FROM_SPEC: dict[Host, tuple[tuple[str, str, str], ...]] = {
    "gitlab": (
        ("post", r"/api/v4/projects/[^/]+/ref/[^/]+/trigger/pipeline",
         "the document writes the optional part of this path as literal brackets"),
    ),
    "github": (
        ("post", r"/graphql", "REST documents do not describe GraphQL"),
        ("get", r"/repos/[^/]+/[^/]+/statuses/[^/]+",
         "the older spelling of commits/{ref}/statuses, which PyGithub still uses"),
    ),
}  # fmt: skip
"""(method, path, why): calls that are let through unchecked because no document describes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that a document gets wrong, and its correction."""

    host: Host
    reason: str
    correct: Callable[[Json], None]


@cache
def load(host: Host) -> Json:
    """The corrected document of one host, read once per process."""
    document: Json = json.loads((needs.data() / "specs" / f"{host}.trim.json").read_text())
    for fault in FAULTS:
        if fault.host == host:
            fault.correct(document)
    for item in document["paths"].values():
        shared = item.get("parameters", [])
        for method in _METHODS:
            if method in item:
                own = [resolve(document, one) for one in item[method].get("parameters", [])]
                item[method]["parameters"] = [resolve(document, one) for one in shared] + own
                _close_body(document, item[method])
    return document


def _close_body(document: Json, operation: Json) -> None:
    """Unknown body fields fail: the official schemas are open."""
    if "requestBody" not in operation:
        return
    body = copy.deepcopy(resolve(document, operation["requestBody"]))
    for media in body["content"].values():
        if "schema" in media:
            media["schema"] = _closed(document, media["schema"], 0)
    operation["requestBody"] = body


def _closed(document: Json, schema: Json, depth: int) -> Json:
    if depth > 12:
        return schema
    schema = copy.deepcopy(resolve(document, schema))
    for part in schema.pop("allOf", []):
        merged = _closed(document, part, depth + 1)
        merged["properties"] = {**schema.get("properties", {}), **merged.get("properties", {})}
        schema = {**schema, **merged}
    properties = schema.get("properties", {})
    for name, value in properties.items():
        properties[name] = _closed(document, value, depth + 1)
    if "items" in schema:
        schema["items"] = _closed(document, schema["items"], depth + 1)
    for word in ("oneOf", "anyOf"):
        # Alternatives beside properties only say which of them belong together: they stay open.
        if word in schema and not properties:
            schema[word] = [_closed(document, one, depth + 1) for one in schema[word]]
        elif word in schema:
            for one in schema[word]:
                resolved = resolve(document, one).get("properties", {})
                schema["properties"] = {**resolved, **schema["properties"]}
    if properties and "additionalProperties" not in schema:
        schema["additionalProperties"] = False
    return schema


def resolve(document: Json, node: Json) -> Json:
    """What a node is once its references are followed."""
    while "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        node = found
    return node


def _operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _answers_nullable(document: Json) -> None:
    done: set[int] = set()
    for _, _, operation in _operations(document):
        for answer in operation["responses"].values():
            for media in resolve(document, answer).get("content", {}).values():
                _nullable(document, media.get("schema", {}), done)


def _nullable(document: Json, schema: Json, done: set[int]) -> None:
    schema = resolve(document, schema)
    if id(schema) in done:
        return
    done.add(id(schema))
    schema["nullable"] = True
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"].append(None)
    inner = [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
    inner += [schema[word] for word in ("items",) if isinstance(schema.get(word), dict)]
    for one in inner:
        _nullable(document, one, done)


def _post_answers_201(document: Json) -> None:
    for _, method, operation in _operations(document):
        answers = operation["responses"]
        if method == "post" and "200" in answers and "201" not in answers:
            answers["201"] = answers["200"]


def _ids_are_one_thing(document: Json) -> None:
    for _, _, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            schema = parameter.get("schema", {})
            kinds = {one.get("type") for one in schema.get("oneOf", ())}
            if kinds == {"string", "integer"}:
                parameter["schema"] = {"type": "string"}


def _trigger_path(document: Json) -> None:
    item = copy.deepcopy(document["paths"]["/api/v4/projects/{id}/(ref/{ref}/)trigger/pipeline"])
    operation = item["post"]
    operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "ref"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    resolve(document, schema).setdefault("properties", {})["ref"] = {"type": "string"}
    document["paths"]["/api/v4/projects/{id}/trigger/pipeline"] = item


_P = "/api/v4/projects/{id}"
_MR = f"{_P}/merge_requests/{{merge_request_iid}}"
_SHOULD_BE_LISTS = (
    ("get", f"{_MR}/reviewers"), ("get", f"{_MR}/pipelines"),
    ("get", f"{_P}/pipelines/{{pipeline_id}}/variables"),
)  # fmt: skip


def _lists(document: Json) -> None:
    for method, path in _SHOULD_BE_LISTS:
        media = document["paths"][path][method]["responses"]["200"]["content"]["application/json"]
        media["schema"] = {"type": "array", "items": media["schema"]}


def _approved_by(document: Json) -> None:
    for schema in document["components"]["schemas"].values():
        one = schema.get("properties", {}).get("approved_by")
        if one is not None and one.get("type") != "array":
            schema["properties"]["approved_by"] = {"type": "array", "items": one}


def _access_level(document: Json) -> None:
    for schema in document["components"]["schemas"].values():
        one = schema.get("properties", {}).get("access_level", {})
        if one.get("type") == "string":
            one["type"] = "integer"


def _no_content(document: Json) -> None:
    for _, _, operation in _operations(document):
        operation["responses"].get("204", {}).pop("content", None)


def _cancel(document: Json) -> None:
    answers = document["paths"][f"{_P}/pipelines/{{pipeline_id}}/cancel"]["post"]["responses"]
    answers.setdefault("200", answers["201"])


def _null_is_in_enum(document: Json) -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            allowed = node.get("enum")
            if node.get("nullable") and isinstance(allowed, list) and None not in allowed:
                allowed.append(None)
            node = list(node.values())
        for one in node if isinstance(node, list) else ():
            walk(one)

    walk(document)


def _installation_account(document: Json) -> None:
    answer = document["paths"]["/app/installations"]["get"]["responses"]["200"]
    account = answer["content"]["application/json"]["schema"]["items"]["properties"]["account"]
    account["anyOf"] = account.pop("allOf")


def _labels_as_list(document: Json) -> None:
    operation = document["paths"]["/repos/{owner}/{repo}/issues/{issue_number}/labels"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema["oneOf"].append({"type": "array", "items": {"type": "string"}})


FAULTS: list[Fault] = [
    Fault(host="github", correct=_null_is_in_enum,
          reason="OpenAPI 3.0 wants null among the values of a nullable enum; it is left out"),
    Fault(host="github", correct=_installation_account,
          reason="an installation's account is a user or an enterprise; one answer says both"),
    Fault(host="github", correct=_labels_as_list,
          reason="the text says that a plain list of labels may be sent; the schema does not"),
    Fault(host="gitlab", correct=_lists,
          reason="some lists are documented as the one entity that they hold"),
    Fault(host="gitlab", correct=_approved_by,
          reason="approved_by is documented as one object; GitLab's own example shows a list"),
    Fault(host="gitlab", correct=_access_level,
          reason="access levels of members are numbers everywhere, and documented as text"),
    Fault(host="gitlab", correct=_no_content,
          reason="answers with status 204 are documented with a body, which they cannot have"),
    Fault(host="gitlab", correct=_cancel,
          reason="cancelling a pipeline sets status 200 in lib/api/ci/pipelines.rb, not 201"),
    Fault(host="gitlab", correct=_answers_nullable,
          reason="no property of an answer is nullable, yet half are null in recorded answers"),
    Fault(host="gitlab", correct=_post_answers_201,
          reason="some POSTs are documented with 200 only; GitLab answers 201 to every create"),
    Fault(host="gitlab", correct=_ids_are_one_thing,
          reason="`id` is oneOf string and integer, and `1` is both, so that no id is ever valid"),
    Fault(host="gitlab", correct=_trigger_path,
          reason="the trigger path is written with literal brackets, `ref` only as a part of it"),
]  # fmt: skip
