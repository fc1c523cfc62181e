"""A large plan: what redacting and reading it takes beside parsing its JSON."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from bench.figure import Effort, Row, compared
from mrbot.ids import Json
from mrbot.plan.digest import effect_digest
from mrbot.plan.document import read_plan
from mrbot.plan.plan import Tool
from mrbot.plan.redact import redact

TOOL = Tool(name="terraform", version="1.15.5", origin="bench")


def measure(_work: Path, effort: Effort) -> list[Row]:
    """Parsing, then redacting, then reading, then the digest that approvals are bound to."""
    text = json.dumps(plan(effort.plan_resources))
    document: Json = json.loads(text)
    clean = redact(document, keyed_digest)
    name = f"{len(text) / 1e6:,.1f} MB of plan"
    return compared(
        {
            f"{name}: parsed": lambda: json.loads(text),
            f"{name}: redacted": lambda: redact(document, keyed_digest),
            f"{name}: read": lambda: read_plan(clean, "bench", None),
            f"{name}: effect digest": lambda: effect_digest(document, (), TOOL, None, keyed_digest),
        },
        effort,
    )


def keyed_digest(text: str) -> str:
    """A stand-in for the vault's."""
    return hashlib.sha256(text.encode()).hexdigest()


def plan(count: int) -> Json:
    """A plan that updates `count` resources, each with a secret and an unknown value."""
    values: dict[str, Json] = {
        "identifier": "orders", "engine": "postgres", "password": "hunter2", "size": 20,
        "tags": {f"tag-{n}": "some value of a tag" for n in range(12)},
        "rules": [{"port": n, "cidr": "10.0.0.0/8", "description": "a rule"} for n in range(4)],
    }  # fmt: skip
    changes: list[Json] = [
        {
            "address": f"aws_db_instance.orders_{n}", "mode": "managed", "type": "aws_db_instance",
            "name": f"orders_{n}", "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["update"], "before": values, "after": {**values, "size": 30},
                "after_unknown": {"arn": True},
                "before_sensitive": {"password": True}, "after_sensitive": {"password": True},
            },
        }
        for n in range(count)
    ]  # fmt: skip
    return {
        "format_version": "1.2", "terraform_version": "1.15.5", "resource_changes": changes,
    }  # fmt: skip
