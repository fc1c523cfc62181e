"""Resources that the library's rules are about: those of its own tests, as OPA's parser reads them,
and variations of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from mrbot.ids import Json
from tests import needs

FORMATS = {
    "terraform": "terraform",
    "manifest": "kubernetes",
    "gitlab": "gitlab-ci",
    "workflow": "github-workflow",
    "job": "github-workflow",
}
"""What makes a resource in `fixtures_test.rego`, and its format."""
ODD: tuple[Json, ...] = (
    None, True, False, "", "true", "0.0.0.0/0", "*", 0, -1, 22, 1.5, 10**20, [], {}, [None], [[]],
    {"": ""}, "é\u202e", ["*", 1], {"a": {"b": []}},
)  # fmt: skip
ACTIONS = ("create", "update", "replace", "delete", "move", "import", "forget", "unknown")


class NotConstant(Exception):
    """A term with a variable or a call in it."""


def harvested() -> tuple[dict[str, Json], ...]:
    """Every resource that a test of the library builds from constants."""
    found: dict[str, dict[str, Json]] = {}
    for path in sorted((needs.ROOT / "policies").rglob("*_test.rego")):
        parsed = subprocess.run(
            [needs.opa(), "parse", "--format=json", str(path)], stdout=subprocess.PIPE, check=True
        )
        for terms in _calls(json.loads(parsed.stdout)):
            resource = _resource(terms, path)
            if resource is not None:
                found.setdefault(json.dumps(resource, sort_keys=True), resource)
    return tuple(found.values())


def changes(resources: tuple[dict[str, Json], ...]) -> st.SearchStrategy[Json]:
    """Change documents with a few of the resources, varied."""
    some = st.lists(_varied(resources), min_size=1, max_size=6)
    return st.builds(change, some, st.booleans(), st.sampled_from(("main", "prod", "")))


def change(resources: list[dict[str, Json]], draft: bool = False, branch: str = "main") -> Json:
    """A document of config/schema/input-change.v1.json."""
    sha = "1" * 40
    person: Json = {"id": "1", "login": "ada"}
    paths = sorted(
        {str(one["source"]["path"]) for one in resources if isinstance(one["source"], dict)}
    )
    return {
        "version": 1, "kind": "change",
        "change": {
            "id": "gitlab:group/infra#7", "title": "A change", "description": "", "author": person,
            "draft": draft, "labels": [], "source_branch": "work", "target_branch": branch,
            "base": sha, "target": sha, "head": "2" * 40, "from_fork": draft,
        },
        "people": {"contributors": [person], "signatures": [], "reviews": []},
        "commits": [], "commits_left_out": 0, "environments": ["prod"], "projects": ["network"],
        "files": [
            {"path": path, "old_path": None, "status": "modified",
             "old_mode": "100644", "new_mode": "100644"}
            for path in paths
        ],
        "resources": list(resources), "not_understood": [], "notes": [], "plans": [],
        "now": "2026-11-25T08:00:00Z",
    }  # fmt: skip


def _calls(node: Any) -> Iterator[list[Any]]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("type") == "call":
                yield one["value"]
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _resource(terms: list[Any], path: Path) -> dict[str, Json] | None:
    *_, last = terms[0]["value"] if isinstance(terms[0].get("value"), list) else [{}]
    name = last.get("value")
    if name not in FORMATS:
        return None
    try:
        values = [_constant(term) for term in terms[1:]]
    except NotConstant:
        return None
    after = values[-1]
    kind = values[0] if len(values) > 1 else name
    return {
        "format": FORMATS[name], "address": f"{kind}.it", "kind": kind, "action": "create",
        "before": None, "after": after, "unknown_paths": [], "sensitive_paths": [],
        "project": "network", "environment": "prod", "certainty": "static",
        "source": {"path": f"{path.stem}/it", "line": 3}, "stateful": False,
        "previous_address": None, "why": None, "replace_paths": [], "changed_paths": [],
    }  # fmt: skip


def _constant(term: Any) -> Json:
    match term:
        case {"type": "string" | "boolean" | "null" | "number", **rest}:
            value: Json = rest.get("value")
            return value
        case {"type": "array", "value": list(items)}:
            return [_constant(item) for item in items]
        case {"type": "object", "value": list(items)}:
            return {str(_constant(key)): _constant(value) for key, value in items}
        case _:
            raise NotConstant


@st.composite
def _varied(draw: st.DrawFn, resources: tuple[dict[str, Json], ...]) -> dict[str, Json]:
    made = dict(draw(st.sampled_from(resources)))
    made["after"] = _edited(draw, made["after"])
    made["action"] = draw(st.sampled_from(ACTIONS))
    if made["action"] != "create" and draw(st.booleans()):
        made["before"] = _edited(draw, draw(st.sampled_from(resources))["after"])
    if made["action"] == "delete":
        made["before"], made["after"] = made["after"], None
    keys = sorted(made["after"]) if isinstance(made["after"], dict) else []
    made["unknown_paths"] = draw(st.lists(st.sampled_from(["", *keys]), max_size=2, unique=True))
    made["certainty"] = draw(st.sampled_from(("static", "planned", "unknown")))
    made["stateful"] = draw(st.booleans())
    if draw(st.integers(0, 5)) == 0:
        made["source"] = None
    return made


def _edited(draw: st.DrawFn, value: Json) -> Json:
    """The value, or one in which a part is gone or is something else."""
    if not isinstance(value, dict | list) or not value or draw(st.integers(0, 2)):
        return value if draw(st.integers(0, 9)) else draw(st.sampled_from(ODD))
    if isinstance(value, list):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], _edited(draw, value[index]), *value[index + 1 :]]
    key = draw(st.sampled_from(sorted(value)))
    if draw(st.booleans()):
        return {name: one for name, one in value.items() if name != key}
    return {**value, key: _edited(draw, value[key])}
